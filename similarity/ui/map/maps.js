// Linked maps: a selection on one is highlighted on all at once, without the server, which is
// informed afterwards and updates the address.

const PICTURES = 60; // pictures shown of a selection
const SMALL = 100; // products that fit in the address
const MOST_TOLD = 2000; // points whose ids the page can hold as text
const PATIENCE = 3000; // ms that an older selection from the server is ignored
const [DIM, FAINT] = [34, 24]; // opacity of 255, for points outside the selection or the filter
const MODES = [
  ["move", "Move", "Drag to move the map; with Shift to draw a lasso"],
  ["lasso", "Lasso", "Draw around products to select them"],
  ["box", "Box", "Drag a box over products to select them"],
];

function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function build(root) {
  const bar = element(root, "div", "bar");
  const modes = element(bar, "div", "modes");
  modes.setAttribute("role", "group");
  modes.setAttribute("aria-label", "What a drag does");
  for (const [mode, label, title] of MODES) {
    const button = element(modes, "button", "", label);
    button.type = "button";
    button.title = title;
    button.dataset.mode = mode;
    button.onclick = () => setMode(root, mode);
  }
  const clear = element(bar, "button", "clear", "Clear the selection");
  clear.type = "button";
  clear.onclick = () => choose(root, [], root.by);
  element(bar, "div", "legend");
  element(root, "p", "message").setAttribute("role", "status");
  const body = element(root, "div", "body");
  element(body, "div", "planes");
  const panel = element(body, "section", "chosen");
  panel.setAttribute("aria-label", "Selection");
  element(panel, "h2", "title");
  element(panel, "p", "about");
  element(panel, "div", "cells");
  element(root, "p", "spoken").setAttribute("role", "status");
  Object.assign(root, { planes: new Map(), files: new Map(), selected: [], by: "", mode: "move" });
  setMode(root, "move");
}

function setMode(root, mode) {
  root.mode = mode;
  for (const button of root.querySelectorAll(".modes button"))
    button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  for (const plane of root.planes.values()) redraw(plane, false);
}

// ---- data from the server, fetched once

function fetched(root, name, kind) {
  const address = root.data.files + name;
  if (!root.files.has(address)) {
    const found = fetch(address).then((answer) => {
      if (!answer.ok) throw new Error(`${answer.status}`);
      return answer[kind]();
    });
    found.catch(() => root.files.delete(address));
    root.files.set(address, found);
  }
  return root.files.get(address);
}

async function load(root) {
  const { data } = root;
  const [products, ...maps] = await Promise.all([
    fetched(root, "products.json", "json"),
    ...data.maps.map((map) => fetched(root, `${map.key}.bin`, "arrayBuffer")),
  ]);
  if (root.data !== data) return; // the page has moved on
  const n = products.ids.length;
  if (root.of !== data.files) {
    // Another catalogue, or a new build of this one: the numbers mean other products now.
    Object.assign(root, { of: data.files, selected: [], reported: undefined, awaited: undefined });
    for (const address of root.files.keys()) if (!address.startsWith(data.files)) root.files.delete(address);
    hover(root, null, -1);
  }
  root.products = products;
  root.number = new Map(products.ids.map((id, i) => [id, i]));
  // Not in the catalogue's order, which would always draw one category over another.
  if (root.mixed?.length !== n)
    root.mixed = Uint16Array.from({ length: n }, (_, i) => i).sort((a, b) => scramble(a) - scramble(b));
  let isNew = false;
  data.maps.forEach((map, i) => {
    const plane = root.planes.get(map.key);
    if (plane.of === maps[i] || !plane.points) return;
    isNew = true;
    plane.of = maps[i];
    plane.places = new Float32Array(maps[i], 0, 2 * n);
    plane.neighbours = new Uint16Array(maps[i], 8 * n);
    plane.bounds = undefined;
    plane.points.places(plane.places);
    fit(plane);
  });
  const colours = JSON.stringify([data.files, data.colour, data.overlap, data.left]);
  const isRecoloured = root.colours !== colours;
  if (isRecoloured || isNew) {
    const attribute = products.attributes.find((each) => each.name === data.colour) ?? products.attributes[0];
    const codes = attribute?.codes.map((code, i) => (isLeft(data, i) ? code : NONE));
    for (const plane of root.planes.values())
      if (plane.places) plane.labels = attribute ? labelled(plane.places, { ...attribute, codes }) : [];
  }
  if (isRecoloured) {
    root.colours = colours;
    const { bytes, entries } = coloured(data, products);
    root.bytes = bytes;
    showLegend(root, entries);
  }
  const isBlind = data.maps.some((map) => !root.planes.get(map.key).points);
  put(root.querySelector(".message"), isBlind ? "This browser can't draw the maps: WebGL 2 is switched off or missing. Switch on its hardware acceleration, or open the page in another browser." : "");
  root.classList.remove("loading");
  // Most runs of the page repeat what is shown already.
  if (take(root) || isRecoloured || isNew) {
    show(root);
    showStrips(root);
  }
}

const scramble = (i) => Math.imul(i + 1, 2654435761) >>> 0;

