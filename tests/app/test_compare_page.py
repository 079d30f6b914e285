"""The Compare page, run by Streamlit's AppTest on the real demo catalogue."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.proto.ButtonGroup_pb2 import ButtonGroup
from streamlit.testing.v1 import AppTest

from precompute.__main__ import main
from precompute.__main__ import main as precompute
from similarity import METHODS, Catalogue, embedding, open_catalogue
from similarity.indexes.cache import IndexCache
from similarity.indexes.pairs import ROUNDING
from similarity.measures.metrics.schema import load_metrics
from similarity.measures.neighbours.agreement import rank_biased_overlap
from similarity.measures.neighbours.schema import PATH
from similarity.methods import Method, Vectors, group_by_family
from similarity.store.generations import SUMS
from similarity.store.sums import Sums, format_sums
from similarity.ui.compare.about import describe_catalogue
from similarity.ui.compare.query_inputs import choose_examples
from similarity.ui.compare.weak import DEFAULT_WEAK
from similarity.ui.shared import search
from similarity.ui.shared.browse import PAGE_SIZE, find_kind_column, get_first_product
from similarity.ui.shared.pickers import DEFAULT_K, K_CHOICES, choose_default_methods
from similarity.ui.shared.plain import escape
from similarity.ui.shared.shortcut import format_share
from similarity.ui.shared.uploads import STATE, Upload
from tests.conftest import UNLOCKED, copy_by_links, present
from tests.demo import BUILT, PRODUCTS

ATTRIBUTES = ["category", "department", "colour", "pattern"]
RESULTS = f"compare.k of {list(K_CHOICES)}"
PROJECT = Path(__file__).parents[2]
FRAME = PROJECT / "pages" / "frame.py"


def visit(**parameters: str) -> AppTest:
    """Open the page by an address with these parameters."""
    page = AppTest.from_file(str(FRAME), default_timeout=60)
    for key, value in parameters.items():
        page.query_params[key] = value
    return page.run()


def gallery(page: AppTest, key: str) -> dict[str, Any]:
    """What a gallery on the page was given to show."""
    protos = [element.proto for element in page.get("bidi_component")]
    return next(json.loads(p.json) for p in protos if p.id.endswith(f"-compare.{key}"))


def shares(column: dict[str, Any]) -> list[float]:
    """The percentages of random pairs that are no nearer than a column's pictures."""
    return [float(cell["percent"].removesuffix(" %")) for cell in column["pictures"]]


def answers(page: AppTest) -> dict[str, dict[str, Any]]:
    return {column["key"]: column for column in gallery(page, "answers")["columns"]}


def find_buttons(page: AppTest, label: str) -> list[Any]:
    return [button for button in page.button if button.label == label]


def agreement(page: AppTest) -> dict[str, Any]:
    return gallery(page, "answers")["agreement"]


def query(page: AppTest) -> dict[str, Any]:
    return gallery(page, "query")["query"]


@pytest.mark.usefixtures("demo")
def test_the_first_screen_has_a_query_and_an_answer_by_every_method() -> None:
    page = visit()
    assert not page.exception
    assert query(page)["src"].startswith("thumbs/demo/")
    assert list(answers(page)) == choose_default_methods(METHODS[key] for key in BUILT)
    assert len({column["family"] for column in answers(page).values()}) == len(answers(page))
    for column in answers(page).values():
        assert len(column["pictures"]) == DEFAULT_K
        method = METHODS[column["key"]]
        assert column["facts"][:2] == [method.summary, method.weights]
        assert column["facts"][2] == f"Licence: {method.licence}"
        assert "Random pairs: 20,000 pairs of two products." in column["facts"]
        assert column["time"] == "", "one search's time is noise"


def test_the_first_screen_is_shown_before_model_libraries_are_imported(demo: Path) -> None:
    script = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        f"page = AppTest.from_file({str(FRAME)!r}, default_timeout=60).run()\n"
        "modules = set(sys.modules)\n"
        "shown = [element.proto.id for element in page.get('bidi_component')]\n"
        "assert any(each.endswith('-compare.answers') for each in shown), page.exception\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'towhee', 'pl_bolts'}\n"
        "print(*sorted(heavy & modules))"
    )
    process = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True
    )
    assert (process.returncode, process.stdout) == (0, "\n"), process.stderr


