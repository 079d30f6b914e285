// Elements are kept between updates, so that the focus stays and only changed pictures load.

function resize(parent, count, make) {
  while (parent.children.length > count) parent.lastElementChild.remove();
  while (parent.children.length < count) make(parent);
  return [...parent.children];
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text; // a live region speaks at each change
}

// ---- one picture

function makePicture(parent) {
  const frame = element(parent, "span", "frame");
  const image = element(frame, "img", "");
  image.decoding = "async";
  image.onerror = () => frame.classList.add("missing");
  image.onload = () => {
    frame.classList.remove("missing");
    frame.classList.toggle("white", isOnWhite(image));
  };
  return frame;
}

// Only a picture on white gets white margins; a square one has none.
function isOnWhite(image) {
  if (image.naturalWidth === image.naturalHeight) return false;
  const side = 16;
  const canvas = new OffscreenCanvas(side, side).getContext("2d");
  canvas.drawImage(image, 0, 0, side, side);
  const values = canvas.getImageData(0, 0, side, side).data;
  let white = 0;
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [i % side, Math.floor(i / side)];
    const isEdge = x === 0 || y === 0 || x === side - 1 || y === side - 1;
    if (isEdge && Math.min(...values.slice(4 * i, 4 * i + 3)) >= 244) white++;
  }
  return white > 0.8 * 4 * (side - 1);
}

function fillPicture(frame, src, alt) {
  const image = frame.firstElementChild;
  frame.dataset.alt = alt;
  image.alt = alt;
  if (image.getAttribute("src") !== src) image.setAttribute("src", src);
}

// ---- a grid of pictures to click

function makeItem(parent) {
  const item = element(parent, "li", "item");
  const cell = element(item, "button", "cell");
  cell.type = "button";
  element(makePicture(cell), "span", "rank");
  element(cell.firstElementChild, "span", "shared_by");
  element(cell.firstElementChild, "span", "cross");
  const line = element(cell, "span", "line");
  element(line, "b", "score");
  element(line, "span", "percent");
  element(cell, "span", "notes");
  if (!parent.closest(".strip")) {
    cell.setAttribute("aria-keyshortcuts", "Control+Enter");
    const look = element(item, "button", "look");
    look.type = "button";
    look.tabIndex = -1; // by keyboard: Control and Enter on the picture
    element(item, "span", "turn");
  }
}

function fillItem(item, picture, data) {
  const [cell, look] = item.children;
  const [frame, line, list] = cell.children;
  const parts = [picture.rank && `Rank ${picture.rank}`, picture.is_wrong && "wrong", picture.alt];
  const notes = picture.notes.join(" · ");
  if (picture.score) parts.push(`cosine ${picture.score}`, notes, picture.is_weak && "weak match");
  cell.dataset.id = picture.id;
  cell.setAttribute("aria-label", parts.filter(Boolean).join(", "));
  cell.classList.remove("busy");
  const more = [picture.nearness, [picture.shared_by, picture.other_ranks].filter(Boolean).join(": ")];
  if (picture.score) {
    cell.setAttribute("aria-description", more.filter(Boolean).join("; "));
    const near = [`Cosine ${picture.score}`, picture.nearness].filter(Boolean).join(": ");
    item.hint = [picture.is_wrong ? `Wrong: ${picture.alt}` : picture.alt, notes, near, more[1]];
  } else cell.title = [picture.alt, notes].filter(Boolean).join("\n");
  item.classList.toggle("weak", picture.is_weak);
  item.classList.toggle("wrong", picture.is_wrong);
  item.classList.toggle("unique", picture.is_unique);
  if (data.layout === "strip") {
    if (picture.id === data.selected) cell.setAttribute("aria-current", "true");
    else cell.removeAttribute("aria-current");
  }
  if (look) look.setAttribute("aria-label", `Large beside the query: ${picture.alt}`);
  fillPicture(frame, picture.src, picture.alt);
  put(frame.children[1], picture.rank);
  put(frame.children[2], picture.shared_by);
  frame.children[2].dataset.short = picture.shared_by.split(" ")[0];
  put(line.children[0], picture.score);
  put(line.children[1], picture.percent);
  resize(list, picture.notes.length, (parent) => element(parent, "span", "note")).forEach((node, i) =>
    put(node, picture.notes[i]),
  );
}

// The details that a button shows below itself when pressed.
function makeTip(parent, button) {
  button.type = "button";
  const tip = element(parent, "div", "tip");
  tip.popover = "auto";
  button.popoverTargetElement = tip;
  tip.ontoggle = () => putBelow(tip, button);
  return tip;
}

function putBelow(tip, target) {
  const box = target.getBoundingClientRect();
  const above = box.bottom + 6 + tip.offsetHeight > innerHeight && box.top > tip.offsetHeight;
  tip.style.left = `${Math.max(8, Math.min(box.left, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${above ? box.top - 6 - tip.offsetHeight : box.bottom + 6}px`;
}

function fillLines(tip, lines) {
  resize(tip, lines.length, (parent) => element(parent, "p", "")).forEach((node, i) =>
    put(node, lines[i]),
  );
}

