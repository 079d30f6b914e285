"""Decide in a browser: a link holds the question, and the folder can be downloaded."""

import re
import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from harness.app import NARROW, WIDE


def test_a_weight_set_by_keyboard_changes_the_answer_and_the_address(page: Page, app: str) -> None:
    page.goto(f"{app}/decide")
    answer = page.locator(".st-key-recommendation h2")
    expect(answer).to_contain_text("for category")
    page.get_by_role("slider", name="Category").focus()
    page.keyboard.press("ArrowLeft")
    page.get_by_role("slider", name="Colour").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(answer).to_contain_text("for colour")
    expect(page).to_have_url(re.compile(r"good=attribute-colour%3A3"))
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(answer).to_contain_text("for colour")


def test_limits_that_leave_nothing_are_dropped_with_one_press(page: Page, app: str) -> None:
    page.goto(f"{app}/decide?megabytes=0.001&languages=english")
    answer = page.locator(".st-key-recommendation h2")
    expect(answer).to_have_text("No method keeps all of these limits.")
    page.get_by_role("button", name="Drop the limit on memory").click()
    expect(answer).not_to_have_text("No method keeps all of these limits.")
    expect(page).not_to_have_url(re.compile("megabytes"))


def test_the_folder_of_a_method_is_prepared_and_downloaded(
    page: Page, app: str, tmp_path: Path
) -> None:
    page.goto(f"{app}/decide")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("combobox", name="Method").click()
    page.get_by_role("option", name="SimCLR small").click()
    page.get_by_role("button", name="Prepare the folder").click()
    with page.expect_download(timeout=120_000) as download:
        page.get_by_role("button", name=re.compile("Download, ZIP")).click(timeout=120_000)
    download.value.save_as(tmp_path / "folder.zip")
    with zipfile.ZipFile(tmp_path / "folder.zip") as archive:
        names = {Path(name).name for name in archive.namelist()}
    assert {"decision.json", "embed.py", "check.py", "vectors.parquet", "pictures.bin"} < names


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["laptop", "phone"])
def test_the_page_passes_axe_and_does_not_scroll_sideways(
    page: Page, app: str, theme: str, size: dict[str, int]
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(f"{app}/decide?good=attribute-category:3&good=attribute-colour:1")
    expect(page.get_by_role("heading", name="What isn't known?")).to_be_visible()
    expect(page.locator(".stVegaLiteChart svg, .stVegaLiteChart canvas").first).to_be_visible()
    assert page.evaluate("document.querySelector('.stMain').scrollWidth") <= size["width"]
    violations = Axe().run(page).response["violations"]
    assert [v["id"] for v in violations if v["impact"] in ("serious", "critical")] == []
