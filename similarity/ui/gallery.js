// Everything that comes from data is set as text or as an attribute, never as HTML.
// Elements are kept between updates, so that focus stays and only pictures that change are loaded.

function element(parent, tag, name) {
  const made = document.createElement(tag);
  made.className = name;
  parent.append(made);
  return made;
}

function resize(parent, count, make) {
  while (parent.children.length > count) parent.lastElementChild.remove();
  while (parent.children.length < count) make(parent);
  return [...parent.children];
}

function makeColumn(parent) {
  const column = element(parent, "section", "column");
  const heading = element(column, "div", "heading");
  const title = element(heading, "h3", "");
  element(title, "span", "title");
  element(title, "span", "family");
  element(heading, "p", "about");
  element(heading, "p", "weights");
  const facts = element(heading, "p", "facts");
  element(facts, "span", "licence");
  element(facts, "span", "time");
  const body = element(column, "div", "body");
  element(body, "p", "message");
  element(body, "div", "cells");
}

function makeCell(parent) {
  const cell = element(parent, parent.dataset.tag, "cell");
  const frame = element(cell, "span", "frame");
  const image = element(frame, "img", "");
  image.decoding = "async";
  image.onerror = () => frame.classList.add("missing");
  image.onload = () => frame.classList.remove("missing");
  element(frame, "span", "rank");
  element(cell, "span", "score");
  element(cell, "span", "note");
}

function said(picture) {
  const rank = picture.rank && `Rank ${picture.rank}`;
  return [rank, picture.alt, picture.score].filter(Boolean).join(", ");
}

function fillCell(cell, picture, data) {
  const [frame, score, note] = cell.children;
  const [image, rank] = frame.children;
  const isSelected = picture.id !== "" && picture.id === data.selected;
  cell.dataset.id = picture.id;
  cell.title = picture.alt;
  cell.classList.remove("busy");
  cell.classList.toggle("selected", isSelected && data.layout !== "query");
  if (cell.tagName === "BUTTON") {
    cell.setAttribute("aria-label", said(picture));
    cell.setAttribute("aria-pressed", String(isSelected));
  }
  frame.dataset.alt = picture.alt;
  image.alt = picture.alt;
  if (image.getAttribute("src") !== picture.src) image.setAttribute("src", picture.src);
  rank.textContent = picture.rank;
  score.textContent = picture.score;
  note.textContent = picture.note;
}

function fillColumn(column, content, data) {
  const set = (name, text) => (column.querySelector(name).textContent = text);
  column.querySelector(".heading").hidden = !content.title;
  column.dataset.key = content.key;
  if (content.title) column.setAttribute("aria-label", content.title);
  set(".title", content.title);
  set(".family", content.family);
  set(".about", content.about);
  set(".weights", content.weights);
  set(".licence", content.licence && `Licence: ${content.licence}`);
  set(".time", content.time);
  set(".message", content.message);
  column.querySelector(".message").classList.toggle("failed", content.failed);
  const cells = column.querySelector(".cells");
  cells.dataset.tag = data.layout === "query" ? "div" : "button";
  const buttons = resize(cells, content.pictures.length, makeCell);
  buttons.forEach((cell, i) => fillCell(cell, content.pictures[i], data));
  // One stop of the Tab key a grid; the arrow keys move inside it.
  if (!buttons.some((b) => b.tabIndex === 0 && b.dataset.stop)) moveStop(buttons, buttons[0]);
}

function moveStop(buttons, target) {
  for (const button of buttons) {
    button.tabIndex = button === target ? 0 : -1;
    if (button === target) button.dataset.stop = "1";
    else delete button.dataset.stop;
  }
}

function nextCell(buttons, from, key) {
  const at = buttons.indexOf(from);
  const top = buttons[0].offsetTop;
  const across = buttons.filter((b) => b.offsetTop === top).length;
  const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across };
  if (key === "Home") return buttons[0];
  if (key === "End") return buttons[buttons.length - 1];
  return key in steps ? buttons[at + steps[key]] : undefined;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gallery");
  let columns = root.firstElementChild;
  if (!columns) columns = element(root, "div", "");
  columns.className = `board ${data.layout}`;
  columns.style.setProperty("--count", Math.max(1, data.columns.length));
  resize(columns, data.columns.length, makeColumn).forEach((column, i) =>
    fillColumn(column, data.columns[i], data),
  );

  root.onclick = (event) => {
    const cell = event.target.closest("button.cell");
    if (!cell) return;
    moveStop([...cell.parentElement.children], cell);
    cell.classList.add("busy"); // an answer at once, before the server's
    setTimeout(() => cell.classList.remove("busy"), 5000);
    setTriggerValue("picked", cell.dataset.id);
  };
  root.onkeydown = (event) => {
    const cell = event.target.closest("button.cell");
    if (!cell) return;
    const buttons = [...cell.parentElement.children];
    const next = nextCell(buttons, cell, event.key);
    if (!next) return;
    event.preventDefault();
    moveStop(buttons, next);
    next.focus();
  };
}
