"""Measure what `make demo` takes on a fresh machine, to the first results and to the end.

    python -m benchmarks.first_start
    python -m benchmarks.first_start --clone FOLDER

Runs the command that `make demo` runs once its environment is installed, in a folder of its own,
and opens the app in Chromium as soon as it can be reached. From the first results on, it clicks one
result after the other until the build has ended; a click is timed as in benchmarks.latency.

--clone begins with `git clone` and `make demo CATALOGUE=FOLDER`, which installs everything, as for
a newcomer who has a folder of pictures.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Error, Page, sync_playwright

from benchmarks.latency import CLICK, GRIDS, PICTURES
from harness.app import PROJECT, WIDE
from harness.chromium import FLAGS, find_chromium
from similarity.store.progress import is_unfinished

PORT = 8599
PAUSE = 500  # ms between two clicks
PATIENT = 1200  # s


def main() -> None:
    """Print the times as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--clone", type=Path, metavar="FOLDER", help="of pictures, in a new clone")
    pictures = parser.parse_args().clone
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport=WIDE)
        command = [sys.executable, "-m", "precompute.serve", "demo", str(PORT), ""]
        project, started = PROJECT, time.perf_counter()
        if pictures:
            project = Path(folder, "clone")
            subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(project)], check=True)
            command = ["make", "demo", f"CATALOGUE={pictures.resolve()}", f"PORT={PORT}"]
        catalogues = Path(folder, "catalogues")
        environment = os.environ | {
            "SIMILARITY_CATALOGUES": str(catalogues),
            "SIMILARITY_CACHE": f"{folder}/.cache",
        }
        environment.pop("SIMILARITY_CATALOGUE", None)
        with subprocess.Popen(command, cwd=project, env=environment, process_group=0) as serving:
            try:
                print(json.dumps(measure_waits(page, catalogues, started), indent=1))
            finally:
                os.killpg(serving.pid, signal.SIGINT)


def measure_waits(page: Page, catalogues: Path, started: float) -> dict[str, object]:
    """Return the seconds from the start to each stage, and the times of the clicks meanwhile.

    The only catalogue in `catalogues` is the one that is built.
    """
    open_when_reached(page, f"http://127.0.0.1:{PORT}/?k={PICTURES // 4}")
    reached = time.perf_counter() - started
    page.get_by_text("The catalogue is being built").wait_for()
    building = time.perf_counter() - started
    page.wait_for_function(f"() => {{ ({GRIDS})(); return ready(); }}", timeout=PATIENT * 1000)
    usable = time.perf_counter() - started
    (catalogue,) = catalogues.glob("*/")
    rng = np.random.default_rng(0)
    clicks = []
    while is_unfinished(catalogue):
        clicks.append(page.evaluate(CLICK, int(rng.integers(PICTURES))))
        page.wait_for_timeout(PAUSE)
    median, p95 = np.quantile(clicks, [0.5, 0.95])
    return {
        "start to the app, s": round(reached, 1),
        "start to the progress of the build, s": round(building, 1),
        "start to the first answers, s": round(usable, 1),
        "start to everything measured, s": round(time.perf_counter() - started, 1),
        "clicks meanwhile": len(clicks),
        "click to last picture meanwhile, median ms": round(median),
        "p95 ms": round(p95),
        "longest ms": round(max(clicks)),
    }


def open_when_reached(page: Page, address: str) -> None:
    """Open a page as soon as the app can be reached."""
    end = time.monotonic() + PATIENT
    while True:
        try:
            page.goto(address)
            return
        except Error:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    main()
