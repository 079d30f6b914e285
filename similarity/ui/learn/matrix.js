// Everything that comes from data is set as text or as an attribute, never as HTML.

function element(parent, tag, name, role) {
  const made = document.createElement(tag);
  made.className = name;
  if (role) made.setAttribute("role", role);
  parent.append(made);
  return made;
}

function head(parent, name, role, { text, src }) {
  const made = element(parent, "div", name, role);
  if (!src) made.textContent = text;
  else {
    const image = element(made, "img", "");
    image.alt = text;
    image.title = text;
    image.src = src;
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".matrix");
  const shown = JSON.stringify(data);
  if (root.shown === shown) return;
  root.shown = shown;
  root.replaceChildren();
  const isOfTexts = data.rows.some((row) => !row.src);
  const table = element(root, "div", isOfTexts ? "table texts" : "table", "table");
  table.setAttribute("aria-label", data.label);
  table.style.setProperty("--count", data.columns.length);
  table.style.setProperty("--head", isOfTexts ? "14rem" : "2.75rem");
  const top = element(table, "div", "row", "row");
  element(top, "div", "corner", "cell");
  for (const column of data.columns) head(top, "head first", "columnheader", column);
  data.rows.forEach((row, i) => {
    const line = element(table, "div", "row", "row");
    head(line, "head", "rowheader", row);
    data.values[i].forEach((value, j) => {
      const cell = element(line, "div", "cell", "cell");
      cell.textContent = value;
      cell.style.setProperty("--share", data.shares[i][j]);
      cell.classList.toggle("own", i === j);
      cell.classList.toggle("best", data.best[i] === j);
    });
  });
}
