// A query, a result, and four grades. Loaded together with question.js.

const BUTTONS = ".grades button, .skip, .undo"; // that wait for a reply

function makeButton(parent, name, label, key) {
  const button = element(parent, "button", name);
  button.type = "button";
  button.setAttribute("aria-keyshortcuts", key);
  element(button, "span", "", label);
  element(button, "kbd", "", key.toUpperCase()).setAttribute("aria-hidden", "true");
  return button;
}

function build(root, data) {
  const progress = element(root, "progress", "progress");
  progress.setAttribute("aria-label", "Results judged");
  const pictures = element(root, "div", "pictures");
  const query = element(pictures, "section", "query");
  element(query, "h2", "label", "Somebody looks for");
  makeFrame(query);
  element(query, "p", "text");
  const product = element(pictures, "section", "product");
  element(product, "h2", "label", "How good is this result?");
  makeFrame(product);
  element(product, "p", "text");
  const message = element(root, "p", "message");
  message.setAttribute("role", "status");
  const grades = element(root, "div", "grades");
  grades.setAttribute("role", "group");
  grades.setAttribute("aria-label", "Grade");
  data.grades.forEach((name, grade) => {
    makeButton(grades, `grade grade-${grade}`, name, String(grade)).onclick = () => root.act(grade);
  });
  const others = element(root, "div", "others");
  makeButton(others, "skip", "Skip", "s").onclick = () => root.act("skip");
  makeButton(others, "undo", "Undo", "u").onclick = () => root.act("undo");
  makeButton(others, "noted", "Note", "n").onclick = () => root.openNote();
  const retry = element(others, "button", "retry", "Load the pictures again");
  retry.type = "button";
  retry.hidden = true;
  const note = element(root, "textarea", "note");
  note.rows = 2;
  note.maxLength = data.longest;
  note.placeholder = "A note, saved with the grade";
  note.setAttribute("aria-label", note.placeholder);
  note.hidden = true;
  note.onkeydown = (event) => {
    if (event.key === "Escape") note.blur(); // so that keys grade again
    event.stopPropagation();
  };
  element(root, "p", "count").setAttribute("role", "status");
}

function fill(section, picture) {
  const frame = section.querySelector(".frame");
  const image = frame.firstElementChild;
  frame.hidden = !picture.src;
  section.classList.toggle("typed", !picture.src);
  put(section.querySelector(".text"), picture.alt);
  image.alt = ""; // the text beside it says it
  setPicture(image, picture.src);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".grading");
  const find = (name) => root.querySelector(name);
  if (!root.built) build(root, data);
  root.built = true;
  root.asked = data;

  root.act = (what) => {
    const { number, pair, undoable } = root.asked;
    if (root.waiting || (what === "undo" ? !undoable : !number)) return;
    waitForReply(root, BUTTONS);
    if (what === "undo") return setTriggerValue("undo", true);
    if (what !== "skip") find(`.grade-${what}`).classList.add("chosen");
    setTriggerValue("answer", [...pair, what === "skip" ? null : what, find(".note").value]);
  };
  root.openNote = () => {
    find(".note").hidden = false;
    find(".note").focus();
  };

  const isNew = root.number !== data.number;
  root.number = data.number;
  root.classList.toggle("none", !data.number);
  find(".undo").hidden = !data.undoable;
  if (!data.number) {
    put(find(".message"), "");
    setWaiting(root, false, BUTTONS);
  } else {
    const [done, all] = data.of_query;
    const [allDone, allAll] = data.of_all;
    find(".progress").max = allAll;
    find(".progress").value = allDone;
    put(find(".count"), `Result ${done + 1} of ${all} for this query. ${allDone} of ${allAll} judged in all; stop whenever you like.`);
    if (isNew) {
      find(".note").value = "";
      find(".note").hidden = true;
      root.classList.remove("whole");
      setWaiting(root, true, BUTTONS);
    }
    fill(find(".query"), data.query);
    fill(find(".product"), data.product);
    reveal(root, "A picture did not come, so this can't be judged yet.", () => {
      setWaiting(root, false, BUTTONS);
      if (root.asked.following) new Image().src = root.asked.following; // the next is here at once
    });
  }

  return listenToKeys(root, (key) => {
    if (key === "n") return root.openNote;
    const what = /^[0-3]$/.test(key) ? Number(key) : { s: "skip", u: "undo" }[key];
    return what === undefined ? undefined : () => root.act(what);
  });
}
