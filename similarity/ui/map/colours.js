// The colours of points, and the legend.

// without red and orange, which mean wrong
const PALETTE = [
  [31, 119, 180], [44, 160, 44], [148, 103, 189], [23, 190, 207], [227, 119, 194], [140, 96, 75],
  [188, 189, 34], [100, 120, 220], [0, 128, 118], [174, 199, 232], [152, 223, 138],
  [197, 176, 213], [99, 121, 57], [196, 166, 148], [247, 182, 210], [160, 60, 160],
];
const REST = [150, 150, 155];
const [NONE, OTHERS] = [-1, -2]; // as codes of values, which count from 0
const SCALE = [[185, 195, 210], [80, 145, 230], [160, 50, 200]]; // from unchanged to most changed
const WORDS = /^[a-z]+$/i;
const NO_COLOUR = /^(inherit|initial|unset|revert|transparent|currentcolor)$/i;

// Return the colour that a value names, if it names one.
function named(value) {
  if (!WORDS.test(value) || NO_COLOUR.test(value) || !CSS.supports("color", value)) return null;
  const pen = new OffscreenCanvas(1, 1).getContext("2d");
  pen.fillStyle = value;
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

// Return the colour of each value of an attribute, the most common first. Names of colours get
// those colours. Others get the palette's, and the rest share one.
function colourings({ values, counts }) {
  const nameColours = values.map(named);
  const all = counts.reduce((sum, count) => sum + count, 0);
  const isNamed = counts.reduce((sum, count, i) => sum + (nameColours[i] ? count : 0), 0) > 0.8 * all;
  return isNamed ? nameColours.map((colour) => colour ?? REST) : values.map((_, i) => PALETTE[i] ?? REST);
}

function mixed(share) {
  const at = share * (SCALE.length - 1);
  const start = Math.min(Math.floor(at), SCALE.length - 2);
  return SCALE[start].map((value, i) => Math.round(value + (at - start) * (SCALE[start + 1][i] - value)));
}

const css = (colour) => `rgb(${colour.join(" ")})`;

// Return whether the page's filter leaves a point. Without a filter, it leaves all.
const isLeft = (data, i) => data.left[i] !== "0";

// Return the colours of all points, three bytes each, and the legend's entries: a label, a colour
// and the points that have it.
function coloured(data, products) {
  const n = products.ids.length;
  const bytes = new Uint8Array(3 * n);
  const members = new Map();
  // By a key, because a value of the data may be called "none" too.
  const add = (key, label, colour, i) => {
    bytes.set(isLeft(data, i) ? colour : REST, 3 * i);
    if (!isLeft(data, i)) return; // no part of the legend either
    if (!members.has(key)) members.set(key, { key, label, colour, points: [] });
    members.get(key).points.push(i);
  };
  if (data.overlap) {
    const most = data.overlap.k;
    for (let i = 0; i < n; i++) {
      const shared = data.overlap.letters.charCodeAt(i) - 97;
      add(shared, String(shared), mixed(1 - shared / most), i);
    }
    return { bytes, entries: [...members.values()].sort((a, b) => a.key - b.key) };
  }
  const attribute = products.attributes.find((each) => each.name === data.colour);
  if (!attribute) {
    for (let i = 0; i < n; i++) bytes.set(isLeft(data, i) ? PALETTE[0] : REST, 3 * i);
    return { bytes, entries: [] };
  }
  const colours = colourings(attribute);
  attribute.codes.forEach((code, i) => {
    if (code < 0) add(NONE, "none", REST, i);
    else if (colours[code] === REST) add(OTHERS, "others", REST, i);
    else add(code, attribute.values[code], colours[code], i);
  });
  const last = ({ key }) => [OTHERS, NONE].indexOf(key) + 1;
  const entries = [...members.values()].sort((a, b) => last(a) - last(b) || b.points.length - a.points.length);
  return { bytes, entries };
}
