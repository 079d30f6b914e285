"""The way between the pages: seven entries, tabs, old addresses, and the browser's history."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from harness.app import NARROW, WIDE
from harness.pages import CELLS, open_page, read_query, wait_for_query

ENTRIES = ["Compare", "Evidence", "People", "Decide", "Methods", "Learn", "Findings"]
ADDRESSES = {
    "": ("Compare", None),
    "map": ("Evidence", "How does each method group the products?"),
    "vote": ("People", None),
    "decide": ("Decide", "Which method should you deploy?"),
    "methods": ("Methods", "Which methods are there?"),
    "learn": ("Learn", "What is an embedding?"),
    "findings": ("Findings", "What did we find?"),
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_address_opens_its_page_below_one_of_seven_entries(
    page: Page, app: str, address: str
) -> None:
    entry, title = ADDRESSES[address]
    page.goto(f"{app}/{address}")
    expect(page.locator(".st-key-navigation a")).to_have_text(ENTRIES)
    current = page.locator(".st-key-navigation [class*=st-key-current-link-]")
    expect(current).to_have_text(entry)
    if title:
        expect(page.get_by_role("heading", name=title)).to_be_visible()
    tabs = page.locator(".st-key-tabs a")
    groups = {"Evidence": ["Accuracy", "Map", "Robustness"], "People": ["Blind vote", "Judgments"]}
    expect(tabs).to_have_text(groups.get(entry, []))


def test_one_press_of_back_returns_from_evidence_with_product_and_settings(
    page: Page, app: str
) -> None:
    open_page(page, app, "?k=4")
    page.locator(CELLS).nth(3).click()
    expect(page.locator(f"{CELLS}.busy")).to_have_count(0)
    product, address = read_query(page), page.url
    accuracy = page.get_by_text("Speed and size:")  # far down on its page
    page.get_by_role("link", name="Evidence").click()
    expect(page).to_have_url(re.compile(rf"/measure\?.*product={product}"))
    expect(accuracy).to_be_visible()
    page.get_by_role("link", name="Robustness").click()
    expect(page).to_have_url(re.compile(rf"/robustness\?.*k=4.*product={product}"))
    expect(page.get_by_text("JPEG loss:")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(rf"/measure\?.*product={product}"))
    expect(accuracy).to_be_visible()
    page.go_back()
    expect(page).to_have_url(address)
    wait_for_query(page, product)
    expect(page.locator(CELLS)).to_have_count(16)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["laptop", "phone"])
def test_the_entries_are_in_sight_and_reached_by_keyboard(
    page: Page, app: str, size: ViewportSize
) -> None:
    page.set_viewport_size(size)
    open_page(page, app)
    links = page.locator(".st-key-navigation a")
    for link in links.all():
        expect(link).to_be_in_viewport(ratio=1)
    links.nth(4).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Which methods are there?")).to_be_visible()