// ---- the selection

// Take the selection of the address if it is new. Returns whether it was.
function take(root) {
  const { data } = root;
  const reported = data.selected.join();
  if (root.awaited !== undefined && reported !== root.awaited && performance.now() - root.since < PATIENCE) return false;
  root.awaited = undefined;
  if (reported === root.reported) return false;
  root.reported = reported;
  root.selected = data.selected.map((id) => root.number.get(id)).filter((i) => i !== undefined);
  root.by = data.by;
  return true;
}

function choose(root, numbers, by) {
  root.selected = numbers;
  root.by = by;
  const ids = numbers.length > SMALL ? [] : numbers.map((i) => root.products.ids[i]);
  root.reported = root.awaited = ids.join();
  root.since = performance.now();
  show(root);
  // Pictures and the server follow after the frame that highlights the points.
  clearTimeout(root.later);
  requestAnimationFrame(() => {
    clearTimeout(root.later);
    root.later = setTimeout(() => {
      showStrips(root);
      root.tell("selected", [ids, by]);
    });
  });
}

function acts(root) {
  return {
    mode: () => root.mode,
    isLeft: (i) => isLeft(root.data, i),
    clear: () => root.selected.length && choose(root, [], root.by),
    hover: (plane, i, isSpoken) => hover(root, plane, i, isSpoken),
    select: (plane, numbers, isMore) => {
      const before = isMore ? root.selected : [];
      const both = numbers.length === 1 && before.includes(numbers[0])
        ? before.filter((i) => i !== numbers[0]) // a second click removes it
        : [...new Set([...before, ...numbers])];
      choose(root, both, plane.key);
    },
  };
}

function hover(root, plane, i, isSpoken = false) {
  const isNew = root.over !== i || root.overOn !== plane;
  if (!isNew) return;
  Object.assign(root, { over: i, overOn: plane });
  for (const each of root.planes.values()) {
    each.over = i;
    each.tip.hidden = each !== plane || i < 0;
    if (each.points && each.places) redraw(each, false);
  }
  if (!plane || i < 0) return;
  const { tip } = plane;
  tip.firstChild.src = thumb(root, i);
  put(tip.lastChild, root.products.names[i]);
  const [x, y] = screen(plane, i);
  const { width, height } = plane.size;
  tip.style.left = `${Math.max(4, Math.min(x + 14, width - 124))}px`;
  tip.style.top = `${y > height / 2 ? Math.max(4, y - 160) : y + 14}px`;
  if (isSpoken) put(root.querySelector(".spoken"), root.products.names[i]);
}

// ---- showing the selection

const thumb = (root, i) => root.data.thumbs.replace("*", root.products.ids[i]);

function show(root) {
  const { products, selected, bytes, mixed } = root;
  const n = products.ids.length;
  for (const { key } of root.data.maps) {
    const plane = root.planes.get(key);
    if (!plane.points) continue;
    const k = root.data.k;
    const one = selected.length === 1 ? selected[0] : -1;
    plane.lines = one < 0 ? [] : [one, ...plane.neighbours.subarray(k * one, k * one + k)];
    plane.lit = one < 0 ? selected : plane.lines;
    const isLit = new Uint8Array(n);
    for (const i of plane.lit) isLit[i] = 1;
    const colours = new Uint8Array(4 * n);
    for (let i = 0; i < n; i++) {
      colours[4 * i] = bytes[3 * i];
      colours[4 * i + 1] = bytes[3 * i + 1];
      colours[4 * i + 2] = bytes[3 * i + 2];
      colours[4 * i + 3] = isLit[i] ? 255 : selected.length ? DIM : isLeft(root.data, i) ? 215 : FAINT;
    }
    plane.points.colours(colours);
    const last = mixed.filter((i) => isLit[i]);
    const order = new Uint16Array(n);
    order.set(mixed.filter((i) => !isLit[i]));
    order.set(last, n - last.length);
    plane.points.order(order, last.length);
    plane.frame.dataset.lit = plane.lit.length > MOST_TOLD ? plane.lit.length : plane.lit.map((i) => products.ids[i]).join(" ");
    draw(plane);
  }
}

function showStrips(root) {
  for (const { key } of root.data.maps) showNear(root, root.planes.get(key));
  showChosen(root);
}

function cell(root, parent, i) {
  const button = element(parent, "button", "cell");
  button.type = "button";
  button.title = root.products.names[i];
  button.setAttribute("aria-label", `${root.products.names[i]}. Open on Compare`);
  const frame = element(button, "span", "picture");
  const image = element(frame, "img", "");
  image.alt = "";
  image.decoding = "async";
  image.onerror = () => frame.classList.add("missing");
  image.src = thumb(root, i);
  button.onclick = () => {
    button.classList.add("busy");
    root.tell("picked", root.products.ids[i]);
  };
  button.onpointerenter = button.onfocus = () => hover(root, null, i);
  button.onpointerleave = button.onblur = () => hover(root, null, -1);
}

