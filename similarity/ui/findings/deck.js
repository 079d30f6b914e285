// Slides. All are built, and their pictures decoded, before the first is shown, so that nothing
// moves or loads when another one is shown.

const KEYS = { ArrowRight: 1, PageDown: 1, " ": 1, ArrowDown: 1, ArrowLeft: -1, PageUp: -1, ArrowUp: -1 };
const MIN_COLUMNS = 2, MAX_COLUMNS = 8;
const WIDE = 6; // columns of a table that needs the whole width

function build(root) {
  const bar = element(root, "div", "bar");
  bar.setAttribute("role", "progressbar");
  bar.setAttribute("aria-label", "Slides");
  element(bar, "div", "done");
  element(root, "p", "preparing").setAttribute("role", "status");
  element(root, "div", "slides");
  const controls = element(root, "div", "controls");
  function control(name, text, label, act) {
    const button = element(controls, "button", name, text);
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.title = label;
    button.onclick = () => root.act[act]();
  }
  control("back", "‹", "Previous slide (left arrow)", "previous");
  element(controls, "span", "count").setAttribute("role", "status");
  control("next", "›", "Next slide (right arrow)", "next");
  control("notes", "Notes", "Show or hide notes (N)", "notes");
  control("full", "Full screen", "Full screen (F)", "full");
  control("leave", "✕", "Back to the board (Escape)", "leave");
}

function image(parent, source, alt) {
  const node = element(parent, "img", source ? "" : "missing");
  node.alt = alt;
  node.decoding = "async";
  if (source) node.src = source;
  return node;
}

function addGrid(parent, grid, slide, ask) {
  const part = element(parent, "section", "grid");
  part.style.setProperty("--colour", grid.colour);
  const head = element(part, "h2", "", grid.title);
  if (grid.note) element(head, "span", "rate", grid.note);
  if (grid.message) element(part, "p", "message", grid.message);
  const pictures = element(part, "div", "pictures");
  for (const result of grid.results) {
    const button = element(pictures, "button", `picture${result.is_wrong ? " wrong" : ""}${result.is_weak ? " weak" : ""}`);
    button.type = "button";
    button.title = `${result.name} · ${result.score}`;
    button.setAttribute("aria-label", `${result.rank}: ${result.name}${result.is_wrong ? ", wrong" : ""}`);
    button.disabled = !slide.live || !result.present;
    image(button, result.src, "");
    element(button, "span", "rank", result.rank);
    if (result.is_wrong) element(button, "span", "cross", "✕");
    button.onclick = () => ask(slide.number, result.product);
  }
}

function addTable(parent, table) {
  const figure = element(parent, "figure", `table${table.columns.length > WIDE ? " wide" : ""}`);
  element(figure, "figcaption", "", table.title);
  const node = element(figure, "table", "");
  const head = element(element(node, "thead", ""), "tr", "");
  for (const name of table.columns) element(head, "th", "", name).scope = "col";
  const body = element(node, "tbody", "");
  for (const row of table.rows) {
    const line = element(body, "tr", "");
    row.forEach((text, i) => element(line, i ? "td" : "th", "", text));
  }
}

function addContent(parent, content, slide, ask) {
  parent.replaceChildren();
  if (content.query) {
    const query = element(parent, "div", "query");
    if (content.query.src) image(query, content.query.src, "");
    element(query, "p", "", `${content.query.lead} ${content.query.text}`);
  }
  if (!content.grids.length || slide.asked) {
    for (const sentence of content.sentences) {
      if (sentence !== slide.title) element(parent, "p", "sentence", sentence);
    }
  }
  const grids = element(parent, "div", "grids");
  for (const grid of content.grids) addGrid(grids, grid, slide, ask);
  grids.style.setProperty("--grids", content.grids.length);
  const evidence = element(parent, "div", "evidence");
  for (const chart of content.charts) {
    const figure = element(evidence, "figure", "chart");
    element(figure, "figcaption", "", chart.title);
    image(figure, chart.src, chart.alt);
  }
  if (!content.grids.length) for (const table of content.tables) addTable(evidence, table);
}

// Return how many columns make pictures largest without leaving the height.
function fit(grid, width, height) {
  const count = grid.querySelectorAll(".picture").length;
  for (let columns = MIN_COLUMNS; columns < MAX_COLUMNS; columns++) {
    if ((Math.ceil(count / columns) * width) / columns <= height) return columns;
  }
  return MAX_COLUMNS;
}

function layOut(slide) {
  for (const grid of slide.querySelectorAll(".grid")) {
    const pictures = grid.querySelector(".pictures");
    const below = [...slide.querySelectorAll(".foot, .evidence")];
    const foot = below.reduce((sum, part) => sum + part.getBoundingClientRect().height, 0);
    const top = pictures.getBoundingClientRect().top - slide.getBoundingClientRect().top + slide.scrollTop;
    const height = slide.clientHeight - top - foot - 24;
    pictures.style.setProperty("--columns", fit(grid, pictures.clientWidth, Math.max(height, 100)));
  }
}

