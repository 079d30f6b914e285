"""Measure what a visitor waits for: the start, a first text search, a click until the last picture.

    python -m benchmarks.latency [--catalogue NAME] [--clicks 30]
    python -m benchmarks.latency --learn [--catalogue NAME]
    python -m benchmarks.latency --robustness [--catalogue NAME]
    python -m benchmarks.latency --busy [--catalogue NAME] [--repeat FOLDER]

Starts the app as a user does, opens it in Chromium, and clicks one result after the other. 48
pictures are shown: one method of each family, as by default. A click is timed in the page, from the
event until every picture of the new results is decoded and a frame has been drawn. The first text
search is made by address in a second fresh app, and timed from its start.

--learn opens the Learn page of a fresh app from Compare. It measures the time to its heading, its
sliders and its last part, and from a key on a slider to the moved picture, while models load and
afterwards. Slider times are taken outside the page and are therefore slightly too long.

--robustness opens that page likewise. It measures the time to its sliders, its results and its last
curve, and from a key on a slider until every method's figures and pictures are new, at first while
models load.

--busy times searches, first alone and then with a busy process on every core, in the catalogue or
in 6,000 pictures made from a folder's by small changes.
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

from benchmarks.embedding import write_variants
from harness.app import WIDE, Server
from harness.chromium import FLAGS, find_chromium
from precompute.__main__ import main as precompute
from similarity import Catalogue, open_catalogue
from similarity.store.paths import get_catalogues_folder
from similarity.ui.shared.pickers import choose_default_methods

PICTURES = 48
MANY = 6000  # products
SEARCHES = 200  # per method
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
  const arrived = () =>
    query().includes(product) && !cell.parentElement.querySelector('.busy') && ready();
  do {  // again if a picture is replaced while it is decoded
    while (!arrived()) await frame();
    await Promise.allSettled(images().map(i => i.decode()));
  } while (!arrived());
  await frame();
  await frame();
  return performance.now() - started;
}"""


def main() -> None:
    """Measure what the options name, and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--catalogue", default="demo")
    parser.add_argument("--clicks", type=int, default=30)
    parser.add_argument("--learn", action="store_true", help="time the Learn page")
    parser.add_argument("--robustness", action="store_true", help="time the Robustness page")
    parser.add_argument("--busy", action="store_true", help="time searches on a busy machine")
    parser.add_argument("--repeat", type=Path, metavar="FOLDER", help="of pictures, for --busy")
    options = parser.parse_args()
    if options.learn:
        figures = measure_learn(options.catalogue)
    elif options.robustness:
        figures = measure_robustness(options.catalogue)
    elif not options.busy:
        figures = measure_compare(options.catalogue, options.clicks)
    elif options.repeat is None:
        figures = measure_searches(open_catalogue(options.catalogue))
    else:
        with tempfile.TemporaryDirectory() as folder:
            figures = measure_searches(build_large_catalogue(options.repeat, Path(folder)))
    print(json.dumps(figures, indent=1))


def build_large_catalogue(source: Path, folder: Path) -> Catalogue:
    """Build a catalogue of MANY pictures: a folder's, cropped and brightened slightly at random."""
    write_variants(sorted(source.rglob("*.jp*g")), folder / "pictures", 0, MANY)
    arguments = ["--catalogue", str(folder / "pictures"), "--name", "many", "--to", str(folder)]
    if precompute(arguments) != 0:
        raise SystemExit("The repeated pictures could not be built.")
    return open_catalogue(folder / "many")


def measure_searches(catalogue: Catalogue) -> dict[str, object]:
    """Return the times of searches by random products, by method, in milliseconds."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(catalogue.products), size=SEARCHES)
    queries = [catalogue.products.index[position] for position in drawn]
    figures: dict[str, object] = {"products": len(catalogue.products), "searches": SEARCHES}
    for state, load in (("alone", 0), ("every core busy", os.cpu_count() or 1)):
        with run_busy_processes(load):
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
def run_busy_processes(count: int) -> Iterator[None]:
    """Run this many busy processes during the context."""
    others = [multiprocessing.Process(target=spin, daemon=True) for _ in range(count)]
    for other in others:
        other.start()
    try:
        yield
    finally:
        for other in others:
            other.kill()


def spin() -> None:
    """Keep one core busy."""
    while True:
        pass


def measure_compare(catalogue: str, count: int) -> dict[str, object]:
    """Measure the app's start, a first text search, and clicks."""
    opened = open_catalogue(catalogue)
    methods = choose_default_methods(opened.registry[key] for key in opened.methods)
    k = PICTURES // len(methods)

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport=WIDE)
        started = time.perf_counter()
        server = Server(get_catalogues_folder(), Path(folder) / "log")
        try:
            page.goto(f"{server.url}/?catalogue={catalogue}&k={k}")
            page.wait_for_function(f"() => {{ ({GRIDS})(); return ready(); }}")
            first = time.perf_counter() - started
            page.wait_for_timeout(20_000)  # until the text models are loaded, which is not timed
            rng = np.random.default_rng(0)
            times = []
            for _ in range(count):
                times.append(page.evaluate(CLICK, int(rng.integers(k * len(methods)))))
                page.wait_for_timeout(300)
            server.stop()
            started = time.perf_counter()
            server = Server(get_catalogues_folder(), Path(folder) / "log")
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