def test_the_pictures_are_those_that_the_search_finds_in_its_order(demo: Path) -> None:
    catalogue = open_catalogue(demo)
    product = catalogue.products.index[77]
    page = visit(product=product, k="4")
    for key, column in answers(page).items():
        hits = catalogue.search(key, product=product, k=4)
        assert [cell["id"] for cell in column["pictures"]] == [hit.product for hit in hits]
        scores = [f"{hit.score:.3f}" for hit in hits]
        assert [cell["score"] for cell in column["pictures"]] == scores


@pytest.mark.usefixtures("demo")
def test_a_text_is_searched_by_all_methods_that_read_words_whatever_pictures_are() -> None:
    page = visit(text="a red hat", methods="pixels,efficientnet", k="4")
    assert page.text_input(key="compare.text").value == "a red hat"
    assert list(answers(page)) == ["conse", "lit"]
    page.text_input(key="compare.text").set_value("").run()
    assert list(answers(page)) == ["pixels", "efficientnet"], "both choices are kept apart"


@pytest.mark.usefixtures("demo")
def test_a_method_left_out_of_a_text_search_is_added_by_a_button() -> None:
    page = visit(text="a red hat", text_methods="lit", methods="pixels", k="4")
    assert list(answers(page)) == ["lit"]
    next(b for b in page.button if b.label == "Add ConSE").click().run()
    assert list(answers(page)) == ["conse", "lit"]
    assert page.query_params["text_methods"] in ("conse,lit", ["conse,lit"])
    assert page.query_params["methods"] in ("pixels", ["pixels"])
    assert not [b for b in page.button if b.label.startswith("Add ")]


@pytest.mark.usefixtures("by_colour")
def test_without_text_methods_the_page_offers_the_commands() -> None:
    page = visit(text="a red hat")
    assert not page.exception
    assert [info.value for info in page.info] == [
        "None of the installed methods can search by text."
    ]
    next(b for b in page.button if b.label == "Show the commands").click().run()
    assert any("python -m precompute" in code.value for code in page.code)


@pytest.mark.usefixtures("demo")
def test_a_cleared_box_of_words_leads_back_to_a_product() -> None:
    page = visit(text="a red hat", text_methods="lit")
    page.text_input(key="compare.text").set_value("").run()
    assert "text" not in page.query_params
    assert page.text_input(key="compare.text").value == ""
    assert query(page)["lead"] == "Similar to"


@pytest.mark.usefixtures("demo")
def test_typed_words_become_the_query_and_stand_in_the_address() -> None:
    page = visit()
    page.text_input(key="compare.text").set_value("teapot").run()
    assert page.query_params["text"] in ("teapot", ["teapot"])
    assert "product" not in page.query_params
    first = answers(page)["lit"]["pictures"][0]
    assert "category: teapot" in first["notes"]


@pytest.mark.usefixtures("demo")
def test_settings_in_the_address_are_those_of_the_page() -> None:
    page = visit(methods="efficientnet", k="8")
    assert list(answers(page)) == ["efficientnet"]
    assert len(answers(page)["efficientnet"]["pictures"]) == 8
    page.selectbox(key=RESULTS).set_value(4).run()
    assert len(answers(page)["efficientnet"]["pictures"]) == 4
    assert page.query_params["k"] in ("4", ["4"])


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    "hostile",
    [
        {"k": "-1"},
        {"k": "99999999999999"},
        {"k": "²"},
        {"methods": "<script>alert(1)</script>"},
        {"methods": "../../etc"},
        {"catalogue": "../../../etc/passwd"},
        {"product": "../../etc/passwd"},
        {"product": "<img src=x onerror=alert(1)>"},
        {"text": "   "},
        {"text": "\x00\u202ehat"},
        {"text": "hat " * 100_000},
        {"picture": "0" * 20},
        {"category": "<b>"},
        {"page": "-1"},
        {"page": "99999999", "shuffle": "99999999"},
        {"shuffle": "1e9"},
        {"weak": "<b>"},
        {"weak": "-5"},
        {"weak": "99999999"},
        {"differ": "99999999"},
        {"differ": "0"},
        {"attribute": "<b>"},
        {"attribute": "caption", "details": "yes"},
        {"text_methods": "../../etc", "text": "hat"},
    ],
)
def test_a_hostile_address_shows_a_usable_page(hostile: dict[str, str]) -> None:
    page = visit(**hostile)
    assert not page.exception
    assert not [column for column in answers(page).values() if column["failed"]]
    assert page.selectbox(key=RESULTS).value in K_CHOICES
    assert any(column["pictures"] for column in answers(page).values())


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("parameters", [{"product": "0" * 20}, {"picture": "0" * 20}])
def test_an_address_that_cannot_be_answered_says_so_and_shows_a_product(
    parameters: dict[str, str],
) -> None:
    page = visit(**parameters)
    assert len(page.info) == 1
    assert query(page)["src"].startswith("thumbs/demo/")