function addSlide(parent, slide, ask) {
  const node = element(parent, "article", "slide");
  node.hidden = true;
  node.tabIndex = -1;
  node.setAttribute("aria-label", slide.title);
  element(node, "h1", "", slide.title);
  const body = element(node, "div", "body");
  addContent(body, slide.content, slide, ask);
  const foot = element(node, "div", "foot");
  element(foot, "span", "facts", slide.facts);
  if (slide.changed) {
    element(foot, "span", "changed", slide.changed);
    if (slide.now) {
      const toggle = element(foot, "button", "toggle", "Show now");
      toggle.type = "button";
      let isNow = false;
      toggle.onclick = () => {
        isNow = !isNow;
        toggle.textContent = isNow ? "Show then" : "Show now";
        toggle.setAttribute("aria-pressed", String(isNow));
        addContent(body, isNow ? slide.now : slide.content, slide, ask);
        layOut(node);
      };
    }
  }
  if (slide.asked) {
    const reset = element(foot, "button", "reset", "Back to the finding");
    reset.type = "button";
    reset.onclick = () => ask(slide.number, "");
  }
  if (slide.note) element(node, "aside", "note", slide.note);
  return node;
}

// Resolve once every picture of some slides is decoded or has failed.
async function decodeAll(slides, report) {
  const images = slides.flatMap((slide) => [...slide.querySelectorAll("img[src]")]);
  let done = 0;
  await Promise.all(images.map(async (node) => {
    await node.decode().catch(() => node.classList.add("missing"));
    report(++done, images.length);
  }));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".deck");
  if (!root.built) build(root);
  root.built = true;
  const find = (name) => root.querySelector(name);
  const holder = find(".slides");

  function ask(number, product) {
    find(".slides").classList.add("busy");
    setTriggerValue("asked", [number, product]);
  }

  root.place ??= Math.min(Math.max(data.start, 0), data.slides.length - 1);
  const jsons = data.slides.map((slide) => JSON.stringify(slide));
  root.jsons ??= [];
  const fresh = [];
  data.slides.forEach((slide, i) => {
    if (root.jsons[i] === jsons[i]) return;
    const node = addSlide(holder, slide, ask);
    if (holder.children[i] !== node) {
      const old = holder.children[i];
      holder.insertBefore(node, old);
      old.remove();
    }
    fresh.push(node);
  });
  while (holder.children.length > jsons.length) holder.lastChild.remove();
  root.jsons = jsons;

  function show(place) {
    root.place = Math.min(Math.max(place, 0), jsons.length - 1);
    [...holder.children].forEach((slide, i) => { slide.hidden = i !== root.place; });
    const slide = holder.children[root.place];
    layOut(slide);
    slide.focus({ preventScroll: true });
    find(".count").textContent = `${root.place + 1} / ${jsons.length}`;
    find(".done").style.width = `${(100 * (root.place + 1)) / jsons.length}%`;
    find(".bar").setAttribute("aria-valuenow", root.place + 1);
    find(".bar").setAttribute("aria-valuemax", jsons.length);
    find(".back").disabled = root.place === 0;
    find(".next").disabled = root.place === jsons.length - 1;
    const address = new URL(location.href);
    address.searchParams.set("slide", root.place + 1);
    history.replaceState(history.state, "", address); // so that a reload shows it again
  }

  root.act = {
    previous: () => show(root.place - 1),
    next: () => show(root.place + 1),
    notes: () => root.classList.toggle("annotated"),
    full: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
    leave: () => {
      if (document.fullscreenElement) document.exitFullscreen();
      setTriggerValue("left", true);
    },
  };

  const preparing = find(".preparing");
  root.classList.add("waiting");
  decodeAll(fresh, (done, all) => {
    preparing.textContent = `Preparing ${all} pictures: ${done} are here`;
  }).then(() => {
    holder.classList.remove("busy");
    root.classList.remove("waiting");
    root.classList.add("ready");
    show(root.place);
  });

  function handleKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || root.classList.contains("waiting")) return;
    const isOnButton = event.composedPath()[0]?.tagName === "BUTTON";
    if (event.key === " " && isOnButton) return;
    const act = { n: "notes", f: "full", Escape: "leave" }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (event.key in KEYS) show(root.place + KEYS[event.key]);
    else if (event.key === "Home") show(0);
    else if (event.key === "End") show(jsons.length - 1);
    else if (act) root.act[act]();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  const handleResize = () => { if (root.classList.contains("ready")) layOut(holder.children[root.place]); };
  document.addEventListener("keydown", handleKey, true);
  addEventListener("resize", handleResize);
  return () => {
    document.removeEventListener("keydown", handleKey, true);
    removeEventListener("resize", handleResize);
  };
}
