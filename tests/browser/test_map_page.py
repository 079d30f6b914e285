"""The Map page in a browser: what is chosen on one map is lit on all, and lines tell the truth."""

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from harness.app import NARROW, WIDE
from harness.pages import open_page, wait_until_still
from similarity import Catalogue
from similarity.measures.maps.changes import group_changes
from similarity.measures.maps.schema import K, Maps, load_maps

EDGE = 28  # px that a map leaves in its frame, as in plane.js
FRAMES = ".plane .frame"


@pytest.fixture
def maps(catalogue: Catalogue) -> Maps:
    return load_maps(catalogue)


class Corner(NamedTuple):
    """A place on the screen, in px."""

    x: float
    y: float


def charted(page: Page, address: str, parameters: str = "") -> None:
    """Open the page and wait until all maps are drawn."""
    page.goto(f"{address}/map{parameters}")
    expect(page.locator(f"{FRAMES}:not([data-lit])")).to_have_count(0)
    expect(page.locator(f"{FRAMES}[data-lit]").first).to_be_visible()


def frame(page: Page, method: str) -> Locator:
    return page.locator(f'.plane[data-key="{method}"] .frame')


def lit(page: Page, method: str) -> set[str]:
    return set((frame(page, method).get_attribute("data-lit") or "").split())


def screen(page: Page, maps: Maps, method: str) -> npt.NDArray[np.float64]:
    """Where each product of a map that shows all of it is on the screen: (n, 2)."""
    frame(page, method).scroll_into_view_if_needed()
    wait_until_still(page)
    box = frame(page, method).bounding_box()
    assert box
    places = maps.coordinates[method].astype(float)
    low, high = places.min(0), places.max(0)
    scale = min((np.array([box["width"], box["height"]]) - EDGE) / (high - low))
    at = (places - (low + high) / 2) * scale * [1, -1]
    return at + np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])


def drag(page: Page, *corners: Corner) -> None:
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner, steps=4)
    page.mouse.up()


def count_near(at: npt.NDArray[np.float64]) -> int:
    """The number of a product that stands furthest from the next."""
    far = np.linalg.norm(at[:, None] - at[None], axis=2)
    np.fill_diagonal(far, np.inf)
    return int(np.argmax(far.min(1)))


def test_a_lasso_on_one_map_highlights_the_products_on_the_other(
    page: Page, app: str, maps: Maps
) -> None:
    charted(page, app, "?methods=pixels,efficientnet")
    assert lit(page, "pixels") == set()
    at = screen(page, maps, "pixels")
    middle = np.median(at, axis=0)
    corners = [Corner(*(middle + np.array(step))) for step in ((-100, -90), (110, -80), (0, 120))]
    page.get_by_role("button", name="Lasso", exact=True).click()
    drag(page, *corners)
    # the same by signs of areas: a point is on one side of all three lines
    sides = [
        np.sign((b.x - a.x) * (at[:, 1] - a.y) - (b.y - a.y) * (at[:, 0] - a.x))
        for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)
    ]
    inside = np.flatnonzero((sides[0] == sides[1]) & (sides[1] == sides[2]))
    assert 1 < len(inside) < len(at)
    ids = {maps.neighbours.products[i] for i in inside}
    expect(page.locator(".chosen .title")).to_have_text(f"{len(ids)} products")
    assert lit(page, "pixels") == lit(page, "efficientnet") == ids
    places = maps.coordinates["pixels"][inside].astype(float)
    far = np.linalg.norm(places - places.mean(0), axis=1)
    first = [maps.neighbours.products[inside[i]] for i in np.argsort(far)[:5]]
    pictures = page.locator(".chosen .cell img")
    for place, product in enumerate(first):
        expect(pictures.nth(place)).to_have_attribute("src", re.compile(product))

    page.get_by_role("button", name="Clear the selection").click()
    expect(page.locator(".chosen .title")).to_have_text("Nothing selected")
    assert lit(page, "efficientnet") == set()


def test_a_box_and_a_shared_link_light_the_same_products(page: Page, app: str, maps: Maps) -> None:
    charted(page, app, "?methods=pixels,efficientnet")
    at = screen(page, maps, "efficientnet")
    product = count_near(at)
    near = np.linalg.norm(at - at[product], axis=1)
    reach = np.sort(near)[1] + 4  # itself and the next
    x, y = at[product]
    page.get_by_role("button", name="Box", exact=True).click()
    drag(page, Corner(x - reach, y - reach), Corner(x + reach, y + reach))
    inside = np.flatnonzero((np.abs(at - at[product]) < reach).all(1))
    ids = {maps.neighbours.products[i] for i in inside}
    expect(page).to_have_url(re.compile("selected=.*by=efficientnet"))
    assert lit(page, "pixels") == ids
    page.reload()
    expect(page.locator(".chosen .cell")).to_have_count(len(ids))
    assert lit(page, "pixels") == lit(page, "efficientnet") == ids


def test_lines_lead_to_the_neighbours_that_searches_find_whatever_the_map_says(
    page: Page, app: str, catalogue: Catalogue, maps: Maps
) -> None:
    charted(page, app, "?methods=pixels,lit")
    at = screen(page, maps, "pixels")
    number = count_near(at)
    product = maps.neighbours.products[number]
    page.mouse.move(*at[number])
    expect(page.locator(".tip:visible img")).to_have_attribute("src", re.compile(product))
    page.mouse.click(*at[number])
    expect(page).to_have_url(re.compile(f"selected={product}"))
    for method in ("pixels", "lit"):
        hits = [hit.product for hit in catalogue.search(method, product=product, k=K)]
        assert lit(page, method) == {product, *hits}
        pictures = page.locator(f'.plane[data-key="{method}"] .near img')
        expect(pictures).to_have_count(K)
        for place, hit in enumerate(hits):
            expect(pictures.nth(place)).to_have_attribute("src", re.compile(hit))

    page.locator(".chosen .cell").click()
    expect(page).to_have_url(re.compile(f"product={product}"))
    expect(page.locator(".board.query img")).to_have_attribute("src", re.compile(product))
    page.go_back()
    expect(page.locator(f"{FRAMES}[data-lit]").first).to_be_visible()
    expect(page.locator(".near img")).to_have_count(2 * K)


