// The keyboard in grids of pictures. Loaded together with gallery.js.

// A grid is one stop of the Tab key; the arrow keys move inside it.
function makeOneStop(items) {
  const cells = items.map((item) => item.firstElementChild);
  if (!cells.some((cell) => cell.dataset.stop)) moveStop(cells, cells[0]);
  else moveStop(cells, cells.find((cell) => cell.dataset.stop));
}

function moveStop(cells, target) {
  for (const cell of cells) {
    cell.tabIndex = cell === target ? 0 : -1;
    if (cell === target) cell.dataset.stop = "1";
    else delete cell.dataset.stop;
  }
}

function cellsBeside(cell) {
  return [...cell.closest("ul, ol").children].map((item) => item.firstElementChild);
}

function nextCell(cells, from, key) {
  if (key === "Home") return cells[0];
  if (key === "End") return cells[cells.length - 1];
  const at = cells.indexOf(from);
  const boxes = cells.map((cell) => cell.getBoundingClientRect());
  const alike = (side) => boxes.filter((b) => Math.abs(b[side] - boxes[0][side]) < 2).length;
  // If the second picture is below the first and others beside it, the order runs down the rows.
  const isDown = cells.length > 1 && boxes[1].top > boxes[0].bottom && alike("top") > 1;
  const [order, side, across] = isDown
    ? [["ArrowUp", "ArrowDown"], "left", "top"]
    : [["ArrowLeft", "ArrowRight"], "top", "left"];
  if (order.includes(key)) return cells[at + 2 * order.indexOf(key) - 1];
  const sign = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[key];
  if (!sign) return undefined;
  // To the nearest picture in the next row, which may be shorter.
  const away = (box) => [sign * (box[side] - boxes[at][side]), Math.abs(box[across] - boxes[at][across])];
  const beyond = cells.map((cell, i) => [cell, ...away(boxes[i])]).filter(([, row]) => row > 2);
  const next = Math.min(...beyond.map(([, row]) => row)) + 2;
  beyond.sort((a, b) => a[2] - b[2]);
  return beyond.find(([, row]) => row <= next)?.[0];
}

// Streamlit restores the focus, but sees nothing inside a component. Its dialogue doesn't always
// take the focus when it opens, and releases it for a moment half a second later. Without the
// focus, Escape would not close the dialogue.
function focusDialogueAndBack(cell) {
  const dialogue = () => document.querySelector('[role="dialog"]');
  const escape = ({ key, target }) => {
    if (key !== "Escape" || target !== document.body) return;
    dialogue()?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  };
  document.addEventListener("keydown", escape);
  let isOpen = false;
  const end = Date.now() + 20000;
  const watch = setInterval(() => {
    const wasOpen = isOpen;
    isOpen = dialogue() !== null;
    if (isOpen && document.activeElement === document.body) dialogue().focus();
    const isClosed = wasOpen && !isOpen;
    if (isClosed) cell.focus();
    if (!isClosed && (isOpen || Date.now() < end)) return;
    document.removeEventListener("keydown", escape);
    clearInterval(watch);
  }, 50);
}
