"""Take the README's screenshots: python -m benchmarks.screenshots (needs the built demo)."""

from pathlib import Path
from random import Random

import numpy as np
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from benchmarks.votes import serve_catalogue
from harness.app import NARROW, WIDE
from harness.chromium import FLAGS, find_chromium
from harness.pages import ANSWERS, LOADED
from harness.voting import make_sampler, simulate_answers
from similarity import open_catalogue
from similarity.measures.maps.schema import K, load_maps
from similarity.votes.database import create_vote
from similarity.votes.rows import create_setup, draw_products
from similarity.votes.store import Votes
from similarity.votes.vote import QUESTION

ASSETS = Path(__file__).parents[1] / "assets"
POINTED = 14  # the place of the picture that is pointed at
SHOTS = (
    ("compare.png", "?catalogue=demo", WIDE, "light"),
    ("agreement.png", "?catalogue=demo&details=1", WIDE, "light"),
    ("compare-dark.png", "?catalogue=demo&text=red+backpack", WIDE, "dark"),
    ("compare-narrow.png", "?catalogue=demo", NARROW, "light"),
    ("methods.png", "?catalogue=demo", ViewportSize(width=1440, height=600), "light"),
    ("measure.png", "measure?catalogue=demo", WIDE, "light"),
    (
        "robustness.png",
        "robustness?catalogue=demo&change=turn:180",
        ViewportSize(width=1440, height=1210),
        "light",
    ),
    (
        "robustness-curves.png",
        "robustness?catalogue=demo&change=turn:180&open=areas",
        ViewportSize(width=1440, height=1210),
        "light",
    ),
    ("learn.png", "learn?catalogue=demo", ViewportSize(width=1440, height=1210), "light"),
    ("learn-guide.png", "learn?catalogue=demo&guide=alike.no.yes.laptop", WIDE, "light"),
)
VOTES = (  # the first is taken while it is open, the second when it is closed
    ("vote.png", ViewportSize(width=1440, height=830), "light"),
    ("vote-results.png", ViewportSize(width=1440, height=1290), "light"),
)
# as logarithms, and the frequency of ties: the voters in the screenshots are simulated
STRENGTHS = {"pixels": -1.5, "efficientnet": 0.6, "simclr_small": 0.1, "lit": 0.8, "?": 0.0}
TIES, PEOPLE, EACH = -0.6, 24, 20


def main() -> None:
    """Take all screenshots."""
    with sync_playwright() as playwright, serve_catalogue("demo") as address:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            for name, parameters, size, theme in SHOTS:
                page = browser.new_page(viewport=size)
                page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
                page.goto(f"{address}/{parameters}")
                first = ".scorecard" if name == "measure.png" else ".cell"
                expect(page.locator(first).first).to_be_visible(timeout=60_000)
                if name != "measure.png":
                    page.wait_for_function(LOADED)
                if not name.startswith(("measure", "learn")):  # a text search may wait for a model
                    expect(page.locator(f"{ANSWERS} .cell").first).to_be_visible(timeout=60_000)
                    page.wait_for_function(LOADED)
                expect(page.get_by_test_id("stSpinner")).to_have_count(0, timeout=60_000)
                if name.startswith("robustness"):
                    expect(page.get_by_text("JPEG loss:")).to_be_visible()
                if name == "robustness-curves.png":
                    page.wait_for_timeout(2000)  # until all charts have their final height
                    heading = page.get_by_role("heading", name="One distortion at a time")
                    heading.evaluate("e => e.scrollIntoView()")
                if name.startswith("learn"):
                    expect(page.locator(".matrix").get_by_role("table")).to_have_count(
                        3, timeout=60_000
                    )
                if name == "learn-guide.png":
                    page.get_by_role("heading", name="Which embedding").scroll_into_view_if_needed()
                    page.mouse.move(720, 450)
                    page.mouse.wheel(0, 700)
                if name == "agreement.png":
                    page.locator(f"{ANSWERS} .cell").nth(POINTED).hover()
                if name == "methods.png":
                    page.get_by_role("button", name="Methods:").click()
                page.wait_for_timeout(1000)
                page.screenshot(path=ASSETS / name)
                page.close()
            take_map(browser, address)
            take_votes(browser, address)
        finally:
            browser.close()


def take_map(browser: Browser, address: str) -> None:
    """Take the map of a product whose true neighbours are far from it on the first map."""
    maps = load_maps(open_catalogue("demo"))
    places, near = maps.coordinates["pixels"], maps.map_neighbours["pixels"]
    far = np.linalg.norm(places[near] - places[:, None], axis=2).mean(1)
    product = maps.neighbours.products[int(np.argmax(far))]
    page = browser.new_page(viewport=ViewportSize(width=1440, height=1350))
    page.goto(f"{address}/map?catalogue=demo&methods=pixels,efficientnet,lit&selected={product}")
    expect(page.locator(".near img")).to_have_count(3 * K, timeout=60_000)
    expect(page.locator(".rows .cell").first).to_be_visible()
    page.wait_for_timeout(2000)
    page.screenshot(path=ASSETS / "map.png")
    page.close()


def take_votes(browser: Browser, address: str) -> None:
    """Take a blind vote's question, and the results of simulated voters."""
    catalogue = open_catalogue("demo")
    methods = [key for key in STRENGTHS if key in catalogue.methods]
    queries = draw_products(catalogue, 30, Random(0))
    setup = create_setup(catalogue, methods, "random", queries, 6, QUESTION)
    name, token = create_vote(setup)
    for file, size, theme in VOTES:
        page = browser.new_page(viewport=size)
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        if file == "vote-results.png":
            sampler = make_sampler(setup, STRENGTHS, TIES, np.random.default_rng(1))
            simulate_answers(Votes(name), PEOPLE, EACH, sampler)
            Votes(name).close(token)
        page.goto(f"{address}/ballot?vote={name}")
        ready = ".tally" if file == "vote-results.png" else ".ballot.whole:not(.waiting)"
        expect(page.locator(ready).first).to_be_visible(timeout=60_000)
        page.wait_for_timeout(2000)
        page.screenshot(path=ASSETS / file)
        page.close()


if __name__ == "__main__":
    main()
