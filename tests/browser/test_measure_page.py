"""The Measure page in a browser: from a figure to the products behind it, and on to Compare."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from harness.app import NARROW
from harness.pages import ANSWERS, wait_for_query, wait_until_still
from similarity import Catalogue
from similarity.measures.metrics.schema import load_metrics
from similarity.measures.neighbours.differences import MethodComparison, compare_methods
from similarity.measures.neighbours.right import list_disagreements
from similarity.measures.neighbours.schema import WALK_K, load_neighbours
from similarity.ui.shared.split import PAGE_SIZE

ROWS = ".rows .row:has(.query)"
DIFFER = "?open=differ"


def measure(page: Page, address: str, parameters: str = "") -> None:
    """Open the page and wait until its last part is there."""
    page.goto(f"{address}/measure{parameters}")
    expect(page.get_by_text("Over-recommended products:")).to_be_visible()
    if "differ" in parameters:
        expect(page.locator(ROWS)).to_have_count(PAGE_SIZE)


def histogram(page: Page) -> Locator:
    return page.locator("[data-testid=stVegaLiteChart][aria-label*='share how many of']")


def brush(page: Page, first: int, last: int) -> None:
    """Drag over the histogram's bars from `first` to `last`."""
    chart = histogram(page)
    chart.scroll_into_view_if_needed()
    wait_until_still(page)
    bars = chart.locator("g.mark-rect:not([class*=brush]) path")
    boxes = [bars.nth(number).bounding_box() for number in (first, last)]
    top = chart.bounding_box()
    assert boxes[0]
    assert boxes[1]
    assert top
    page.mouse.move(boxes[0]["x"] + 3, top["y"] + 40)
    page.mouse.down()
    page.mouse.move(boxes[0]["x"] + 20, top["y"] + 60, steps=3)
    page.mouse.move(boxes[1]["x"] + boxes[1]["width"] - 3, top["y"] + 60, steps=5)
    page.mouse.up()


def compared(catalogue: Catalogue, one: str, other: str, k: int) -> MethodComparison:
    categories = catalogue.products["category"].tolist()
    return compare_methods(load_neighbours(catalogue), one, other, k, categories)


def ordered(catalogue: Catalogue, comparison: MethodComparison, rows: list[int]) -> list[int]:
    """The rows, with the largest differences in right results first."""
    neighbours = load_neighbours(catalogue)
    categories = catalogue.products["category"].to_numpy(dtype=object)
    pair = [comparison.one, comparison.other]
    products = list_disagreements(neighbours, categories, pair, WALK_K)
    places = {product: i for i, product in enumerate(products)}
    return sorted(rows, key=lambda row: places.get(neighbours.products[row], len(places)))


def listed(page: Page, catalogue: Catalogue, expected: list[int]) -> None:
    """Wait until these rows of the sample are shown, in this order, and no others."""
    ids = [load_neighbours(catalogue).products[row] for row in expected[:PAGE_SIZE]]
    for place, product in enumerate(ids):
        image = page.locator(f"{ROWS} .query img").nth(place)
        expect(image).to_have_attribute("src", re.compile(product))
    expect(page.locator(ROWS)).to_have_count(len(ids))


def test_the_scorecard_shows_every_figure_with_its_interval_on_request(
    page: Page, app: str, catalogue: Catalogue
) -> None:
    metrics = load_metrics(catalogue)
    measure(page, app)
    heads = page.locator(".scorecard thead th")
    expect(heads.last).to_be_visible()
    titles = [text.split("\n")[0] for text in heads.all_inner_texts()]
    assert titles[-4:] == ["Customer photo", "Speed", "Size", "Licence"]
    (colour,) = (each for each in metrics.attributes if each.name == "colour")
    figure = colour.tables["whole"].figures["pixels"]["P@10"]
    cell = page.locator(".scorecard tbody tr").nth(0).locator("td").nth(titles.index("Colour"))
    expect(cell.locator(".value")).to_contain_text(f"{100 * figure.mean:.0f} %")
    assert f"n {metrics.queries:,}" in (cell.get_attribute("title") or "")
    expect(cell.locator(".interval")).to_be_hidden()
    page.get_by_text("Intervals", exact=True).click()
    expect(page).to_have_url(re.compile("intervals=1"))
    expect(cell.locator(".interval")).to_be_visible()
    expect(cell.locator(".interval")).to_have_text(
        f"{100 * figure.low:.0f}–{100 * figure.high:.0f} %"
    )
    row = page.locator(".scorecard tbody tr").last.locator("td")
    expect(row.nth(titles.index("Colour")).locator(".value")).to_contain_text("*")
    expect(row.nth(titles.index("Colour")).locator(".place")).to_have_count(0)


