"""The methods' picker and the page of their cards, in a browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from harness.app import NARROW
from harness.pages import ANSWERS, open_page
from similarity import METHODS
from tests.demo import BUILT


def test_methods_are_picked_one_after_the_other_by_keyboard_and_each_has_its_card(
    page: Page, app: str
) -> None:
    open_page(page, app)
    button = page.get_by_role("button", name=f"Methods: 4 of {len(BUILT)}")
    button.focus()
    button.press("Enter")
    conse = page.get_by_role("button", name="ConSE", exact=True)
    conse.focus()
    conse.press("Enter")
    expect(page.locator(f"{ANSWERS} h2")).to_have_count(5)
    page.get_by_role("button", name="Pixels", exact=True).click()  # it is open still
    expect(page.locator(f"{ANSWERS} h2")).to_have_count(4)
    expect(page.locator(f"{ANSWERS} h2").first).to_have_text("EfficientNet-Lite0")
    expect(page.get_by_role("button", name="PE-Core L")).to_be_disabled()
    page.get_by_role("link", name="What each of them is").click()
    expect(page.get_by_role("heading", name="Which methods are there?")).to_be_visible()
    expect(page.locator("[class*=st-key-card-]")).to_have_count(len(METHODS))
    page.get_by_role("link", name="Compare", exact=True).click()
    expect(page.locator(f"{ANSWERS} h2")).to_have_count(4)
    expect(page.locator(f"{ANSWERS} h2").first).to_have_text("EfficientNet-Lite0")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_cards_pass_axe_and_fit_a_phone(page: Page, app: str, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size(NARROW)
    page.goto(f"{app}/methods")
    expect(page.locator("[class*=st-key-card-]")).to_have_count(len(METHODS))
    expect(page.get_by_role("heading", name="Install all of them")).to_be_visible()
    wide = page.evaluate("document.querySelector('.stMain').scrollWidth")
    assert wide <= NARROW["width"], "the page does not scroll sideways"
    violations = Axe().run(page).response["violations"]
    assert [v["id"] for v in violations if v["impact"] in ("serious", "critical")] == []
