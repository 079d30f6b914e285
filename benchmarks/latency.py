"""What a visitor waits for: the app's start, and a click until the last picture is painted.

    python -m benchmarks.latency [--catalogue NAME] [--clicks 30]

Starts the app as a user does, opens it in Chromium, and clicks result after result. 48 pictures
are shown: one method of each family, as a visitor meets them, and so many results of each. A click
is timed in the page, from the event until every picture of the new answers is decoded and a frame
was drawn.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from similarity import open_catalogue
from similarity.catalogue import catalogues_folder
from similarity.ui.pickers import first_methods
from tests.browser.chromium import FLAGS, find
from tests.browser.conftest import WIDE, Server

PICTURES = 48
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
    given = options.parse_args()
    methods = first_methods(open_catalogue(given.catalogue).methods)
    k = PICTURES // len(methods)

    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        page = browser.new_page(viewport=WIDE)
        started = time.perf_counter()
        server = Server(catalogues_folder(), Path(folder) / "log")
        try:
            page.goto(f"{server.url}/?catalogue={given.catalogue}&k={k}")
            page.wait_for_function(f"() => {{ ({GRIDS})(); return ready(); }}")
            first = time.perf_counter() - started
            page.wait_for_timeout(20_000)  # until the models for words are loaded, off the clock
            rng = np.random.default_rng(0)
            times = []
            for _ in range(given.clicks):
                times.append(page.evaluate(CLICK, int(rng.integers(k * len(methods)))))
                page.wait_for_timeout(300)
        finally:
            server.stop()
            browser.close()
    figures = {
        "app start to first screen, s": round(first, 2),
        "pictures": k * len(methods),
        "clicks": len(times),
        "click to last picture, median ms": round(float(np.median(times))),
        "p95 ms": round(float(np.quantile(times, 0.95))),
    }
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