function makeColumn(parent) {
  const column = element(parent, "section", "column");
  const heading = element(column, "div", "heading");
  const top = element(heading, "div", "top");
  element(top, "h2", "title");
  element(top, "span", "family");
  const info = element(top, "button", "info");
  info.textContent = "i";
  element(top, "span", "time");
  element(top, "b", "message");
  element(heading, "p", "summary");
  const share = element(heading, "p", "share");
  for (const name of ["headline", "note", "unique_note"]) element(share, "span", name);
  element(heading, "p", "recall");
  element(heading, "p", "failure");
  makeTip(heading, info);
  element(column, "ol", "cells").setAttribute("role", "list"); // for Safari, which needs bullets
}

const TEXTS = [
  "title", "family", "time", "summary", "headline", "note", "unique_note", "recall",
];

function fillColumn(column, content, data) {
  const find = (name) => column.querySelector(name);
  find(".heading").hidden = !content.title;
  column.dataset.key = content.key;
  column.setAttribute("aria-label", content.label || content.title);
  for (const name of TEXTS) put(find("." + name), content[name]);
  find(".summary").title = content.summary;
  column.style.setProperty("--colour", content.colour || "transparent");
  find(".info").setAttribute("aria-label", `About ${content.title}`);
  fillLines(find(".tip"), content.facts);
  put(find(".message"), content.failed ? "" : content.message);
  put(find(".failure"), content.failed ? content.message : "");
  const items = resize(find(".cells"), content.pictures.length, makeItem);
  items.forEach((item, i) => fillItem(item, content.pictures[i], data));
  const turn = content.weak_heading
    ? content.pictures.findIndex((picture) => picture.is_weak)
    : -1;
  items.forEach((item, i) => {
    item.classList.toggle("turned", i === turn && i > 0);
    const words = item.querySelector(".turn");
    if (!words) return; // a strip has none
    put(words, content.weak_heading);
    words.dataset.short = content.weak_heading_short;
  });
  makeOneStop(items);
}

// ---- the columns

function showColumns(root, data, setTriggerValue) {
  if (data.layout === "columns") {
    const row = root.querySelector(".agreement") ?? makeAgreement(root);
    fillAgreement(row, data);
  }
  const board = root.querySelector(".board") ?? element(root, "div", "board");
  board.className = `board ${data.layout}${data.details ? "" : " plain"}`;
  board.dataset.count = Math.min(6, Math.max(1, data.columns.length));
  board.style.setProperty("--count", Math.max(1, data.columns.length));
  resize(board, data.columns.length, makeColumn).forEach((column, i) =>
    fillColumn(column, data.columns[i], data),
  );
  if (data.layout === "columns") pointOut(root);
  const status = root.querySelector(".said") ?? element(root, "p", "said");
  status.setAttribute("role", "status");
  put(status, data.announcement);

  const look = (cell) => {
    setTriggerValue("looked", [cell.closest(".column").dataset.key, cell.dataset.id]);
    focusDialogueAndBack(cell);
  };
  root.onclick = (event) => {
    const item = event.target.closest(".item");
    if (!item) return;
    if (data.layout === "columns") pointOut(root);
    const cell = item.firstElementChild;
    if (event.target.closest(".look")) return look(cell);
    moveStop(cellsBeside(cell), cell);
    cell.classList.add("busy"); // immediate feedback, before the server's
    setTimeout(() => cell.classList.remove("busy"), 5000);
    setTriggerValue("picked", cell.dataset.id);
  };
  root.onkeydown = (event) => {
    if (event.key === "Escape") closeHint(root);
    const cell = event.target.closest(".cell, .pair");
    if (!cell) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (cell.closest(".columns")) look(cell);
      return;
    }
    // Other keys with a modifier belong to the browser, for example Alt and an arrow.
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const cells = cellsBeside(cell);
    const next = nextCell(cells, cell, event.key);
    if (!next) return;
    event.preventDefault();
    moveStop(cells, next);
    next.focus();
  };
}

// ---- the query

function makeQuery(root) {
  const board = element(root, "section", "board query");
  board.setAttribute("aria-label", "The query");
  makePicture(board);
  const words = element(board, "div", "words");
  element(words, "h1", "");
  const last = element(words, "div", "last");
  element(last, "p", "asked");
  element(last, "p", "details");
  const copy = element(last, "p", "copy");
  element(copy, "button", "link").type = "button";
  element(copy, "span", "copied").setAttribute("role", "status");
  return board;
}

async function copyText(text, place) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // The clipboard is closed to pages that come by plain http from another machine.
    const area = element(place, "textarea", "");
    area.value = text;
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function showQuery(root, { query, link }) {
  const board = root.querySelector(".board") ?? makeQuery(root);
  const find = (name) => board.querySelector(name);
  find(".frame").hidden = !query.src;
  if (query.src) fillPicture(find(".frame"), query.src, query.text);
  put(find("h1"), query.headline || `${query.lead} ${query.text}`);
  find("h1").title = query.headline || query.text;
  put(find(".asked"), query.text);
  find(".asked").hidden = !query.headline;
  put(find(".details"), query.details);
  const [button, copied] = find(".copy").children;
  button.hidden = !link;
  put(button, "Copy link");
  button.onclick = async () => {
    await copyText(new URL(link, location.href).href, board);
    button.focus();
    put(copied, " Copied");
    setTimeout(() => put(copied, ""), 3000);
  };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gallery");
  if (data.layout === "query") showQuery(root, data);
  else showColumns(root, data, setTriggerValue);
}
