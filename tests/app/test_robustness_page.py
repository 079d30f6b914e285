"""The Robustness page, run as Streamlit runs it, on the real demo catalogue."""

from pathlib import Path

import pytest
import streamlit as st
from PIL import Image, ImageOps
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from precompute.__main__ import main as precompute
from similarity import METHODS, open_catalogue
from similarity.catalogue import Catalogue
from similarity.display.colours import get_colours_by_title
from similarity.display.curves import FIRST_SHARE, interpolate_dots, make_chart
from similarity.measures.robustness.schema import MIN_PRODUCTS, PATH, Robustness, load_robustness
from similarity.measures.robustness.verdict import (
    describe_losses,
    describe_robustness,
    find_widest,
    list_losses,
)
from similarity.measures.scorecard import describe_leaders, list_scene_aspects
from similarity.perturbations import CUSTOMER_PHOTO, PERTURBATIONS, SCENES, perturb
from similarity.ui.robustness import sliders
from similarity.ui.robustness.answers import Subject, make_column
from similarity.ui.robustness.curves import tabulate_curves
from similarity.ui.robustness.scenes import choose_product
from similarity.ui.shared.browse import get_first_product
from similarity.ui.shared.plain import escape
from similarity.ui.shared.query import make_query
from tests.conftest import PROJECT, copy_by_links, present
from tests.demo import PRODUCTS, SAMPLE
from tests.units.drawing import write_pictures


@pytest.fixture
def catalogue(demo: Path) -> Catalogue:
    return open_catalogue("demo")


@pytest.fixture
def robustness(catalogue: Catalogue) -> Robustness:
    return load_robustness(catalogue)


def opened(**parameters: str) -> AppTest:
    page = AppTest.from_file(str(PROJECT / "pages" / "frame.py"), default_timeout=120)
    page.switch_page("robustness.py")
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def read_text(page: AppTest) -> str:
    return "\n".join(each.value for each in (*page.markdown, *page.caption))


def change(page: AppTest) -> str:
    change_asked = page.query_params.get("change", "")
    return change_asked[0] if isinstance(change_asked, list) else change_asked


def back(page: AppTest) -> Button:
    return next(button for button in page.button if button.label == "Reset")


def test_a_slider_shows_the_value_of_the_address_even_if_the_browser_missed_it(
    catalogue: Catalogue,
) -> None:
    page = opened(catalogue="demo", methods="pixels", change="turn:90,zoom:-20")
    sliders = {slider.label: slider for slider in page.select_slider}
    for key, amount in {"turn": 90, "zoom": -20, "contrast": 0}.items():
        perturbation = PERTURBATIONS[key]
        proto = sliders[perturbation.title].proto
        assert proto.default == [list(perturbation.amounts).index(amount)], key


@pytest.mark.usefixtures("demo")
def test_sliders_scenes_and_the_way_back_stand_in_the_address() -> None:
    page = opened(methods="pixels")
    assert back(page).disabled
    page.select_slider(key="robustness.turn").set_value(90).run()
    assert change(page) == "turn:90"
    page.select_slider(key="robustness.blur").set_value(3).run()
    assert change(page) == "turn:90,blur:3"
    assert escape("rotated by 90°, blurred by 3\u00a0%") in read_text(page)
    page.button_group(key="robustness.scene").set_value("A scan").run()
    assert sliders.format_parameter(SCENES["A scan"]) == change(page)
    assert page.select_slider(key="robustness.turn").value == 5
    assert page.select_slider(key="robustness.blur").value == 0
    back(page).click().run()
    assert change(page) == ""
    assert page.select_slider(key="robustness.turn").value == 0


@pytest.mark.usefixtures("demo")
def test_a_nonsense_address_gets_the_existing_parts() -> None:
    page = opened(change="turn:7,zoom:-999,x:3,blur:<b>,flip:9,noise:", curve="x", methods="pixels")
    assert page.select_slider(key="robustness.turn").value == 5
    assert page.select_slider(key="robustness.zoom").value == -70
    assert page.select_slider(key="robustness.flip").value == 2
    assert page.select_slider(key="robustness.blur").value == 0
    assert not page.error


