"""Methods that users brought, in a browser: a picture of a visitor, words, and their cards."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from harness.pages import ANSWERS, QUERY, open_page
from precompute.__main__ import main
from tests.browser.conftest import Several
from tests.browser.test_own_picture import SEND
from tests.units.drawing import write_pictures
from tests.units.own_models import make_vectors, write_mine, write_model

COLUMNS = f"{ANSWERS} .column"


@pytest.fixture
def brought(several: Several, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an app with a catalogue of a model's folder, code and vectors."""
    monkeypatch.chdir(tmp_path)
    pictures = write_pictures(tmp_path / "brought", 12)
    write_model(tmp_path / "model")
    write_mine(tmp_path / "mine.py")
    make_vectors(pictures).to_parquet(tmp_path / "vectors.parquet")
    methods = "net=hf:./model,./mine.py,vendor=vectors:vectors.parquet"
    to = ["--to", str(several.catalogues)]
    assert main(["--catalogue", "./brought", "--methods", methods, *to]) == 0
    return several.url


def test_each_answers_what_it_can_and_says_what_it_lacks(
    page: Page, brought: str, tmp_path: Path
) -> None:
    open_page(page, brought, "?catalogue=brought&k=4&methods=mine,net,vendor")
    columns = page.locator(COLUMNS)
    expect(columns).to_have_count(3)
    for place, title in enumerate(("Mean colours", "net", "vendor")):
        expect(columns.nth(place)).to_contain_text(title)
        expect(columns.nth(place).locator("img")).to_have_count(4)
    page.evaluate(SEND, {"kind": "paste", "type": "image/png"})
    expect(page.locator(f"{QUERY} h1")).to_have_text("Similar to your picture paste.png")
    expect(columns.nth(1).locator("img")).to_have_count(4)
    expect(columns.nth(0)).to_contain_text(f"SIMILARITY_METHODS={tmp_path / 'mine.py'}")
    expect(columns.nth(2)).to_contain_text("has only the vectors of this catalogue's products")
