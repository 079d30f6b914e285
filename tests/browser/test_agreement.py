"""Who agrees, on the page: badges, lighting by mouse and by keyboard, weak matches, the walk."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from harness.app import NARROW, WIDE
from harness.pages import (
    ANSWERS,
    CELLS,
    LOADED,
    open_page,
    read_query,
    wait_for_query,
    wait_until_still,
)
from similarity.catalogue import open_catalogue
from similarity.measures.neighbours.schema import load_neighbours
from tests.demo import PRODUCTS

METHODS = ["pixels", "efficientnet", "lit"]
HINT = ".hint:popover-open"


@pytest.fixture
def other(browser: Browser) -> Iterator[Page]:
    """Another visitor."""
    context = browser.new_context(viewport=WIDE)
    yield context.new_page()
    context.close()


def columns(page: Page) -> dict[str, list[str]]:
    """The products of each column in their order."""
    return {
        column.get_attribute("data-key") or "": [
            cell.get_attribute("data-id") or "" for cell in column.locator(".cell").all()
        ]
        for column in page.locator(f"{ANSWERS} .column").all()
    }


def bright(page: Page) -> list[tuple[str, str]]:
    """Column and product of every picture that is not dimmed, once the dimming is done."""
    wait_until_still(page)
    columns_found = page.evaluate(
        """() => {
          const roots = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean);
          const items = roots.flatMap(r => [...r.querySelectorAll('.board.columns .item')]);
          return items.filter(i => getComputedStyle(i).opacity === '1').map(
            i => [i.closest('.column').dataset.key, i.firstElementChild.dataset.id]);
        }"""
    )
    return [(key, product) for key, product in columns_found]


def everywhere(ids_by_method: dict[str, list[str]], product: str) -> list[tuple[str, str]]:
    return [(key, product) for key in ids_by_method if product in ids_by_method[key]]


def shared_by_two(ids_by_method: dict[str, list[str]]) -> tuple[int, str]:
    """A place in the first column of a product that one other column has too."""
    first, *others = ids_by_method.values()
    for place, product in enumerate(first):
        if sum(product in column for column in others) == 1:
            return place, product
    raise AssertionError("this query tells nothing: choose another")


def test_badges_and_rings_show_which_other_methods_found_a_picture(page: Page, app: str) -> None:
    open_page(page, app, f"?methods={','.join(METHODS)}")
    ids_by_method = columns(page)
    for number, key in enumerate(METHODS):
        column = page.locator(f"{ANSWERS} .column").nth(number)
        only = 0
        for place, product in enumerate(ids_by_method[key]):
            having = len(everywhere(ids_by_method, product))
            item = column.locator(".item").nth(place)
            badge = "only here" if having == 1 else f"{having} of 3"
            expect(item.locator(".shared_by")).to_have_text(badge)
            ring = "getComputedStyle(e.querySelector('.frame'), '::before').borderTopStyle"
            assert (item.evaluate(f"e => {ring}") == "dashed") == (having == 1), "not colour alone"
            description = item.locator(".cell").get_attribute("aria-description") or ""
            assert description.startswith("nearer than ")
            assert badge in description
            for other in ids_by_method:
                if other != key and product in ids_by_method[other]:
                    assert re.search(
                        rf"rank {ids_by_method[other].index(product) + 1}=? by ", description
                    )
            only += having == 1
        expect(column.locator(".unique_note")).to_have_text(f"{only} only here")


def test_pointing_at_a_picture_highlights_it_in_every_column(page: Page, app: str) -> None:
    open_page(page, app, f"?methods={','.join(METHODS)}")
    ids_by_method = columns(page)
    everything = [(key, product) for key in ids_by_method for product in ids_by_method[key]]
    assert bright(page) == everything
    place, product = shared_by_two(ids_by_method)
    before = page.evaluate("performance.getEntriesByType('resource').length")
    page.locator(CELLS).nth(place).hover()
    assert bright(page) == everywhere(ids_by_method, product)
    expect(page.locator(HINT)).to_contain_text(re.compile(r"2 of 3: .*rank \d+=? by "))
    expect(page.locator(HINT)).to_contain_text(re.compile(r"Cosine [\d.]+: nearer than "))
    hint = page.locator(HINT).bounding_box()
    column = page.locator(f"{ANSWERS} .column").first.bounding_box()
    assert hint
    assert column
    assert hint["x"] + hint["width"] <= column["x"] + column["width"] + 1, "others stay in sight"
    page.mouse.move(5, 5)
    assert bright(page) == everything
    expect(page.locator(HINT)).to_have_count(0)
    assert page.evaluate("performance.getEntriesByType('resource').length") == before, "no rerun"


def test_the_keyboard_highlights_a_picture_and_escape_closes_its_details(
    page: Page, app: str
) -> None:
    open_page(page, app, f"?methods={','.join(METHODS)}")
    ids_by_method = columns(page)
    place, product = shared_by_two(ids_by_method)
    page.locator(f"{ANSWERS} .info").first.focus()
    page.keyboard.press("Tab")
    for _ in range(place):
        page.keyboard.press("ArrowRight")
    expect(page.locator(CELLS).nth(place)).to_be_focused()
    assert bright(page) == everywhere(ids_by_method, product)
    expect(page.locator(HINT)).to_contain_text("2 of 3: ")
    page.keyboard.press("Escape")
    expect(page.locator(HINT)).to_have_count(0)
    page.keyboard.press("Enter")
    wait_for_query(page, product)
    new = columns(page)
    assert bright(page) == [(key, other) for key in new for other in new[key]], "all of the new"


def test_pointing_at_two_methods_highlights_shared_results_and_pressing_shows_the_figures(
    page: Page, app: str
) -> None:
    open_page(page, app, f"?methods={','.join(METHODS)}")
    ids_by_method = columns(page)
    common = set(ids_by_method["efficientnet"]) & set(ids_by_method["lit"])
    assert common
    pair = page.get_by_role("button", name="EfficientNet-Lite0 · LiT")
    expect(pair).to_contain_text(re.compile(rf"{len(common)} of 12\s*RBO \d\.\d\d"))
    expected = [(k, p) for k in ("efficientnet", "lit") for p in ids_by_method[k] if p in common]
    pair.hover()
    assert bright(page) == expected
    page.mouse.move(5, 5)
    page.locator(".pair").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(pair).to_be_focused()
    assert bright(page) == expected
    page.keyboard.press("Enter")
    tip = page.locator(".two .tip:popover-open")
    expect(tip).to_contain_text(f"EfficientNet-Lite0 and LiT have {len(common)} of their first 12")
    expect(tip).to_contain_text("Webber, Moffat and Zobel 2010")
    page.keyboard.press("Escape")
    expect(tip).to_have_count(0)


def test_the_button_walks_through_where_the_methods_differ(
    page: Page, app: str, built: object
) -> None:
    least = load_neighbours(open_catalogue(f"{built}/demo")).sort_by_disagreement(METHODS)
    open_page(page, app, f"?methods={','.join(METHODS)}")
    first = read_query(page)
    button = page.get_by_role("button", name="Where they differ")
    button.click()
    wait_for_query(page, least[0])
    expect(button).to_have_text(f"Where they differ: 1 of {PRODUCTS}")
    button.click()
    wait_for_query(page, least[1])
    expect(button).to_have_text(f"Where they differ: 2 of {PRODUCTS}")
    page.reload()
    wait_for_query(page, least[1])
    expect(button).to_have_text(f"Where they differ: 2 of {PRODUCTS}")
    page.go_back()
    wait_for_query(page, least[0])
    page.go_back()
    wait_for_query(page, first)
    page.locator(CELLS).first.click()
    expect(button).to_have_text("Where they differ")


def test_weak_matches_are_faded_below_a_line(page: Page, app: str) -> None:
    open_page(page, app, "?text=quarterly+report&methods=conse,lit&weak=88")
    lit = page.locator(f"{ANSWERS} .column").nth(1)
    weak = lit.locator(".item.weak")
    count = weak.count()
    assert 0 < count < 12
    expect(lit.locator(".turn:visible")).to_have_text("weak matches from here on")
    line = lit.locator(".turn:visible").bounding_box()
    boxes = [item.locator(".frame").bounding_box() for item in lit.locator(".item").all()]
    assert line
    for place, box in enumerate(boxes):
        assert box
        assert (box["y"] > line["y"]) == (place >= 12 - count)
    assert weak.first.locator("img").evaluate("e => getComputedStyle(e).opacity") == "0.4"
    assert "weak match" in (weak.first.locator(".cell").get_attribute("aria-label") or "")
    none_good = page.locator(f"{ANSWERS} .column").first
    expect(none_good.locator(".message")).to_contain_text("No good match")
    expect(none_good.locator(".turn:visible")).to_have_count(0)
    lit.locator(".cell").nth(11 - count).focus()
    page.keyboard.press("ArrowDown")
    focused = lit.locator(".item.weak .cell:focus")
    expect(focused).to_have_count(1)


def test_visitors_do_not_share_settings(page: Page, other: Page, app: str) -> None:
    open_page(page, app, "?methods=pixels,lit&weak=100&k=4")
    open_page(other, app, "?methods=pixels,efficientnet,conse&weak=0&k=8")
    for _ in range(2):
        page.locator(CELLS).first.click()
        other.locator(CELLS).nth(9).click()
        for visitor in (page, other):
            expect(visitor.locator(f"{CELLS}.busy")).to_have_count(0)
            visitor.wait_for_function(LOADED)
        expect(page.locator(f"{ANSWERS} .item.weak")).to_have_count(8)
        expect(other.locator(f"{ANSWERS} .item.weak")).to_have_count(0)
        expect(page.locator(".pair")).to_have_count(1)
        expect(other.locator(".pair")).to_have_count(3)
        assert all("of 2" in t or t == "only here" for t in texts(page, ".shared_by"))
        assert all("of 3" in t or t == "only here" for t in texts(other, ".shared_by"))
    weak = page.get_by_label("Weak below")
    weak.fill("0")
    weak.press("Enter")
    expect(page.locator(f"{ANSWERS} .item.weak")).to_have_count(0)
    assert "weak=0" in page.url


def texts(page: Page, name: str) -> list[str]:
    return [text for text in page.locator(f"{ANSWERS} {name}").all_inner_texts() if text]


def test_on_a_phone_the_row_is_swiped_and_every_badge_fits(page: Page, app: str) -> None:
    page.set_viewport_size(NARROW)
    open_page(page, app)
    row = page.locator(".agreement:visible").bounding_box()
    assert row
    assert row["height"] < 50
    assert row["x"] + row["width"] <= NARROW["width"]
    expect(page.get_by_role("button", name="Where they differ")).to_be_in_viewport(ratio=1)
    for item in page.locator(f"{ANSWERS} .item").all()[:12]:
        cell, badge = item.bounding_box(), item.locator(".shared_by").bounding_box()
        assert cell
        assert badge
        assert badge["x"] + badge["width"] <= cell["x"] + cell["width"]
