"""Filter on Compare: choose a value, take it to other pages, go back."""

import re

from playwright.sync_api import Page, expect

from harness.app import NARROW
from harness.pages import CELLS, open_page
from similarity import Catalogue
from tests.browser.test_first_screen import serious

FILTER = ".st-key-filter"


def read_results(page: Page) -> set[str]:
    return {cell.get_attribute("data-id") or "" for cell in page.locator(CELLS).all()}


def test_a_value_is_chosen_by_keyboard_and_all_methods_answer_within_it(
    page: Page, app: str, catalogue: Catalogue
) -> None:
    products = catalogue.products
    count = int((products.colour == "red").sum())
    open_page(page, app)
    before = read_results(page)

    page.get_by_role("button", name="Filter").focus()
    page.keyboard.press("Enter")
    facet = page.get_by_role("combobox", name="Colour")
    facet.focus()
    page.keyboard.type("red")
    expect(page.get_by_role("option")).to_have_text([f"red ({count})"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(FILTER)).to_contain_text(f"{count} of {len(products):,} products")
    expect(page).to_have_url(re.compile("where.colour=red"))
    expect(page.get_by_role("combobox", name="Category")).to_be_visible()  # the panel stays open
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_role("combobox", name="Category")).to_have_count(0)
    results = read_results(page)
    assert set(products.colour[list(results)]) == {"red"}
    assert serious(page) == []

    page.get_by_role("link", name="Evidence").click()
    expect(page.locator(FILTER)).to_contain_text(f"{count} of {len(products):,} products")
    expect(page.locator(".stExpander").first).to_be_visible()
    page.get_by_role("link", name="Map").click()
    expect(page.get_by_text(f"{count} of them fit the filter")).to_be_visible()
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(CELLS).first).to_be_visible()
    page.locator(FILTER).get_by_role("button", name="colour: red").click()
    expect(page.locator(FILTER)).to_have_count(0)
    expect(page.locator(f'{CELLS}[data-id="{next(iter(before))}"]').first).to_be_visible()
    assert read_results(page) == before
    page.go_back()
    expect(page.locator(FILTER)).to_contain_text(f"{count} of")


def test_a_filter_that_leaves_nothing_is_mended_on_a_phone(page: Page, app: str) -> None:
    page.set_viewport_size(NARROW)
    page.goto(f"{app}?where.colour=red&where.category=sock&where.pattern=leather")
    expect(page.get_by_text("No product fits these filters.")).to_be_visible()
    width = page.evaluate("document.querySelector('.stMain').scrollWidth")
    assert width <= NARROW["width"]
    page.locator(FILTER).get_by_role("button", name="pattern: leather").click()
    expect(page.locator(CELLS).first).to_be_visible()
