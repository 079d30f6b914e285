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
from similarity.catalogue import Catalogue
from similarity.catalogues import open_catalogue
from similarity.display.criterion import Criterion, mark_wrong
from similarity.measures.neighbours.right import list_disagreements
from similarity.measures.neighbours.schema import load_neighbours
from similarity.ui.shared.browse import get_first_product

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
    open_page(page, app, f"?details=1&methods={','.join(METHODS)}")
    ids_by_method = columns(page)
    for number, key in enumerate(METHODS):
        column = page.locator(f"{ANSWERS} .column").nth(number)
        only = 0
        for place, product in enumerate(ids_by_method[key]):
            having = len(everywhere(ids_by_method, product))
            item = column.locator(".item").nth(place)
            badge = "unique" if having == 1 else f"{having} of 3"
            expect(item.locator(".shared_by")).to_have_text(badge)
            ring = "getComputedStyle(e.querySelector('.frame'), '::before').borderTopStyle"
            is_wrong = "wrong" in (item.get_attribute("class") or "").split()
            has_ring = item.evaluate(f"e => {ring}") == "dashed"
            assert has_ring == (having == 1 and not is_wrong)
            description = item.locator(".cell").get_attribute("aria-description") or ""
            assert description.startswith("at least as near as ")
            assert badge in description
            for other in ids_by_method:
                if other != key and product in ids_by_method[other]:
                    assert re.search(
                        rf"rank {ids_by_method[other].index(product) + 1}=? by ", description
                    )
            only += having == 1
        expect(column.locator(".unique_note")).to_have_text(f"{only} unique")


def test_pointing_at_a_picture_highlights_it_in_every_column(
    page: Page, app: str, catalogue: Catalogue
) -> None:
    product = get_first_product(catalogue)
    open_page(page, app, f"?product={product}&methods={','.join(METHODS)}")
    ids_by_method = columns(page)
    everything = [(key, product) for key in ids_by_method for product in ids_by_method[key]]
    assert bright(page) == everything
    place, product = shared_by_two(ids_by_method)
    before = page.evaluate("performance.getEntriesByType('resource').length")
    page.locator(CELLS).nth(place).hover()
    assert bright(page) == everywhere(ids_by_method, product)
    expect(page.locator(HINT)).to_contain_text(re.compile(r"2 of 3: .*rank \d+=? by "))
    expect(page.locator(HINT)).to_contain_text(re.compile(r"Cosine [\d.]+: at least as near as "))
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
    page: Page, app: str, catalogue: Catalogue
) -> None:
    product = get_first_product(catalogue)
    open_page(page, app, f"?product={product}&methods={','.join(METHODS)}")
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
    open_page(page, app, f"?details=1&methods={','.join(METHODS)}")
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
    expect(tip).to_contain_text(f"EfficientNet-Lite0 and LiT share {len(common)} of their first 12")
    expect(tip).to_contain_text("Webber, Moffat and Zobel 2010")
    page.keyboard.press("Escape")
    expect(tip).to_have_count(0)


def test_the_button_walks_through_where_the_methods_disagree_in_what_is_right(
    page: Page, app: str, built: object
) -> None:
    catalogue = open_catalogue(f"{built}/demo")
    categories = catalogue.products["category"].to_numpy(dtype=object)
    walk = list_disagreements(load_neighbours(catalogue), categories, METHODS, 12)
    open_page(page, app, f"?methods={','.join(METHODS)}")
    wait_for_query(page, walk[0])
    button = page.get_by_role("button", name="Next disagreement")
    button.click()
    wait_for_query(page, walk[1])
    button.click()
    wait_for_query(page, walk[2])
    page.reload()
    wait_for_query(page, walk[2])
    button.click()
    wait_for_query(page, walk[3])
    page.go_back()
    wait_for_query(page, walk[2])
    page.locator(CELLS).first.click()
    expect(page.locator(f"{CELLS}.busy")).to_have_count(0)
    button.click()
    wait_for_query(page, walk[0])


def test_pictures_that_come_to_be_under_a_resting_pointer_fade_nothing(
    page: Page, app: str
) -> None:
    open_page(page, app, f"?methods={','.join(METHODS)}")
    cell = page.locator(CELLS).nth(4)
    product = cell.get_attribute("data-id") or ""
    cell.click()
    wait_for_query(page, product)
    new = columns(page)
    assert bright(page) == [(key, other) for key in new for other in new[key]]
    page.mouse.move(300, 400)
    page.mouse.move(301, 401)
    faded = "e => getComputedStyle(e).opacity"
    wait_until_still(page)
    opacities = {float(item.evaluate(faded)) for item in page.locator(f"{ANSWERS} .item").all()}
    assert opacities == {1, 0.6}


