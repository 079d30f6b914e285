"""The Measure page, run as Streamlit runs it, on the real demo catalogue."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from precompute.__main__ import main as precompute
from similarity import METHODS, open_catalogue
from similarity.display.marks import get_training_labels
from similarity.measures.metrics.confusion import compute_confusion
from similarity.measures.metrics.retrieval import CUTOFF, METRICS
from similarity.measures.metrics.schema import PATH, Gallery, load_metrics
from similarity.measures.metrics.verdict import describe_best, describe_values
from similarity.measures.neighbours.differences import compare_methods
from similarity.measures.neighbours.schema import Neighbours, load_neighbours
from similarity.measures.robustness.schema import load_robustness
from similarity.measures.scorecard import describe_leaders, list_aspects
from similarity.ui.measure.attributes import (
    METRIC_CHOICES,
    tabulate_differences,
    tabulate_figures,
)
from similarity.ui.shared.plain import escape
from similarity.ui.shared.spreadsheet import to_csv
from tests.conftest import PROJECT, copy_by_links, present
from tests.units.drawing import write_pictures

ATTRIBUTES = ",".join(f"attribute-{number}" for number in range(1, 5))
ALL = f"{ATTRIBUTES},words,differ,categories,agree,cost,hubs"


def opened(**parameters: str) -> AppTest:
    page = AppTest.from_file(str(PROJECT / "pages" / "frame.py"), default_timeout=60)
    page.switch_page("measure.py")
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def read_text(page: AppTest) -> str:
    return "\n".join(each.value for each in (*page.markdown, *page.caption))


def read_conclusions(page: AppTest) -> list[str]:
    """The headings of the sections, without the escapes of Markdown."""
    return [re.sub(r"\\(.)", r"\1", expander.label) for expander in page.expander]


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(("metric", "near"), [("P@10", ""), ("MAP@R", "without")])
def test_conclusions_are_those_of_the_stored_figures(metric: str, near: str) -> None:
    catalogue = open_catalogue("demo")
    metrics, robustness = load_metrics(catalogue), load_robustness(catalogue)
    titles = {key: METHODS[key].title for key in metrics.methods}
    labels = get_training_labels(catalogue, list(titles))
    page = opened(metric=metric, near=near, open=ATTRIBUTES)
    gallery: Gallery = "without" if near else "whole"
    aspects = list_aspects(metrics, robustness, metric, gallery)
    summary = [button.label.strip("*") for button in page.button]
    assert set(map(escape, describe_leaders(aspects, titles, labels))) <= set(summary)
    conclusions = read_conclusions(page)
    marked = {key: f"{title}*" if key in labels else title for key, title in titles.items()}
    for attribute in metrics.attributes:
        table = attribute.tables[gallery]
        heading = describe_values(attribute.name.capitalize(), table, metric, marked)
        assert heading in conclusions
        verdict = describe_best(attribute.name, table, metric, titles, labels)
        assert escape(" ".join(verdict.sentences)) in read_text(page)
    assert "Trained on these labels; not a fair comparison: LiT" in read_text(page).replace(
        "\\", ""
    )


@pytest.mark.usefixtures("demo")
def test_controls_stand_in_the_address() -> None:
    page = opened()
    page.button_group(key=f"measure.metric of {list(METRIC_CHOICES)}").set_value("MAP@R").run()
    page.toggle(key="measure.near").set_value(True).run()
    page.toggle(key="measure.intervals").set_value(True).run()
    assert not page.exception
    for name, value in {"metric": "MAP@R", "near": "without", "intervals": "1"}.items():
        assert page.query_params[name] in (value, [value])


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    "parameters",
    [
        {"metric": "<script>", "near": "x", "pair": "a,b,c", "first": "999", "common": "9-x"},
        {"pair": "lit,lit", "common": "99-3", "rows": "0", "list": "none", "open": ",<b>,differ,x"},
        {"pair": "lit,conse", "first": "0", "common": "-", "rows": "99999", "confused": "gone"},
    ],
)
def test_a_nonsense_address_gets_a_page(parameters: dict[str, str]) -> None:
    opened(**{"open": ALL} | parameters)


@pytest.mark.usefixtures("demo")
def test_tables_name_methods_by_their_titles() -> None:
    texts = {
        str(value)
        for table in opened(open=ALL).table
        for column in table.value
        for value in table.value[column]
    }
    assert "SimCLR small" in texts
    assert not texts & set(METHODS), "no internal keys"


@pytest.mark.usefixtures("demo")
def test_a_method_is_not_compared_with_itself() -> None:
    page = opened(pair="lit,lit", open="differ")
    assert [info.value for info in page.info] == ["Choose two different methods."]


def test_outdated_measures_are_refused_with_the_command(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copy_by_links(demo, tmp_path / "hurt")
    place = present(copy) / PATH
    place.unlink()
    place.write_bytes(b"{}")
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    st.cache_resource.clear()  # of the catalogue that this one is a copy of
    page = opened()
    assert page.error[0].value == "Accuracy was not measured for this catalogue."
    assert "Build it: python -m precompute" in page.code[0].value


def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, methods: str) -> AppTest:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    monkeypatch.delenv("SIMILARITY_CATALOGUE", raising=False)
    source = str(write_pictures(tmp_path / "shop", count))
    assert precompute(["--catalogue", source, "--methods", methods]) == 0
    return opened()


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_catalogue_without_labels_shows_everything_that_needs_none(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = built(tmp_path, monkeypatch, count, "pixels")
    reason = "This catalogue has one product" if count == 1 else "Products share no attribute"
    assert page.info[0].value.startswith(reason)
    names = [conclusion.partition(":")[0] for conclusion in read_conclusions(page)]
    assert "Biggest disagreements" not in names, "one method has nothing to differ from"
    hubs = ["Over-recommended products"] if count > 1 else []
    assert names == ["Speed and size", *hubs, "Judgments"]


def test_a_catalogue_with_only_colours_is_measured_by_colour(
    by_colour: Path,
) -> None:
    metrics = load_metrics(open_catalogue(by_colour))
    assert [attribute.name for attribute in metrics.attributes] == ["colour"]
    assert not any(each.startswith("Hardest category") for each in read_conclusions(opened()))


@pytest.mark.usefixtures("demo")
def test_exported_tables_contain_every_figure() -> None:
    metrics = load_metrics(open_catalogue("demo"))
    table, pairs = tabulate_figures(metrics), tabulate_differences(metrics)
    methods = len(metrics.methods)
    assert len(table) == len(metrics.attributes) * 2 * methods * len(METRICS)
    assert len(pairs) == len(metrics.attributes) * 2 * len(METRICS) * methods * (methods - 1) // 2
    row = table.query("attribute == 'colour' and gallery == 'whole' and metric == 'P@1'")
    first = metrics.attributes[[a.name for a in metrics.attributes].index("colour")]
    figure = first.tables["whole"].figures["lit"]["P@1"].mean
    assert row.set_index("method")["mean"]["lit"] == figure


def test_a_text_in_a_spreadsheet_is_not_a_formula() -> None:
    table = pd.DataFrame({"category": ["=HYPERLINK(1)", "-x", "hat"], "mean": [-1.0, 0.5, 2]})
    assert to_csv(table).splitlines()[1:] == ["'=HYPERLINK(1),-1.0", "'-x,0.5", "hat,2.0"]


def make_neighbours() -> tuple[Neighbours, list[str]]:
    near = {
        "a": np.array([[1, 2], [0, 2], [3, 0], [2, 0]]),
        "b": np.array([[2, 1], [0, 3], [1, 0], [2, 1]]),
    }
    neighbours = Neighbours(["w", "x", "y", "z"], dict.fromkeys(near, "1"), np.arange(4), near)
    return neighbours, ["hat", "hat", "bag", "bag"]


def test_the_right_method_is_that_of_the_first_products_category() -> None:
    neighbours, categories = make_neighbours()
    compared = compare_methods(neighbours, "a", "b", 2, categories)
    assert compared.compute_histogram().tolist() == [0, 3, 1]
    assert compared.list_rows("one", 0, 2) == [2, 0], "b has a bag first for a hat"
    assert compared.list_rows("other", 0, 2) == []
    assert compared.list_rows("all", 1, 1) == [1, 2, 3]
    split = compared.split_results(1)
    assert (split.common, split.only_one, split.only_other) == ([0], [2], [3])


def test_a_query_without_another_product_in_its_category_is_not_judged() -> None:
    neighbours, _ = make_neighbours()
    compared = compare_methods(neighbours, "a", "b", 2, ["", "hat", "bag", "bag"])
    assert compared.has_category.tolist() == [False, False, True, True]
    assert compared.list_rows("one", 0, 2) == [2]


def test_confusion_by_hand() -> None:
    neighbours, categories = make_neighbours()
    table = compute_confusion(neighbours, pd.Series(categories)).set_index(
        ["method", "category", "found"]
    )
    assert table["share"]["a", "hat", "hat"] == 0.5, "of x and y, and of w and y"
    assert table["share"]["b", "bag", "bag"] == 0.25
    assert table["share"]["b", "bag", "hat"] == 0.75
    assert set(table["n"]) == {2}


@pytest.mark.usefixtures("demo")
def test_confusion_agrees_with_precision_by_category() -> None:
    catalogue = open_catalogue("demo")
    confusion = compute_confusion(load_neighbours(catalogue), catalogue.products["category"])
    correct = confusion[confusion["category"] == confusion["found"]]
    category = load_metrics(catalogue).attributes[0].tables["whole"]
    for key, shares in correct.groupby("method"):
        mean = np.average(shares["share"], weights=shares["n"])
        assert mean == pytest.approx(category.figures[str(key)][f"P@{CUTOFF}"].mean)