def test_the_product_of_compare_is_highlighted_until_deselected(
    page: Page, app: str, catalogue: Catalogue
) -> None:
    product = str(catalogue.products.index[7])
    open_page(page, app, f"?product={product}&methods=pixels,lit")
    page.get_by_role("link", name="Evidence").click()
    page.get_by_role("link", name="Map").click()
    expect(page.locator(".near img")).to_have_count(2 * K)
    assert product in lit(page, "lit")
    page.get_by_role("button", name="Clear the selection").click()
    expect(page).to_have_url(re.compile("selected=(&|$)"))
    expect(page.locator(".chosen .title")).to_have_text("Nothing selected")


def test_products_are_shown_selected_and_deselected_by_keyboard(page: Page, app: str) -> None:
    charted(page, app, "?methods=pixels,lit")
    frame(page, "lit").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tip:visible")).to_have_count(1)
    first = page.locator(".tip:visible span").text_content()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".tip:visible span")).not_to_have_text(first or "")
    name = page.locator(".tip:visible span").text_content() or ""
    page.keyboard.press("Enter")
    expect(page.locator(".chosen .title")).to_have_text(name)
    expect(page).to_have_url(re.compile("by=lit"))
    page.keyboard.press("+")
    expect(page.locator('.plane[data-key="lit"]').get_by_title("Zoom out")).to_be_enabled()
    page.keyboard.press("0")
    expect(page.locator('.plane[data-key="lit"]').get_by_title("Zoom out")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("selected="))
    expect(page.locator(".chosen .title")).to_have_text("Nothing selected")


def test_a_group_that_moved_and_a_value_of_the_legend_are_lit_on_all_maps(
    page: Page, app: str, catalogue: Catalogue, maps: Maps
) -> None:
    charted(page, app, "?methods=pixels,efficientnet&colour=category")
    group = group_changes(maps, "pixels", "efficientnet")[0]
    row = page.locator(".rows .row").first
    row.locator(".cell").first.click()
    expect(page).to_have_url(re.compile("selected="))
    expect(page.locator(".chosen .title")).to_have_text(f"{len(group.members)} products")
    ids = {maps.neighbours.products[member] for member in group.members}
    assert lit(page, "pixels") == lit(page, "efficientnet") == ids

    value = page.locator(".legend button").first
    name = value.locator("span").nth(1).text_content()
    value.click()
    of = catalogue.products.index[catalogue.products["category"] == name]
    expect(page.locator(".chosen .title")).to_have_text(f"{len(of)} products")
    assert lit(page, "efficientnet") == set(of)


def test_crowds_of_one_value_have_labels_and_a_selection_is_shown_beside_the_maps(
    page: Page, app: str
) -> None:
    page.set_viewport_size(WIDE)
    charted(page, app, "?methods=pixels,efficientnet&colour=category")
    expect(frame(page, "efficientnet")).to_have_attribute("data-labels", re.compile("[1-9]"))
    page.locator(".legend button").first.click()
    expect(page.locator(".chosen .cell").first).to_be_visible()
    planes, panel = (page.locator(name).bounding_box() for name in (".planes", ".chosen"))
    assert planes
    assert panel
    assert panel["x"] >= planes["x"] + planes["width"]
    assert panel["y"] < planes["y"] + planes["height"]


def test_missing_maps_and_browsers_that_cannot_draw_are_reported(page: Page, app: str) -> None:
    page.route("**/maps/**", lambda route: route.fulfill(status=404, body="none"))
    page.goto(f"{app}/map?methods=pixels")
    expect(page.get_by_text("The maps could not be loaded")).to_be_visible()
    page.unroute("**/maps/**")
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto(f"{app}/map?methods=lit")
    expect(page.get_by_text("This browser can't draw the maps")).to_be_visible()


def test_no_other_file_is_served(page: Page, app: str) -> None:
    with page.expect_request(re.compile("products.json")) as request:
        charted(page, app, "?methods=pixels")
    version = request.value.url.split("/")[-2]
    for path in (
        "demo/0/products.json",
        f"demo/{version}/other.bin",
        f"demo/{version}/..%2Fcatalogue.json",
        f"other/{version}/pixels.bin",
    ):
        assert page.request.get(f"{app}/maps/{path}").status in (400, 404), path
    assert page.request.get(f"{app}/maps/demo/{version}/pixels.bin").status == 200


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_passes_axe_and_fits_a_phone(
    page: Page, app: str, catalogue: Catalogue, theme: str
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size(NARROW)
    charted(page, app, f"?methods=pixels,lit&selected={catalogue.products.index[0]}")
    expect(page.locator(".near img")).to_have_count(2 * K)
    wide = page.evaluate("document.querySelector('.stMain').scrollWidth")
    assert wide <= NARROW["width"], "the page does not scroll sideways"
    boxes = [frame(page, method).bounding_box() for method in ("pixels", "lit")]
    first, second = (box["y"] + box["height"] for box in boxes if box)
    assert second - first > NARROW["width"] / 2, "one below the other"
    violations = Axe().run(page).response["violations"]
    assert [v["id"] for v in violations if v["impact"] in ("serious", "critical")] == []
