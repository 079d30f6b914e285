// One map: its points, what is drawn over them, and how a visitor moves on it.

const REACH = 12; // px from a point that still count as on it
const STEP = 1.5; // zoom factor per press of a button or key
const MOST_ZOOM = 200;
const STILL = 4; // px that a pointer may move in a click

// `act` handles the visitor's actions: hover(plane, number), select(plane, numbers, isMore),
// clear(). Only points that `isLeft` can be reached.
function makePlane(parent, act) {
  const section = element(parent, "section", "plane");
  const head = element(section, "div", "head");
  const title = element(head, "h2", "title");
  const zoom = element(head, "div", "zoom");
  const frame = element(section, "div", "frame");
  const plane = { section, title, frame, act, camera: null, over: -1, lit: [], lines: [] };
  plane.canvas = element(frame, "canvas", "points");
  plane.top = element(frame, "canvas", "top");
  plane.tip = element(frame, "div", "tip");
  element(plane.tip, "img", "").alt = "";
  element(plane.tip, "span", "");
  plane.tip.hidden = true;
  plane.summary = element(section, "p", "said");
  plane.near = element(section, "div", "near");
  plane.points = pointsOn(plane.canvas);
  for (const [name, sign, does] of [
    ["Zoom in", "+", () => zoomBy(plane, STEP)],
    ["Zoom out", "−", () => zoomBy(plane, 1 / STEP)],
    ["The whole map", "⤢", () => fit(plane)],
  ]) {
    const button = element(zoom, "button", "", sign);
    button.type = "button";
    button.title = name;
    button.onclick = does;
    plane[name] = button;
  }
  frame.tabIndex = 0;
  frame.setAttribute("role", "application");
  frame.setAttribute("aria-roledescription", "map");
  plane.points?.onLost(() => redraw(plane));
  listen(plane);
  new ResizeObserver(() => resize(plane)).observe(frame);
  return plane;
}

function resize(plane) {
  const { clientWidth: width, clientHeight: height } = plane.frame;
  if (!width || !height) return;
  const dense = window.devicePixelRatio || 1;
  for (const canvas of [plane.canvas, plane.top]) {
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
  }
  const before = plane.size;
  plane.size = { width, height, dense };
  if (!plane.places) return;
  if (!before || !plane.camera) fit(plane);
  else plane.camera.scale *= Math.min(width, height) / Math.min(before.width, before.height);
  draw(plane); // at once: a canvas is empty after it was resized
}

// ---- coordinates: a camera has the centre and the px per unit

function bounds(places) {
  const [low, high] = [[Infinity, Infinity], [-Infinity, -Infinity]];
  for (let i = 0; i < places.length; i++) {
    const axis = i % 2;
    low[axis] = Math.min(low[axis], places[i]);
    high[axis] = Math.max(high[axis], places[i]);
  }
  return { low, high };
}

function fit(plane) {
  if (!plane.size) return;
  const { low, high } = (plane.bounds ??= bounds(plane.places));
  const { width, height } = plane.size;
  const [wide, tall] = [high[0] - low[0] || 1, high[1] - low[1] || 1];
  plane.whole = Math.min((width - 28) / wide, (height - 28) / tall);
  plane.camera = { x: (low[0] + high[0]) / 2, y: (low[1] + high[1]) / 2, scale: plane.whole };
  redraw(plane);
}

function screen(plane, i) {
  const { camera, places, size } = plane;
  return [
    size.width / 2 + (places[2 * i] - camera.x) * camera.scale,
    size.height / 2 - (places[2 * i + 1] - camera.y) * camera.scale,
  ];
}

function place(plane, [x, y]) {
  const { camera, size } = plane;
  return [
    camera.x + (x - size.width / 2) / camera.scale,
    camera.y - (y - size.height / 2) / camera.scale,
  ];
}

function zoomBy(plane, by, x = plane.size.width / 2, y = plane.size.height / 2) {
  const { camera, size, whole } = plane;
  const scale = Math.min(Math.max(camera.scale * by, whole), whole * MOST_ZOOM);
  const [dx, dy] = [x - size.width / 2, size.height / 2 - y];
  camera.x += dx / camera.scale - dx / scale; // the point under the pointer doesn't move
  camera.y += dy / camera.scale - dy / scale;
  camera.scale = scale;
  redraw(plane);
}