def test_wrong_results_have_a_cross(page: Page, app: str, catalogue: Catalogue) -> None:
    open_page(page, app)
    categories = catalogue.products["category"]
    category = categories[read_query(page)]
    possible = int((categories == category).sum()) - 1
    for column, ids in zip(
        page.locator(f"{ANSWERS} .column").all(), columns(page).values(), strict=True
    ):
        rows = [{"category": categories[product]} for product in ids]
        right = sum(row["category"] == category for row in rows)
        expect(column.locator(".headline")).to_contain_text(f"{right}/{min(12, possible)}")
        wrong = sum(mark_wrong(Criterion({"category": category}, possible), rows))
        expect(column.locator(".cross:visible")).to_have_count(wrong)


def test_rows_stay_aligned_beside_a_warning(page: Page, app: str) -> None:
    # ConSE takes it for what is most like a lawn mower here, and LiT for nothing
    open_page(page, app, "?text=a+lawn+mower")
    expect(page.locator(f"{ANSWERS} .message:visible")).to_have_text(["No good match."])
    tops = [
        [round((frame.bounding_box() or {"y": 0})["y"]) for frame in column.locator(".frame").all()]
        for column in page.locator(f"{ANSWERS} .column").all()
    ]
    assert all(column == tops[0] for column in tops)


@pytest.mark.parametrize("width", [390, 1440])
def test_details_have_the_percentage_at_every_width(page: Page, app: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, app, "?details=1&k=4")
    for cell in page.locator(CELLS).all():
        expect(cell.locator(".percent")).to_be_visible()
        assert cell.locator(".line").evaluate("e => e.scrollWidth <= e.clientWidth")


def test_a_wide_screen_cuts_no_notes_that_a_laptop_shows(page: Page, app: str) -> None:
    cut = []
    for width in (1440, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        open_page(page, app, "?details=1")
        notes = page.locator(f"{CELLS} .notes").all()
        cut.append(sum(note.evaluate("e => e.scrollHeight > e.clientHeight + 1") for note in notes))
    assert cut[1] <= cut[0] <= len(notes) / 2
    expect(page.locator(CELLS).first).to_have_attribute("aria-label", re.compile("category: "))


def test_weak_matches_are_greyed_out(page: Page, app: str) -> None:
    open_page(page, app, "?text=quarterly+report&details=1&weak=88")
    lit = page.locator(f"{ANSWERS} .column").nth(1)
    weak = lit.locator(".item.weak")
    assert 0 < weak.count() < 12
    assert weak.first.locator("img").evaluate("e => getComputedStyle(e).opacity") == "0.6"
    assert "weak match" in (weak.first.locator(".cell").get_attribute("aria-label") or "")
    expect(lit.locator(".message")).to_have_text("No good match.")


def test_visitors_do_not_share_settings(page: Page, other: Page, app: str) -> None:
    open_page(page, app, "?methods=pixels,lit&weak=100&k=4&details=1")
    open_page(other, app, "?methods=pixels,efficientnet,conse&weak=0&k=8&details=1")
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
        assert all("of 2" in t or t == "unique" for t in texts(page, ".shared_by"))
        assert all("of 3" in t or t == "unique" for t in texts(other, ".shared_by"))
    weak = page.get_by_role("spinbutton", name="Grey out weak matches")
    weak.fill("0")
    weak.press("Enter")
    expect(page.locator(f"{ANSWERS} .item.weak")).to_have_count(0)
    assert "weak=0" in page.url


def texts(page: Page, name: str) -> list[str]:
    return [text for text in page.locator(f"{ANSWERS} {name}").all_inner_texts() if text]


def test_on_a_phone_the_row_is_swiped_and_every_badge_fits(page: Page, app: str) -> None:
    page.set_viewport_size(NARROW)
    open_page(page, app, "?details=1")
    row = page.locator(".agreement:visible").bounding_box()
    assert row
    assert row["height"] < 50
    assert row["x"] + row["width"] <= NARROW["width"]
    for item in page.locator(f"{ANSWERS} .item").all()[:12]:
        cell, badge = item.bounding_box(), item.locator(".shared_by").bounding_box()
        assert cell
        assert badge
        assert badge["x"] + badge["width"] <= cell["x"] + cell["width"]
