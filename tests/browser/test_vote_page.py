"""A blind vote from its making to its results: two browsers, and many people at once."""

import csv
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from harness.app import NARROW, WIDE
from harness.pages import wait_for_query, wait_until_still
from harness.protocol import Participant
from harness.voting import make_participant_id
from similarity import Catalogue
from similarity.votes.database import create_vote
from similarity.votes.results import compute_results
from similarity.votes.rows import create_setup, draw_products
from similarity.votes.store import Votes
from tests.browser.listening import Listening, hints

READY = ".ballot.whole:not(.waiting)"


def visitor(browser: Browser, size: object, theme: str) -> BrowserContext:
    return browser.new_context(viewport=size, color_scheme=theme, has_touch=size == NARROW)  # type: ignore[arg-type]


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return page.evaluate("document.querySelector('.stMain').scrollWidth <= innerWidth")


def accessible(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [v["id"] for v in violations if v["impact"] in ("serious", "critical")]


def number(page: Page) -> int:
    """The question that stands there whole."""
    expect(page.locator(READY)).to_be_visible()
    return page.locator(".ballot").evaluate("(element) => element.number")


def went_on(page: Page, before: int, to: int) -> None:
    page.locator(".ballot").evaluate("(element) => element.number")
    expect(page.locator(READY)).to_be_visible()
    page.wait_for_function(
        """(to) => [...document.querySelectorAll('*')].some((e) =>
            e.shadowRoot?.querySelector('.ballot.whole')?.number === to)""",
        arg=to,
    )
    assert number(page) == to, before


@pytest.fixture
def votes_folder(catalogues: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The votes that the app keeps, to be read here."""
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(catalogues))


@pytest.mark.usefixtures("votes_folder")
def test_two_people_vote_blind_on_a_desk_and_a_phone_and_the_host_sees_who_won(
    page: Page, app: str, browser: Browser, catalogue: Catalogue
) -> None:
    # the host makes a vote
    page.goto(f"{app}/vote?methods=pixels,efficientnet&row=4")
    count = page.get_by_role("spinbutton", name="How many")
    count.fill("6")
    count.press("Enter")
    page.get_by_role("button", name="Create the vote").click()
    expect(page.get_by_text("For the audience.")).to_be_visible()
    assert accessible(page) == []
    link = page.get_by_test_id("stCode").first.inner_text().strip()
    host_link = page.url
    assert re.fullmatch(rf"{app}/ballot\?vote=[0-9a-f]{{12}}", link)
    votes = Votes(link.split("=")[1])
    assert votes.setup.k == 4
    assert len(votes.setup.queries) == 6
    expect(page.get_by_text("This link only works on this computer")).to_be_visible()
    expect(page.locator("[data-testid=stImage]")).to_have_count(0)  # no code for this machine only
    page.get_by_label("Address of this app for phones").fill("http://192.168.1.20:8501")
    page.keyboard.press("Enter")
    expect(page.get_by_alt_text("The QR code of http://192.168.1.20:8501/ballot")).to_be_visible()
    assert "Pixels" not in page.locator(".stMain").inner_text()  # it may stand on a projector

    # one at a desk, by keys
    desk = visitor(browser, WIDE, "light").new_page()
    listening = Listening(desk)
    desk.goto(link)
    assert number(desk) == 1
    assert desk.get_by_role("link", name="Compare").count() == 0
    assert accessible(desk) == []
    desk.keyboard.press("ArrowLeft")
    went_on(desk, 1, 2)
    desk.keyboard.press("g")
    went_on(desk, 2, 3)
    desk.keyboard.press("u")
    went_on(desk, 3, 2)
    assert [one.answer for one in votes.list_votes()] == ["left"]
    desk.keyboard.press("u")  # once, not twice
    desk.keyboard.press("b")
    went_on(desk, 2, 3)
    assert [one.answer for one in votes.list_votes()] == ["left", "bad"]
    listening.read()
    desk.reload()
    assert number(desk) == 3, "the same person goes on"

    # one with a phone, by touch, who is interrupted before the pictures came
    phone = visitor(browser, NARROW, "dark").new_page()
    hearing = Listening(phone)
    phone.goto(link)
    assert number(phone) == 1
    assert fits(phone)
    below = phone.get_by_role("button", name="Both bad").bounding_box()
    assert below
    assert below["y"] + below["height"] <= NARROW["height"], "all of it is on one screen"
    assert accessible(phone) == []
    for i, name in enumerate(("Right", "Both good", "Left", "Both bad")):
        phone.get_by_role("button", name=name).tap()
        went_on(phone, i + 1, i + 2)
    rows = [phone.get_by_role("region", name=f"{side} row") for side in ("Left", "Right")]
    boxes = [row.bounding_box() for row in rows]
    assert boxes[0]
    assert boxes[1]
    assert {boxes[0][side] == boxes[1][side] for side in ("y", "width", "height")} == {True}

    # neither was told what found the rows, in no way
    for ears in (listening, hearing):
        listeners = ears.all()
        assert votes.name in listeners
        assert hints(listeners) == set()
    assert hints(f"{listeners} pixels") == {"pixels"}

    # what the host's link shows is the host's alone
    wrong = visitor(browser, WIDE, "light").new_page()
    wrong.goto(host_link[:-1] + ("a" if host_link[-1] != "a" else "b"))
    expect(wrong.get_by_text("This is not the host's link")).to_be_visible()
    assert hints(wrong.locator(".stMain").inner_text()) == set()
    assert wrong.get_by_role("button", name="Close").count() == 0
    wrong.context.close()

    # they disagree on one query, whatever they were shown
    for who in (make_participant_id(1), make_participant_id(2)):
        while question := votes.get_question(who):
            (real,) = votes.setup.list_askable().items()
            rows_of = votes.setup.rows["pixels"]
            position = votes.setup.queries.index(question.query)
            pixels = "left" if question.left == rows_of[position] else "right"
            other = {"left": "right", "right": "left"}[pixels]
            votes.record_answer(
                who, question.number, pixels if who == make_participant_id(1) else other
            )
            assert real[0] == ("pixels", "efficientnet")
    expect(page.get_by_text(re.compile(r"\d+ answers by 4 participants"))).to_be_visible()

    # the host closes it
    page.get_by_role("button", name="Close the vote").click()
    page.get_by_role("button", name="Close it for good").click()
    expect(page.get_by_text("This vote is closed.", exact=False)).to_be_visible()
    before = len(votes.list_votes())
    desk.keyboard.press("ArrowRight")
    for each in (page, desk):
        expect(each.get_by_role("heading", name="Can it be trusted?")).to_be_visible()
        results = compute_results(votes.setup, votes.list_votes())
        assert results
        (outcome,) = results.outcomes
        tally = each.locator(".tally")
        expect(tally).to_have_count(1)
        expect(tally.locator(".wins b")).to_have_text(str(outcome.wins))
        expect(tally.locator(".losses b")).to_have_text(str(outcome.losses))
    assert len(votes.list_votes()) == before, "a closed vote took an answer"
    phone.reload()
    expect(phone.get_by_role("heading", name="This vote is closed")).to_be_visible()
    expect(phone.get_by_role("heading", name="What divided people")).to_be_visible()
    assert fits(phone)
    assert accessible(phone) == []

    # every answer can be had
    with page.expect_download() as download:
        page.get_by_role("button", name="Every answer, CSV").click()
    with Path(download.value.path()).open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["answer"] for line in lines] == [one.answer for one in votes.list_votes()]

    # what divided them opens on Compare, which learns nothing of the vote
    assert results
    assert results.divided_queries
    divided = results.divided_queries[0].query.value
    page.locator(".rows .query").first.click()
    wait_for_query(page, divided)
    expect(page).to_have_url(re.compile(rf"/\?catalogue=demo&product={divided}"))
    assert "host" not in page.url
    assert "vote" not in page.url
    page.get_by_role("link", name="Evidence").click()
    expect(page).to_have_url(re.compile("/measure"))
    assert "host=" not in page.url
    for each in (desk, phone):
        each.context.close()


@pytest.mark.usefixtures("votes_folder")
def test_twenty_people_vote_at_once_and_nothing_is_lost_or_double(
    app: str, catalogue: Catalogue
) -> None:
    methods = ["pixels", "efficientnet", "simclr_small"]
    queries = draw_products(catalogue, 10, Random(1))
    name, _ = create_vote(create_setup(catalogue, methods, "random", queries, 4, "Which?"))
    each = 5

    def take_part(who: int) -> list[tuple[int, str]]:
        answers = []
        with Participant(app, name, make_participant_id(who)) as one:
            for i in range(each):
                answer = ("left", "right", "good", "bad")[(who + i) % 4]
                number = one.data["number"]
                one.answer(number, answer)
                one.answer(number, "left")  # pressed twice
                assert one.data["number"] == number + 1
                answers.append((number, answer))
        return answers

    with ThreadPoolExecutor(20) as pool:
        answer_lists = list(pool.map(take_part, range(20)))
    stored_answers: dict[int, list[tuple[int, str]]] = {who: [] for who in range(20)}
    for one in Votes(name).list_votes():
        stored_answers[int(one.participant, 16)].append((one.number, one.answer))
    assert stored_answers == dict(enumerate(answer_lists))
    pairs = Counter(
        frozenset((one.left, one.right)) for one in Votes(name).list_votes() if not one.is_control
    )
    assert max(pairs.values()) - min(pairs.values()) <= 20, "the open questions alone differ"


@pytest.mark.usefixtures("votes_folder")
def test_a_ballot_shows_progress_ends_after_twenty_questions_and_goes_on_if_asked(
    page: Page, app: str, catalogue: Catalogue
) -> None:
    methods, queries = ["pixels", "efficientnet"], draw_products(catalogue, 40, Random(2))
    name, _ = create_vote(create_setup(catalogue, methods, "random", queries, 4, "Which?"))
    votes, who = Votes(name), make_participant_id(7)
    for number_asked in range(1, 20):
        votes.get_question(who)
        votes.record_answer(who, number_asked, "good")
    page.add_init_script(f"localStorage.setItem('vote.{name}', '{who}')")
    page.goto(f"{app}/ballot?vote={name}")
    expect(page.get_by_text("Question 20 of 20.")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "19")
    assert number(page) == 20
    page.keyboard.press("b")
    expect(page.get_by_text("That's all. Thank you!")).to_be_visible()
    expect(page.get_by_role("region", name="Left row")).to_be_hidden()
    assert accessible(page) == []
    assert len(votes.list_votes()) == 20
    page.get_by_role("button", name="Answer more questions").click()
    expect(page.get_by_text("20 answers saved. Stop whenever you like.")).to_be_visible()
    assert number(page) == 21
    page.keyboard.press("ArrowLeft")
    went_on(page, 21, 22)
    assert len(votes.list_votes()) == 21


@pytest.mark.usefixtures("votes_folder")
def test_both_rows_appear_together_and_a_missing_picture_is_loaded_again(
    page: Page, app: str, catalogue: Catalogue
) -> None:
    queries = draw_products(catalogue, 8, Random(2))
    name, _ = create_vote(
        create_setup(catalogue, ["pixels", "lit"], "random", queries, 4, "Which?")
    )
    routes: list[Route] = []
    page.route("**/thumbs/**", lambda route: routes.append(route))
    page.goto(f"{app}/ballot?vote={name}")
    expect(page.locator(".ballot .right img")).to_have_count(4)
    images = page.locator(".ballot img")
    addresses = {image.get_attribute("src") for image in images.all()}  # one may be in both rows
    for _ in range(100):
        page.wait_for_timeout(100)
        if len(routes) == len(addresses):
            break
    assert len(routes) == len(addresses)
    for route in routes[:-1]:  # all but the last have come
        route.continue_()
    page.wait_for_function(
        """(count) => [...document.querySelectorAll('*')].flatMap((e) =>
            [...(e.shadowRoot?.querySelectorAll('.ballot img') ?? [])])
            .filter((image) => image.naturalWidth).length >= count""",
        arg=len(addresses) - 1,
    )
    wait_until_still(page)
    for image in images.all():
        expect(image).to_have_css("visibility", "hidden")
    page.keyboard.press("ArrowLeft")  # nobody can choose yet
    routes[-1].abort()
    expect(page.get_by_text("Some pictures did not come")).to_be_visible()
    page.keyboard.press("g")
    page.unroute("**/thumbs/**")
    page.get_by_role("button", name="Load the pictures again").click()
    assert number(page) == 1
    assert Votes(name).count_votes() == (0, 0)
    page.keyboard.press("ArrowLeft")
    went_on(page, 1, 2)
    assert [one.answer for one in Votes(name).list_votes()] == ["left"]


def test_a_link_to_an_unknown_vote_is_reported(page: Page, app: str) -> None:
    for place in ("ballot", "ballot?vote=000000000000", "host?vote=../demo&host=x"):
        page.goto(f"{app}/{place}")
        expect(page.get_by_text("This vote can't be opened.")).to_be_visible()
        expect(page.get_by_text("Ask its host for the complete link")).to_be_visible()