function showNear(root, plane) {
  plane.near.replaceChildren();
  plane.near.hidden = !plane.lines.length;
  if (!plane.lines.length) return;
  element(plane.near, "p", "label", `Its ${root.data.k} nearest by ${plane.title.textContent}`);
  const cells = element(plane.near, "div", "cells");
  for (const i of plane.lines.slice(1)) cell(root, cells, i);
}

// The products nearest to the selection's centre first, on the map where it was made.
function ordered(root) {
  const plane = root.planes.get(root.by);
  const { selected } = root;
  if (!plane?.places || selected.length < 2) return selected;
  const at = (i) => [plane.places[2 * i], plane.places[2 * i + 1]];
  const middle = [0, 1].map((axis) => selected.reduce((sum, i) => sum + at(i)[axis], 0) / selected.length);
  const far = new Map(selected.map((i) => [i, Math.hypot(at(i)[0] - middle[0], at(i)[1] - middle[1])]));
  return [...selected].sort((a, b) => far.get(a) - far.get(b) || a - b);
}

function showChosen(root) {
  const { selected, products } = root;
  const panel = root.querySelector(".chosen");
  const count = selected.length;
  root.classList.toggle("some", count > 0);
  const by = root.data.maps.find((map) => map.key === root.by) ?? root.data.maps[0];
  const counted = `${count.toLocaleString("en")} products`;
  const title = count === 1 ? products.names[selected[0]] : count ? counted : "Nothing selected";
  put(panel.querySelector(".title"), title);
  const about = count === 1
    ? "Lines lead to its nearest products by each method, wherever the map puts them."
    : count
      ? [`Nearest to the selection's centre on the map of ${by.title} first.`, common(root)].filter(Boolean).join(" ")
      : "Click a point to see its nearest products, or draw around several with the lasso.";
  put(panel.querySelector(".about"), about);
  const cells = panel.querySelector(".cells");
  cells.replaceChildren();
  for (const i of ordered(root).slice(0, PICTURES)) cell(root, cells, i);
  if (count > PICTURES) element(cells, "span", "more", `+${(count - PICTURES).toLocaleString("en")}`);
  put(root.querySelector(".spoken"), count ? `Selected: ${title}` : "Nothing is selected");
}

// The most common values, in the selection, of the attribute that colours the maps.
function common(root) {
  const attribute = root.products.attributes.find((each) => each.name === root.data.colour);
  if (!attribute) return "";
  const counts = new Map();
  for (const i of root.selected) {
    const code = attribute.codes[i];
    if (code >= 0) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const most = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const labels = most.slice(0, 4).map(([code, count]) => `${attribute.values[code]} ${count}`);
  const rest = most.length - labels.length;
  const name = attribute.name[0].toUpperCase() + attribute.name.slice(1);
  return labels.length ? `${name}: ${labels.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}.` : "";
}

function showLegend(root, entries) {
  const legend = root.querySelector(".legend");
  const { overlap, colour } = root.data;
  legend.replaceChildren();
  legend.classList.toggle("scale", Boolean(overlap));
  if (overlap) element(legend, "span", "end", "different neighbours");
  for (const { label, colour, points } of entries) {
    const button = element(legend, "button", "");
    button.type = "button";
    const swatch = element(button, "span", "swatch");
    swatch.style.background = css(colour);
    const count = points.length.toLocaleString("en");
    button.title = overlap ? `${count} share ${label} of ${overlap.k} neighbours` : `Select all ${count}`;
    if (!overlap) element(button, "span", "", label);
    element(button, "span", overlap ? "hidden" : "count", overlap ? button.title : count);
    button.onclick = () => choose(root, points, root.data.maps[0].key);
  }
  if (overlap) element(legend, "span", "end", "the same neighbours");
  legend.setAttribute("role", "group");
  legend.setAttribute("aria-label", overlap ? overlap.title : `Colours by ${colour}`);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".maps");
  if (!root.planes) build(root);
  root.data = data;
  root.tell = setTriggerValue;
  const parent = root.querySelector(".planes");
  parent.dataset.count = data.maps.length;
  for (const [key, plane] of root.planes)
    if (!data.maps.some((map) => map.key === key)) {
      plane.section.remove();
      root.planes.delete(key);
    }
  data.maps.forEach((map, place) => {
    if (!root.planes.has(map.key)) root.planes.set(map.key, makePlane(parent, acts(root)));
    const plane = root.planes.get(map.key);
    plane.section.dataset.key = plane.key = map.key;
    put(plane.title, map.title);
    plane.title.style.setProperty("--colour", map.colour);
    put(plane.summary, map.summary);
    plane.frame.setAttribute("aria-label", `Map of ${map.title}. Arrow keys go from product to product, Enter selects, Escape clears, + and − zoom, 0 shows all.`);
    if (parent.children[place] !== plane.section) parent.insertBefore(plane.section, parent.children[place] ?? null);
  });
  if (!root.products) root.classList.add("loading");
  if (root.classList.contains("loading")) put(root.querySelector(".message"), "Loading the maps …");
  load(root).catch(() => {
    if (root.data === data)
      put(root.querySelector(".message"), "The maps could not be loaded. The catalogue may have been rebuilt, or the server can't be reached. Reload the page.");
  });
}