@pytest.mark.parametrize("amounts", [{"turn": 180}, {"ground": 4, "brightness": -50}])
@pytest.mark.parametrize("key", ["pixels", "lit"])
def test_a_column_shows_what_an_upload_of_the_distorted_picture_finds(
    catalogue: Catalogue, key: str, amounts: dict[str, int]
) -> None:
    product = catalogue.products.index[40]
    changed = perturb(catalogue.read_picture(product), amounts)
    subject = Subject(make_query("product", product), "", catalogue.read_picture(product))
    column = make_column(catalogue, catalogue.resolve_method(key), subject, changed, amounts, 12)
    every = catalogue.search(key, image=changed, k=len(catalogue.products), exact=True)
    (query_hit,) = (hit for hit in every if hit.product == product)
    assert column.headline.startswith(f"Finds it at rank {query_hit.rank:,}")
    assert column.recall.startswith(f"cosine {query_hit.score:.3f}")
    near = [hit.product for hit in every[:12]]
    before = [product, *(h.product for h in catalogue.search(key, product=product, k=11))]
    strong = [cell for cell in column.pictures if not cell.is_weak]
    assert [cell.id for cell in strong] == near
    assert [cell.id for cell in column.pictures if cell.is_weak] == [
        b for b in before if b not in near
    ]
    for cell in strong:
        expected = "kept" if cell.id in before else "new"
        assert cell.shared_by == ("itself" if cell.id == product else expected)
    assert column.unique_note == f"{len(set(near) & set(before))} of 12 kept"


def test_an_undistorted_picture_is_found_first_by_every_method(
    catalogue: Catalogue,
) -> None:
    product = get_first_product(catalogue)
    picture = catalogue.read_picture(product)
    assert perturb(picture, {}) is picture
    for key in catalogue.methods:
        subject = Subject(make_query("product", product), "", picture)
        column = make_column(catalogue, catalogue.resolve_method(key), subject, picture, {}, 8)
        assert column.headline.startswith(f"Finds it at rank 1 of {PRODUCTS}")
        assert [cell.shared_by for cell in column.pictures] == ["itself", *[""] * 7]
        assert catalogue.search(key, image=picture, k=1)[0].product == product


@pytest.mark.usefixtures("demo")
def test_sentences_are_those_of_the_stored_figures(robustness: Robustness) -> None:
    page = opened(methods="pixels", open="areas,turn")
    names = {key: METHODS[key].title for key in robustness.methods}
    assert escape(describe_robustness(robustness, names)) in read_text(page)
    aspects = list_scene_aspects(robustness)
    assert [aspect.title for aspect in aspects] == list(SCENES)
    assert escape(" ".join(describe_leaders(aspects, names, {}))) in read_text(page)
    labels = [expander.label for expander in page.expander]
    for key, perturbation in PERTURBATIONS.items():
        curves = {names[m]: of.curves[key] for m, of in robustness.methods.items()}
        assert escape(f"{perturbation.title}: {describe_losses(perturbation, curves)}") in labels
    for key, of in robustness.methods.items():
        for spot in list_losses(of.curves):
            assert escape(spot) in read_text(page), key


def test_the_page_opens_with_a_product_that_some_method_finds_in_a_customers_photo(
    catalogue: Catalogue, robustness: Robustness
) -> None:
    scores = [each.scenes[CUSTOMER_PHOTO] for each in robustness.methods.values()]
    count = sum(choose_product(catalogue) in score.top_products for score in scores)
    assert 0 < count < len(scores)


@pytest.mark.usefixtures("demo")
def test_words_cannot_be_distorted_and_a_product_is_shown_instead() -> None:
    page = opened(text="red backpack", methods="pixels")
    assert page.info[0].value == "Words can't be distorted. Showing a product instead."


def test_undistorted_products_of_the_sample_were_found_first(robustness: Robustness) -> None:
    for of in robustness.methods.values():
        for curve in of.curves.values():
            (zero,) = (point for point in curve.points if point.amount == 0)
            assert (curve.n, zero.first_share.mean) == (SAMPLE, 1)


