"""Take the screenshots of the docs: python -m benchmarks.screenshots (needs the built demo).

They have twice the resolution of the page, are cropped to what they show, and are WebP files of at
most 250 KB.
"""

import io
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

from benchmarks.votes import serve_catalogue
from harness.chromium import FLAGS, find_chromium
from harness.pages import ANSWERS, CELLS, LOADED, wait_until_still
from harness.voting import make_sampler, simulate_answers
from precompute.__main__ import main as precompute
from precompute.story import keep_story
from similarity import open_catalogue
from similarity.judgments.judging import create_pool, make_judge_token
from similarity.judgments.pool import DEFAULT_K, make_pool
from similarity.judgments.store import Judgments
from similarity.measures.maps.schema import K, load_maps
from similarity.votes.database import create_vote
from similarity.votes.rows import create_setup, draw_products
from similarity.votes.store import Votes
from similarity.votes.vote import QUESTION

ASSETS = Path(__file__).parents[1] / "assets"
SAMPLE = Path(__file__).parents[1] / "docs" / "samples" / "demo-judgments.csv"
WINDOW = ViewportSize(width=1280, height=1500)
SCALE = 2
MARGIN = 16  # px below what is shown
MAX_BYTES = 250_000
QUALITIES = range(90, 30, -5)
POINTED = 14  # the place of the picture that is pointed at
PATIENT = 60_000  # ms
STEADY = 4  # times in a row that the layout is the same
# as logarithms, and the frequency of ties: the voters in the screenshots are simulated
STRENGTHS = {"pixels": -1.5, "efficientnet": 0.6, "simclr_small": 0.1, "lit": 0.8, "?": 0.0}
TIES, PEOPLE, EACH = -0.6, 24, 20


def main() -> None:
    """Take all screenshots."""
    with sync_playwright() as playwright, serve_catalogue("demo") as address:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            for take in (
                take_answers,
                take_accuracy,
                take_map,
                take_robustness,
                take_learn,
                take_decide,
            ):
                take(browser, address)
            take_votes(browser, address)
            take_judgments(browser, address)
            take_findings(browser, address)
        finally:
            browser.close()


def open_page(browser: Browser, address: str, ready: str = ".cell, .scorecard") -> Page:
    """Open a page and wait for what is ready last."""
    page = browser.new_page(viewport=WINDOW, device_scale_factor=SCALE)
    page.goto(address)
    expect(page.locator(ready).first).to_be_visible(timeout=PATIENT)
    expect(page.get_by_test_id("stSpinner")).to_have_count(0, timeout=PATIENT)
    return page


def save(page: Page, name: str, last: Locator, first: Locator | None = None) -> None:
    """Save a page from its first to its last element that is shown, then close it."""
    boxes: list[object] = []
    while len(boxes) < STEADY or any(each != boxes[-1] for each in boxes[-STEADY:]):
        page.wait_for_timeout(500)
        wait_until_still(page)
        end, start = last.bounding_box(), first.bounding_box() if first else None
        boxes.append((end, start))
    assert end, name
    top = max(0, start["y"] - MARGIN) if start else 0
    height = min(WINDOW["height"], end["y"] + end["height"] + MARGIN) - top
    content = page.screenshot(
        clip={"x": 0, "y": top, "width": WINDOW["width"], "height": height}, animations="disabled"
    )
    page.close()
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    for quality in QUALITIES:
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= MAX_BYTES:
            break
    else:
        raise SystemExit(f"{name} has more than {MAX_BYTES:,} bytes: show less.")
    (ASSETS / f"{name}.webp").write_bytes(buffer.getvalue())
    print(f"{name}.webp: {picture.width} x {picture.height}, {buffer.tell() / 1000:.0f} KB")


def take_answers(browser: Browser, address: str) -> None:
    """Take the first screen, a picture with words, its details, the methods and the filters."""
    page = open_page(browser, f"{address}/?catalogue=demo")
    page.wait_for_function(LOADED)
    save(page, "compare", page.locator(ANSWERS).last)

    products = open_catalogue("demo").products
    is_dress = (products["category"] == "dress") & (products["colour"] == "pink")
    parts = f"product={products.index[is_dress][0]}&text=red&minus=striped"
    page = open_page(browser, f"{address}/?catalogue=demo&{parts}")
    page.wait_for_function(LOADED)
    save(page, "combined", page.locator(ANSWERS).last)

    page = open_page(browser, f"{address}/?catalogue=demo&details=1")
    page.wait_for_function(LOADED)
    page.locator(CELLS).nth(POINTED).hover()
    save(page, "agreement", page.locator(ANSWERS).last)

    page = open_page(browser, f"{address}/?catalogue=demo")
    page.wait_for_function(LOADED)
    page.get_by_role("button", name="Methods:").click()
    listed = page.get_by_test_id("stPopoverBody")
    expect(listed).to_be_visible()
    save(page, "methods", listed)

    page = open_page(
        browser, f"{address}/?catalogue=demo&where.colour=red&where.colour=blue&one_per=category"
    )
    page.wait_for_function(LOADED)
    page.get_by_role("button", name="Filter:").click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    save(page, "filter", page.locator(ANSWERS).last)


def take_accuracy(browser: Browser, address: str) -> None:
    """Take the scorecard."""
    page = open_page(browser, f"{address}/measure?catalogue=demo")
    save(page, "measure", page.locator(".scorecard"))


