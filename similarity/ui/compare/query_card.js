function makeCard(root) {
  const board = element(root, "section", "board query");
  board.setAttribute("aria-label", "The query");
  makePicture(board);
  const words = element(board, "div", "words");
  element(words, "h1", "");
  const last = element(words, "div", "last");
  element(last, "p", "asked");
  element(last, "p", "details");
  element(last, "ul", "chips").setAttribute("role", "list");
  const info = element(last, "button", "info", "i");
  info.setAttribute("aria-label", "How the parts are combined");
  makeTip(last, info);
  makeBalance(last);
  makeField(last);
  const copy = element(last, "p", "copy");
  element(copy, "button", "link").type = "button";
  element(copy, "span", "copied").setAttribute("role", "status");
  element(words, "p", "refusal").setAttribute("role", "alert");
  keepHeadsBelow(board);
  return board;
}

// The row with the query is sticky, and so are the heads of the columns below it: see page.css.
function keepHeadsBelow(board) {
  const app = document.querySelector(".stApp");
  new ResizeObserver(([{ target }]) => {
    const height = Math.ceil(target.getBoundingClientRect().height);
    if (target.isConnected) app?.style.setProperty("--row", `max(4.9rem, ${height}px)`);
  }).observe(board);
}

// ---- the parts

function makeChip(parent) {
  const chip = element(parent, "li", "chip");
  element(chip, "span", "sign");
  makePicture(chip);
  element(chip, "span", "text");
  const remove = element(chip, "button", "remove", "×");
  remove.type = "button";
}

function fillChip(node, chip, send) {
  const [sign, frame, text, remove] = node.children;
  node.classList.toggle("unwanted", chip.is_unwanted);
  const isMore = chip.role === "more";
  put(sign, chip.is_unwanted ? "−" : isMore ? "+" : "");
  frame.hidden = !chip.src;
  if (chip.src) fillPicture(frame, chip.src, chip.name);
  put(text, chip.text);
  node.title = chip.name;
  remove.hidden = !chip.is_removable;
  remove.setAttribute("aria-label", `Remove ${chip.name}`);
  remove.onclick = () => send("removed", [chip.role, chip.value]);
}

function makeBalance(parent) {
  const label = element(parent, "label", "balance");
  element(label, "span", "", "Picture");
  const range = element(label, "input", "");
  Object.assign(range, { type: "range", min: 0, max: 100, step: 25 });
  range.setAttribute("aria-label", "Weight of the words against the picture");
  element(label, "span", "", "Words");
}

// ---- the field for more words

function makeField(parent) {
  const form = element(parent, "form", "add");
  const input = element(form, "input", "");
  Object.assign(input, { type: "text", maxLength: 1000, autocomplete: "off" });
  input.placeholder = "Add words, or -words to avoid";
  input.setAttribute("aria-label", "Add words to the query; a minus in front avoids them");
  for (const [sign, title] of [["+", "Look for these words, too"], ["−", "Avoid these words"]]) {
    const button = element(form, "button", "", sign);
    button.type = sign === "+" ? "submit" : "button";
    button.title = title;
    button.setAttribute("aria-label", title);
  }
}

function fillField(form, send) {
  const [input, , minus] = form.children;
  const add = (role) => {
    const words = input.value.trim();
    const isMinus = /^[-−–]\s*\S/.test(words);
    const text = isMinus ? words.slice(1).trim() : words.replace(/^\+\s*/, "");
    if (!text) return input.focus();
    input.value = "";
    send("added", [isMinus ? "minus" : role, text]);
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    add("text");
  };
  minus.onclick = () => add("minus");
}

// ---- the link

async function copyText(text, place) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // The clipboard is closed to pages that come by plain http from another machine.
    const area = element(place, "textarea", "");
    area.value = text;
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function fillLink(copy, link, board) {
  const [button, copied] = copy.children;
  button.hidden = !link;
  put(button, "Copy link");
  button.onclick = async () => {
    await copyText(new URL(link, location.href).href, board);
    button.focus();
    put(copied, " Copied");
    setTimeout(() => put(copied, ""), 3000);
  };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const { query, link, refusal } = data;
  const root = parentElement.querySelector(".query_card");
  const board = root.querySelector(".board") ?? makeCard(root);
  const find = (name) => board.querySelector(name);
  const send = (name, value) => {
    board.classList.add("busy"); // immediate feedback, before the server's
    setTimeout(() => board.classList.remove("busy"), 20000);
    setTriggerValue(name, value);
  };
  board.classList.remove("busy");
  const [frame] = board.children;
  frame.hidden = !query.src;
  const name = query.chips.find(({ src }) => src === query.src)?.name ?? query.text;
  if (query.src) fillPicture(frame, query.src, name);
  put(find("h1"), query.headline || `${query.lead} ${query.text}`);
  find("h1").title = query.headline || query.text;
  const isCombined = query.chips.length > 0;
  put(find(".asked"), query.text);
  find(".asked").hidden = !query.headline || isCombined;
  put(find(".details"), query.details);
  const chips = resize(find(".chips"), query.chips.length, makeChip);
  chips.forEach((node, i) => fillChip(node, query.chips[i], send));
  find(".chips").hidden = !isCombined;
  find(".info").hidden = !isCombined;
  fillLines(find(".tip"), query.facts);
  const balance = find(".balance");
  balance.hidden = query.balance === null;
  const range = balance.querySelector("input");
  if (query.balance !== null) range.value = query.balance;
  range.onchange = () => send("balance", Number(range.value));
  fillField(find(".add"), send);
  fillLink(find(".copy"), link, board);
  put(find(".refusal"), refusal);
}
