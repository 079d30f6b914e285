// Labels of clusters: the most frequent value of a crowd of points, drawn where there is space.

const CELLS = 44; // cells along the longer side of a map, in which crowds are found
const LEAST_POINTS = 5; // of a crowd with a label, and
const LEAST_SHARE = 0.008; // of all points
const MOST_OF_CROWD = 0.6; // of its points that have the value
const MOST_LABELS = 14;
const MARGIN = 3; // px between a label and anything else

// Return the crowds of a map: groups of points in adjoining cells, the largest first.
function crowds(places) {
  const n = places.length / 2;
  const { low, high } = bounds(places);
  const size = Math.max(high[0] - low[0], high[1] - low[1]) / CELLS || 1;
  const cells = new Map();
  for (let i = 0; i < n; i++) {
    const [column, row] = [0, 1].map((axis) => Math.floor((places[2 * i + axis] - low[axis]) / size));
    const cell = 1000 * row + column;
    if (!cells.has(cell)) cells.set(cell, []);
    cells.get(cell).push(i);
  }
  const all = [];
  const rest = new Set(cells.keys());
  for (const start of cells.keys()) {
    if (!rest.delete(start)) continue;
    const [crowd, queue] = [[], [start]];
    while (queue.length) {
      const cell = queue.pop();
      crowd.push(...cells.get(cell));
      for (const step of [-1001, -1000, -999, -1, 1, 999, 1000, 1001])
        if (rest.delete(cell + step)) queue.push(cell + step);
    }
    all.push(crowd);
  }
  return all.filter((crowd) => crowd.length >= Math.max(LEAST_POINTS, LEAST_SHARE * n)).sort((a, b) => b.length - a.length);
}

// Return the labels of a map: the points of each crowd, and the value that most of them have.
function labelled(places, { values, codes }) {
  const labels = [];
  for (const points of crowds(places)) {
    const counts = new Map();
    for (const i of points) counts.set(codes[i], (counts.get(codes[i]) ?? 0) + 1);
    const [code, count] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0];
    if (code >= 0 && count >= MOST_OF_CROWD * points.length) labels.push({ points, text: values[code] });
  }
  return labels.slice(0, MOST_LABELS);
}

const overlaps = (one, other) =>
  one[0] < other[2] + MARGIN && other[0] < one[2] + MARGIN && one[1] < other[3] + MARGIN && other[1] < one[3] + MARGIN;

// Draw labels beside their crowds. One that would cover a point or another label is left out.
function drawLabels(plane, pen, colour, ground) {
  const { labels, size, places } = plane;
  if (!labels?.length) return;
  pen.font = `600 12px ${getComputedStyle(plane.frame).fontFamily}`;
  pen.textBaseline = "top";
  pen.lineJoin = "round";
  const taken = new Set();
  const busy = (box) => {
    for (let x = Math.floor(box[0] / 8); x <= box[2] / 8; x++)
      for (let y = Math.floor(box[1] / 8); y <= box[3] / 8; y++) if (taken.has(1e4 * y + x)) return true;
    return false;
  };
  for (let i = 0; i < places.length / 2; i++) {
    const [x, y] = screen(plane, i);
    if (x >= 0 && y >= 0 && x <= size.width && y <= size.height) taken.add(1e4 * Math.floor(y / 8) + Math.floor(x / 8));
  }
  const drawn = [];
  for (const { points, text } of labels) {
    const at = points.map((i) => screen(plane, i));
    const [left, top] = [0, 1].map((axis) => Math.min(...at.map((place) => place[axis])));
    const [right, bottom] = [0, 1].map((axis) => Math.max(...at.map((place) => place[axis])));
    const [width, height] = [pen.measureText(text).width, 13];
    const [x, y] = [(left + right - width) / 2, (top + bottom - height) / 2];
    const corners = [[x, top - height - 5], [x, bottom + 5], [right + 6, y], [left - width - 6, y]];
    const box = corners
      .map(([a, b]) => [a, b, a + width, b + height])
      .find((each) => each[0] >= 2 && each[1] >= 2 && each[2] <= size.width - 2 && each[3] <= size.height - 2
        && !busy(each) && !drawn.some((other) => overlaps(each, other)));
    if (!box) continue;
    drawn.push(box);
    pen.strokeStyle = ground;
    pen.lineWidth = 3;
    pen.strokeText(text, box[0], box[1]);
    pen.fillStyle = colour;
    pen.fillText(text, box[0], box[1]);
  }
  plane.frame.dataset.labels = drawn.length;
}