@pytest.mark.usefixtures("demo")
def test_without_a_chosen_method_the_page_asks_for_one() -> None:
    page = visit(methods="")
    assert "at least one method" in page.info[0].value


def test_without_a_catalogue_the_page_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "none"))
    page = visit()
    assert not page.exception
    assert page.code[0].value == "python -m precompute"


def test_a_damaged_index_is_refused_only_in_its_column(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copy_by_links(demo, tmp_path / "hurt")
    vectors = present(copy) / "indexes" / "efficientnet" / "flat" / "index.faiss"
    content = bytearray(vectors.read_bytes())
    content[-1] ^= 1
    vectors.unlink()
    vectors.write_bytes(content)
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    page = visit()
    assert answers(page)["efficientnet"]["failed"]
    assert "python -m precompute" in answers(page)["efficientnet"]["message"]
    assert len(answers(page)["pixels"]["pictures"]) == DEFAULT_K


@pytest.mark.usefixtures("demo")
def test_a_category_narrows_the_strip_and_paging_reaches_every_product(demo: Path) -> None:
    products = open_catalogue(demo).products
    page = visit()
    page.selectbox(key="compare.category of demo").set_value("mug").run()
    mugs = set(products.index[products["category"] == "mug"])
    ids: list[str] = []
    pages = -(-len(mugs) // PAGE_SIZE)
    for number in range(1, pages + 1):
        page.pagination(key=f"compare.page of {pages}").set_value(number).run()
        ids += [cell["id"] for cell in gallery(page, "strip")["columns"][0]["pictures"]]
    assert len(ids) == len(mugs)
    assert set(ids) == mugs


@pytest.mark.usefixtures("demo")
def test_category_page_and_shuffle_of_the_strip_stand_in_the_address() -> None:
    page = visit()
    page.selectbox(key="compare.category of demo").set_value("mug").run()
    next(b for b in page.button if b.label == "Shuffle").click().run()
    page.pagination(key="compare.page of 2").set_value(2).run()
    parameters = {name: page.query_params[name] for name in ("category", "shuffle", "page")}
    parameters = {n: v[0] if isinstance(v, list) else v for n, v in parameters.items()}
    assert parameters == {"category": "mug", "shuffle": "1", "page": "2"}
    assert gallery(visit(**parameters), "strip") == gallery(page, "strip")


def test_every_picture_says_how_many_methods_found_it_and_at_which_rank(demo: Path) -> None:
    catalogue = open_catalogue(demo)
    product, methods = catalogue.products.index[77], ["pixels", "efficientnet", "lit"]
    page = visit(product=product, methods=",".join(methods))
    hits = {key: catalogue.search(key, product=product, k=DEFAULT_K) for key in methods}
    ranks = {key: {hit.product: hit.rank for hit in hits[key]} for key in methods}
    tied = {key: {hit.product: "=" * hit.tied for hit in hits[key]} for key in methods}
    unique_ids = set()
    for key, column in answers(page).items():
        for cell in column["pictures"]:
            others = [other for other in methods if cell["id"] in ranks[other]]
            unique_ids.add(len(others))
            assert cell["shared_by"] == ("unique" if len(others) == 1 else f"{len(others)} of 3")
            assert cell["is_unique"] == (len(others) == 1)
            for other in methods:
                title = METHODS[other].title
                if other in others and other != key:
                    place = f"{ranks[other][cell['id']]}{tied[other][cell['id']]}"
                    assert f"rank {place} by {title}" in cell["other_ranks"]
                assert (f"not by {title}" in cell["other_ranks"]) == (other not in others)
        only = sum(cell["is_unique"] for cell in column["pictures"])
        assert column["unique_note"] == f"{only} unique"
    assert unique_ids == {1, 2, 3}


def test_the_row_has_every_pair_of_methods_with_their_overlap(demo: Path) -> None:
    catalogue = open_catalogue(demo)
    product = catalogue.products.index[77]
    page = visit(product=product, methods=",".join(BUILT), details="1")
    ranks = {
        key: {hit.product: hit.rank for hit in catalogue.search(key, product=product, k=DEFAULT_K)}
        for key in BUILT
    }
    pairs = {(pair["one"], pair["other"]): pair for pair in agreement(page)["pairs"]}
    assert list(pairs) == list(combinations(BUILT, 2))
    for (one, other), pair in pairs.items():
        assert pair["overlap"] == len(ranks[one].keys() & ranks[other].keys())
        assert pair["rbo"] == f"{rank_biased_overlap(ranks[one], ranks[other]):.2f}"
        assert pair["k"] == DEFAULT_K
        text = " ".join(pair["facts"])
        parts = ("Webber", "p = 0.9", f"{PRODUCTS} products", "Overlap at 12")
        assert all(words in text for words in parts)
    assert agreement(page)["remark"] == ""
    assert agreement(visit(product=product)) is None, "it is a detail"


def test_a_single_product_has_no_results_and_the_page_still_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop").mkdir()
    Image.new("RGB", (60, 40), "red").save(tmp_path / "shop" / "1.png")
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    build = ["--catalogue", str(tmp_path / "shop"), "--methods", "pixels,simclr_small"]
    assert main(build) == 0
    page = visit(details="1")
    assert not page.exception
    assert not find_buttons(page, "Next disagreement")
    (message,) = [info.value for info in page.info]
    assert "one product and nothing to compare it with" in message


@pytest.mark.usefixtures("demo")
def test_a_single_method_has_no_agreement() -> None:
    page = visit(methods="lit", details="1")
    assert agreement(page) is None
    column = answers(page)["lit"]
    assert column["unique_note"] == ""
    assert not any(cell["shared_by"] or cell["is_unique"] for cell in column["pictures"])


def test_a_failing_method_is_left_out_and_the_row_shows_why(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copy_by_links(demo, tmp_path / "hurt")
    vectors = present(copy) / "indexes" / "lit" / "flat" / "index.faiss"
    content = vectors.read_bytes()[:-1]
    vectors.unlink()
    vectors.write_bytes(content)
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    page = visit(methods="pixels,conse,lit", details="1")
    assert agreement(page)["remark"] == "No answer by LiT."
    assert [(pair["one"], pair["other"]) for pair in agreement(page)["pairs"]] == [
        ("pixels", "conse")
    ]
    counts = {cell["shared_by"] for cell in answers(page)["pixels"]["pictures"]}
    assert counts <= {"unique", "2 of 2"}


def test_without_measures_the_page_opens_with_a_fixed_product_and_no_walk(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copy_by_links(demo, tmp_path / "hurt")
    place = present(copy) / PATH
    place.unlink()
    place.write_bytes(b"{}")
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    st.cache_resource.clear()  # of the catalogue that this one is a copy of
    page = visit(details="1")
    assert not page.exception
    assert not find_buttons(page, "Next disagreement")
    assert len(agreement(page)["pairs"]) == 6
    assert query(page)["src"].endswith(f"{get_first_product(open_catalogue(copy))}.webp")


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(("weak", "faded"), [("0", False), ("100", True)])
def test_matches_are_weak_below_the_percentage_in_the_address(weak: str, faded: bool) -> None:
    page = visit(weak=weak, details="1")
    assert page.number_input(key="compare.weak").value == int(weak)
    for column in answers(page).values():
        assert {cell["is_weak"] for cell in column["pictures"]} == {faded}
        assert column["message"] == ("No good match." if faded else "")
        assert (
            any(fact.startswith("The best result is at least") for fact in column["facts"]) == faded
        )


@pytest.mark.usefixtures("demo")
def test_the_percentage_is_set_on_the_page_and_decides_what_is_weak() -> None:
    page = visit(text="quarterly report", details="1")
    for column in answers(page).values():
        weak = [cell["is_weak"] for cell in column["pictures"]]
        assert weak == [share < DEFAULT_WEAK for share in shares(column)]
    page.number_input(key="compare.weak").set_value(88).run()
    assert page.query_params["weak"] in ("88", ["88"])
    column = answers(page)["lit"]
    assert [cell["is_weak"] for cell in column["pictures"]] == [s < 88 for s in shares(column)]
    assert {cell["is_weak"] for cell in column["pictures"]} == {True, False}


def test_a_cosine_comes_with_the_share_of_random_pairs_below_it(demo: Path) -> None:
    catalogue = open_catalogue(demo)
    product = catalogue.products.index[77]
    for query, kind in (({"product": product}, "pictures"), ({"text": "teapot"}, "words")):
        for key, column in answers(visit(**query, methods="conse,lit")).items():
            pairs = catalogue.open_index(catalogue.resolve_method(key)).pairs[
                "words" if kind == "words" else "pictures"
            ]
            hits = catalogue.search(key, **query, k=DEFAULT_K)
            for hit, cell in zip(hits, column["pictures"], strict=True):
                share = float(np.mean(pairs.cosines <= hit.score + ROUNDING))
                if share == 1:
                    assert cell["nearness"] == "at least as near as all 20,000 random pairs"
                else:
                    percent = float(cell["percent"].removesuffix(" %"))
                    assert -1e-9 <= share * 100 - percent < 0.1
                    assert (
                        cell["nearness"] == f"at least as near as {cell['percent']} of random pairs"
                    )
            random_pairs = next(fact for fact in column["facts"] if "Random pairs" in fact)
            assert ("caption" in random_pairs) == (kind == "words")


def test_a_picture_is_labelled_with_its_differences_from_the_query(demo: Path) -> None:
    products = open_catalogue(demo).products
    product = products.index[77]
    page = visit(product=product)
    for column in answers(page).values():
        for cell in column["pictures"]:
            other = products.loc[cell["id"]]
            assert f"colour: {products['colour'][product]}" not in cell["notes"]
            for name in ("colour", "category"):
                is_noted = f"{name}: {other[name]}" in cell["notes"]
                assert is_noted == (other[name] != products[name][product])


@pytest.mark.parametrize("attribute", ["category", "colour"])
def test_results_of_another_value_are_wrong_and_the_right_ones_are_counted(
    demo: Path, attribute: str
) -> None:
    values = open_catalogue(demo).products[attribute]
    product = values.index[77]
    page = visit(product=product, attribute=attribute)
    assert page.selectbox(key=f"compare.attribute of {ATTRIBUTES}").value == attribute
    for key, column in answers(page).items():
        right = [c for c in column["pictures"] if values[c["id"]] == values[product]]
        for cell in column["pictures"]:
            assert cell["is_wrong"] == (values[cell["id"]] != values[product])
        possible = min(DEFAULT_K, sum(values == values[product]) - 1)
        assert column["headline"].startswith(f"{len(right)}/{possible} ")
        assert column["headline"].endswith("*") == (key == "lit"), "it was trained on these labels"
        assert any("not a fair comparison" in fact for fact in column["facts"]) == (key == "lit")


def test_the_figure_across_the_catalogue_is_that_of_the_chosen_attribute(demo: Path) -> None:
    attributes = {each.name: each for each in load_metrics(open_catalogue(demo)).attributes}
    for name in ("category", "colour"):
        figures = attributes[name].tables["whole"].figures
        for key, column in answers(visit(attribute=name)).items():
            share = figures[key]["P@10"].mean
            assert column["note"] == f"{round(100 * share)} % overall"
            assert f"{share:.2f} [" in column["facts"][-1]
            assert f"the query's {name}" in column["facts"][-1]


def test_the_page_opens_with_a_product_on_which_the_methods_differ_most(demo: Path) -> None:
    page = visit()
    counts = [int(column["headline"].split("/")[0]) for column in answers(page).values()]
    assert max(counts) - min(counts) >= 10
    headline = query(page)["headline"]
    best = next(c for c in answers(page).values() if c["headline"].startswith(f"{max(counts)}/"))
    assert best["title"] in headline
    assert headline.startswith("For this ")
    assert str(min(counts)) in headline


@pytest.mark.usefixtures("demo")
def test_the_next_disagreement_is_another_category_and_the_last_leads_to_the_first() -> None:
    page = visit()
    categories = []
    for number in range(2, 5):
        find_buttons(page, "Next disagreement")[0].click().run()
        assert page.query_params["differ"] in (str(number), [str(number)])
        categories.append(query(page)["details"].split(" · ")[0])
    assert len(set(categories)) == 3


@pytest.mark.usefixtures("demo")
def test_other_methods_keep_the_product_that_the_page_opened_with() -> None:
    page = visit()
    before = query(page)["src"]
    page.button_group(key=f"compare.methods Image-text of {BUILT}").set_value(["conse"]).run()
    assert query(page)["src"] == before


@pytest.mark.usefixtures("demo")
def test_details_are_off_at_first_and_stand_in_the_address() -> None:
    page = visit()
    assert gallery(page, "answers")["details"] is False
    page.toggle(key="compare.details").set_value(True).run()
    assert page.query_params["details"] in ("1", ["1"])
    assert gallery(page, "answers")["details"] is True
    for column in answers(page).values():
        assert re.fullmatch(r"\d+\.\d ms", column["time"])
        text = f"Search: {column['time']}, the median of your last 5 searches."
        assert text in column["facts"], "a click's search and four repetitions"
    page.toggle(key="compare.details").set_value(False).run()
    assert "details" not in page.query_params


@pytest.mark.usefixtures("demo")
def test_a_text_without_an_answer_is_no_good_match_and_the_error_rates_are_stated() -> None:
    for text, is_flagged in (("a live elephant", True), ("rote Handtasche", True), ("mug", False)):
        column = answers(visit(text=text, k="4"))["lit"]
        assert (column["message"] == "No good match.") == is_flagged, text
        fact = next(fact for fact in column["facts"] if "No good match" in fact)
        assert re.search(r"\d+ % \[\d+, \d+\] of \d+ texts that describe no product", fact)
        assert re.search(r"wrongly for \d+ % \[\d+, \d+\] of \d+ that do", fact)


@pytest.mark.usefixtures("demo")
def test_a_text_that_names_attributes_has_right_results_and_its_notes_begin_with_them() -> None:
    page = visit(text="red mugs", k="4")
    assert query(page)["headline"].startswith("For “red mugs”, ")
    headline = query(page)["headline"].removeprefix("For “red mugs”")
    assert re.search(r"finds? (the only red mug|.*red mugs)", headline)
    for column in answers(page).values():
        for cell in column["pictures"]:
            expected = [note for note in ("colour: red", "category: mug") if note in cell["notes"]]
            assert set(cell["notes"][: len(expected)]) == set(expected)
            assert not (cell["is_wrong"] and len(expected) == 2)
    assert query(visit(text="something for a rainy day", k="4"))["headline"] == ""


@pytest.mark.usefixtures("demo")
def test_remarks_on_an_address_stand_together_below_the_controls() -> None:
    page = visit(catalogue="gone", methods="gone", product="0" * 20)
    texts = [element.value for element in [*page.warning, *page.info]]
    assert len(texts) == 3
    assert any("This product isn't in the catalogue" in text for text in texts)


def test_examples_name_colours_only_where_a_method_knows_them(demo: Path) -> None:
    catalogue = open_catalogue(demo)
    colours = set(catalogue.products["colour"])
    assert all(text.split()[0] in colours for text in choose_examples(catalogue))
    listed = catalogue.generation.sums.to_dict()
    left = {path: value for path, value in listed.items() if "/lit/" not in path}
    catalogue.generation.sums = Sums(format_sums(left), SUMS)
    assert "lit" not in catalogue.methods
    assert set(choose_examples(catalogue)) <= set(catalogue.products["category"])


@pytest.mark.usefixtures("demo")
def test_shuffling_shows_other_products_and_keeps_the_query() -> None:
    page = visit()
    before, query_before = gallery(page, "strip")["columns"], query(page)
    next(b for b in page.button if b.label == "Shuffle").click().run()
    assert gallery(page, "strip")["columns"] != before
    assert query(page) == query_before


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("words", ["😀", "\u200b", "\x00\u202e", "猫"])
def test_texts_that_cannot_be_read_get_a_message(words: str) -> None:
    page = visit(text=words)
    assert not page.exception
    for column in answers(page).values():
        assert not column["pictures"]
        assert "can't read this text, because it only knows English" in column["message"]


def test_a_backbone_embeds_an_upload_once_and_its_time_counts_for_all_methods(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = open_catalogue(demo)
    product = catalogue.products.index[9]
    picture = catalogue.read_picture(product)
    content = io.BytesIO()
    picture.save(content, "PNG")
    upload = Upload("a" * 20, "own.png", content.getvalue(), b"")
    keys: list[str] = []
    features = embedding.compute_backbone_features

    def counted(method: Method, pictures: list[Image.Image]) -> Vectors:
        keys.append(method.key)
        time.sleep(0.05)
        return features(method, pictures)

    for place in (embedding, search):
        monkeypatch.setattr(place, "compute_backbone_features", counted)
    page = AppTest.from_file(str(FRAME), default_timeout=60)
    page.session_state[STATE] = {upload.id: upload}
    page.query_params["picture"] = upload.id
    page.query_params["methods"] = "efficientnet,conse,lit"
    page.query_params["details"] = "1"
    columns = answers(page.run())
    assert keys == ["efficientnet"]
    for key, column in columns.items():
        hits = catalogue.search(key, image=picture, k=DEFAULT_K)
        assert [cell["id"] for cell in column["pictures"]] == [hit.product for hit in hits]
        assert hits[0].product == product
        milliseconds = re.search(r"came before: (\d+) ms", " ".join(column["facts"]))
        assert milliseconds is not None
        assert int(milliseconds[1]) >= 50


def test_a_click_resolves_each_chosen_method_once(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit()  # what a server does once is done
    resolved: list[str] = []
    resolve = IndexCache.resolve_method

    def counted(cache: IndexCache, key: str) -> Method:
        if threading.current_thread().name != "warm-up":  # models load beside the click
            resolved.append(key)
        return resolve(cache, key)

    monkeypatch.setattr(IndexCache, "resolve_method", counted)
    page = visit(product=open_catalogue(demo).products.index[77], methods="pixels,conse,lit")
    assert list(answers(page)) == resolved == ["pixels", "conse", "lit"]


@pytest.mark.usefixtures("demo")
def test_words_are_embedded_once_a_session_and_only_searched_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    embedded: list[str] = []
    embed = embedding.embed_texts

    def counted(method: Method, texts: list[str]) -> Vectors:
        embedded.append(method.key)
        return embed(method, texts)

    monkeypatch.setattr(embedding, "embed_texts", counted)
    page = visit(text="a red hat", k="4", details="1")
    first = answers(page)
    assert embedded == ["conse", "lit"]
    for column in first.values():
        assert re.search(r"Embedding the query came before: \d+ ms\.", " ".join(column["facts"]))
    page.selectbox(key=RESULTS).set_value(8).run()
    next(b for b in page.button if b.label == "Shuffle").click().run()
    assert embedded == ["conse", "lit"]
    for key, column in answers(page).items():
        assert len(column["pictures"]) == 8
        results = [(cell["id"], cell["score"]) for cell in column["pictures"]]
        assert results[:4] == [(cell["id"], cell["score"]) for cell in first[key]["pictures"]]


def test_only_the_shown_catalogue_is_opened(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        copy_by_links(demo, tmp_path / "built" / f"shop-{number}")
    facts = present(tmp_path / "built" / "shop-4") / "facts.json"
    changed = facts.read_text().replace('"demo"', f'"{tmp_path}"')
    facts.unlink()
    facts.write_text(changed)  # its checksum does not fit: this catalogue can't be opened
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    monkeypatch.setenv("SIMILARITY_CATALOGUE", str(tmp_path))
    opened: list[str] = []
    begin = Catalogue.__init__

    def counted(self: Catalogue, folder: Path) -> None:
        opened.append(folder.name)
        begin(self, folder)

    monkeypatch.setattr(Catalogue, "__init__", counted)
    page = visit()
    assert not page.exception
    assert opened == ["shop-4"], "it is the one that was built from that folder"
    assert "shop-4" in page.code[0].value
    visit(catalogue="shop-2")
    assert opened == ["shop-4", "shop-2"]


@pytest.mark.usefixtures("demo")
def test_the_picker_groups_methods_by_family_and_greys_those_that_are_missing() -> None:
    page = visit()
    groups = [each for each in page.button_group if each.proto.style == ButtonGroup.PILLS]
    options = [option.content for group in groups for option in group.proto.options]
    families = group_by_family(METHODS[key] for key in BUILT)
    assert options == [escape(METHODS[key].title) for keys in families.values() for key in keys]
    captions = [caption.value for caption in page.caption]
    assert set(map(escape, families)) <= set(captions)
    assert "Not installed. CLIP, SigLIP and DINO need a download first." in captions
    missing = [key for key in METHODS if key not in BUILT]
    assert len(missing) >= 9
    for key in missing:
        (button,) = find_buttons(page, escape(METHODS[key].title))
        assert button.disabled
        assert button.proto.help.startswith("Needs a download")
    find_buttons(page, "Show the commands")[0].click().run()
    assert any("python -m precompute fetch" in code.value for code in page.code)


@pytest.mark.usefixtures("demo")
def test_chosen_methods_stand_in_the_address() -> None:
    page = visit()
    page.button_group(key=f"compare.methods Image-text of {BUILT}").set_value(["conse"]).run()
    assert list(answers(page)) == ["pixels", "efficientnet", "simclr_small", "conse"]
    assert page.query_params["methods"] == "pixels,efficientnet,simclr_small,conse"


@pytest.mark.parametrize(
    ("built", "first"),
    [
        (["pixels", "conse", "lit"], ["pixels", "lit"]),
        (["efficientnet", "resnet50", "clip", "siglip2"], ["resnet50", "siglip2"]),
        (
            list(METHODS),
            ["pixels", "resnet50", "dinov3", "pe_core"],
        ),
    ],
)
def test_four_methods_are_shown_by_default_the_newest_of_each_family(
    built: list[str], first: list[str]
) -> None:
    assert choose_default_methods(METHODS[key] for key in built) == first


def test_a_catalogue_without_categories_has_none_to_choose_or_to_count(by_colour: Path) -> None:
    page = visit()
    assert not page.exception
    assert describe_catalogue(open_catalogue(by_colour)) == "digikala · 33 products"
    assert not [box for box in page.selectbox if box.label == "Category"]
    (column,) = answers(page).values()
    assert column["headline"].endswith(" products"), "its colours can be right or wrong"


def test_examples_are_colours_where_no_more_is_known(
    by_colour: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = open_catalogue(by_colour)
    assert find_kind_column(catalogue.products) == "colour"
    assert find_kind_column(catalogue.products.drop(columns="colour")) == "path"
    assert choose_examples(catalogue) == [], "pixels know no words"
    method = replace(METHODS["pixels"], knows_colours=True)
    monkeypatch.setitem(METHODS, "pixels", method)
    catalogue = open_catalogue(by_colour)
    colours = set(catalogue.products["colour"])
    assert 3 < len(choose_examples(catalogue)) <= 6
    assert set(choose_examples(catalogue)) <= colours


def test_a_column_shows_the_recall_of_its_index(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(demo, tmp_path / "demo", copy_function=os.link, ignore=UNLOCKED)
    monkeypatch.setattr("similarity.indexes.folder.EXACT_LIMIT", 1000)
    assert precompute(["--to", str(tmp_path), "--methods", "efficientnet"]) == 0
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    columns = answers(visit(methods="pixels,efficientnet"))
    assert columns["pixels"]["recall"] == ""
    recall = open_catalogue("demo").open_index(METHODS["efficientnet"]).recall["pictures"]
    assert (
        columns["efficientnet"]["recall"]
        == f"finds {format_share(recall.share)} of the exact top 10"
    )
    facts = [fact for fact in columns["efficientnet"]["facts"] if "Approximate search" in fact]
    assert len(facts) == 1
    assert f"interval over {recall.queries} of these products as queries" in facts[0]
    assert len(columns["efficientnet"]["pictures"]) == DEFAULT_K
