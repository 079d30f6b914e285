"""The pages of a blind vote, run as Streamlit runs them, on the real demo catalogue."""

import re
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from harness.voting import make_participant_id, make_sampler, simulate_answers
from similarity import open_catalogue
from similarity.methods import find_method
from similarity.ui.shared import links
from similarity.ui.shared.plain import escape
from similarity.ui.vote import caches as open_votes
from similarity.ui.vote.results import tabulate_answers
from similarity.votes.database import create_vote
from similarity.votes.results import compute_results
from similarity.votes.rows import create_setup, draw_products
from similarity.votes.store import Votes
from similarity.votes.verdict import describe_result
from similarity.votes.vote import MAX_METHODS, MAX_QUERIES, MIN_QUERIES, Setup
from tests.conftest import PROJECT, copy_by_links

RNG = np.random.default_rng
METHODS = ["pixels", "efficientnet", "lit"]


@pytest.fixture
def place(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of catalogues of its own, with the demo in it."""
    copy_by_links(built / "demo", tmp_path / "demo")
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    return tmp_path


@pytest.fixture
def setup(place: Path) -> Setup:
    catalogue = open_catalogue("demo")
    queries = draw_products(catalogue, 12, Random(0))
    return create_setup(catalogue, METHODS, "random", queries, 4, "Which *one*?")


def opened(name: str, **parameters: str) -> AppTest:
    page = AppTest.from_file(str(PROJECT / "pages" / "frame.py"), default_timeout=120)
    page.switch_page(f"{name}.py")
    for key, value in parameters.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def read_text(page: AppTest) -> str:
    texts = (*page.title, *page.header, *page.markdown, *page.caption, *page.error, *page.code)
    return "\n".join(each.value for each in texts)


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    return page


@pytest.mark.parametrize(
    ("way", "kind"), [("random", "product"), ("differ", "product"), ("words", "text")]
)
def test_a_host_makes_a_vote_and_gets_both_links(place: Path, way: str, kind: str) -> None:
    page = opened("vote", methods="pixels,conse,lit", ask=way, row="5")
    if way == "words":
        assert page.info[0].value == escape("Pixels can't search by text and won't take part.")
    press(page, "Create the vote")
    (file,) = place.glob(".votes/*.sqlite")
    votes = Votes(file.stem)
    assert votes.setup.query_source == way
    assert votes.setup.k == 5
    assert {query.kind for query in votes.setup.queries} == {kind}
    if way == "words":
        assert votes.setup.methods == ["conse", "lit"]
    else:
        assert votes.setup.methods == ["pixels", "conse", "lit"]
    if way == "differ":
        catalogue = open_catalogue("demo")
        shares = []
        for key in ("conse", "lit"):
            rows = zip(votes.setup.rows["pixels"], votes.setup.rows[key], strict=True)
            shares.append(np.mean([len({*a} & {*b}) for a, b in rows]))
        products = catalogue.products.index[:: len(catalogue.products) // 60]
        usual = [
            len(
                {h.product for h in catalogue.search("pixels", product=p, k=5)}
                & {h.product for h in catalogue.search("lit", product=p, k=5)}
            )
            for p in products
        ]
        assert np.mean(shares) < np.mean(usual)
    assert page.query_params["vote"] == votes.name
    assert votes.is_host(page.query_params["host"])
    assert f"/ballot?vote={votes.name}" in read_text(page)


def test_an_invalid_vote_is_refused_with_the_reason_and_not_saved(place: Path) -> None:
    page = press(opened("vote", methods="pixels"), "Create the vote")
    assert f"Choose 2 to {MAX_METHODS} methods" in read_text(page)
    page = opened("vote", methods="conse,lit", ask="words")
    page.text_area[0].set_value("one\ntwo").run()
    press(page, "Create the vote")
    assert "There are 2 queries. A vote has 5 to 200." in read_text(page)
    assert not list(place.glob(".votes/*"))


def test_a_wrong_token_sees_nothing_and_can_close_nothing(setup: Setup) -> None:
    name, token = create_vote(setup)
    for wrong in ({}, {"host": ""}, {"host": token[:-1]}, {"host": "x" * 500}):
        page = opened("host", vote=name, **wrong)
        assert "This is not the host's link of this vote." in read_text(page)
        assert not [one for one in page.button if "Close" in one.label]
        assert not any(find_method(key).title in read_text(page) for key in METHODS)
    assert not Votes(name).is_closed()


def test_results_are_private_until_the_vote_is_closed(setup: Setup) -> None:
    name, token = create_vote(setup)
    votes = Votes(name)
    page = opened("host", vote=name, host=token)
    assert "0 answers by 0 participants" in read_text(page)
    assert "Which \\*one\\*" in page.title[0].value
    page.toggle[0].set_value(True).run()
    assert any("Nobody has answered yet" in one.value for one in page.info)
    strengths = {"pixels": -2.0, "efficientnet": 0.0, "lit": 1.0, "?": 0.0}
    sampler = make_sampler(setup, strengths, -0.5, RNG(0))
    simulate_answers(votes, people=8, each=15, answer=sampler)
    page.run()
    results = compute_results(setup, votes.list_votes())
    assert results
    titles = {key: find_method(key).title for key in METHODS}
    for line in describe_result(results, titles):
        assert escape(line) in read_text(page)
    assert "Does Accuracy agree with people?" in read_text(page)
    assert "by 8 participants" in read_text(page)

    ballot = opened("ballot", vote=name)
    assert not any(title in read_text(ballot) for title in titles.values())
    press(page, "Close it for good")
    assert votes.is_closed()
    assert "This vote is closed" in read_text(page)
    ballot.run()
    assert "This vote is closed" in read_text(ballot)
    for line in describe_result(results, titles):
        assert escape(line) in read_text(ballot)
    table = tabulate_answers(votes)
    assert len(table) == len(votes.list_votes()) == 8 * 15
    assert set(table["participant"]) == {make_participant_id(i) for i in range(8)}
    assert table["control"].sum() == sum(one.is_control for one in votes.list_votes())


def test_results_are_computed_once_for_each_answer_and_not_for_each_look(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = []

    def counting(*args: Any) -> Any:
        computed.append(1)
        return compute_results(*args)

    monkeypatch.setattr(open_votes, "compute_results", counting)
    name, token = create_vote(setup)
    votes = Votes(name)
    sampler = make_sampler(setup, dict.fromkeys([*setup.methods, "?"], 0.0), 0, RNG(0))
    simulate_answers(votes, people=5, each=4, answer=sampler)
    page = opened("host", vote=name, host=token)
    page.toggle[0].set_value(True).run()
    page.run()
    assert len(computed) == 1, "nobody has answered since"
    simulate_answers(votes, people=1, each=1, answer=sampler, seed=1)
    page.run()
    other = opened("host", vote=name, host=token)
    other.toggle[0].set_value(True).run()
    assert len(computed) == 2


def test_the_host_sees_how_many_people_a_vote_needs(place: Path) -> None:
    page = opened("vote", methods="pixels,efficientnet")
    number = page.number_input[0]
    number.set_value(30).run()
    assert "30 queries are too few to show a preference of 60 %, however many" in read_text(page)
    number.set_value(100).run()
    assert re.search(r"A vote with \d+ people who answer 20 questions each shows", read_text(page))
    assert "too few" not in read_text(page)


@pytest.mark.parametrize("number", [4, 201, -1, 0])
def test_a_number_of_queries_out_of_range_is_refused_with_the_range(
    place: Path, number: int
) -> None:
    page = opened("vote", methods="pixels,efficientnet")
    page.number_input[0].set_value(number).run()
    assert page.error[0].value == (
        f"A vote on this catalogue has {MIN_QUERIES} to {MAX_QUERIES} queries. Change the number."
    )
    (button,) = (each for each in page.button if each.label == "Create the vote")
    assert button.disabled
    page.number_input[0].set_value(MIN_QUERIES).run()
    assert not page.error
    press(page, "Create the vote")
    (file,) = place.glob(".votes/*.sqlite")
    assert len(Votes(file.stem).setup.queries) == MIN_QUERIES


@pytest.mark.parametrize(
    ("origin", "server", "expected"),
    [
        ("http://192.168.1.20:8501", "0.0.0.0", "http://192.168.1.20:8501"),
        ("https://shop.example", "127.0.0.1", "https://shop.example"),
        ("http://127.0.0.1:8501", "127.0.0.1", ""),
        ("http://localhost:8501", "localhost", ""),
        ("http://127.0.0.1:8501", "0.0.0.0", "http://10.1.2.3:8501"),
        ("http://[::1]:8501", None, "http://10.1.2.3:8501"),
        ("", "0.0.0.0", ""),
    ],
)
def test_a_phone_never_gets_an_address_of_this_machine_only(
    origin: str, server: str | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "get_internal_ip", lambda: "10.1.2.3")
    assert links.find_network_origin(origin, server) == expected
    monkeypatch.setattr(links, "get_internal_ip", lambda: None)
    assert links.find_network_origin("http://127.0.0.1:8501", "0.0.0.0") == ""


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8501", "localhost", "ftp://shop.example", "http://a b", "http://x:99999999",
     "javascript:alert(1)", "http://0.0.0.0:8501", "http://[::1]", "http://[", "http://s.example?x"],
)  # fmt: skip
def test_an_address_that_phones_cannot_open_is_refused(setup: Setup, address: str) -> None:
    name, token = create_vote(setup)
    page = opened("host", vote=name, host=token)
    assert "This link only works on this computer" in read_text(page)
    page.text_input(key="host.address").set_value(address).run()
    assert "Enter an address such as" in page.error[0].value
    page.text_input(key="host.address").set_value("https://shop.example/app/").run()
    assert not page.error
    assert page.code[0].value == f"https://shop.example/app/ballot?vote={name}"


def test_a_catalogue_that_lost_products_of_a_vote_stops_it_and_keeps_its_answers(
    setup: Setup,
) -> None:
    queries, rows = list(setup.queries), dict(setup.rows)
    rows["pixels"] = [["f" * 20, *row[1:]] for row in rows["pixels"]]
    name, token = create_vote(setup.__class__(**{**vars(setup), "queries": queries, "rows": rows}))
    assert "This vote can't go on." in read_text(opened("ballot", vote=name))
    votes = Votes(name)
    for number in (1, 2):  # one of both may be a control
        votes.get_question(make_participant_id(1))
        votes.record_answer(make_participant_id(1), number, "left")
    votes.close(token)
    page = opened("host", vote=name, host=token)
    assert escape("answer of 1 participant") in read_text(page) or escape(
        "answers of 1"
    ) in read_text(page)