def measure_learn(catalogue: str) -> dict[str, object]:
    """Measure the parts of the Learn page and its first slider."""
    figures: dict[str, object] = {}
    with open_compare(catalogue) as page:
        started = time.perf_counter()
        page.get_by_role("link", name="Learn").click()
        figures |= measure_waits(
            started,
            {
                "heading": page.get_by_role("heading", name="What is an embedding?"),
                "sliders": page.get_by_role("slider").first,
            },
        )
        figures["slider while models load, median and p95 ms"] = measure_slider(page, 5)
        page.get_by_role("table").nth(2).wait_for(timeout=60_000)
        figures["click to the last part, s"] = round(time.perf_counter() - started, 2)
        page.wait_for_timeout(5000)
        figures["slider, median and p95 ms"] = measure_slider(page, 24)
    return figures


def measure_robustness(catalogue: str) -> dict[str, object]:
    """Measure the parts of the Robustness page and its first slider."""
    figures: dict[str, object] = {}
    with open_compare(catalogue) as page:
        page.get_by_role("link", name="Evidence").click()
        page.get_by_role("link", name="Robustness").wait_for()
        started = time.perf_counter()
        page.get_by_role("link", name="Robustness").click()
        figures |= measure_waits(
            started,
            {
                "sliders": page.get_by_role("slider", name="JPEG loss"),
                "answers": page.get_by_text("Finds it at rank 1 of").last,
                "last curve": page.get_by_text("JPEG loss:").last,
            },
        )
        (first,) = measure_distortion(page, 1)
        figures["first slider, models not loaded, s"] = round(first / 1000, 1)
        low, high = np.quantile(measure_distortion(page, 24), [0.5, 0.95])
        figures["slider to new results, median and p95 ms"] = f"{low:.0f}, {high:.0f}"
    return figures


def measure_waits(started: float, parts: Mapping[str, Locator]) -> dict[str, float]:
    """Return the seconds from a click until each of a page's parts is visible, in this order."""
    seconds = {}
    for what, wait_for_part in parts.items():
        wait_for_part.wait_for()
        seconds[f"click to {what}, s"] = round(time.perf_counter() - started, 2)
    return seconds


def measure_distortion(page: Page, count: int) -> list[float]:
    """Return the milliseconds from a key on the first slider until everything is new."""
    slider = page.get_by_role("slider", name="Rotation")
    texts = (
        "[...document.querySelectorAll('*')].flatMap(e => "
        "[...(e.shadowRoot?.querySelectorAll('.columns .column') ?? [])].map(c => c.textContent))"
    )
    times = []
    for _ in range(count):
        page.wait_for_timeout(700)  # until the curves' marks are drawn too
        before = page.evaluate(texts)
        started = time.perf_counter()
        slider.press("ArrowRight")
        new = f"before => {{ const now = {texts}; return now.every((t, i) => t !== before[i]); }}"
        page.wait_for_function(new, arg=before, timeout=60_000)
        page.wait_for_function("ready()")
        times.append((time.perf_counter() - started) * 1000)
    return times


@contextmanager
def open_compare(catalogue: str) -> Iterator[Page]:
    """Open Compare of a fresh app in a browser."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport=WIDE)
        server = Server(get_catalogues_folder(), Path(folder) / "log")
        try:
            page.goto(f"{server.url}/?catalogue={catalogue}")
            page.wait_for_function(f"() => {{ ({GRIDS})(); return ready(); }}")
            yield page
        finally:
            server.stop()
            browser.close()


def measure_slider(page: Page, count: int) -> str:
    """Return the times from a key on the first slider until the picture has moved."""
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
