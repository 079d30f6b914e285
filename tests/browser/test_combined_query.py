"""Refine a query on Compare: add words, push a result away, share the answer."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from harness.app import NARROW, WIDE
from harness.pages import ANSWERS, CELLS, QUERY, open_page, wait_for_query
from similarity import Catalogue, read_link
from tests.browser.test_first_screen import serious

CHIPS = f"{QUERY} .chip"
FIELD = "Add words to the query"


def read_answers(page: Page) -> list[str]:
    """Return the ids of all results, once they are those of the present query."""
    expect(page.locator(f"{QUERY}.busy")).to_have_count(0)
    expect(page.locator(f"{CELLS}.busy")).to_have_count(0)
    return [cell.get_attribute("data-id") or "" for cell in page.locator(CELLS).all()]


def open_dress(page: Page, app: str, catalogue: Catalogue, parameters: str = "") -> str:
    products = catalogue.products
    is_right = (products["category"] == "dress") & (products["colour"] == "blue")
    dress = str(products.index[is_right][0])
    open_page(page, app, f"?product={dress}{parameters}")
    return dress


def test_a_refined_query_has_the_same_answer_in_another_browser(
    browser: Browser, page: Page, app: str, catalogue: Catalogue
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_page(page, app)
    cell = page.locator(f"{ANSWERS} .column").last.locator(".cell").nth(2)
    product = cell.get_attribute("data-id") or ""
    cell.click()
    wait_for_query(page, product)

    page.get_by_label(FIELD).fill("red")
    page.get_by_label(FIELD).press("Enter")
    expect(page.locator(CHIPS)).to_have_count(2)
    expect(page.locator(f"{ANSWERS} h2")).to_have_text(["ConSE", "LiT"])
    expect(page.locator(CHIPS).nth(1)).to_contain_text("“red”")

    item = page.locator(f"{ANSWERS} .column").last.locator(".item").nth(1)
    pushed = item.locator(".cell").get_attribute("data-id") or ""
    item.hover()
    item.get_by_role("button", name="Less like this").click()
    expect(page.locator(CHIPS)).to_have_count(3)
    answers = read_answers(page)
    assert len(answers) == 24
    assert not {product, pushed} & set(answers)

    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(f"{QUERY} .copied")).to_have_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    context = browser.new_context(viewport=WIDE)
    other = context.new_page()
    other.goto(link)
    expect(other.locator(CHIPS)).to_have_count(3)
    expect(other.locator(CELLS)).to_have_count(24)
    assert read_answers(other) == answers
    context.close()
    hits = catalogue.search("lit", parts=read_link(link), k=12)
    assert answers[12:] == [hit.product for hit in hits], "a notebook has them, too"


def test_parts_are_added_by_keyboard_removed_and_brought_back(
    page: Page, app: str, catalogue: Catalogue
) -> None:
    open_dress(page, app, catalogue)
    before = read_answers(page)
    page.locator(CELLS).first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("+")
    expect(page.locator(CHIPS)).to_have_count(2)
    assert f"more={before[1]}" in page.url
    assert before[1] not in read_answers(page)
    page.get_by_label(FIELD).fill("-striped")
    page.get_by_label(FIELD).press("Enter")
    expect(page.locator(f"{CHIPS}.unwanted")).to_contain_text("“striped”")
    page.get_by_label(FIELD).fill("Striped")
    page.get_by_label(FIELD).press("Enter")
    expect(page.locator(f"{CHIPS}.unwanted")).to_have_count(0)
    expect(page.locator(CHIPS)).to_have_count(3)
    page.get_by_role("button", name="Remove “Striped”").click()
    expect(page.locator(CHIPS)).to_have_count(2)
    page.locator(CHIPS).nth(1).get_by_role("button").click()
    expect(page.locator(CHIPS)).to_have_count(0)
    assert read_answers(page) == before
    page.go_back()
    expect(page.locator(CHIPS)).to_have_count(2)
    page.reload()
    expect(page.locator(CHIPS)).to_have_count(2)


def test_the_slider_moves_the_answer_from_the_picture_to_the_words(
    page: Page, app: str, catalogue: Catalogue
) -> None:
    open_dress(page, app, catalogue, "&text=red+backpack&text_methods=lit")
    slider = page.get_by_role("slider")
    expect(slider).to_have_value("50")
    slider.focus()
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile("balance=100"))
    words = catalogue.search("lit", text="red backpack", k=12)
    expect(page.locator(CELLS).first).to_have_attribute("data-id", words[0].product)
    assert read_answers(page) == [hit.product for hit in words]


def test_words_that_no_method_reads_get_a_message_at_the_field_and_change_nothing(
    page: Page, app: str, catalogue: Catalogue
) -> None:
    open_dress(page, app, catalogue)
    before, address = read_answers(page), page.url
    page.get_by_label(FIELD).fill("赤い")
    page.get_by_label(FIELD).press("Enter")
    expect(page.locator(f"{QUERY} .refusal")).to_contain_text("“赤い” can't be used.")
    assert page.url == address
    assert read_answers(page) == before


def test_a_seventeenth_part_is_refused(page: Page, app: str, catalogue: Catalogue) -> None:
    products = "".join(f"&more={product}" for product in catalogue.products.index[-15:])
    open_dress(page, app, catalogue, products)
    expect(page.locator(CHIPS)).to_have_count(16)
    address = page.url
    page.get_by_label(FIELD).fill("red")
    page.get_by_label(FIELD).press("Enter")
    expect(page.locator(f"{QUERY} .refusal")).to_contain_text("A query can have 16 parts")
    assert page.url == address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_parts_fit_and_the_large_view_refines(
    page: Page, app: str, catalogue: Catalogue, scheme: str
) -> None:
    page.set_viewport_size(NARROW)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    open_dress(page, app, catalogue, "&text=red&minus=striped&methods=lit")
    expect(page.locator(CHIPS)).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    box = page.locator(QUERY).bounding_box()
    assert box
    assert box["height"] < 210, "the results are still on the screen"
    assert serious(page) == []
    first = page.locator(CELLS).first.get_attribute("data-id") or ""
    page.locator(f"{ANSWERS} .look").first.click()
    page.get_by_role("button", name="More like this", exact=True).click()
    expect(page.locator(CHIPS)).to_have_count(4)
    assert f"more={first}" in page.url


def test_the_heads_of_the_columns_stay_below_a_query_of_many_parts(
    page: Page, app: str, catalogue: Catalogue
) -> None:
    page.set_viewport_size({"width": 1024, "height": 768})
    products = "".join(f"&more={product}" for product in catalogue.products.index[-12:])
    open_dress(page, app, catalogue, f"{products}&text=red&k=48")
    page.mouse.move(500, 600)
    page.mouse.wheel(0, 600)
    heading = page.locator(f"{ANSWERS} .heading").first
    page.wait_for_function("document.querySelector('.stMain').scrollTop > 300")
    expect(heading).to_be_in_viewport(ratio=1)
    row, head = page.locator(QUERY).bounding_box(), heading.bounding_box()
    assert row
    assert head
    assert row["y"] + row["height"] <= head["y"] + 1
