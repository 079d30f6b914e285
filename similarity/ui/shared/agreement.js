// Agreement: the row above the columns, and the highlight of what is under the pointer. Loaded
// together with gallery.js.

function makeAgreement(root) {
  const row = element(root, "section", "agreement");
  row.setAttribute("aria-label", "Agreement for this query");
  element(row, "b", "").textContent = "Agreement";
  element(row, "ul", "pairs").setAttribute("role", "list");
  element(row, "p", "remark");
  watchPointing(root);
  return row;
}

function fillAgreement(row, { agreement, columns }) {
  row.hidden = !agreement;
  if (!agreement) return;
  const [, list, remark] = row.children;
  put(remark, agreement.remark);
  const ids = (key) => columns.find((column) => column.key === key).pictures.map(({ id }) => id);
  const items = resize(list, agreement.pairs.length, makePair);
  makeOneStop(items);
  const rows = Math.ceil(items.length / 6);
  list.style.setProperty("--across", Math.ceil(items.length / rows) || 1);
  items.forEach((item, i) => {
    const pair = agreement.pairs[i];
    const [button, tip] = item.children;
    const [title, overlap, rbo] = button.children;
    put(title, pair.title);
    put(overlap, `${pair.overlap} of ${pair.k}`);
    put(rbo, `RBO ${pair.rbo}`);
    const spoken = `${pair.overlap} of ${pair.k} results shared, rank-biased overlap ${pair.rbo}`;
    button.setAttribute("aria-label", `${pair.title}: ${spoken}`);
    button.style.setProperty("--share", pair.k ? pair.overlap / pair.k : 0);
    fillLines(tip, pair.facts);
    const otherIds = new Set(ids(pair.other));
    item.keys = [pair.one, pair.other];
    item.both = new Set(ids(pair.one).filter((id) => otherIds.has(id)));
  });
}

function makePair(parent) {
  const item = element(parent, "li", "two");
  const button = element(item, "button", "pair");
  element(button, "span", "names");
  element(button, "b", "overlap");
  element(button, "span", "rbo");
  makeTip(item, button);
}

// Highlight what has the pointer or the focus wherever it is shown, and dim everything else.
function pointOut(root, target, delay = 0) {
  const board = root.querySelector(".board");
  closeHint(root);
  root.pointed = target;
  board.classList.toggle("lit", Boolean(target));
  for (const item of board.querySelectorAll(".item")) {
    const { id } = item.firstElementChild.dataset;
    const lit = target?.both
      ? target.both.has(id) && target.keys.includes(item.closest(".column").dataset.key)
      : id === target?.firstElementChild.dataset.id;
    item.classList.toggle("pointed", lit);
  }
  if (!target?.hint) return;
  const hint = root.querySelector(".hint") ?? element(root, "div", "hint");
  hint.popover = "manual";
  root.hinting = setTimeout(() => {
    if (!hint.isConnected) return; // the page was left meanwhile
    fillLines(hint, target.hint.filter(Boolean));
    // As wide as its column, because the highlights in other columns must stay visible.
    const column = target.closest(".column").getBoundingClientRect();
    hint.style.width = `${Math.max(column.width, 160)}px`;
    hint.showPopover();
    putBelow(hint, target);
    hint.style.left = `${column.left}px`;
    document.addEventListener("scroll", () => closeHint(root), { capture: true, once: true });
  }, delay);
}

function watchPointing(root) {
  const at = (event) => event.target.closest(".columns .item, .two");
  // Not pointerover: after a click, new pictures come to be under a pointer that hasn't moved.
  root.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse" && at(event) !== (root.pointed ?? null))
      pointOut(root, at(event), 600);
  });
  root.addEventListener("pointerleave", () => root.pointed && pointOut(root));
  root.addEventListener("focusin", (event) => {
    if (event.target.matches(".cell:focus-visible, .pair:focus-visible")) pointOut(root, at(event));
  });
  root.addEventListener("focusout", () => root.pointed && pointOut(root));
}

function closeHint(root) {
  clearTimeout(root.hinting);
  const hint = root.querySelector(".hint");
  if (hint?.matches(":popover-open")) hint.hidePopover();
}
