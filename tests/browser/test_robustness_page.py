"""The Robustness page in a browser: a product is turned upside down, and its ranks are read."""

import io
import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, expect

from harness.app import NARROW
from harness.pages import ANSWERS, LOADED, open_page, upload, wait_for_query
from similarity import METHODS, Catalogue
from similarity.perturbations import SCENES, perturb
from tests.demo import PRODUCTS

LAST = "JPEG loss:"  # the last perturbation's section


def open_robustness(page: Page, address: str, parameters: str = "") -> None:
    """Open the page and wait until its last part is there."""
    page.goto(f"{address}/robustness{parameters}")
    expect(page.locator(".stExpander summary").filter(has_text=LAST)).to_be_visible()
    expect(page.locator(f"{ANSWERS} .cell").first).to_be_visible()
    page.wait_for_function(LOADED)


def finds(catalogue: Catalogue, product: str, amounts: dict[str, int]) -> Callable[[str], str]:
    """What a method's column says of a distorted picture, asked of the catalogue directly."""
    changed = perturb(catalogue.read_picture(product), amounts)

    def headline(key: str) -> str:
        every = catalogue.search(key, image=changed, k=len(catalogue.products), exact=True)
        (query_hit,) = (hit for hit in every if hit.product == product)
        return (
            f"Finds it at rank {query_hit.rank:,}{'=' if query_hit.tied else ''} of {len(every):,}"
        )

    return headline


def test_a_product_from_compare_is_turned_upside_down_and_every_method_says_where_it_finds_it(
    page: Page, app: str, catalogue: Catalogue
) -> None:
    open_page(page, app, "?methods=pixels,efficientnet,lit")
    page.get_by_role("button", name="Browse").click()
    cell = page.locator(".board.strip .cell").nth(3)
    product = cell.get_attribute("data-id") or ""
    cell.click()
    wait_for_query(page, product)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Evidence").click()
    page.get_by_role("link", name="Robustness").click()
    headlines = page.locator(f"{ANSWERS} .headline")
    expect(headlines).to_have_count(3)
    for place in range(3):
        expect(headlines.nth(place)).to_have_text(f"Finds it at rank 1 of {PRODUCTS}")
    expect(page.locator(f"{ANSWERS} .shared_by", has_text="new")).to_have_count(0)

    page.get_by_text("Upside down", exact=True).click()
    expect(page).to_have_url(re.compile(rf"product={product}.*change=turn(:|%3A)180"))
    expect(page.get_by_role("slider", name="Rotation")).to_have_attribute("aria-valuetext", "180°")
    upside_down = finds(catalogue, product, dict(SCENES["Upside down"]))
    for place, key in enumerate(("pixels", "efficientnet", "lit")):
        expect(headlines.nth(place)).to_have_text(upside_down(key))
        column = page.locator(f"{ANSWERS} .column").nth(place)
        marks = column.locator(".item:not(.weak) .shared_by", has_text=re.compile("kept|itself"))
        lost = column.locator(".item.weak")
        expect(column.locator(".unique_note")).to_have_text(re.compile("kept"))  # all is painted
        expect(column.locator(".unique_note")).to_have_text(f"{marks.count()} of 12 kept")
        assert marks.count() + lost.count() == 12, METHODS[key].title

    # by keyboard: 5 degrees fewer, and back again
    slider = page.get_by_role("slider", name="Rotation")
    slider.focus()
    slider.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"change=turn(:|%3A)175"))
    less = finds(catalogue, product, {"turn": 175})
    for place, key in enumerate(("pixels", "efficientnet", "lit")):
        expect(headlines.nth(place)).to_have_text(less(key))
    page.go_back()
    expect(headlines.first).to_have_text(upside_down("pixels"))
    page.get_by_role("button", name="Reset", exact=True).click()
    expect(page).not_to_have_url(re.compile("change="))
    expect(headlines.first).to_have_text(f"Finds it at rank 1 of {PRODUCTS}")


def test_an_enlarged_result_is_next_to_the_distorted_picture_and_a_click_replaces_it(
    page: Page, app: str
) -> None:
    open_robustness(page, app, "?change=turn:180&methods=pixels")
    cell = page.locator(f"{ANSWERS} .cell").nth(1)
    product = cell.get_attribute("data-id") or ""
    cell.focus()
    cell.press("Control+Enter")
    dialogue = page.get_by_role("dialog")
    expect(dialogue.get_by_text("The query, changed")).to_be_visible()
    expect(dialogue.locator("img")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(dialogue).to_be_hidden()
    cell.click()
    expect(page).to_have_url(re.compile(f"product={product}"))
    expect(page).to_have_url(re.compile("change=turn"))


def test_an_uploaded_picture_from_compare_is_distorted(
    page: Page, app: str, catalogue: Catalogue
) -> None:
    open_page(page, app, "?methods=pixels,lit")
    content = io.BytesIO()
    catalogue.read_picture(catalogue.products.index[3]).save(content, "PNG")
    payload = FilePayload(name="my bag.png", mimeType="image/png", buffer=content.getvalue())
    upload(page, payload)
    expect(page).to_have_url(re.compile("picture="))
    page.get_by_role("link", name="Evidence").click()
    page.get_by_role("link", name="Robustness").click()
    expect(page.get_by_text("my bag.png: not changed.")).to_be_visible()
    headlines = page.locator(f"{ANSWERS} .headline")
    expect(page.locator(f"{ANSWERS} .cell").first).to_have_attribute(
        "data-id", catalogue.products.index[3]
    )
    page.get_by_text("A scan", exact=True).click()
    expect(headlines.first).to_have_text(re.compile(r"\d+ of 12 results stay the same"))
    expect(page).to_have_url(re.compile("picture="))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_passes_axe_and_fits_a_phone(page: Page, app: str, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size(NARROW)
    open_robustness(page, app, "?change=turn:90,ground:4&methods=pixels,lit&open=areas,turn,flip")
    wide = page.evaluate("document.querySelector('.stMain').scrollWidth")
    assert wide <= NARROW["width"], "the page does not scroll sideways"
    violations = Axe().run(page).response["violations"]
    assert [v["id"] for v in violations if v["impact"] in ("serious", "critical")] == []


def test_curves_can_be_exported(page: Page, app: str) -> None:
    open_robustness(page, app, "?methods=pixels")
    with page.expect_download() as download:
        page.get_by_role("button", name="Curves, CSV").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("method,perturbation,amount,label,n,found first")
    assert len(lines) > 5 * 25
