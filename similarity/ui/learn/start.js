function draw(parent, tree) {
  if (tree.ending) return element(parent, "span", "ending", tree.ending);
  const node = element(parent, "div", "node");
  element(node, "span", "question", tree.question);
  const answers = element(node, "ul", "");
  answers.setAttribute("aria-label", tree.question);
  for (const { path, label, to } of tree.answers) {
    const way = element(answers, "li", "way");
    const answer = element(way, "button", "answer", label);
    answer.type = "button";
    answer.dataset.path = path;
    draw(way, to);
  }
  return node;
}

// Draw a line from each question to each of its answers.
function drawLines(chart) {
  const all = chart.getBoundingClientRect();
  const lines = chart.querySelectorAll(".way").values().map((way) => {
    const from = way.closest(".node").querySelector(".question").getBoundingClientRect();
    const to = way.firstElementChild.getBoundingClientRect();
    const [x, y] = [from.right - all.left + 4, from.top + from.height / 2 - all.top];
    const [right, down] = [to.left - all.left, to.top + to.height / 2 - all.top];
    const bend = (x + right) / 2;
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("d", `M${x} ${y}C${bend} ${y} ${bend} ${down} ${right} ${down}`);
    line.classList.toggle("lit", way.classList.contains("lit"));
    return line;
  });
  // the lines of the path on top
  const isLit = (line) => line.classList.contains("lit");
  chart.querySelector("svg").replaceChildren(...[...lines].sort((a, b) => isLit(a) - isLit(b)));
}

function light(root, selected) {
  for (const answer of root.querySelectorAll(".answer")) {
    const { path } = answer.dataset;
    const isSelected = selected === path || selected.startsWith(`${path}.`);
    answer.setAttribute("aria-pressed", String(isSelected));
    answer.parentElement.classList.toggle("lit", isSelected);
    const before = path.split(".").slice(0, -1).join(".");
    answer.parentElement.classList.toggle("open", before === selected);
  }
  root.querySelector(".again").hidden = !selected;
  drawLines(root.querySelector(".chart"));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".start");
  if (!root.firstChild) {
    const chart = element(root, "div", "chart");
    chart.append(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
    draw(chart, data.tree);
    element(root, "button", "again", "Start again").type = "button";
    new ResizeObserver(() => drawLines(chart)).observe(chart);
  }
  light(root, data.path);
  root.onclick = ({ target }) => {
    const again = target.closest(".again");
    const path = again ? "" : target.closest(".answer")?.dataset.path;
    if (path === undefined) return;
    light(root, path); // at once, before the server's answer
    if (again) root.querySelector(".answer").focus();
    setTriggerValue("chosen", path);
  };
}
