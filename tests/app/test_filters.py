"""Filters on Compare, Accuracy and Map, run by Streamlit's AppTest on real catalogues."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from precompute.__main__ import main
from similarity import open_catalogue, read_link, read_where
from similarity.measures.maps.schema import load_maps
from similarity.measures.metrics.schema import load_metrics
from similarity.measures.metrics.segment import measure_segment
from similarity.ui.shared.facets import MAX_OPTIONS
from tests.conftest import PROJECT, copy_by_links
from tests.units.drawing import write_pictures

FRAME = PROJECT / "pages" / "frame.py"
SHOP = 260  # products of the fixture


def visit(page_name: str = "compare", **parameters: str | list[str]) -> AppTest:
    page = AppTest.from_file(str(FRAME), default_timeout=60)
    if page_name != "compare":
        page.switch_page(f"{page_name}.py")
    for key, value in parameters.items():
        page.query_params[key.replace("__", ".")] = value
    page.run()
    assert not page.exception
    return page


def read_component(page: AppTest, name: str) -> dict[str, Any]:
    protos = [element.proto for element in page.get("bidi_component")]
    return next(json.loads(p.json) for p in protos if p.id.endswith(f"-{name}"))


def read_answers(page: AppTest) -> dict[str, list[str]]:
    columns = read_component(page, "compare.answers")["columns"]
    return {column["key"]: [cell["id"] for cell in column["pictures"]] for column in columns}


def read_text(page: AppTest) -> str:
    elements = (*page.markdown, *page.caption, *page.info, *page.warning)
    return "\n".join(each.value for each in elements).replace("\\", "")


def read_address(page: AppTest) -> dict[str, list[str]]:
    values = page.query_params.items()
    return {name: value if isinstance(value, list) else [value] for name, value in values}


def find_facet(page: AppTest, name: str) -> Any:
    return next(each for each in page.multiselect if each.label == name)


def press(page: AppTest, label: str) -> AppTest:
    button = next(each for each in page.button if each.label.replace("\\", "") == label)
    return button.click().run()


@pytest.mark.usefixtures("demo")
def test_all_methods_answer_from_the_products_that_the_address_filters() -> None:
    products = open_catalogue("demo").products
    page = visit(where__colour=["red", "blue"], where__pattern="plain")
    expected = products[products.colour.isin(["red", "blue"]) & (products.pattern == "plain")]
    for ids in read_answers(page).values():
        assert len(ids) == 12
        assert set(ids) <= set(expected.index)
    assert f"{len(expected)} of {len(products)} products" in read_text(page)
    page = press(page, "pattern: plain")
    assert read_address(page)["where.colour"] == ["red", "blue"]
    assert "where.pattern" not in page.query_params
    page = press(page, "colour: red or blue")
    assert not [name for name in page.query_params if name.startswith("where.")]


@pytest.mark.usefixtures("demo")
def test_a_facet_lists_values_with_counts_and_its_choice_stands_in_the_address() -> None:
    products = open_catalogue("demo").products
    page = visit(where__category="mug")
    facet = find_facet(page, "Colour")
    counts = products[products.category == "mug"].colour.value_counts()
    assert sorted(facet.options) == sorted(f"{text} ({n})" for text, n in counts.items())
    assert len(find_facet(page, "Category").options) == products.category.nunique()
    text = counts.index[0]
    page = facet.select(text).run()
    assert read_address(page)["where.colour"] == [text]
    count = ((products.category == "mug") & (products.colour == text)).sum()
    assert f"{count} of {len(products)} products" in read_text(page)
    for ids in read_answers(page).values():
        assert len(ids) >= count - 1  # the query may be one of them
    columns = read_component(page, "compare.answers")["columns"]
    (part,) = read_link(read_component(page, "compare.query")["link"])
    is_result = products.category[part.value] == "mug" and products.colour[part.value] == text
    count -= is_result
    for column in columns:
        assert f"{count} of 12: no more products fit." in (column["message"], *column["facts"])


@pytest.mark.usefixtures("demo")
def test_a_link_repeats_the_filter_on_a_page_and_in_a_notebook() -> None:
    catalogue = open_catalogue("demo")
    page = visit(where__colour="red", one_per="category", fold="1", unlike="category")
    link = read_component(page, "compare.query")["link"]
    parameters = parse_qs(link.removeprefix("?"))
    assert {name: parameters[name] for name in ("where.colour", "one_per", "fold", "unlike")} == {
        "where.colour": ["red"],
        "one_per": ["category"],
        "fold": ["1"],
        "unlike": ["category"],
    }
    again = visit("compare", **parameters)
    assert read_answers(again) == read_answers(page)
    hits = catalogue.search(
        "efficientnet",
        parts=read_link(link),
        where=read_where(link),
        one_per="category",
        fold_duplicates=True,
        k=12,
    )
    assert [hit.product for hit in hits] == read_answers(page)["efficientnet"]
    categories = catalogue.products.category[[hit.product for hit in hits]]
    assert categories.is_unique


@pytest.mark.usefixtures("demo")
def test_a_filter_that_leaves_nothing_says_what_to_remove() -> None:
    products = open_catalogue("demo").products
    page = visit(where__colour="red", where__category="sock", where__pattern="leather")
    left = ((products.colour == "red") & (products.category == "sock")).sum()
    text = read_text(page)
    assert f"Remove “pattern: leather”: {left} product fits the others." in text
    assert not any(read_answers(page).values())
    assert left == 1
    page = press(page, "pattern: leather")
    assert all(len(ids) >= left - 1 for ids in read_answers(page).values())


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"where.size": "4"}, "no attribute 'size'"),
        ({"where.colour": "rde"}, "Did you mean 'red'?"),
        ({"where.colour": "1..5"}, "has no numbers"),
        ({"where.": "x"}, "no attribute ''"),
        ({"where.<b>x</b>": "![](http://host/x.png)"}, "no attribute"),
        ({"where.colour": "x" * 5000}, "no colour"),
        ({"where.colour": [f"value {n}" for n in range(300)]}, "Only the first 100 conditions"),
    ],
)
def test_unknown_parts_of_a_filter_are_ignored_with_a_remark(
    parameters: dict[str, Any], message: str
) -> None:
    page = visit(**parameters)
    assert message in read_text(page)
    assert all(len(ids) == 12 for ids in read_answers(page).values())
    assert "http" not in "".join(each.value for each in page.info if "\\!" not in each.value)


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a catalogue with prices, some of them missing or words, and article numbers."""
    place = tmp_path_factory.mktemp("numbered")
    source = write_pictures(place / "shop", SHOP)
    lines = ["path,price,article,size"]
    for n in range(SHOP):
        price = "" if n % 10 == 0 else "on request" if n == 1 else f"{n / 2:.2f}"
        lines.append(f"{n:03}.png,{price},article {n},{['s', 'm', 'l'][n % 3]}")
    (source / "metadata.csv").write_text("\n".join(lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMILARITY_CATALOGUES", str(place / "built"))
        patch.setattr("similarity.measures.maps.compute.MIN_PRODUCTS", 10**9)
        patch.setattr("similarity.measures.robustness.compute.MIN_PRODUCTS", 10**9)
        assert main(["--catalogue", str(source), "--methods", "pixels"]) == 0
    return place / "built"


def test_numbers_are_filtered_by_a_range_and_products_without_one_have_their_own_value(
    numbered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(numbered))
    catalogue = open_catalogue("shop")
    products = catalogue.products
    page = visit()
    lowest = next(each for each in page.number_input if each.label == "Price from")
    page = lowest.set_value(10.0).run()
    assert read_address(page)["where.price"] == ["10.."]
    highest = next(each for each in page.number_input if each.label == "Price to")
    page = highest.set_value(30.0).run()
    assert read_address(page)["where.price"] == ["10..30"]
    prices = products.price.replace({"": "nan", "on request": "nan"}).astype(float)
    assert set(read_answers(page)["pixels"]) <= set(products.index[prices.between(10, 30)])
    assert f"{prices.between(10, 30).sum()} of {SHOP} products" in read_text(page)
    without = find_facet(page, "Price")
    assert without.options == ["on request (1)", f"none ({(products.price == '').sum()})"]
    page = without.select("").run()
    assert read_address(page)["where.price"] == ["10..30", ""]
    allowed = products.index[prices.between(10, 30) | (products.price == "")]
    assert f"{len(allowed)} of {SHOP} products" in read_text(page)
    assert set(read_answers(page)["pixels"]) <= set(allowed)


def test_an_attribute_of_many_values_is_searched(
    numbered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(numbered))
    products = open_catalogue("shop").products
    page = visit()
    assert len(find_facet(page, "Article").options) == MAX_OPTIONS
    search = next(each for each in page.text_input if each.label == "Find values of article")
    page = search.set_value("ARTICLE 25").run()
    facet = find_facet(page, "Article")
    assert len(facet.options) == sum(products.article.str.startswith("article 25"))
    page = facet.select("article 255").run()
    (result,) = read_answers(page)["pixels"] or [""]
    assert products.article[result] == "article 255"


@pytest.mark.usefixtures("demo")
def test_results_can_be_of_other_categories_and_one_per_attribute() -> None:
    products = open_catalogue("demo").products
    page = visit()
    toggle = next(each for each in page.toggle if each.label == "Only other categories")
    page = toggle.set_value(True).run()
    assert read_address(page)["unlike"] == ["category"]
    link = read_component(page, "compare.query")["link"]
    (part,) = read_link(link)
    for ids in read_answers(page).values():
        assert products.category[part.value] not in set(products.category[ids])
    picker = next(each for each in page.selectbox if each.label == "One result per")
    page = picker.set_value("colour").run()
    for ids in read_answers(page).values():
        assert products.colour[ids].is_unique
        assert products.colour[part.value] not in set(products.colour[ids])
    columns = read_component(page, "compare.answers")["columns"]
    assert any(cell["folded"].startswith("+") for each in columns for cell in each["pictures"])
    page = press(page, "One result per colour")
    page = press(page, "Only other categories")
    assert not {"unlike", "one_per"} & set(page.query_params)


def test_another_catalogue_starts_without_the_filter_of_the_first(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("demo", "other"):
        copy_by_links(demo, tmp_path / name)
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    page = visit(catalogue="demo", where__colour="red", unlike="category", fold="1")
    picker = next(each for each in page.selectbox if each.label == "Catalogue")
    page = picker.set_value("other").run()
    assert read_address(page) == {"catalogue": ["other"], "fold": ["1"]}


@pytest.mark.usefixtures("demo")
def test_accuracy_measures_the_filtered_products_as_queries_and_results(demo: Path) -> None:
    catalogue = open_catalogue(demo)
    stored = load_metrics(catalogue)
    among = catalogue.attributes.select(
        catalogue.attributes.make_filter({"department": ["clothing", "bags"]})
    )
    assert among is not None
    metrics, neighbours = measure_segment(catalogue, stored, among, lambda *_: None)
    assert metrics.queries == metrics.products == len(among.positions)
    assert metrics.costs == stored.costs
    products = catalogue.products.iloc[among.positions]
    assert neighbours.ids == products.index.tolist()
    colours = products.colour.to_numpy()
    colour = next(each for each in metrics.attributes if each.name == "colour")
    for key in ("efficientnet", "simclr_small"):
        index = catalogue.open_index(catalogue.resolve_method(key))
        rows = index.read(among.positions)
        cosines = index.compute_cross_cosines(rows, rows)
        np.fill_diagonal(cosines, -np.inf)
        nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :10]
        shares = (colours[nearest] == colours[:, None]).mean(1)
        has_other = np.array([(colours == each).sum() > 1 for each in colours])
        figure = colour.tables["whole"].figures[key]["P@10"]
        assert figure.mean == pytest.approx(shares[has_other].mean(), abs=1e-9)
        assert figure.low < figure.mean < figure.high
    page = visit("measure", where__department=["clothing", "bags"], open="attribute-1")
    assert f"{len(products)} of {len(catalogue.products)} products" in read_text(page)
    table = metrics.attributes[0].tables["whole"]
    assert f"{table.n:,} queries" in read_text(page)
    assert table.n < stored.attributes[0].tables["whole"].n
    assert "Filtered products" in read_text(page)


@pytest.mark.usefixtures("demo")
def test_accuracy_says_when_too_few_products_are_left() -> None:
    page = visit("measure", where__category="mug", where__colour="red")
    assert "too few to measure: 20 are needed" in read_text(page)


@pytest.mark.usefixtures("demo")
def test_the_maps_mark_the_products_that_the_filter_leaves(demo: Path) -> None:
    catalogue = open_catalogue(demo)
    maps = load_maps(catalogue)
    page = visit("map", where__colour="red")
    is_left = catalogue.products.colour.iloc[maps.neighbours.queries] == "red"
    assert read_component(page, "map.maps")["left"] == "".join("01"[flag] for flag in is_left)
    assert f"{is_left.sum()} of them fit the filter" in read_text(page)
    assert read_component(visit("map"), "map.maps")["left"] == ""
