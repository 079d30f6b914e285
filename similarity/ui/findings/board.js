// The list of findings. Drag one by its number, or move it by Alt with the arrow keys.

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".board");
  const json = JSON.stringify(data);
  root.classList.remove("busy");
  if (root.json === json) return;
  root.json = json;
  root.replaceChildren();
  const { findings } = data;
  let dragged = null;

  function send(name, value) {
    root.classList.add("busy");
    setTriggerValue(name, value);
  }

  function move(place, to) {
    if (to < 0 || to >= findings.length || to === place) return;
    root.focused = findings[place].number;
    send("moved", [findings[place].number, to]);
  }

  function clear() {
    for (const card of root.children) card.classList.remove("before", "after", "dragged");
  }

  findings.forEach((finding, place) => {
    const card = element(root, "section", "finding");
    card.setAttribute("aria-label", finding.title);
    const handle = element(card, "span", "handle", `⠿ ${place + 1}`); // buttons can't be dragged
    handle.tabIndex = 0;
    handle.setAttribute("role", "button");
    handle.draggable = true;
    handle.title = "Drag to move, or Alt with the arrow keys";
    handle.setAttribute("aria-label", `Place ${place + 1} of ${findings.length}. Move with Alt and the arrow keys`);
    handle.dataset.number = finding.number;

    const text = element(card, "div", "text");
    const title = element(text, "button", "title", finding.title);
    title.type = "button";
    title.title = "Present this finding";
    title.onclick = () => send("acted", ["present", finding.number]);
    element(text, "p", "facts", finding.facts);
    if (finding.note) element(text, "p", "note", finding.note);
    if (finding.changed) element(text, "span", "changed", finding.changed);
    if (finding.pictures.length) {
      const pictures = element(text, "div", "pictures");
      for (const source of finding.pictures) {
        const image = element(pictures, "img", "");
        image.alt = "";
        image.loading = "lazy";
        image.src = source;
      }
    }

    const actions = element(card, "div", "actions");
    function addAction(label, name, act, isOff = false) {
      const button = element(actions, "button", "", label);
      button.type = "button";
      button.disabled = isOff;
      button.setAttribute("aria-label", `${name}: ${finding.title}`);
      button.onclick = act;
    }
    addAction("Open", "Open the page", () => send("acted", ["open", finding.number]));
    addAction("Edit", "Edit", () => send("acted", ["edit", finding.number]));
    addAction("Delete", "Delete", () => send("acted", ["delete", finding.number]));
    addAction("↑", "Move up", () => move(place, place - 1), place === 0);
    addAction("↓", "Move down", () => move(place, place + 1), place === findings.length - 1);

    card.onkeydown = (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!event.altKey || !step) return;
      event.preventDefault();
      move(place, place + step);
    };
    handle.ondragstart = (event) => {
      dragged = place;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", finding.title);
      event.dataTransfer.setDragImage(card, 10, 10);
      card.classList.add("dragged");
    };
    handle.ondragend = () => {
      dragged = null;
      clear();
    };
    card.ondragover = (event) => {
      if (dragged === null) return;
      event.preventDefault();
      card.classList.toggle("before", place < dragged);
      card.classList.toggle("after", place > dragged);
    };
    card.ondragleave = () => card.classList.remove("before", "after");
    card.ondrop = (event) => {
      event.preventDefault();
      const from = dragged;
      clear();
      if (from !== null) move(from, place);
    };
    if (root.focused === finding.number) handle.focus({ preventScroll: false });
  });
  root.focused = null;
}