function moveBy(plane, dx, dy) {
  const { camera, bounds } = plane;
  const inside = (value, axis) => Math.min(Math.max(value, bounds.low[axis]), bounds.high[axis]);
  camera.x = inside(camera.x - dx / camera.scale, 0);
  camera.y = inside(camera.y + dy / camera.scale, 1);
  redraw(plane);
}

function nearestTo(plane, x, y, reach) {
  const { places, camera } = plane;
  const [ax, ay] = place(plane, [x, y]);
  let best = -1;
  let least = (reach / camera.scale) ** 2;
  for (let i = 0; i < places.length / 2; i++) {
    const far = (places[2 * i] - ax) ** 2 + (places[2 * i + 1] - ay) ** 2;
    if (far < least && plane.act.isLeft(i)) {
      best = i;
      least = far;
    }
  }
  return best;
}

// The points in a polygon: a line to the right crosses its sides an odd number of times.
function within(plane, path) {
  const { places } = plane;
  const corners = path.map((corner) => place(plane, corner));
  const found = [];
  for (let i = 0; i < places.length / 2; i++) {
    if (!plane.act.isLeft(i)) continue;
    const x = places[2 * i];
    const y = places[2 * i + 1];
    let isIn = false;
    for (let a = 0, b = corners.length - 1; a < corners.length; b = a++) {
      const [ax, ay] = corners[a];
      const [bx, by] = corners[b];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) isIn = !isIn;
    }
    if (isIn) found.push(i);
  }
  return found;
}

// The next point in a direction: near, and close to that direction.
function nextTo(plane, from, dx, dy) {
  const [x, y] = from < 0 ? [plane.size.width / 2, plane.size.height / 2] : screen(plane, from);
  if (from < 0) return nearestTo(plane, x, y, Infinity);
  let [best, least] = [from, Infinity];
  for (let i = 0; i < plane.places.length / 2; i++) {
    const [px, py] = screen(plane, i);
    const [along, aside] = [(px - x) * dx + (py - y) * dy, Math.abs((px - x) * dy - (py - y) * dx)];
    if (along > 0.5 && along + 2 * aside < least && plane.act.isLeft(i)) [best, least] = [i, along + 2 * aside];
  }
  return best;
}

// ---- drawing

// Draw everything in the next frame, or only what lies over the points.
function redraw(plane, isAll = true) {
  plane.isStale ||= isAll;
  plane.drawing ??= requestAnimationFrame(() => {
    plane.drawing = undefined;
    draw(plane, plane.isStale);
  });
}

function draw(plane, isAll = true) {
  if (!plane.size || !plane.camera || !plane.points) return;
  plane.isStale = false;
  const { camera, size, whole } = plane;
  const room = 0.5 * Math.sqrt((size.width * size.height) / (plane.places.length / 2));
  const dot = Math.min(Math.max(room, 3), 9) * Math.min((camera.scale / whole) ** 0.35, 2.5);
  if (isAll) {
    const [sx, sy] = [(2 * camera.scale) / size.width, (2 * camera.scale) / size.height];
    plane.points.draw([sx, sy, -camera.x * sx, -camera.y * sy], dot * size.dense);
  }
  drawOver(plane, dot);
  const isWhole = Math.abs(camera.scale / whole - 1) < 1e-6;
  plane["Zoom out"].disabled = isWhole;
  // A finger scrolls the page over a whole map, and moves the map if it is zoomed.
  const isDrawn = plane.act.mode() !== "move";
  plane.frame.style.touchAction = isDrawn || !isWhole ? "none" : "pan-y";
  plane.frame.style.cursor = isDrawn ? "crosshair" : plane.over >= 0 ? "pointer" : "grab";
}

