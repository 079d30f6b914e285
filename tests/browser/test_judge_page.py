"""Judging from its creation to what Accuracy says, at a desk and on a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from harness.app import NARROW, WIDE
from similarity import Catalogue
from similarity.judgments.database import FILE
from similarity.judgments.judgment import Judgment
from similarity.judgments.store import Judgments, Source
from similarity.parts import Term
from tests.browser.listening import Listening, hints

READY = ".grading.whole:not(.waiting)"


@pytest.fixture
def judgments(catalogue: Catalogue) -> Iterator[Judgments]:
    """The judgments of the app's catalogue, which other tests don't have."""
    yield Judgments(catalogue.folder)
    for path in Path(catalogue.folder).glob(f"{FILE}*"):
        path.unlink()


def read_number(page: Page) -> str:
    """The question that stands there whole."""
    expect(page.locator(READY)).to_be_visible()
    return page.locator(".grading").evaluate("(element) => element.number")


def wait_for_other(page: Page, number: str) -> str:
    """Wait until another question than this one stands there whole; return it."""
    page.wait_for_function(
        """(number) => [...document.querySelectorAll('*')].some((e) => {
            const grading = e.shadowRoot?.querySelector('.grading.whole:not(.waiting)');
            return grading && grading.number !== number;
        })""",
        arg=number,
    )
    return read_number(page)


def list_violations(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [v["id"] for v in violations if v["impact"] in ("serious", "critical")]


def test_results_are_judged_blind_by_keys_and_touch_and_accuracy_counts_them(
    page: Page, app: str, browser: Browser, catalogue: Catalogue, judgments: Judgments
) -> None:
    ids = catalogue.products.index
    judged = [Judgment(Term("product", ids[i * 20]), ids[i], 1) for i in range(1, 7)]
    judgments.add(Source("a test", None), judged)

    # the host pools the unjudged results of judged queries
    page.goto(f"{app}/judge?methods=pixels,efficientnet")
    page.get_by_role("button", name="Start judging").click()
    expect(page.get_by_text("Results to judge")).to_be_visible()
    assert list_violations(page) == []
    (link,) = [
        text.strip()
        for text in page.get_by_test_id("stCode").all_inner_texts()
        if "/grade?" in text
    ]
    expect(page.get_by_text("Judge 1: 0 of")).to_be_visible()
    assert "Pixels" not in page.locator(".stMain").inner_text()  # it may stand on a projector

    # at a desk, by keys
    desk = browser.new_context(viewport=WIDE).new_page()
    listening = Listening(desk)
    desk.goto(link)
    first = read_number(desk)
    assert desk.get_by_role("link", name="Compare").count() == 0
    assert list_violations(desk) == []
    desk.keyboard.press("3")
    second = wait_for_other(desk, first)
    desk.keyboard.press("u")
    assert wait_for_other(desk, second) == first
    assert len(judgments.list_judgments()) == len(judged)
    desk.keyboard.press("n")
    desk.keyboard.type("20 cm too long")  # digits grade nothing while one writes
    desk.keyboard.press("Escape")
    desk.keyboard.press("0")
    skipped = wait_for_other(desk, first)
    last = judgments.list_judgments()[-1]
    assert (last.grade, last.note) == (0, "20 cm too long")
    desk.keyboard.press("s")
    after = wait_for_other(desk, skipped)
    listening.read()
    desk.reload()
    before = read_number(desk)
    assert before == after

    # the same judge goes on with a phone, by touch
    phone = browser.new_context(
        viewport=NARROW,
        color_scheme="dark",
        has_touch=True,
    ).new_page()
    hearing = Listening(phone)
    phone.goto(link)
    assert read_number(phone) == before
    assert phone.evaluate("document.querySelector('.stMain').scrollWidth <= innerWidth")
    below = phone.get_by_role("button", name="Note").bounding_box()
    assert below
    assert below["y"] + below["height"] <= NARROW["height"], "all of it is on one screen"
    assert list_violations(phone) == []
    number = before
    for name in ("Wrong", "Fair", "Good", "Perfect"):
        phone.get_by_role("button", name=name).tap()
        number = wait_for_other(phone, number)
    assert [each.grade for each in judgments.list_judgments()[-4:]] == [0, 1, 2, 3]

    # neither was told what found the results, in no way
    for ears in (listening, hearing):
        text = ears.all()
        assert "pool=" in text
        assert hints(text) == set()
    assert hints(f"{text} pixels") == {"pixels"}
    desk.context.close()
    phone.context.close()

    # the host sees how far they are, and what it means
    expect(page.get_by_text(re.compile(r"Judge 1: 5 of \d+ judged, 1 skipped"))).to_be_visible()
    page.get_by_role("link", name="See what the judgments say").click()
    section = page.get_by_test_id("stExpander").get_by_text("By judgments:")
    expect(section).to_be_visible()
    expect(page.get_by_text("Queries on which two methods differ most.")).to_be_visible()
    assert list_violations(page) == []
    page.get_by_role("button", name=re.compile("Open on Compare")).first.click()
    expect(
        page.locator(".board.columns .grade").filter(has_text=re.compile(".")).first
    ).to_be_visible()


def test_a_wrong_link_judges_nothing(
    page: Page, app: str, judgments: Judgments, catalogue: Catalogue
) -> None:
    page.goto(f"{app}/grade?catalogue={catalogue.name}&pool={'0' * 12}&judge=x")
    expect(page.get_by_text("These results can't be judged.")).to_be_visible()
    assert page.locator(".grading").count() == 0
