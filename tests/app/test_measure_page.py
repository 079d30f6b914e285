"""The Measure page, run as Streamlit runs it, on the real demo catalogue."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from precompute.__main__ import main as precompute
from similarity import METHODS, open_catalogue
from similarity.measures.metrics.confusion import confusion
from similarity.measures.metrics.retrieval import AT, METRICS
from similarity.measures.metrics.schema import PLACE, stored_metrics
from similarity.measures.metrics.verdict import headline
from similarity.measures.neighbours.differing import differing
from similarity.measures.neighbours.schema import Neighbours, stored_neighbours
from similarity.ui.measure.attributes import differences, figures
from similarity.ui.shared.plain import plain
from similarity.ui.shared.spreadsheet import csv
from tests.conftest import PROJECT, copy_by_links, present
from tests.units.drawing import write_pictures


def opened(**parameters: str) -> AppTest:
    page = AppTest.from_file(str(PROJECT / "pages" / "frame.py"), default_timeout=60)
    page.switch_page("measure.py")
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(each.value for each in (*page.markdown, *page.caption))


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(("metric", "near"), [("P@1", ""), ("MAP@R", "without")])
def test_headlines_are_those_of_the_stored_figures(metric: str, near: str) -> None:
    found = stored_metrics(open_catalogue("demo"))
    titles = {key: METHODS[key].title for key in found.methods}
    labels = {key: METHODS[key].labels for key in found.methods}
    page = opened(metric=metric, near=near)
    for attribute in found.attributes:
        table = attribute.tables["without" if near else "whole"]
        for sentence in headline(attribute.name, table, metric, titles, labels):
            assert plain(sentence) in said(page)
    assert "Trained with labels of products: LiT" in said(page).replace("\\", "")


@pytest.mark.usefixtures("demo")
def test_controls_stand_in_the_address() -> None:
    page = opened()
    page.button_group(key=f"measure.metric of {list(METRICS)}").set_value("MAP@R").run()
    page.toggle(key="measure.near").set_value(True).run()
    assert not page.exception
    assert page.query_params["metric"] in ("MAP@R", ["MAP@R"])
    assert page.query_params["near"] in ("without", ["without"])
    assert "higher than" in said(page)


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    "parameters",
    [
        {"metric": "<script>", "near": "x", "pair": "a,b,c", "first": "999", "common": "9-x"},
        {"pair": "lit,lit", "common": "99-3", "rows": "0", "list": "none", "order": "x"},
        {"pair": "lit,conse", "first": "0", "common": "-", "rows": "99999", "confused": "gone"},
    ],
)
def test_an_address_that_asks_for_nonsense_gets_a_page(parameters: dict[str, str]) -> None:
    opened(**parameters)


@pytest.mark.usefixtures("demo")
def test_one_method_with_itself_is_no_comparison() -> None:
    page = opened(pair="lit,lit")
    assert [info.value for info in page.info] == ["Choose two methods that differ."]


def test_measures_of_something_else_are_refused_with_the_command(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copy_by_links(demo, tmp_path / "hurt")
    place = present(copy) / PLACE
    place.unlink()
    place.write_bytes(b"{}")
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    st.cache_resource.clear()  # of the catalogue that this one is a copy of
    page = opened()
    assert page.error[0].value == "Nothing was measured of this catalogue as it is."
    assert "Build it: python -m precompute" in page.code[0].value


def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, methods: str) -> AppTest:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    monkeypatch.delenv("SIMILARITY_CATALOGUE", raising=False)
    source = str(write_pictures(tmp_path / "shop", count))
    assert precompute(["--catalogue", source, "--methods", methods]) == 0
    return opened()


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_catalogue_without_labels_gets_all_that_needs_none(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = built(tmp_path, monkeypatch, count, "pixels")
    assert page.info[0].value.startswith("This catalogue has no attribute that products share")
    headings = [header.value for header in page.header]
    assert "Speed and size" in headings
    assert "Where they differ" not in headings, "one method has nothing to differ from"
    assert ("What comes up again and again" in headings) == (count > 1)
    assert "#differ" not in said(page), "nothing leads to what is not there"


def test_a_catalogue_of_which_colours_alone_are_known_is_measured_by_them(
    by_colour: Path,
) -> None:
    found = stored_metrics(open_catalogue(by_colour))
    assert [attribute.name for attribute in found.attributes] == ["colour"]
    page = opened()
    assert "Category by category" not in [header.value for header in page.header]


@pytest.mark.usefixtures("demo")
def test_tables_to_export_hold_every_figure() -> None:
    found = stored_metrics(open_catalogue("demo"))
    table, pairs = figures(found), differences(found)
    methods = len(found.methods)
    assert len(table) == len(found.attributes) * 2 * methods * len(METRICS)
    assert len(pairs) == len(found.attributes) * 2 * len(METRICS) * methods * (methods - 1) // 2
    row = table.query("attribute == 'colour' and gallery == 'whole' and metric == 'P@1'")
    first = found.attributes[[a.name for a in found.attributes].index("colour")]
    wanted = first.tables["whole"].figures["lit"]["P@1"].mean
    assert row.set_index("method")["mean"]["lit"] == wanted


def test_a_text_in_a_spreadsheet_is_no_formula() -> None:
    table = pd.DataFrame({"category": ["=HYPERLINK(1)", "-x", "hat"], "mean": [-1.0, 0.5, 2]})
    assert csv(table).splitlines()[1:] == ["'=HYPERLINK(1),-1.0", "'-x,0.5", "hat,2.0"]


def some() -> tuple[Neighbours, list[str]]:
    near = {
        "a": np.array([[1, 2], [0, 2], [3, 0], [2, 0]]),
        "b": np.array([[2, 1], [0, 3], [1, 0], [2, 1]]),
    }
    found = Neighbours(["w", "x", "y", "z"], dict.fromkeys(near, "1"), np.arange(4), near)
    return found, ["hat", "hat", "bag", "bag"]


def test_who_is_right_is_told_by_the_first_products_category() -> None:
    found, categories = some()
    compared = differing(found, "a", "b", 2, categories)
    assert compared.histogram().tolist() == [0, 3, 1]
    assert compared.among("one", 0, 2, least=True) == [2, 0], "b has a bag first for a hat"
    assert compared.among("other", 0, 2, least=True) == []
    assert compared.among("all", 1, 1, least=True) == [1, 2, 3]
    split = compared.split(1)
    assert (split.both, split.one, split.other) == ([0], [2], [3])


def test_a_query_without_a_category_or_alone_in_it_is_not_judged() -> None:
    found, _ = some()
    compared = differing(found, "a", "b", 2, ["", "hat", "bag", "bag"])
    assert compared.judged.tolist() == [False, False, True, True]
    assert compared.among("one", 0, 2, least=True) == [2]


def test_confusion_by_hand() -> None:
    found, categories = some()
    table = confusion(found, pd.Series(categories)).set_index(["method", "category", "found"])
    assert table["share"]["a", "hat", "hat"] == 0.5, "of x and y, and of w and y"
    assert table["share"]["b", "bag", "bag"] == 0.25
    assert table["share"]["b", "bag", "hat"] == 0.75
    assert set(table["n"]) == {2}


@pytest.mark.usefixtures("demo")
def test_confusion_agrees_with_precision_by_category() -> None:
    catalogue = open_catalogue("demo")
    found = confusion(stored_neighbours(catalogue), catalogue.products["category"])
    own = found[found["category"] == found["found"]]
    category = stored_metrics(catalogue).attributes[0].tables["whole"]
    for key, some in own.groupby("method"):
        mean = np.average(some["share"], weights=some["n"])
        assert mean == pytest.approx(category.figures[str(key)][f"P@{AT}"].mean)
