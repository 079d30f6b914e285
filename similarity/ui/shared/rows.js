export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".rows");
  const json = JSON.stringify(data);
  if (root.json === json) return;
  root.json = json;
  root.replaceChildren();

  function thumb(parent, cell, name) {
    const button = element(parent, "button", name);
    button.type = "button";
    button.title = cell.title;
    button.setAttribute("aria-label", `${cell.title}. Open on Compare`);
    const frame = element(button, "span", "frame");
    const image = element(frame, "img", "");
    image.alt = "";
    image.loading = "lazy";
    image.decoding = "async";
    image.onerror = () => frame.classList.add("missing");
    image.src = cell.src;
    if (cell.note) element(button, "span", "note", cell.note);
    button.onclick = () => {
      button.classList.add("busy");
      setTriggerValue("picked", [cell.id, data.rows.findIndex((row) => row.key === cell.row)]);
    };
  }

  for (const row of data.rows) {
    const line = element(root, "section", "row");
    line.setAttribute("aria-label", row.title);
    if (row.query) thumb(line, { ...row.query, row: row.key }, "cell query");
    const rest = element(line, "div", "rest");
    element(rest, "div", "title", row.title);
    const groups = element(rest, "div", "groups");
    for (const group of row.groups) {
      const part = element(groups, "div", "group");
      if (group.label) element(part, "div", "label", group.label);
      const cells = element(part, "div", "cells");
      for (const cell of group.cells) thumb(cells, { ...cell, row: row.key }, "cell");
      if (!group.cells.length) element(cells, "span", "none", "none");
      if (group.more) element(cells, "span", "none", `+${group.more}`);
    }
  }
}