def test_a_section_opens_and_closes_by_keyboard_and_stays_open_in_a_link(
    page: Page, app: str
) -> None:
    measure(page, app)
    summary = page.locator(".stExpander summary").filter(has_text="Speed and size")
    for _ in range(2):
        wait_until_still(page)
        summary.press("Enter")
        expect(page).to_have_url(re.compile("open=cost"))
        expect(page.get_by_text("Measured on ")).to_be_visible()
        page.reload()
        expect(page.get_by_text("Measured on ")).to_be_visible()
        wait_until_still(page)
        summary.press("Enter")
        expect(page).not_to_have_url(re.compile("open="))
        expect(page.get_by_text("Measured on ")).to_be_hidden()


def test_bars_that_are_brushed_list_their_products_and_one_opens_on_compare(
    page: Page, app: str, catalogue: Catalogue
) -> None:
    measure(page, app, DIFFER)
    comparison = compared(catalogue, "pixels", "lit", 12)
    listed(page, catalogue, ordered(catalogue, comparison, comparison.list_rows("all", 0, 12)))
    brush(page, 2, 4)
    expect(page).to_have_url(re.compile(r"common=2-4"))
    listed(page, catalogue, ordered(catalogue, comparison, comparison.list_rows("all", 2, 4)))

    # another k keeps the bars that are brushed, and what is listed is right by that k
    page.get_by_role("slider", name="Compare the first").press("ArrowRight")
    expect(page).to_have_url(re.compile(r"first=13"))
    comparison = compared(catalogue, "pixels", "lit", 13)
    expected = ordered(catalogue, comparison, comparison.list_rows("all", 2, 4))
    listed(page, catalogue, expected)

    # what both have is shown once, then what one alone has
    split, ids = comparison.split_results(expected[0]), catalogue.products.index
    groups = page.locator(ROWS).first.locator(".group")
    for place, positions in enumerate((split.common, split.only_one, split.only_other)):
        cells = groups.nth(place).locator(".cell img")
        expect(cells).to_have_count(len(positions))
        shown_ids = [Path(c.get_attribute("src") or "").stem for c in cells.all()]
        assert shown_ids == [ids[position] for position in positions]

    query = page.locator(f"{ROWS} .query").first
    product = Path(query.locator("img").get_attribute("src") or "").stem
    query.click()
    wait_for_query(page, product)
    expect(page.locator(f"{ANSWERS} .column")).to_have_count(2)
    page.go_back()
    expect(page).to_have_url(re.compile(r"/measure.*common=2-4"))
    listed(page, catalogue, expected)


def test_queries_that_only_one_method_gets_right_are_found_by_keyboard(
    page: Page, app: str, catalogue: Catalogue
) -> None:
    measure(page, app, f"{DIFFER}&pair=pixels,efficientnet")
    comparison = compared(catalogue, "pixels", "efficientnet", 12)
    rows = comparison.list_rows("other", 0, 12)
    page.get_by_role("radio", name=f"EfficientNet-Lite0 right, Pixels wrong: {len(rows)}").press(
        "Space"
    )
    listed(page, catalogue, ordered(catalogue, comparison, rows))
    page.get_by_role("slider", name="Shared results").last.press("Home")
    expect(page).to_have_url(re.compile(r"common=0-0"))
    listed(page, catalogue, ordered(catalogue, comparison, comparison.list_rows("other", 0, 0)))
    first = page.locator(f"{ROWS} .cell").first
    first.focus()
    first.press("Enter")
    expect(page).to_have_url(re.compile(r"product=.*methods=pixels(,|%2C)efficientnet"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_passes_axe_and_fits_a_phone(page: Page, app: str, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size(NARROW)
    measure(page, app, "?open=attribute-1,differ,categories,agree,cost,hubs&intervals=1")
    wide = page.evaluate("document.querySelector('.stMain').scrollWidth")
    assert wide <= NARROW["width"], "the page does not scroll sideways"
    # Vega draws the brush as a picture without a name; the chart has one, and there is a slider.
    violations = Axe().run(page, context={"exclude": [["g[class*=brush]"]]}).response["violations"]
    assert [v["id"] for v in violations if v["impact"] in ("serious", "critical")] == []


def test_tables_are_exported(page: Page, app: str) -> None:
    measure(page, app)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Figures, CSV").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "attribute,gallery,method,metric,mean,low,high,n,rank"
    assert len(lines) == 1 + 4 * 2 * 5 * 5
