"""Judgments on Accuracy and Compare, run as Streamlit runs the pages, on the real demo."""

import re
import sqlite3
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import streamlit as st
from numpy.random import default_rng
from streamlit.testing.v1 import AppTest

from harness.voting import make_sampler, simulate_answers
from similarity import Catalogue, open_catalogue
from similarity.judgments.comparison import compare_by_judgments
from similarity.judgments.database import FILE
from similarity.judgments.judging import Judging, make_judge_token
from similarity.judgments.judgment import Clicks, Judgment
from similarity.judgments.pool import pools
from similarity.judgments.rankings import rank_queries
from similarity.judgments.store import Judgments, Source
from similarity.measures.metrics.verdict import format_figure
from similarity.parts import Term
from similarity.votes.database import create_vote
from similarity.votes.rows import create_setup, draw_products
from similarity.votes.store import Votes
from tests.app.test_other_catalogues import read_columns, visit
from tests.conftest import copy_by_links

METHODS = ["pixels", "efficientnet", "lit"]
TEXT = Term("text", "red shirt")


@pytest.fixture
def catalogue(demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """A copy of the demo, which may have judgments of its own."""
    copy_by_links(demo, tmp_path / "demo")
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    return open_catalogue("demo")


def judge(catalogue: Catalogue, queries: int) -> list[Judgment]:
    """Judgments of the first five results of some products: perfect if of the same category."""
    category = catalogue.products["category"]
    ids = catalogue.products.index[:: len(category) // queries][:queries]
    return [
        Judgment(
            Term("product", query), hit.product, 3 * (category[query] == category[hit.product])
        )
        for query in ids
        for hit in catalogue.search("pixels", product=query, k=5, exact=True)
    ]


def add(catalogue: Catalogue, judgments: list[Judgment], clicks: tuple[Clicks, ...] = ()) -> None:
    Judgments(catalogue.folder).add(Source("a test", None), judgments, clicks)


def read_text(page: AppTest) -> str:
    text = "\n".join(each.value for each in (*page.markdown, *page.caption, *page.info))
    return re.sub(r"\\(.)", r"\1", text)


def read_section(page: AppTest) -> str:
    """The heading of the section about judgments."""
    labels = [re.sub(r"\\(.)", r"\1", expander.label) for expander in page.expander]
    return next(label for label in labels if "udgment" in label or "clicks" in label)


def test_without_judgments_accuracy_says_how_to_import_them(catalogue: Catalogue) -> None:
    page = visit("measure.py", open="judgments")
    assert read_section(page).startswith("Judgments: none yet")
    assert "python -m precompute judge CATALOGUE --import FILE" in page.code[0].value
    assert not (catalogue.folder / FILE).exists()  # looking creates nothing


def test_the_figures_are_those_of_the_judgments(catalogue: Catalogue) -> None:
    add(catalogue, judge(catalogue, 12))
    page = visit("measure.py", open="judgments", judged_by="P@10")
    grades = Judgments(catalogue.folder).read_grades("people")
    rankings = {
        key: rank_queries(catalogue, catalogue.resolve_method(key), list(grades))
        for key in catalogue.methods
    }
    figures = compare_by_judgments(rankings, grades).table.figures
    table = page.table[0].value
    assert sorted(table["P@10"]) == sorted(
        format_figure(each["P@10"], 3) for each in figures.values()
    )
    assert "(P@10)" in read_section(page)
    assert "60 judgments of 12 queries" in read_text(page)


def test_few_queries_claim_no_order(catalogue: Catalogue) -> None:
    add(catalogue, judge(catalogue, 3))
    page = visit("measure.py", open="judgments")
    assert "Too few judged queries for a ranking (5 needed)." in read_text(page)
    assert read_section(page).endswith("too few judged queries for a ranking (5 needed)")


def test_texts_are_compared_for_methods_that_read_them(catalogue: Catalogue) -> None:
    products = catalogue.products.index[:6]
    texts = [Term("text", f"{colour} shirt") for colour in ("red", "blue", "green", "grey", "pink")]
    add(catalogue, [Judgment(text, product, 1) for text in texts for product in products])
    page = visit("measure.py", open="judgments")
    assert set(page.table[0].value["method"]) <= {"ConSE", "LiT*"}
    assert not page.error


def test_clicks_are_shown_apart_and_called_biased(catalogue: Catalogue) -> None:
    product = catalogue.products.index[0]
    texts = TEXT, Term("text", "blue shirt")
    add(catalogue, judge(catalogue, 6), tuple(Clicks(t, product, 100, 20, 10.0) for t in texts))
    assert "biased" not in read_text(visit("measure.py", open="judgments"))
    page = visit("measure.py", open="judgments", evidence="clicks")
    assert "Clicks are biased evidence" in read_text(page)
    assert "2 judgments of 2 queries" in read_text(page)


def test_judgments_that_are_gone_are_counted(catalogue: Catalogue) -> None:
    judgments = judge(catalogue, 6)
    add(catalogue, [*judgments, Judgment(judgments[0].query, "0" * 20, 3)])
    page = visit("measure.py", open="judgments")
    assert "gone from the catalogue: 1 judged product and 0 queries" in read_text(page)


def test_a_filter_hides_the_judgments_which_are_of_the_whole_catalogue(
    catalogue: Catalogue,
) -> None:
    add(catalogue, judge(catalogue, 6))
    page = visit("measure.py", **{"where.department": "shoes"})
    assert not any("udgment" in expander.label for expander in page.expander)


def test_compare_shows_the_grades_of_a_judged_query(catalogue: Catalogue) -> None:
    judgments = judge(catalogue, 6)
    add(catalogue, judgments)
    query = judgments[0].query
    columns = read_columns(visit(product=query.value, methods="pixels"))
    grades = [each["grade"] for each in columns[0]["pictures"]]
    assert set(grades[:5]) <= {"Perfect", "Wrong"}
    assert set(grades[5:]) == {""}
    other = catalogue.products.index[1]
    columns = read_columns(visit(product=other, methods="pixels"))
    assert {each["grade"] for each in columns[0]["pictures"]} == {""}


def test_a_damaged_file_costs_neither_compare_nor_the_other_figures(catalogue: Catalogue) -> None:
    (catalogue.folder / FILE).write_bytes(b"no database" * 100)
    assert len(read_columns(visit(methods="pixels"))) == 1
    page = visit("measure.py", open="judgments")
    assert [error.value for error in page.error] == [
        "The judgments of this catalogue can't be read."
    ]
    assert len(page.expander) > 5


# ---- judging


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception
    return page


@pytest.mark.parametrize(("way", "kind"), [("random", "product"), ("words", "text")])
def test_a_host_pools_queries_and_gets_a_link_for_each_judge(
    catalogue: Catalogue, way: str, kind: str
) -> None:
    page = visit("judge.py", methods="pixels,lit", ask=way)
    if way == "words":
        page.text_area[0].set_value("red shirt\nblue bag").run()
    next(box for box in page.number_input if box.label.startswith("Judges")).set_value(2).run()
    press(page, "Start judging")
    judging = Judging(catalogue.folder, page.query_params["pool"])
    assert judging.is_host(page.query_params["host"])
    assert {each for each, _ in judging.pool.queries} == {kind}
    links = [code.value for code in page.code if "/grade?" in code.value]
    assert [judging.find_judge(link.rpartition("judge=")[2]) for link in links] == [0, 1]
    assert "Nobody has judged the same results yet." in read_text(page)


def test_judged_queries_are_offered_once_there_are_judgments(catalogue: Catalogue) -> None:
    assert "Judged queries" not in visit("judge.py").segmented_control[0].options
    add(catalogue, judge(catalogue, 3))
    page = visit("judge.py", methods="pixels,lit")
    assert page.segmented_control[0].options[0] == "Judged queries"
    press(page, "Start judging")
    assert len(Judging(catalogue.folder, page.query_params["pool"]).pool.queries) == 3


def test_a_pool_without_queries_is_refused_and_not_saved(catalogue: Catalogue) -> None:
    page = press(visit("judge.py", methods="pixels", ask="words"), "Start judging")
    assert [error.value for error in page.error] == ["These results can't be judged."]
    assert "There are 0 queries" in page.code[0].value
    assert "pool" not in page.query_params


def test_a_hosts_page_is_only_for_its_link(catalogue: Catalogue) -> None:
    page = press(visit("judge.py", methods="pixels,lit", ask="random"), "Start judging")
    name = page.query_params["pool"]
    page = visit("judge.py", catalogue="demo", pool=name, host="other")
    assert page.error[0].value == "This is not the host's link of this pool."
    assert not any("/grade?" in code.value for code in page.code)


def test_a_pool_whose_products_are_gone_says_so(catalogue: Catalogue) -> None:
    page = press(visit("judge.py", methods="pixels,lit", ask="random"), "Start judging")
    name, token = page.query_params["pool"], make_judge_token(page.query_params["host"], 0)
    with sqlite3.connect(catalogue.folder / FILE) as db:
        (setup,) = db.execute("SELECT setup FROM pool").fetchone()
        pool = pools.validate_json(setup)
        damaged = replace(pool, queries=[("product", "0" * 20), *pool.queries[1:]])
        db.execute("UPDATE pool SET setup = ?", (pools.dump_json(damaged).decode(),))
    st.cache_resource.clear()
    page = visit("grade.py", catalogue="demo", pool=name, judge=token)
    assert page.error[0].value == "Judging can't go on."
    assert page.code[0].value.startswith("1 of its products are no longer")


def test_votes_stand_beside_the_judgments_once_they_are_closed(catalogue: Catalogue) -> None:
    add(catalogue, judge(catalogue, 6))
    queries = draw_products(catalogue, 8, Random(0))
    setup = create_setup(catalogue, ["pixels", "lit"], "random", queries, 4, "Which *one*?")
    name, token = create_vote(setup)
    simulate_answers(
        Votes(name),
        6,
        8,
        make_sampler(setup, {"pixels": 0.0, "lit": 1.0, "?": 0.0}, -1.0, default_rng(0)),
    )
    assert "Votes, beside" not in read_text(visit("measure.py", open="judgments"))
    Votes(name).close(token)
    st.cache_resource.clear()
    page = visit("measure.py", open="judgments")
    assert "they aren't mixed" in read_text(page)
    votes = page.table[-1].value
    assert set(votes.loc[0, ["method", "over"]]) == {"Pixels", "LiT*"}
    assert "60 judgments" not in read_text(page)
    assert "30 judgments of 6 queries" in read_text(page)


def test_numbers_out_of_range_are_refused_with_the_range(catalogue: Catalogue) -> None:
    page = visit("judge.py", methods="pixels", ask="random")
    next(box for box in page.number_input if box.label.startswith("Judges")).set_value(99).run()
    press(page, "Start judging")
    assert "Choose 1 to 20 judges" in page.code[0].value
    assert "pool" not in page.query_params
