// ---- a grid of pictures to click

function makeItem(parent) {
  const item = element(parent, "li", "item");
  const cell = element(item, "button", "cell");
  cell.type = "button";
  element(makePicture(cell), "span", "rank");
  element(cell.firstElementChild, "span", "shared_by");
  element(cell.firstElementChild, "span", "cross");
  element(cell.firstElementChild, "span", "folded");
  element(cell.firstElementChild, "span", "grade");
  const line = element(cell, "span", "line");
  element(line, "b", "score");
  element(line, "span", "percent");
  element(cell, "span", "notes");
  if (!parent.closest(".strip")) {
    const look = element(item, "button", "look");
    look.type = "button";
    look.tabIndex = -1; // by keyboard: Control and Enter on the picture
    element(item, "span", "turn");
    for (const role of ["more", "less"]) {
      const refine = element(item, "button", `refine ${role}`, role === "more" ? "+" : "−");
      refine.type = "button";
      refine.tabIndex = -1; // by keyboard: + and - on the picture
      refine.dataset.role = role;
      refine.title = role === "more" ? "More like this" : "Less like this";
    }
  }
}

function fillItem(item, picture, data) {
  const [cell, look] = item.children;
  const [frame, line, list] = cell.children;
  const parts = [picture.rank && `Rank ${picture.rank}`, picture.is_wrong && "wrong", picture.alt];
  if (picture.grade) parts.push(`judged ${picture.grade}`);
  if (picture.folded) parts.push(`stands for ${picture.folded.slice(1)} more`);
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
  for (const refine of item.querySelectorAll(".refine")) {
    refine.hidden = !data.refinable;
    refine.setAttribute("aria-label", `${refine.title}: ${picture.alt}`);
  }
  if (look) cell.setAttribute("aria-keyshortcuts", `Control+Enter${data.refinable ? " + -" : ""}`);
  fillPicture(frame, picture.src, picture.alt);
  put(frame.children[1], picture.rank);
  put(frame.children[2], picture.shared_by);
  put(frame.children[4], picture.folded);
  put(frame.children[5], picture.grade);
  frame.children[2].dataset.short = picture.shared_by.split(" ")[0];
  put(line.children[0], picture.score);
  put(line.children[1], picture.percent);
  resize(list, picture.notes.length, (parent) => element(parent, "span", "note")).forEach((node, i) =>
    put(node, picture.notes[i]),
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
  element(heading, "p", "stand_in");
  element(heading, "p", "failure");
  makeTip(heading, info);
  element(column, "ol", "cells").setAttribute("role", "list"); // for Safari, which needs bullets
}

const TEXTS = [
  "title", "family", "time", "summary", "headline", "note", "unique_note", "recall", "stand_in",
];

function fillColumn(column, content, data) {
  const find = (name) => column.querySelector(name);
  find(".heading").hidden = !content.title;
  column.dataset.key = content.key;
  column.setAttribute("aria-label", content.label || content.title);
  for (const name of TEXTS) put(find("." + name), content[name]);
  for (const name of ["summary", "stand_in"]) find("." + name).title = content[name];
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
  const send = (name, cell, value) => {
    moveStop(cellsBeside(cell), cell);
    cell.classList.add("busy"); // immediate feedback, before the server's
    setTimeout(() => cell.classList.remove("busy"), 5000);
    setTriggerValue(name, value);
  };
  root.onclick = (event) => {
    const item = event.target.closest(".item");
    if (!item) return;
    if (data.layout === "columns") pointOut(root);
    const cell = item.firstElementChild;
    if (event.target.closest(".look")) return look(cell);
    const refine = event.target.closest(".refine");
    if (refine) send("refined", cell, [refine.dataset.role, cell.dataset.id]);
    else send("picked", cell, cell.dataset.id);
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
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const role = { "+": "more", "-": "less" }[event.key]; // a plus needs Shift on some keyboards
    if (role && data.refinable && cell.closest(".columns"))
      return send("refined", cell, [role, cell.dataset.id]);
    if (event.shiftKey) return;
    const cells = cellsBeside(cell);
    const next = nextCell(cells, cell, event.key);
    if (!next) return;
    event.preventDefault();
    moveStop(cells, next);
    next.focus();
  };
}

export default function ({ data, parentElement, setTriggerValue }) {
  showColumns(parentElement.querySelector(".gallery"), data, setTriggerValue);
}
