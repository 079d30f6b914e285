"""Measure decisions: the page, the folder for production, and the interval of a weighted mean.

    python -m benchmarks.decisions [page] [handover] [intervals] [--catalogue demo]

`page` runs an app and a browser. It takes about five minutes on two cores.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.votes import serve_catalogue
from harness.chromium import FLAGS, find_chromium
from similarity import open_catalogue
from similarity.decisions.criteria import Criterion
from similarity.decisions.quality import weigh_criteria
from similarity.decisions.question import Question
from similarity.handover.folder import write_handover
from similarity.handover.networks import list_obstacles
from similarity.judgments.comparison import compute_means_without_one
from similarity.measures.metrics.tables import compare_methods
from similarity.measures.scorecard import Aspect

TIMES = 20
RUNS = 2000  # simulated catalogues
QUERIES = 60
METRIC = "P@10"
KEYS = ("one", "other")
DEPENDENCES = {"independent": 0.0, "of the same queries": 0.7, "the same": 1.0}
ANSWER = ".st-key-recommendation h2"


def describe(what: str, seconds: Sequence[float]) -> str:
    """Return the median and the 95th percentile of times in milliseconds."""
    median, p95 = np.quantile(seconds, (0.5, 0.95)) * 1000
    return f"| {what} | {median:.0f} ms | {p95:.0f} ms | {len(seconds)} |"


def measure_page(page: Page, url: str) -> None:
    """Time Decide from a press in the navigation, and from a changed weight, to its answer."""
    opened, changed = [], []
    for number in range(TIMES + 1):
        page.goto(f"{url}/methods")
        page.get_by_role("heading", name="Which methods are there?").wait_for()
        page.wait_for_load_state("networkidle")
        start = time.perf_counter()
        page.get_by_role("link", name="Decide").click()
        page.locator(ANSWER).wait_for()
        opened.append(time.perf_counter() - start)
        page.locator(".stVegaLiteChart").wait_for()
        page.wait_for_load_state("networkidle")
        page.get_by_role("slider").nth(number % 4 + 1).focus()
        before = page.url
        start = time.perf_counter()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("(before) => location.href !== before", arg=before)
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        changed.append(time.perf_counter() - start)
    print(describe("Decide, from the press to its answer", opened[1:]))
    print(describe("after a changed weight", changed[1:]))


def measure_handover(name: str) -> None:
    """Time the folder of each method that can be handed over whole, and its check."""
    catalogue = open_catalogue(name)
    for key in catalogue.methods:
        if list_obstacles(catalogue.resolve_method(key)):
            continue
        with tempfile.TemporaryDirectory() as temporary:
            start = time.perf_counter()
            folder = write_handover(
                catalogue, key, Path(temporary) / key, Question(), lambda *_: None
            )
            seconds = time.perf_counter() - start
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            check = [sys.executable, str(folder / "check.py")]
            done = subprocess.run(check, cwd=temporary, capture_output=True, text=True)
        lines = "; ".join(done.stdout.splitlines())
        print(f"| {key} | {seconds:.0f} s | {size / 1e6:.0f} MB | {lines} |")


def draw_criterion(
    name: str, shared: np.ndarray, rng: np.random.Generator, same: float
) -> Criterion:
    """Return a criterion whose values are partly those of all criteria."""
    values = {
        key: np.where(rng.random(QUERIES) < same, shared[i], rng.random(QUERIES) < 0.6)[:, None]
        for i, key in enumerate(KEYS)
    }
    columns = {key: each.astype(np.float64) for key, each in values.items()}
    without_one = {key: compute_means_without_one(each) for key, each in columns.items()}
    table = compare_methods(columns, without_one, [METRIC])
    return Criterion(name, Aspect(name, name, "", "", table, METRIC, uses_labels=False))


def measure_intervals() -> None:
    """Print how often the intervals of weighted means cover the truth, and how often a test errs.

    Two methods are equally good: each value is 1 with a probability of 0.6.
    """
    for name, same in DEPENDENCES.items():
        rng = np.random.default_rng(0)
        covered = differences = wrong = 0
        for _ in range(RUNS):
            shared = rng.random((len(KEYS), QUERIES)) < 0.6
            criteria = [draw_criterion(each, shared, rng, same) for each in ("a", "b", "c")]
            quality = weigh_criteria(criteria, {"a": 3, "b": 2, "c": 1}, KEYS, {})
            figure, difference = quality.get_figure("one"), quality.get_difference(*KEYS)
            assert difference is not None, "both were compared"
            covered += figure.low <= 0.6 <= figure.high
            differences += difference.low <= 0 <= difference.high
            wrong += quality.is_better(*KEYS) or quality.is_better(*reversed(KEYS))
        shares = (f"{100 * count / RUNS:.1f} %" for count in (covered, differences, wrong))
        print(f"| {name} | {' | '.join(shares)} | {RUNS:,} |")


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser("python -m benchmarks.decisions", description=__doc__)
    parser.add_argument("parts", nargs="*", default=["page", "handover", "intervals"])
    parser.add_argument("--catalogue", default="demo")
    options = parser.parse_args()
    if "page" in options.parts:
        with serve_catalogue(options.catalogue) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            measure_page(browser.new_page(viewport={"width": 1440, "height": 900}), url)
            browser.close()
    if "handover" in options.parts:
        measure_handover(options.catalogue)
    if "intervals" in options.parts:
        measure_intervals()


if __name__ == "__main__":
    main()
