// A question can be answered once both rows are complete. Nothing is shown before, so that neither
// appears earlier than the other. Loaded together with question.js.

const ANSWERS = [
  ["left", "Left", "←", ["arrowleft"]],
  ["good", "Both good", "G", ["g"]],
  ["bad", "Both bad", "B", ["b"]],
  ["right", "Right", "→", ["arrowright"]],
];
const BUTTONS = ".answers button, .undo"; // that wait for a reply

function participant(root, vote) {
  const place = `vote.${vote}`;
  const isId = (text) => /^[0-9a-f]{32}$/.test(text ?? "");
  try {
    const stored = localStorage.getItem(place);
    if (isId(stored)) return stored;
  } catch {
    // the browser stores nothing: the person is new after a reload
  }
  // not randomUUID, which a phone has no access to without https
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  root.who ??= [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    localStorage.setItem(place, root.who);
  } catch {
    // as above
  }
  return root.who;
}

function makeRow(parent, side) {
  const row = element(parent, "section", `side ${side.toLowerCase()}`);
  row.setAttribute("aria-label", `${side} row`);
  element(row, "h2", "name", side);
  element(row, "ol", "cells").setAttribute("role", "list");
  return row;
}

function fill(frame, picture) {
  const image = frame.querySelector("img");
  image.alt = picture.alt;
  setPicture(image, picture.src);
}

function fillRow(row, pictures) {
  const cells = row.querySelector(".cells");
  cells.dataset.count = pictures.length;
  while (cells.children.length > pictures.length) cells.lastElementChild.remove();
  while (cells.children.length < pictures.length) makeFrame(element(cells, "li", ""));
  [...cells.children].forEach((cell, i) => fill(cell.firstElementChild, pictures[i]));
}

function build(root, act) {
  const progress = element(root, "progress", "progress");
  progress.setAttribute("aria-label", "Questions answered");
  const top = element(root, "div", "top");
  makeFrame(top);
  const words = element(top, "div", "words");
  element(words, "h1", "question");
  element(words, "p", "asked");
  const message = element(root, "p", "message");
  message.setAttribute("role", "status");
  const rows = element(root, "div", "rows");
  makeRow(rows, "Left");
  makeRow(rows, "Right");
  const answers = element(root, "div", "answers");
  for (const [answer, label, sign, keys] of ANSWERS) {
    const button = element(answers, "button", answer);
    button.type = "button";
    button.setAttribute("aria-keyshortcuts", keys.join(" "));
    element(button, "span", "", label);
    element(button, "kbd", "", sign).setAttribute("aria-hidden", "true");
    button.onclick = () => act(answer);
  }
  const last = element(root, "div", "last");
  element(last, "span", "count").setAttribute("role", "status");
  const undo = element(last, "button", "undo", "Undo the last");
  undo.type = "button";
  undo.setAttribute("aria-keyshortcuts", "u");
  undo.onclick = () => act("undo");
  const more = element(last, "button", "more", "Answer more questions");
  more.type = "button";
  more.hidden = true;
  const retry = element(last, "button", "retry", "Load the pictures again");
  retry.type = "button";
  retry.hidden = true;
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".ballot");
  const find = (name) => root.querySelector(name);
  root.asked = data;

  const who = participant(root, data.vote);
  if (data.who !== who) setStateValue("who", who);

  function act(what) {
    const { number, undoable } = root.asked;
    if (root.waiting || (what === "undo" ? !undoable : !number)) return;
    waitForReply(root, BUTTONS);
    root.querySelectorAll(".chosen").forEach((node) => node.classList.remove("chosen"));
    if (what === "undo") setTriggerValue("undo", true);
    else {
      find(`.answers .${what}`).classList.add("chosen");
      setTriggerValue("answer", [number, what]);
    }
  }

  if (!root.built) build(root, (what) => root.act(what));
  root.built = true;
  root.act = act;
  const isNew = root.number !== data.number;
  root.number = data.number;
  put(find(".question"), data.question);
  put(find(".message"), data.message);
  find(".more").hidden = !data.can_continue;
  find(".more").onclick = () => setStateValue("more", true);
  find(".progress").hidden = !data.total;
  find(".progress").max = data.total || 1;
  find(".progress").value = data.answered ?? 0;
  find(".undo").hidden = !data.undoable;
  root.classList.toggle("none", !data.number);
  if (!data.number) setWaiting(root, false, BUTTONS);
  else {
    put(find(".asked"), data.query.src ? `For: ${data.query.alt}` : data.query.alt);
    find(".asked").classList.toggle("typed", !data.query.src);
    find(".top .frame").hidden = !data.query.src;
    const answers = data.answered === 1 ? "1 answer" : `${data.answered} answers`;
    put(find(".count"), data.total ? `Question ${data.answered + 1} of ${data.total}. Stop whenever you like.` : `${answers} saved. Stop whenever you like.`);
    if (isNew) {
      root.classList.remove("whole");
      setWaiting(root, true, BUTTONS);
    }
    fill(find(".top .frame"), data.query);
    fillRow(find(".left"), data.left);
    fillRow(find(".right"), data.right);
    reveal(root, "Some pictures did not come, so the rows can't be compared yet.", () =>
      setWaiting(root, false, BUTTONS),
    );
  }

  return listenToKeys(root, (key) => {
    const [answer] = ANSWERS.find(([, , , keys]) => keys.includes(key)) ?? [];
    const what = answer ?? (key === "u" ? "undo" : undefined);
    return what && (() => root.act(what));
  });
}
