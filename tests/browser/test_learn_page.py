"""The Learn page in a browser: its way from top to bottom, by mouse, keyboard and on a phone."""

import re
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from harness.app import NARROW
from harness.pages import ANSWERS, CELLS, LOADED, QUERY, open_page, wait_for_query
from similarity import METHODS
from similarity.catalogue import Catalogue
from similarity.perturbations import rotate
from similarity.ui.learn import explain
from similarity.ui.learn.choices import choose_different

READY = "captions find their own picture first"
LINES = ".start path.lit"


def learn(page: Page, address: str, parameters: str = "") -> None:
    """Open the page and wait until all its parts are there."""
    page.goto(f"{address}/learn{parameters}")
    settled(page)


def settled(page: Page) -> None:
    expect(page.get_by_text(READY)).to_be_visible()
    expect(page.get_by_text("Loading", exact=False)).to_have_count(0)
    expect(page.locator(".matrix").get_by_role("table")).to_have_count(3)


def numbers(table: Locator) -> np.ndarray:
    """What a matrix shows, row by row."""
    rows = table.get_by_role("row").all()[1:]
    return np.array(
        [[float(cell) for cell in row.locator(".cell").all_inner_texts()] for row in rows]
    )


def test_a_presenter_walks_from_a_product_on_compare_to_a_method_and_back(
    page: Page, app: str, catalogue: Catalogue
) -> None:
    open_page(page, app)
    product = page.locator(CELLS).nth(5).get_attribute("data-id") or ""
    page.locator(CELLS).nth(5).click()
    wait_for_query(page, product)
    page.get_by_role("link", name="Learn").click()
    settled(page)
    expect(page.locator(".board.strip .cell[aria-current]").first).to_have_count(1)
    picture = catalogue.read_picture(asked_for(page))
    assert asked_for(page) == product

    # 1: hovering tells the numbers of a pixel
    values = np.asarray(explain.squash(picture))
    plane = page.locator(".plane").nth(2)
    box = plane.bounding_box()
    assert box
    plane.hover(position={"x": box["width"] * 100.5 / 224, "y": box["height"] * 60.5 / 224})
    red, green, blue = values[60, 100] / 255
    text = f"Row 61, column 101: red {red:.3f}, green {green:.3f}, blue {blue:.3f}."
    expect(page.locator(".numbers .said")).to_contain_text(text)
    first = 3 * (60 * 224 + 100) + 1
    expect(page.locator(".numbers .said")).to_contain_text(f"{first:,} to {first + 2:,} of 150,528")
    # and the arrow keys do
    page.locator(".plane").first.focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".numbers .said")).to_contain_text("Row 71, column 100")

    # a slider answers
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowLeft")
    cosine = explain.compute_likeness(METHODS["pixels"], [picture, rotate(picture, 165)])[0, 1]
    metrics = page.get_by_test_id("stMetricValue")
    expect(metrics.filter(has_text=f"{cosine:.3f}").first).to_be_visible()
    expect(page).to_have_url(re.compile("turn=165"))

    # 2: another second product
    second = page.get_by_label("Second product").locator(".cell").nth(3)
    other = second.get_attribute("data-id") or ""
    second.click()
    expect(page).to_have_url(re.compile(f"beside={other}"))
    features, _ = explain.compute_classifier_outputs([picture, catalogue.read_picture(other)])
    cosine = explain.compute_cosines(features[0], [features[1]])[0]
    expect(metrics.filter(has_text=f"{cosine:.3f}")).to_be_visible()

    # 4: the matrix is that of the method, and takes a caption of one's own
    different = choose_different(catalogue.products, product)
    pictures = [catalogue.read_picture(one) for one in different]
    texts = [str(catalogue.products["caption"][one]) for one in different]
    words = page.locator(".matrix").get_by_role("table").nth(2)
    assert (
        np.abs(numbers(words) - explain.compare_texts(METHODS["lit"], texts, pictures)).max()
        < 0.006
    )
    caption = page.get_by_label("Your own caption")
    caption.fill("a pair of shoes")
    caption.press("Enter")
    expect(words.get_by_role("row")).to_have_count(10)
    cosines = explain.compare_texts(METHODS["lit"], ["a pair of shoes"], pictures)
    assert np.abs(numbers(words)[-1] - cosines[0]).max() < 0.006

    # 6: the path lights up and ends in a method
    guide = page.locator(".start")
    answers = ("Similar products, by a picture", "No", "Everyday photographs of anything")
    for lit, answer in enumerate(answers, 1):
        guide.locator(".way.open > .answer, .way:not(.way .way) > .answer").filter(
            has_text=re.compile(f"^{answer}$")
        ).first.click()
        expect(page.locator(LINES)).to_have_count(lit)
    guide.get_by_role("button", name="A laptop or small server").press("Enter")
    expect(page.get_by_role("heading", name="Start with EfficientNet-Lite0")).to_be_visible()
    expect(page).to_have_url(re.compile("guide=alike.no.yes.laptop"))
    page.go_back()
    expect(page.get_by_role("heading", name="Start with EfficientNet-Lite0")).to_have_count(0)
    page.go_forward()
    expect(page.get_by_role("heading", name="Start with EfficientNet-Lite0")).to_be_visible()

    # and a hard query opens on Compare
    page.get_by_text("A spelling mistake.").click()
    page.get_by_role("link", name=re.compile("without a pattern")).click()
    expect(page.locator(f"{QUERY} h1")).to_contain_text("without a pattern")
    expect(page.locator(f"{ANSWERS} .cell").first).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Start with EfficientNet-Lite0")).to_be_visible()
    expect(page.get_by_role("checkbox", name=re.compile("spelling"))).to_be_checked()


