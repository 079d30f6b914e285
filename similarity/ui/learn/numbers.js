// The product as three colour planes, the values of the pixel under the pointer, and the vector
// they form together. The values are read from the picture itself, a lossless PNG.

const SIDE = 224;
const COUNT = SIDE * SIDE * 3;
const DOWN = 96; // numbers per column of the strip, which has 1,568
const BEFORE = 2; // pixels listed before the one under the pointer; twice as many follow it
const COLOURS = ["red", "green", "blue"];

function canvas(parent, width, height) {
  const node = element(parent, "canvas", "");
  [node.width, node.height] = [width, height];
  return node;
}

function build(root) {
  const planes = element(root, "div", "planes");
  for (const name of ["", "Red", "Green", "Blue"]) {
    const figure = element(planes, "figure", "");
    const plane = element(figure, "div", "plane");
    canvas(plane, SIDE, SIDE);
    element(plane, "span", "cross");
    element(figure, "figcaption", "").textContent = name;
  }
  const status = element(root, "p", "said");
  status.setAttribute("role", "status");
  element(status, "span", "swatch").setAttribute("aria-hidden", "true");
  element(status, "span", "words");
  const strip = element(root, "div", "strip");
  strip.setAttribute("role", "img");
  canvas(strip, COUNT / DOWN, DOWN);
  element(strip, "span", "mark");
  const list = element(root, "ol", "some");
  list.setAttribute("aria-label", "Numbers of the vector around this pixel");
  for (let i = 0; i < 9 * BEFORE; i++) element(list, "li", COLOURS[i % 3]);
  element(root, "p", "about").textContent =
    "Above: the whole vector, folded. It goes down each column, and then on to the next; black is 0, " +
    "white is 1. Below it, the numbers around the pixel that is pointed at.";
}

function drawPlanes(root, values) {
  root.querySelectorAll(".plane canvas").forEach((plane, nth) => {
    const image = new ImageData(new Uint8ClampedArray(values), SIDE, SIDE);
    if (nth > 0)
      for (let i = 0; i < values.length; i++)
        if (i % 4 !== 3 && i % 4 !== nth - 1) image.data[i] = 0;
    plane.getContext("2d").putImageData(image, 0, 0);
  });
}

function drawStrip(strip, vector) {
  const image = new ImageData(COUNT / DOWN, DOWN);
  vector.forEach((value, i) => {
    const at = 4 * ((i % DOWN) * (COUNT / DOWN) + Math.floor(i / DOWN));
    image.data.fill(value, at, at + 3);
    image.data[at + 3] = 255;
  });
  strip.getContext("2d").putImageData(image, 0, 0);
}

function pointAt(root, vector, x, y) {
  Object.assign(root.dataset, { x, y });
  const first = 3 * (y * SIDE + x);
  for (const cross of root.querySelectorAll(".cross")) {
    cross.style.left = `${((x + 0.5) / SIDE) * 100}%`;
    cross.style.top = `${((y + 0.5) / SIDE) * 100}%`;
  }
  const [red, green, blue] = vector.slice(first, first + 3);
  const of = (value) => (value / 255).toFixed(3);
  root.querySelector(".swatch").style.background = `rgb(${red} ${green} ${blue})`;
  root.querySelector(".words").textContent =
    `Row ${y + 1}, column ${x + 1}: red ${of(red)}, green ${of(green)}, blue ${of(blue)}. ` +
    `Numbers ${(first + 1).toLocaleString("en")} to ${(first + 3).toLocaleString("en")} of ` +
    `${COUNT.toLocaleString("en")}.`;
  root.querySelector(".mark").style.left = `${((first + 1.5) / COUNT) * 100}%`;
  const items = root.querySelectorAll(".some li");
  const start = Math.min(Math.max(first - 3 * BEFORE, 0), COUNT - items.length);
  items.forEach((item, i) => {
    item.textContent = (vector[start + i] / 255).toFixed(2);
    item.classList.toggle("at", start + i >= first && start + i < first + 3);
  });
}

function listen(root, vector) {
  const clamp = (value) => Math.min(Math.max(Math.floor(value), 0), SIDE - 1);
  root.querySelectorAll(".plane").forEach((plane, nth) => {
    const follow = (event) => {
      const box = plane.getBoundingClientRect();
      const x = clamp(((event.clientX - box.left) / box.width) * SIDE);
      pointAt(root, vector, x, clamp(((event.clientY - box.top) / box.height) * SIDE));
    };
    plane.onpointermove = follow;
    plane.onpointerdown = follow;
    if (nth > 0) return;
    plane.tabIndex = 0;
    plane.onkeydown = (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const by = event.shiftKey ? 10 : 1;
      const step = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] };
      if (!step[event.key]) return;
      event.preventDefault();
      const [right, down] = step[event.key];
      pointAt(root, vector, clamp(+root.dataset.x + right), clamp(+root.dataset.y + down));
    };
  });
  const strip = root.querySelector(".strip");
  const follow = (event) => {
    const box = strip.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 0.999999);
    const pixel = Math.floor((share * COUNT) / 3);
    pointAt(root, vector, pixel % SIDE, Math.floor(pixel / SIDE));
  };
  strip.onpointermove = follow;
  strip.onpointerdown = follow;
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".numbers");
  if (!root.firstChild) build(root);
  if (root.src === data.src) return;
  root.src = data.src;
  root.querySelector("figcaption").textContent = data.alt;
  const [whole] = root.querySelectorAll(".plane");
  whole.setAttribute("role", "img");
  whole.setAttribute("aria-label", `${data.alt}. The arrow keys move to other pixels.`);
  const label = "The whole vector: its three colours, pixel by pixel, in shades of grey";
  root.querySelector(".strip").setAttribute("aria-label", label);
  const image = new Image();
  image.onload = () => {
    if (root.src !== data.src) return;
    const read = new OffscreenCanvas(SIDE, SIDE).getContext("2d", { willReadFrequently: true });
    read.drawImage(image, 0, 0);
    const { data: values } = read.getImageData(0, 0, SIDE, SIDE);
    const vector = values.filter((_, i) => i % 4 !== 3);
    drawPlanes(root, values);
    drawStrip(root.querySelector(".strip canvas"), vector);
    const { x = SIDE / 2, y = SIDE / 2 } = root.dataset;
    pointAt(root, vector, +x, +y);
    listen(root, vector);
  };
  image.src = data.src;
}