def test_a_perturbation_that_a_method_is_blind_to_is_named_with_the_least_amount(
    robustness: Robustness,
) -> None:
    turned = robustness.methods["pixels"].curves["turn"]
    lost = min(p.amount for p in turned.points if p.first_share.high < 0.5)
    assert f"rotated by {lost}°" in list_losses(robustness.methods["pixels"].curves)
    widest = find_widest(robustness)
    assert widest is not None
    areas = [of.curves[widest.key].area.mean for of in robustness.methods.values()]
    for key in PERTURBATIONS:
        means = [of.curves[key].area.mean for of in robustness.methods.values()]
        assert max(means) - min(means) <= max(areas) - min(areas)


def test_the_mark_on_a_curve_lies_on_its_line_where_that_was_measured(
    robustness: Robustness,
) -> None:
    names = {key: METHODS[key].title for key in robustness.methods}

    def marks(key: str, amount: int) -> dict[str, float]:
        curves = {names[m]: of.curves[key] for m, of in robustness.methods.items()}
        at = interpolate_dots(PERTURBATIONS[key], curves, FIRST_SHARE, amount)
        drawn = make_chart(
            PERTURBATIONS[key],
            curves,
            get_colours_by_title(open_catalogue("demo"), names),
            FIRST_SHARE,
            amount,
        )
        assert (drawn["layer"][-1].get("data") == {"values": at}) == bool(at)
        return {row["method"]: row["value"] for row in at}

    points = {
        p.amount: p.first_share.mean for p in robustness.methods["pixels"].curves["turn"].points
    }
    assert marks("turn", 0)["Pixels"] == 1
    assert marks("turn", 30)["Pixels"] == pytest.approx(points[30])
    assert marks("turn", 20)["Pixels"] == pytest.approx((points[10] + points[30]) / 2)
    assert marks("zoom", -70) == {}, "what was not measured has no mark"
    assert marks("flip", 0) == {}
    assert set(marks("flip", 1)) == set(names.values())


def test_the_table_to_export_holds_every_figure(robustness: Robustness) -> None:
    rows = tabulate_curves(robustness)
    count = sum(1 + len(each.measured_amounts) for each in PERTURBATIONS.values())
    assert len(rows) == len(robustness.methods) * count
    row = rows.query("method == 'lit' and perturbation == 'turn' and amount == 90").iloc[0]
    point = next(p for p in robustness.methods["lit"].curves["turn"].points if p.amount == 90)
    assert row["found first"] == point.first_share.mean
    assert row["found among 10 high"] == point.top_share.high
    assert row["cosine"] == point.similarity.median


def test_outdated_figures_are_refused_and_the_sliders_still_work(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copy_by_links(demo, tmp_path / "hurt")
    place = present(copy) / PATH
    place.unlink()
    place.write_bytes(b"{}")
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    st.cache_resource.clear()  # of the catalogue that this one is a copy of
    page = opened(methods="pixels", change="turn:180")
    assert page.error[0].value == "Robustness was not measured for this catalogue."
    assert "Build it: python -m precompute" in page.code[0].value
    assert escape("rotated by 180°") in read_text(page)


@pytest.mark.parametrize("count", [1, 3])
def test_a_catalogue_too_small_to_measure_has_its_sliders_and_says_so(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    monkeypatch.delenv("SIMILARITY_CATALOGUE", raising=False)
    source = str(write_pictures(tmp_path / "few", count))
    assert precompute(["--catalogue", source, "--methods", "pixels"]) == 0
    page = opened(change="turn:90")
    assert not page.error
    expected = (
        f"Robustness is measured for catalogues of {MIN_PRODUCTS} products or more. Distort a "
        "picture below to see single products."
    )
    if count == 1:
        expected += " The only product is always found."
    assert [info.value for info in page.info] == [expected]


def test_a_picture_without_a_white_background_is_reported_as_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    monkeypatch.delenv("SIMILARITY_CATALOGUE", raising=False)
    source = write_pictures(tmp_path / "dark", 2)
    for path in source.iterdir():
        ImageOps.invert(Image.open(path).convert("RGB")).save(path)
    assert precompute(["--catalogue", str(source), "--methods", "pixels"]) == 0
    page = opened(change="ground:2")
    assert "no white background to replace" in page.info[-1].value


@pytest.mark.usefixtures("demo")
def test_no_method_and_an_unknown_product_are_reported() -> None:
    page = opened(methods="", product="0" * 20)
    infos = [info.value for info in page.info]
    assert any("isn't in the catalogue" in each for each in infos)
    assert "Choose at least one method to see its results." in infos
