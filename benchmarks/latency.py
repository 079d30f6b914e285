"""What a visitor waits for: the start, first words, a click until the last picture is painted.

    python -m benchmarks.latency [--catalogue NAME] [--clicks 30]
    python -m benchmarks.latency --learn [--catalogue NAME]
    python -m benchmarks.latency --robustness [--catalogue NAME]
    python -m benchmarks.latency --busy [--catalogue NAME] [--repeat FOLDER]

Starts the app as a user does, opens it in Chromium, and clicks result after result. 48 pictures
are shown: one method of each family, as a visitor meets them, and so many results of each. A click
is timed in the page, from the event until every picture of the new answers is decoded and a frame
was drawn. First words are asked of a second fresh app by their address, and timed from its start.

With --learn it is the Learn page of a fresh app, opened by a click from Compare: until its heading,
its sliders and its last part are there, and from a key on a slider to the moved picture, while
models load and after. Times of a slider are taken outside of the page, and so a little too long.

With --robustness it is that page, opened likewise: until its knobs, its answers and its last curve
are there, and from a key on a knob until every method's figures and pictures are new, at first
while models load.

With --busy it is searches that are timed, alone and then with a process that never rests on every
core; of the catalogue, or of 6,000 pictures made from a folder's by small changes.
"""

import argparse
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page, sync_playwright

from benchmarks.embedding import repeat
from harness.app import WIDE, Server
from harness.chromium import FLAGS, find
from precompute.__main__ import main as precompute
from similarity import Catalogue, open_catalogue
from similarity.store.paths import catalogues_folder
from similarity.ui.shared.pickers import first_methods

PICTURES = 48
MANY = 6000  # products
SEARCHES = 200  # a method
GRIDS = """() => {
  const roots = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean);
  const grid = name => roots.map(r => r.querySelector('.board.' + name)).find(Boolean);
  window.images = () => [...(grid('columns')?.querySelectorAll('img') ?? [])];
  window.query = () => grid('query')?.querySelector('img')?.src ?? '';
  window.ready = () => images().length && images().every(i => i.complete && i.naturalWidth > 0);
}"""
CLICK = """async nth => {
  const frame = () => new Promise(requestAnimationFrame);
  const cell = images()[nth].closest('button');
  const product = cell.dataset.id;
  const started = performance.now();
  cell.click();
  while (!query().includes(product) || cell.parentElement.querySelector('.busy') || !ready())
    await frame();
  await Promise.all(images().map(i => i.decode()));
  await frame();
  await frame();
  return performance.now() - started;
}"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--catalogue", default="demo")
    options.add_argument("--clicks", type=int, default=30)
    options.add_argument("--learn", action="store_true", help="time the Learn page")
    options.add_argument("--robustness", action="store_true", help="time the Robustness page")
    options.add_argument("--busy", action="store_true", help="time searches on a busy machine")
    options.add_argument("--repeat", type=Path, metavar="FOLDER", help="of pictures, for --busy")
    given = options.parse_args()
    if given.learn:
        figures = learn(given.catalogue)
    elif given.robustness:
        figures = robustness(given.catalogue)
    elif not given.busy:
        figures = clicks(given.catalogue, given.clicks)
    elif given.repeat is None:
        figures = searches(open_catalogue(given.catalogue))
    else:
        with tempfile.TemporaryDirectory() as folder:
            figures = searches(repeated(given.repeat, Path(folder)))
    print(json.dumps(figures, indent=1))


def repeated(source: Path, folder: Path) -> Catalogue:
    """A catalogue of MANY pictures: a folder's, cut and brightened a little by chance."""
    repeat(sorted(source.rglob("*.jp*g")), folder / "pictures", 0, MANY)
    given = ["--catalogue", str(folder / "pictures"), "--name", "many", "--to", str(folder)]
    if precompute(given) != 0:
        raise SystemExit("The repeated pictures could not be built.")
    return open_catalogue(folder / "many")


def searches(catalogue: Catalogue) -> dict[str, object]:
    """Times of searches by products drawn at random, by method, in milliseconds."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(catalogue.products), size=SEARCHES)
    queries = [catalogue.products.index[position] for position in drawn]
    figures: dict[str, object] = {"products": len(catalogue.products), "searches": SEARCHES}
    for state, load in (("alone", 0), ("every core busy", os.cpu_count() or 1)):
        with busy(load):
            for method in catalogue.methods:
                times = []
                for product in [queries[0], *queries]:
                    started = time.perf_counter()
                    catalogue.search(method, product=product, k=12)
                    times.append((time.perf_counter() - started) * 1000)
                low, high = np.quantile(times[1:], [0.5, 0.95])
                figures[f"{method}, {state}, median and p95 ms"] = f"{low:.1f}, {high:.1f}"
    return figures


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that never rest."""
    others = [multiprocessing.Process(target=spin, daemon=True) for _ in range(count)]
    for other in others:
        other.start()
    try:
        yield
    finally:
        for other in others:
            other.kill()


def spin() -> None:
    while True:
        pass


