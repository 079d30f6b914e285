"""The Map page, run as Streamlit runs it, on the real demo catalogue."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from precompute.__main__ import main as precompute
from similarity import METHODS, open_catalogue
from similarity.catalogue import Catalogue
from similarity.measures.maps.changes import MIN_CHANGED, MIN_GROUP, group_changes
from similarity.measures.maps.schema import PATH, K, Maps, load_maps
from similarity.ui.map.files import list_colour_attributes
from similarity.ui.map.maps import MAX_SELECTED, describe_quality, make_overlap_colours
from similarity.ui.shared.plain import escape
from tests.conftest import PROJECT, copy_by_links, present
from tests.demo import PRODUCTS
from tests.units.drawing import write_pictures


@pytest.fixture
def catalogue(demo: Path) -> Catalogue:
    return open_catalogue("demo")


@pytest.fixture
def maps(catalogue: Catalogue) -> Maps:
    return load_maps(catalogue)


def opened(**parameters: str) -> AppTest:
    page = AppTest.from_file(str(PROJECT / "pages" / "frame.py"), default_timeout=120)
    page.switch_page("map.py")
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def text(page: AppTest) -> str:
    elements = (*page.markdown, *page.caption, *page.info, *page.warning, *page.error)
    return "\n".join(each.value for each in elements)


@pytest.mark.usefixtures("demo")
def test_colours_and_the_pair_stand_in_the_address(catalogue: Catalogue) -> None:
    page = opened(methods="pixels,efficientnet,lit", pair="pixels,lit")
    colours = list_colour_attributes(catalogue.products)
    assert page.button_group(
        key=f"map.colour of {[*map(str.capitalize, colours), 'Disagreements']}"
    )
    assert "Products with different neighbours in Pixels and LiT" in text(page)
    wide = opened(methods="pixels,efficientnet,lit", colour="moved", pair="efficientnet,lit")
    assert escape(METHODS["efficientnet"].title) in text(wide)
    (picker,) = (each for each in wide.button_group if each.key and ".colour" in each.key)
    assert picker.value == "moved"
    picker.set_value(colours[0]).run()
    assert wide.query_params["colour"] == [colours[0]] or wide.query_params["colour"] == colours[0]


@pytest.mark.usefixtures("demo")
def test_hostile_parameters_select_nothing_and_break_nothing() -> None:
    page = opened(
        methods="pixels,nothing",
        colour="<b>x",
        pair="../..",
        selected="<script>,../../x,00000000000000000000",
        by="' or 1",
        rows="-3",
    )
    assert "Each point is a product" in text(page)
    assert "Some products of this link aren't on the maps" in text(page)


@pytest.mark.usefixtures("demo")
def test_one_method_has_a_map_without_changes_and_no_method_has_none() -> None:
    page = opened(methods="pixels")
    assert [header.value for header in page.header] == []
    assert "Choose one method or more" in text(opened(methods=""))


@pytest.mark.usefixtures("demo")
def test_more_than_four_maps_are_cut_and_those_left_out_are_named() -> None:
    page = opened(methods="pixels,efficientnet,simclr_small,conse,lit")
    assert escape(f"without {METHODS['lit'].title}") in text(page)


def test_a_map_shows_its_quality_with_n(maps: Maps) -> None:
    for method, quality in maps.quality.items():
        words = describe_quality(METHODS[method].title, quality)
        assert words.startswith(f"{METHODS[method].title}: {quality.overlap.mean:.1f} [")
        assert f"of {K} kept, " in words
        assert f"trustworthiness {quality.trustworthiness.mean:.3f} [" in words
        assert words.endswith(f"n\u00a0=\u00a0{PRODUCTS}.")


def test_the_colour_scale_says_how_many_neighbours_are_kept(maps: Maps) -> None:
    scale = make_overlap_colours(open_catalogue("demo"), maps, "pixels", "lit")
    one, other = (maps.neighbours.by_method[method] for method in ("pixels", "lit"))
    shared = [len({*a} & {*b}) for a, b in zip(one.tolist(), other.tolist(), strict=True)]
    assert [ord(letter) - ord("a") for letter in scale.letters] == shared


@pytest.mark.slow
def test_groups_of_the_demo_have_one_kind(whole: Path) -> None:
    # Pixels put white things together, a network lamps: products were drawn by kind
    catalogue = open_catalogue(whole / "demo")
    maps, products = load_maps(catalogue), catalogue.products
    groups = group_changes(maps, "pixels", "efficientnet")
    members = [member for group in groups for member in group.members]
    assert len(members) == len(set(members)) > 0
    assert (
        K - maps.neighbours.compute_overlap("pixels", "efficientnet", K)[members] >= MIN_CHANGED
    ).all()
    for group in groups:
        kinds = products["category"].iloc[group.members].value_counts()
        assert kinds.iloc[0] > len(group.members) / 2
        assert len(group.members) >= MIN_GROUP


def test_a_small_catalogue_gets_the_message_that_it_needs_no_map(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source = write_pictures(tmp_path / "few", 6)
    assert precompute(["--catalogue", str(source), "--methods", "pixels"]) == 0
    assert "Maps are drawn for catalogues of 50 products or more" in text(opened())


def test_maps_that_are_damaged_are_refused_with_the_command(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copy_by_links(demo, tmp_path / "hurt")
    place = present(copy) / PATH
    place.unlink()
    place.write_bytes(b"none")
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    st.cache_resource.clear()  # of the catalogue that this one is a copy of
    page = opened()
    assert "There are no maps of this catalogue." in text(page)
    assert "python -m precompute" in page.code[0].value


def test_a_selection_that_is_too_large_for_an_address_is_not_in_it(maps: Maps) -> None:
    assert len(maps.neighbours.queries) > MAX_SELECTED
    page = opened(selected=",".join(f"{number:020x}" for number in range(MAX_SELECTED + 50)))
    assert "Each point is a product" in text(page)