function drawOver(plane, dot) {
  const { size, top, lines, path } = plane;
  const pen = top.getContext("2d");
  const style = getComputedStyle(plane.frame);
  const [strong, text, ground] = ["--st-primary-color", "--st-text-color", "--st-background-color"].map((name) => style.getPropertyValue(name));
  pen.setTransform(size.dense, 0, 0, size.dense, 0, 0);
  pen.clearRect(0, 0, size.width, size.height);
  drawLabels(plane, pen, text, ground);
  pen.strokeStyle = strong;
  pen.lineWidth = 1.5;
  if (lines.length) {
    const from = screen(plane, lines[0]);
    pen.beginPath();
    for (const to of lines.slice(1)) {
      pen.moveTo(...from);
      pen.lineTo(...screen(plane, to));
    }
    pen.stroke();
  }
  const ring = (i, more, colour) => {
    const [x, y] = screen(plane, i);
    pen.strokeStyle = colour;
    pen.lineWidth = 2.5;
    pen.beginPath();
    pen.arc(x, y, dot * 0.7 + more, 0, 7);
    pen.stroke();
  };
  if (lines.length) ring(lines[0], 3, strong);
  if (plane.over >= 0) ring(plane.over, 3, text);
  if (path) {
    pen.strokeStyle = strong;
    pen.setLineDash([5, 4]);
    pen.beginPath();
    for (const corner of path) pen.lineTo(...corner);
    pen.closePath();
    pen.stroke();
    pen.globalAlpha = 0.12;
    pen.fillStyle = strong;
    pen.fill();
    pen.globalAlpha = 1;
    pen.setLineDash([]);
  }
}

// ---- pointers

function listen(plane) {
  const { frame, act } = plane;
  const pointers = new Map(); // pointers that are pressed
  let moved = 0;

  const at = (event) => {
    const box = frame.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const reach = (event) => (event.pointerType === "mouse" ? REACH : 2 * REACH);
  const drawn = (event) => (event.shiftKey && act.mode() === "move" ? "lasso" : act.mode());

  frame.addEventListener("pointerdown", (event) => {
    if (event.button || !plane.camera) return;
    frame.focus({ preventScroll: true });
    frame.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, at(event));
    moved = 0;
    plane.drawn = pointers.size > 1 ? "move" : drawn(event);
    plane.path = plane.drawn === "move" ? null : [at(event)];
  });
  frame.addEventListener("pointermove", (event) => {
    if (!plane.camera) return;
    const [x, y] = at(event);
    const before = pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") act.hover(plane, nearestTo(plane, x, y, REACH));
      return;
    }
    const otherPlaces = [...pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    pointers.set(event.pointerId, [x, y]);
    moved += Math.hypot(x - before[0], y - before[1]);
    if (moved <= STILL) return;
    act.hover(plane, -1);
    if (otherPlaces.length) {
      const [ox, oy] = otherPlaces[0];
      const by = Math.hypot(x - ox, y - oy) / (Math.hypot(before[0] - ox, before[1] - oy) || 1);
      zoomBy(plane, by, (x + ox) / 2, (y + oy) / 2);
    } else if (plane.drawn === "move") moveBy(plane, x - before[0], y - before[1]);
    else if (plane.drawn === "box") {
      const [sx, sy] = plane.path[0];
      plane.path = [[sx, sy], [x, sy], [x, y], [sx, y]];
      redraw(plane, false);
    } else {
      plane.path.push([x, y]);
      redraw(plane, false);
    }
  });
  const end = (event) => {
    if (!pointers.delete(event.pointerId)) return;
    const path = plane.path;
    plane.path = null;
    if (event.type === "pointerup") {
      const isMore = event.shiftKey || event.ctrlKey || event.metaKey;
      if (moved <= STILL) {
        const found = nearestTo(plane, ...at(event), reach(event));
        if (found >= 0) act.select(plane, [found], isMore);
        else act.clear();
      } else if (path?.length > 2) act.select(plane, within(plane, path), isMore && act.mode() !== "move");
    }
    redraw(plane, false);
  };
  frame.addEventListener("pointerup", end);
  frame.addEventListener("pointercancel", end);
  frame.addEventListener("pointerleave", () => pointers.size || act.hover(plane, -1));
  frame.addEventListener(
    "wheel",
    (event) => {
      // Over a map that nobody has touched, the wheel scrolls the page.
      const isIn = frame.getRootNode().activeElement === frame || event.ctrlKey;
      if (!isIn || !plane.camera) return;
      event.preventDefault();
      zoomBy(plane, Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), ...at(event));
    },
    { passive: false },
  );
  frame.addEventListener("keydown", (event) => {
    if (!plane.camera || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (arrows[event.key]) act.hover(plane, nextTo(plane, plane.over, ...arrows[event.key]), true);
    else if (event.key === "Enter" && plane.over >= 0) act.select(plane, [plane.over], event.shiftKey);
    else if (event.key === "Escape") act.clear();
    else if (event.key === "+" || event.key === "=") zoomBy(plane, STEP);
    else if (event.key === "-") zoomBy(plane, 1 / STEP);
    else if (event.key === "0") fit(plane);
    else return;
    event.preventDefault();
  });
}
