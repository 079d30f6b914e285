"""The first pictures that visitors of a fresh server ask with."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from harness.app import WIDE, Server
from harness.pages import CELLS, open_page
from similarity import open_catalogue


@pytest.mark.slow  # test_first_use does the same in threads of one process, in every run
def test_two_visitors_may_upload_a_picture_at_once_to_a_server_that_has_just_started(
    browser: Browser, built_small: Callable[[str], Path], start: Callable[..., Server]
) -> None:
    """By methods whose libraries are the same: they are imported for both then."""
    catalogues = {key: built_small(key) for key in ("clip", "dinov3")}
    server = start(catalogues["clip"].parent, "tests/browser/small_app.py")
    pages = [browser.new_context(viewport=WIDE).new_page() for _ in catalogues]
    for page, key in zip(pages, catalogues, strict=True):
        open_page(page, server.url, f"?catalogue={key}&methods={key}")
    picture = open_catalogue(catalogues["clip"]).root / "002.png"
    for page in pages:
        page.locator("input[type=file]").set_input_files(picture)
    itself = re.compile(r"^Rank 1, 002\.png, cosine 1\.000")
    for page in pages:
        expect(page.locator(CELLS).first).to_have_attribute("aria-label", itself)
        page.context.close()
