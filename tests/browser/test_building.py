"""A catalogue is looked at while it is built."""

import re
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from harness.app import Server
from harness.pages import CELLS
from tests.browser.conftest import Several
from tests.conftest import PROJECT, run_module
from tests.units.drawing import write_pictures


def test_compare_answers_while_measure_shows_its_progress_and_then_fills_in(
    page: Page, several: Several, tmp_path: Path
) -> None:
    """The page is opened before the build begins, as it may be by `make demo`."""
    source, measured = write_pictures(tmp_path / "stages", 30), tmp_path / "measured"
    build: list[str | Path] = [sys.executable, "-m", "tests.browser.paused_build", measured]
    build += ["--catalogue", source, "--methods", "pixels,efficientnet"]
    build += ["--to", several.catalogues]
    page.goto(f"{several.url}/?catalogue=stages")
    expect(page.get_by_text("There is no catalogue of this name")).to_be_visible()
    with subprocess.Popen(build, cwd=PROJECT, stderr=subprocess.DEVNULL) as running:
        try:
            expect(page.get_by_text("There is no catalogue of this name")).to_have_count(0)
            expect(page.locator(CELLS)).to_have_count(24)
            page.locator(CELLS).nth(3).click()
            expect(page).to_have_url(re.compile("product="))
            page.get_by_role("link", name="Evidence").click()
            expect(page.get_by_text("The methods are not measured yet.")).to_be_visible()
            expect(page.get_by_text("Measuring · 1 of 4")).to_be_visible()
            measured.touch()
            expect(page.get_by_text("The methods are not measured yet.")).to_have_count(0)
            expect(page.get_by_text("Speed and size:")).to_be_visible()
            assert running.wait(120) == 0
            expect(page.get_by_role("progressbar")).to_have_count(0)
        finally:
            running.kill()


def test_a_page_without_a_catalogue_shows_the_first_one_that_is_built(
    page: Page, tmp_path: Path
) -> None:
    source, catalogues = write_pictures(tmp_path / "shop", 3), tmp_path / "catalogues"
    server = Server(catalogues, tmp_path / "log")
    try:
        page.goto(server.url)
        expect(page.get_by_role("heading", name="No catalogue is built yet")).to_be_visible()
        run_module("precompute", "--catalogue", source, "--methods", "pixels", "--to", catalogues)
        expect(page.locator(CELLS)).to_have_count(2)
    finally:
        server.stop()