def asked_for(page: Page) -> str:
    """The product that the address asks for."""
    hits = re.search("product=([0-9a-f]{20})", page.url)
    assert hits
    return hits[1]


def test_training_is_seen_in_the_batch_and_the_button_draws_another(page: Page, app: str) -> None:
    learn(page, app)
    before, after = (
        numbers(page.locator(".matrix").get_by_role("table").nth(nth)) for nth in (0, 1)
    )
    separation = [m.diagonal().mean() - m[~np.eye(8, dtype=bool)].mean() for m in (before, after)]
    assert separation[1] > 10 * abs(separation[0])
    page.get_by_role("button", name="Draw other views").click()
    page.wait_for_function(
        "old => document.querySelector('.stApp') && old !== [...document.querySelectorAll('*')]"
        ".map(e => e.shadowRoot?.querySelector('[role=table]')).filter(Boolean)[1].innerText",
        arg=page.locator(".matrix").get_by_role("table").nth(1).inner_text(),
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_passes_axe_and_fits_a_phone(page: Page, app: str, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    learn(page, app, "?guide=words.no.english&caption=a+red+thing")
    violations = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []
    page.set_viewport_size(NARROW)
    width = f"document.documentElement.scrollWidth === {NARROW['width']}"
    page.wait_for_function(width)
    for table in page.locator(".matrix").get_by_role("table").all():
        box = table.bounding_box()
        assert box
        assert box["x"] + box["width"] <= NARROW["width"]
    page.wait_for_function(LOADED)
    results = page.locator(".start .answer").filter(visible=True)
    expect(results).to_have_count(3 + 2 + 2)  # the questions on the path alone


def test_the_page_appears_before_any_model_loads_and_its_sliders_respond(
    page: Page, built: Path, start: object
) -> None:
    assert callable(start)
    address = start(built).url
    page.goto(f"{address}/learn")
    expect(page.get_by_role("heading", name="What is an embedding?")).to_be_visible()
    expect(page.get_by_text(re.compile("^Loading")).first).to_be_visible()
    # the page's first run is over: a key that is pressed while it draws the slider can be lost
    expect(page.get_by_role("link", name="a live elephant")).to_be_visible()  # drawn last
    page.get_by_role("slider").first.press("ArrowLeft")
    expect(page.get_by_alt_text("rotated by 165°")).to_be_visible()
