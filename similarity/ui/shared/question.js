// What questions share that are answered by touch or key: a ballot's, and a judge's. A question
// can be answered once its pictures are complete. The root element remembers `asked`, the data.

const PATIENCE = 10000; // ms until an answer without a reply may be sent again

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function makeFrame(parent) {
  const frame = element(parent, "span", "frame");
  const image = element(frame, "img", "");
  image.decoding = "async";
  return frame;
}

function setPicture(image, source) {
  if (!source) image.removeAttribute("src");
  else if (image.getAttribute("src") !== source) image.setAttribute("src", source);
}

// While pictures or a reply are on their way, `buttons` (a selector) are disabled.
function setWaiting(root, isWaiting, buttons) {
  clearTimeout(root.patience);
  root.waiting = isWaiting;
  root.classList.toggle("waiting", isWaiting);
  for (const button of root.querySelectorAll(buttons))
    button.setAttribute("aria-disabled", String(isWaiting));
}

function waitForReply(root, buttons) {
  setWaiting(root, true, buttons);
  root.patience = setTimeout(() => setWaiting(root, false, buttons), PATIENCE);
}

// Show the pictures together, once all have come; until then a message, and a button to try again.
async function reveal(root, message, onWhole) {
  const { number } = root.asked;
  const images = [...root.querySelectorAll("img")].filter((image) => image.getAttribute("src"));
  const loaded = await Promise.all(
    images.map((image) => image.decode().then(() => true, () => image.naturalWidth > 0)),
  );
  if (root.asked.number !== number) return; // another question came meanwhile
  const isWhole = loaded.every(Boolean);
  const retry = root.querySelector(".retry");
  retry.hidden = isWhole;
  put(root.querySelector(".message"), isWhole ? "" : message);
  if (!isWhole) {
    retry.onclick = () => {
      for (const image of images) if (!image.naturalWidth) image.src = image.getAttribute("src");
      reveal(root, message, onWhole);
    };
    return;
  }
  root.querySelectorAll(".chosen").forEach((node) => node.classList.remove("chosen"));
  root.classList.add("whole");
  onWhole();
}

// Keys work wherever the focus is, but not while typing, nor when a key is held down. `choose`
// returns what a key does, or nothing. Returns a function that stops listening.
function listenToKeys(root, choose) {
  root.choose = choose;
  root.onkey ??= (event) => {
    const at = event.composedPath()[0];
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (at.matches?.("input, textarea, select, [contenteditable]")) return;
    const act = root.choose(event.key.toLowerCase());
    if (!act) return;
    event.preventDefault();
    act();
  };
  document.addEventListener("keydown", root.onkey);
  return () => document.removeEventListener("keydown", root.onkey);
}