def take_map(browser: Browser, address: str) -> None:
    """Take the map of a product whose true neighbours are far from it on the first map."""
    maps = load_maps(open_catalogue("demo"))
    places, near = maps.coordinates["pixels"], maps.map_neighbours["pixels"]
    far = np.linalg.norm(places[near] - places[:, None], axis=2).mean(1)
    product = maps.neighbours.products[int(np.argmax(far))]
    methods = "pixels,efficientnet,lit"
    page = open_page(browser, f"{address}/map?catalogue=demo&methods={methods}&selected={product}")
    expect(page.locator(".near img")).to_have_count(3 * K, timeout=PATIENT)
    expect(page.locator(".rows .cell").first).to_be_visible()
    save(page, "map", page.locator(".near").last)


def take_robustness(browser: Browser, address: str) -> None:
    """Take a distorted picture with its results, and the curves."""
    start = f"{address}/robustness?catalogue=demo&change=turn:180&k=8"
    page = open_page(browser, start)
    expect(page.get_by_text("JPEG loss:")).to_be_visible()
    expect(page.locator(CELLS).first).to_be_visible(timeout=PATIENT)
    page.wait_for_function(LOADED)
    heading = page.get_by_role("heading", name="Distort this picture")
    heading.evaluate("e => e.scrollIntoView()")
    save(page, "robustness", page.locator(ANSWERS).last, heading)

    page = open_page(browser, f"{start}&open=areas")
    heading = page.get_by_role("heading", name="One distortion at a time")
    charts = page.get_by_test_id("stVegaLiteChart").filter(visible=True)
    expect(charts.first).to_be_visible(timeout=PATIENT)
    heading.evaluate("e => e.scrollIntoView()")
    save(page, "robustness-curves", charts.last, heading)


def take_learn(browser: Browser, address: str) -> None:
    """Take the first part of the story, and the questions that lead to a method."""
    page = open_page(browser, f"{address}/learn?catalogue=demo")
    numbers = page.get_by_test_id("stMetric").first
    expect(numbers).to_be_visible(timeout=PATIENT)
    save(page, "learn", numbers)

    page = open_page(browser, f"{address}/learn?catalogue=demo&guide=alike.no.yes.laptop")
    tables = page.locator(".matrix").get_by_role("table")
    expect(tables.last).to_be_visible(timeout=PATIENT)  # what is above has its final height
    heading = page.get_by_role("heading", name="Which embedding")
    heading.evaluate("e => e.scrollIntoView()")
    save(page, "learn-guide", page.get_by_text("See EfficientNet-Lite0"), heading)


def take_decide(browser: Browser, address: str) -> None:
    """Take a recommendation, and the methods in a chart and a table."""
    question = "good=attribute-category:3&good=attribute-colour:2"
    page = open_page(
        browser, f"{address}/decide?catalogue=demo&{question}", ".st-key-recommendation h2"
    )
    table = page.get_by_test_id("stTable").first
    expect(table).to_be_visible(timeout=PATIENT)
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible(timeout=PATIENT)
    save(page, "decide", table)


def take_votes(browser: Browser, address: str) -> None:
    """Take a blind vote's question, and the results of simulated voters."""
    catalogue = open_catalogue("demo")
    methods = [key for key in STRENGTHS if key in catalogue.methods]
    queries = draw_products(catalogue, 30, Random(0))
    setup = create_setup(catalogue, methods, "random", queries, 6, QUESTION)
    name, token = create_vote(setup)
    question = ".ballot.whole:not(.waiting)"
    page = open_page(browser, f"{address}/ballot?vote={name}", question)
    save(page, "vote", page.locator(question))

    sampler = make_sampler(setup, STRENGTHS, TIES, np.random.default_rng(1))
    simulate_answers(Votes(name), PEOPLE, EACH, sampler)
    Votes(name).close(token)
    page = open_page(browser, f"{address}/ballot?vote={name}", ".tally")
    save(page, "vote-results", page.get_by_test_id("stVegaLiteChart").last)


def take_judgments(browser: Browser, address: str) -> None:
    """Take what the sample judgments say, and a judge's question."""
    assert precompute(["judge", "demo", "--import", str(SAMPLE)]) == 0
    page = open_page(browser, f"{address}/measure?catalogue=demo&open=judgments")
    heading = page.get_by_test_id("stExpander").get_by_text("By judgments:")
    heading.evaluate("e => e.scrollIntoView()")
    table = page.get_by_test_id("stTable").first
    expect(table).to_be_visible(timeout=PATIENT)
    save(page, "judgments", table, heading)

    catalogue = open_catalogue("demo")
    queries = list(Judgments(catalogue.folder).read_grades("people"))
    pool = make_pool(catalogue, catalogue.methods, queries, DEFAULT_K, 1, 0)
    name, token = create_pool(catalogue.folder, pool)
    question = ".grading.whole:not(.waiting)"
    parameters = f"catalogue=demo&pool={name}&judge={make_judge_token(token, 0)}"
    page = open_page(browser, f"{address}/grade?{parameters}", question)
    save(page, "judge", page.locator(question))


def take_findings(browser: Browser, address: str) -> None:
    """Take the demo's board, and its first slide."""
    keep_story(open_catalogue("demo"))
    page = open_page(browser, f"{address}/findings?catalogue=demo", ".finding")
    expect(page.locator(".finding img").first).to_be_visible(timeout=PATIENT)
    save(page, "findings", page.locator(".finding").nth(3))
    page = open_page(browser, f"{address}/present?catalogue=demo", ".deck.ready")
    page.set_viewport_size({"width": WINDOW["width"], "height": 9 * WINDOW["width"] // 16})
    save(page, "present", page.locator(".controls"))


if __name__ == "__main__":
    main()
