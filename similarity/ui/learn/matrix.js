function part(parent, name, role, text = "") {
  const node = element(parent, "div", name, text);
  node.role = role;
  return node;
}

function head(parent, name, role, { text, src }) {
  const node = part(parent, name, role, src ? "" : text);
  if (src) {
    const image = element(node, "img", "");
    image.alt = text;
    image.title = text;
    image.src = src;
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".matrix");
  const json = JSON.stringify(data);
  if (root.json === json) return;
  root.json = json;
  root.replaceChildren();
  const isOfTexts = data.rows.some((row) => !row.src);
  const table = part(root, isOfTexts ? "table texts" : "table", "table");
  table.setAttribute("aria-label", data.label);
  table.style.setProperty("--count", data.columns.length);
  table.style.setProperty("--head", isOfTexts ? "14rem" : "2.75rem");
  const top = part(table, "row", "row");
  part(top, "corner", "cell");
  for (const column of data.columns) head(top, "head first", "columnheader", column);
  data.rows.forEach((row, i) => {
    const line = part(table, "row", "row");
    head(line, "head", "rowheader", row);
    data.values[i].forEach((value, j) => {
      const cell = part(line, "cell", "cell", value);
      cell.style.setProperty("--share", data.shares[i][j]);
      cell.classList.toggle("own", i === j);
      cell.classList.toggle("best", data.best[i] === j);
    });
  });
}
