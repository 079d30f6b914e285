export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".tallies");
  const json = JSON.stringify(data);
  if (root.json === json) return;
  root.json = json;
  root.replaceChildren();
  for (const tally of data.tallies) {
    const all = tally.wins + tally.good + tally.bad + tally.losses;
    const line = element(root, "section", "tally");
    line.setAttribute("aria-label", `${tally.one} against ${tally.other}`);
    const names = element(line, "div", "names");
    element(element(names, "span", ""), "b", "one", tally.one);
    element(element(names, "span", ""), "b", "other", tally.other);
    line.style.setProperty("--one", tally.one_colour);
    line.style.setProperty("--other", tally.other_colour);
    const bar = element(line, "div", "bar");
    const parts = [
      ["wins", tally.wins, tally.one],
      ["good", tally.good, "both good"],
      ["bad", tally.bad, "both bad"],
      ["losses", tally.losses, tally.other],
    ];
    for (const [name, count, label] of parts) {
      if (!count) continue;
      const part = element(bar, "span", `part ${name}`);
      part.style.flexGrow = count;
      part.title = `${label}: ${count} of ${all}`;
      element(part, "b", "", String(count));
      if (name === "good" || name === "bad") element(part, "span", "label", label);
    }
    if (!all) element(bar, "span", "part", "no answer yet");
    element(line, "p", "below", tally.result_note);
    if (tally.metrics_note) element(line, "p", "metrics", tally.metrics_note);
  }
}
