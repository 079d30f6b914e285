"""The app below a prefix of a proxy's address, which strips the prefix or doesn't."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from harness.app import Server
from harness.pages import CELLS, open_page, wait_for_query
from harness.proxy import run_proxy
from similarity import Catalogue

PREFIX = "/shop/search"


@pytest.mark.parametrize("strips", [True, False])
def test_pictures_maps_links_and_clicks_work_behind_a_proxy(
    strips: bool,
    page: Page,
    catalogues: Path,
    catalogue: Catalogue,
    start: Callable[..., Server],
) -> None:
    options = [] if strips else [f"--server.baseUrlPath={PREFIX}"]
    server = start(catalogues, options=options)
    with run_proxy(server.url, PREFIX, strips=strips) as (address, proxy):
        product = catalogue.products.index[5]
        open_page(page, address, f"?product={product}&methods=pixels,lit")  # all have loaded
        assert page.locator(f"{CELLS} img").count() == 24
        other = page.locator(CELLS).nth(1).get_attribute("data-id") or ""
        page.locator(CELLS).nth(1).click()
        wait_for_query(page, other)
        page.get_by_role("link", name="Evidence").click()
        expect(page).to_have_url(re.compile(f"{PREFIX}/measure"))
        page.get_by_role("link", name="Map").click()
        expect(page).to_have_url(re.compile(f"{PREFIX}/map"))
        frames = page.locator(".plane .frame")
        expect(page.locator(".plane .frame:not([data-lit])")).to_have_count(0)  # all are drawn
        expect(frames).to_have_count(2)
        page.goto(f"{address}/learn?product={product}")
        expect(page.get_by_role("heading", name="A picture as numbers")).to_be_visible()
        assert not proxy.missed, "every address is below the prefix"
