export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".scorecard");
  const json = JSON.stringify(data);
  if (root.json === json) return;
  root.json = json;
  root.replaceChildren();
  root.tabIndex = 0; // a narrow window scrolls it sideways, also by keyboard
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", "Scorecard");
  const table = element(root, "table", data.intervals ? "intervals" : "");
  const head = element(element(table, "thead", ""), "tr", "");
  element(head, "td", "");
  for (const { title, unit, details } of data.heads) {
    const cell = element(head, "th", "", title);
    cell.scope = "col";
    cell.title = details;
    element(cell, "span", "unit", unit);
  }
  const body = element(table, "tbody", "");
  for (const row of data.rows) {
    const line = element(body, "tr", "");
    line.style.setProperty("--colour", row.colour);
    const name = element(line, "th", "", row.title);
    name.scope = "row";
    for (const { text, share, interval, details, place } of row.values) {
      const cell = element(line, "td", share === null ? "text" : place);
      if (details || share === null) cell.title = details || text;
      const value = element(cell, "span", "value", text);
      if (place) element(value, "span", "place", place);
      if (share !== null) {
        const bar = element(element(cell, "span", "track"), "span", "bar");
        bar.style.width = `${100 * share}%`;
      }
      if (interval) element(cell, "span", "interval", interval);
    }
  }
}
