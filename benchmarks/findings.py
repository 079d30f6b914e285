"""Measure findings: from Keep to its confirmation, from slide to slide, and a report.

    python -m benchmarks.findings [keep] [slides] [report] [--catalogue demo]

`keep` and `slides` run an app and a browser. A board of 20 findings has grids of 4 methods and 12
products each, two charts and a map. It takes about three minutes on two cores.
"""

import argparse
import time
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.votes import copy_catalogue, serve_catalogue
from harness.chromium import FLAGS, find_chromium
from similarity import Catalogue, open_catalogue
from similarity.findings.compose.page import refuse_picture
from similarity.findings.finding import DEFAULT_BOARD
from similarity.findings.keep import keep_page
from similarity.findings.link import parse_link
from similarity.findings.report.html import write_report

FINDINGS = 20
EVIDENCE = ("measure?open=attribute-1", "robustness?open=turn", "map?methods=pixels,efficientnet")
METHODS = "pixels,efficientnet,simclr_small,lit"
KEPT_PAGES = {  # what is open, and what tells that it is there
    "Compare": ("?methods=" + METHODS, ".board.columns .headline"),
    "Accuracy": ("measure", ".scorecard"),
    "Robustness": ("robustness?change=turn:180&methods=" + METHODS, ".board.columns .headline"),
}
TIMES = 10  # a message stays for four seconds


def list_links(catalogue: Catalogue) -> list[str]:
    """Return the links of the board's findings."""
    ids = catalogue.products.index
    products = ids[:: max(1, len(ids) // FINDINGS)][: FINDINGS - len(EVIDENCE)]
    return [*EVIDENCE, *(f"compare?product={i}&k=12&methods={METHODS}" for i in products)]


def fill_board(catalogue: Catalogue) -> None:
    """Keep FINDINGS findings."""
    for link in list_links(catalogue):
        page = parse_link(f"{link}&catalogue={catalogue.name}")
        keep_page(catalogue, page, DEFAULT_BOARD, refuse_picture)


def describe(what: str, seconds: Sequence[float]) -> str:
    """Return the median and the 95th percentile of times in milliseconds."""
    median, p95 = np.quantile(seconds, (0.5, 0.95)) * 1000
    return f"| {what} | {median:.0f} ms | {p95:.0f} ms | {len(seconds)} |"


def measure_keep(page: Page, url: str) -> None:
    """Time the key K until the confirmation is seen."""
    for name, (path, ready) in KEPT_PAGES.items():
        page.goto(f"{url}/{path}")
        page.locator(ready).first.wait_for()
        seconds = []
        for _ in range(TIMES + 1):
            page.wait_for_load_state("networkidle")
            count = page.get_by_test_id("stToast").count()
            start = time.perf_counter()
            page.keyboard.press("k")
            page.wait_for_function(
                "(count) => document.querySelectorAll('[data-testid=stToast]').length > count",
                arg=count,
            )
            seconds.append(time.perf_counter() - start)
            page.get_by_test_id("stToast").first.wait_for(state="detached")
        print(describe(f"Keep on {name}, until it says so", seconds[1:]))


def measure_slides(page: Page, url: str) -> None:
    """Time the key Page Down until the next slide is painted with all of its pictures."""
    start = time.perf_counter()
    page.goto(f"{url}/present?board={DEFAULT_BOARD}")
    page.locator(".deck.ready").wait_for()
    print(f"{FINDINGS} slides were prepared in {time.perf_counter() - start:.1f} s.")
    seconds = []
    for _ in range(3):
        for place in range(2, FINDINGS + 1):
            seconds.append(page.evaluate(NEXT, place) / 1000)
        page.keyboard.press("Home")
    print(describe("next slide, until it is painted", seconds))


NEXT = """async (place) => {
  const root = [...document.querySelectorAll('*')].map((e) => e.shadowRoot?.querySelector('.deck'))
    .find(Boolean) ?? document.querySelector('.deck');
  const start = performance.now();
  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'PageDown', bubbles: true }));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const slide = [...root.querySelectorAll('.slide')].find((one) => !one.hidden);
  const images = [...slide.querySelectorAll('img[src]')];
  if (!root.querySelector('.count').textContent.startsWith(`${place} /`)) throw 'another slide';
  if (!images.every((one) => one.complete && one.naturalWidth)) throw 'a picture is missing';
  return performance.now() - start;
}"""


def measure_report(name: str) -> None:
    """Time a report, and state its size."""
    with copy_catalogue(name) as folder:
        catalogue = open_catalogue(folder / name)
        fill_board(catalogue)
        start = time.perf_counter()
        report = write_report(catalogue, DEFAULT_BOARD, datetime.now())
        seconds = time.perf_counter() - start
    print(f"| report of {FINDINGS} findings | {seconds:.1f} s | {len(report) / 1e6:.1f} MB |")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser("python -m benchmarks.findings", description=__doc__)
    parser.add_argument("parts", nargs="*", default=["keep", "slides", "report"])
    parser.add_argument("--catalogue", default="demo")
    options = parser.parse_args()
    if {"keep", "slides"} & set(options.parts):
        with serve_catalogue(options.catalogue) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            if "slides" in options.parts:
                fill_board(open_catalogue(options.catalogue))
                measure_slides(page, url)
            if "keep" in options.parts:
                measure_keep(page, url)
            browser.close()
    if "report" in options.parts:
        measure_report(options.catalogue)


if __name__ == "__main__":
    main()
