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

// ---- details

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