def clicks(catalogue: str, count: int) -> dict[str, object]:
    """Times of the app's start, of first words, and of clicks."""
    methods = first_methods(open_catalogue(catalogue).methods)
    k = PICTURES // len(methods)

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        page = browser.new_page(viewport=WIDE)
        started = time.perf_counter()
        server = Server(catalogues_folder(), Path(folder) / "log")
        try:
            page.goto(f"{server.url}/?catalogue={catalogue}&k={k}")
            page.wait_for_function(f"() => {{ ({GRIDS})(); return ready(); }}")
            first = time.perf_counter() - started
            page.wait_for_timeout(20_000)  # until the models for words are loaded, off the clock
            rng = np.random.default_rng(0)
            times = []
            for _ in range(count):
                times.append(page.evaluate(CLICK, int(rng.integers(k * len(methods)))))
                page.wait_for_timeout(300)
            server.stop()
            started = time.perf_counter()
            server = Server(catalogues_folder(), Path(folder) / "log")
            page.goto(f"{server.url}/?catalogue={catalogue}&text=dress")
            page.wait_for_function(f"() => {{ ({GRIDS})(); return ready(); }}", timeout=60_000)
            words = time.perf_counter() - started
        finally:
            server.stop()
            browser.close()
    return {
        "app start to first screen, s": round(first, 2),
        "app start to first answer to words, s": round(words, 2),
        "pictures": k * len(methods),
        "clicks": len(times),
        "click to last picture, median ms": round(float(np.median(times))),
        "p95 ms": round(float(np.quantile(times, 0.95))),
    }


def learn(catalogue: str) -> dict[str, object]:
    """Times of the Learn page's parts and of its first slider."""
    figures: dict[str, object] = {}
    with compare(catalogue) as page:
        started = time.perf_counter()
        page.get_by_role("link", name="Learn").click()
        figures |= waits(
            started,
            {
                "heading": page.get_by_role("heading", name="What is an embedding?"),
                "sliders": page.get_by_role("slider").first,
            },
        )
        figures["slider while models load, median and p95 ms"] = slides(page, 5)
        page.get_by_role("table").nth(2).wait_for(timeout=60_000)
        figures["click to the last part, s"] = round(time.perf_counter() - started, 2)
        page.wait_for_timeout(5000)
        figures["slider, median and p95 ms"] = slides(page, 24)
    return figures


def robustness(catalogue: str) -> dict[str, object]:
    """Times of the Robustness page's parts and of its first knob."""
    figures: dict[str, object] = {}
    with compare(catalogue) as page:
        started = time.perf_counter()
        page.get_by_role("link", name="Robustness").click()
        figures |= waits(
            started,
            {
                "knobs": page.get_by_role("slider", name="JPEG loss"),
                "answers": page.get_by_text("Finds it at rank 1 of").last,
                "last curve": page.get_by_label("by amounts of JPEG loss").last,
            },
        )
        (first,) = knobs(page, 1)
        figures["first knob, models not loaded, s"] = round(first / 1000, 1)
        low, high = np.quantile(knobs(page, 24), [0.5, 0.95])
        figures["knob to new answers, median and p95 ms"] = f"{low:.0f}, {high:.0f}"
    return figures


def waits(started: float, parts: Mapping[str, Locator]) -> dict[str, float]:
    """Seconds from a click until each of a page's parts is there, in this order."""
    found = {}
    for what, there in parts.items():
        there.wait_for()
        found[f"click to {what}, s"] = round(time.perf_counter() - started, 2)
    return found


def knobs(page: Page, count: int) -> list[float]:
    """Milliseconds from a key on the first knob until all figures and pictures are new."""
    slider = page.get_by_role("slider", name="Turn")
    texts = (
        "[...document.querySelectorAll('*')].flatMap(e => "
        "[...(e.shadowRoot?.querySelectorAll('.columns .column') ?? [])].map(c => c.textContent))"
    )
    times = []
    for _ in range(count):
        page.wait_for_timeout(700)  # until the curves' marks are drawn as well
        before = page.evaluate(texts)
        started = time.perf_counter()
        slider.press("ArrowRight")
        new = f"before => {{ const now = {texts}; return now.every((t, i) => t !== before[i]); }}"
        page.wait_for_function(new, arg=before, timeout=60_000)
        page.wait_for_function("ready()")
        times.append((time.perf_counter() - started) * 1000)
    return times


@contextmanager
def compare(catalogue: str) -> Iterator[Page]:
    """A fresh app with Compare open in a browser."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        page = browser.new_page(viewport=WIDE)
        server = Server(catalogues_folder(), Path(folder) / "log")
        try:
            page.goto(f"{server.url}/?catalogue={catalogue}")
            page.wait_for_function(f"() => {{ ({GRIDS})(); return ready(); }}")
            yield page
        finally:
            server.stop()
            browser.close()


def slides(page: Page, count: int) -> str:
    """Times from a key on the first slider until the picture is moved so."""
    slider = page.get_by_role("slider").first
    times = []
    for number in range(count):
        slider.press("ArrowLeft" if number // 6 % 2 == 0 else "ArrowRight")
        started = time.perf_counter()
        page.get_by_alt_text(f"by {slider.input_value()}°").wait_for()
        times.append((time.perf_counter() - started) * 1000)
        page.wait_for_timeout(300)
    low, high = np.quantile(times, [0.5, 0.95])
    return f"{low:.0f}, {high:.0f}"


if __name__ == "__main__":
    main()
