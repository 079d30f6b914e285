"""Measure how long a refined query or a filter takes in the browser.

    python -m benchmarks.refinements [--catalogue NAME] [--clicks 30]

Starts the app as a user does, and times "more like this" on a result, and words that are added to a
product: by the methods that read words, and by all methods, where a bridge stands in. The models
are loaded, and the words are new. Times are from the click, or from Enter, until every method has
answered, and until the last picture is painted. --facet NAME times values that are chosen from that
attribute's list instead, each after the filter was removed.
"""

import argparse
import json

import numpy as np

from benchmarks.latency import CLICK, GRIDS, open_compare
from similarity import open_catalogue

REFINE = """async ([nth, words]) => {
  const frame = () => new Promise(requestAnimationFrame);
  const roots = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean);
  const find = name => roots.map(r => r.querySelector(name)).find(Boolean);
  const chips = () => find('.board.query').querySelectorAll('.chip').length;
  const spoken = () => find('.board.columns').parentElement.querySelector('.said').textContent;
  const [before, said] = [chips(), spoken()];
  const started = performance.now();
  if (words) {
    const form = find('.board.query').querySelector('.add');
    form.querySelector('input').value = words;
    form.requestSubmit();
  } else images()[nth].closest('.item').querySelector('.refine.more').click();
  const answered = () => chips() > before && !find('.board.columns').querySelector('.busy')
    && (!words || spoken() !== said);
  while (!answered()) await frame();
  const waited = performance.now() - started;
  do {
    while (!answered() || !ready()) await frame();
    await Promise.allSettled(images().map(i => i.decode()));
  } while (!answered() || !ready());
  await frame();
  await frame();
  return [waited, performance.now() - started];
}"""
FACET = """async nth => {
  const frame = () => new Promise(requestAnimationFrame);
  const roots = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean);
  const board = roots.map(r => r.querySelector('.board.columns')).find(Boolean);
  const ids = () => [...board.querySelectorAll('.cell')].map(each => each.dataset.id).join();
  const options = [...document.querySelectorAll('[role=option]')];
  const before = ids();
  const started = performance.now();
  options[nth % options.length].click();
  do {
    while (ids() === before || !ready()) await frame();
    await Promise.allSettled(images().map(i => i.decode()));
  } while (!ready());
  await frame();
  await frame();
  return performance.now() - started;
}"""
COLOURS = ("red", "blue", "green", "black", "white", "yellow", "pink", "brown", "grey", "orange")
STYLES = ("summer", "winter", "office", "party", "sport", "beach", "wool", "leather", "cotton")
ENDS = ("to all answers", "to the last picture")
PAUSE = 500  # ms, until everything below the results is drawn


def measure_refinements(catalogue: str, count: int) -> dict[str, object]:
    """Return the times in milliseconds, with those of plain clicks in between."""
    words = [f"{colour} {style}" for style in STYLES for colour in COLOURS]
    rng = np.random.default_rng(0)
    opened = open_catalogue(catalogue)
    bridge = next(key for key in opened.methods[::-1] if opened.registry[key].answers_text)
    figures: dict[str, object] = {"products": len(opened.products), "clicks": count}
    with open_compare(catalogue) as page:
        page.wait_for_timeout(20_000)  # until the text models are loaded, which is not timed
        address = page.url.partition("?")[0]
        for what, parameters, is_text in (
            ("more like this", "", False),
            ("words, methods that read them", "", True),
            ("words, all methods", f"&bridge={bridge}", True),
        ):
            page.goto(f"{address}?catalogue={catalogue}{parameters}")
            page.wait_for_function(f"() => {{ ({GRIDS})(); return ready(); }}")
            times, plain = [], []
            for _ in range(count):
                page.wait_for_timeout(PAUSE)
                plain.append(page.evaluate(CLICK, int(rng.integers(12))))
                page.wait_for_timeout(PAUSE)
                text = words.pop() if is_text else ""
                times.append(page.evaluate(REFINE, [int(rng.integers(12)), text]))
            for column, end in enumerate(ENDS):
                low, high = np.quantile(np.array(times)[:, column], [0.5, 0.95])
                figures[f"{what}, {end}, median and p95 ms"] = f"{low:.0f}, {high:.0f}"
            figures[f"{what}, plain clicks between, ms"] = round(float(np.median(plain)))
    return figures


def measure_facet(catalogue: str, name: str, count: int) -> dict[str, object]:
    """Return the times in milliseconds from a value of an attribute to the last picture."""
    times = []
    with open_compare(catalogue) as page:
        page.wait_for_timeout(20_000)  # until the text models are loaded, which is not timed
        address = page.url.partition("?")[0]
        for number in range(count):
            page.goto(f"{address}?catalogue={catalogue}")
            page.wait_for_function(f"() => {{ ({GRIDS})(); return ready(); }}")
            page.wait_for_timeout(PAUSE)
            page.get_by_role("button", name="Filter").first.click()
            page.get_by_role("combobox", name=name.capitalize()).click()
            page.get_by_role("option").first.wait_for()
            page.wait_for_timeout(PAUSE)
            times.append(page.evaluate(FACET, number))
    low, high = np.quantile(times, [0.5, 0.95])
    return {"values": count, "to the last picture, median and p95 ms": f"{low:.0f}, {high:.0f}"}


def main() -> None:
    """Measure, and print the times as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--catalogue", default="demo")
    parser.add_argument("--clicks", type=int, default=30)
    parser.add_argument("--facet", metavar="NAME", help="time values of this attribute")
    options = parser.parse_args()
    figures = (
        measure_facet(options.catalogue, options.facet, options.clicks)
        if options.facet
        else measure_refinements(options.catalogue, options.clicks)
    )
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
