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
from similarity.measures.robustness.schema import LEAST, PLACE, Robustness, stored_robustness
from similarity.measures.robustness.verdict import blind_to, headline, losses, widest
from similarity.perturbations import PERTURBATIONS, SCENES, perturbed
from similarity.ui.robustness import knobs
from similarity.ui.robustness.answers import column
from similarity.ui.robustness.chart import FIRST, chart, dots
from similarity.ui.robustness.curves import table
from similarity.ui.shared.browse import first_product
from similarity.ui.shared.plain import plain
from tests.conftest import PROJECT, copy_by_links, present
from tests.demo import PRODUCTS, SAMPLE
from tests.units.drawing import write_pictures


@pytest.fixture
def catalogue(demo: Path) -> Catalogue:
    return open_catalogue("demo")


@pytest.fixture
def found(catalogue: Catalogue) -> Robustness:
    return stored_robustness(catalogue)


def opened(**parameters: str) -> AppTest:
    page = AppTest.from_file(str(PROJECT / "pages" / "frame.py"), default_timeout=120)
    page.switch_page("robustness.py")
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(each.value for each in (*page.markdown, *page.caption))


def change(page: AppTest) -> str:
    asked = page.query_params.get("change", "")
    return asked[0] if isinstance(asked, list) else asked


def back(page: AppTest) -> Button:
    return next(button for button in page.button if button.label == "Reset")


def test_a_slider_whose_setting_the_browser_never_heard_of_stands_where_the_address_says(
    catalogue: Catalogue,
) -> None:
    page = opened(catalogue="demo", methods="pixels", change="turn:90,zoom:-20")
    sliders = {slider.label: slider for slider in page.select_slider}
    for key, amount in {"turn": 90, "zoom": -20, "contrast": 0}.items():
        perturbation = PERTURBATIONS[key]
        proto = sliders[perturbation.title].proto
        assert proto.default == [list(perturbation.amounts).index(amount)], key


@pytest.mark.usefixtures("demo")
def test_knobs_scenes_and_the_way_back_stand_in_the_address() -> None:
    page = opened(methods="pixels")
    assert back(page).disabled
    page.select_slider(key="robustness.turn").set_value(90).run()
    assert change(page) == "turn:90"
    page.select_slider(key="robustness.blur").set_value(3).run()
    assert change(page) == "turn:90,blur:3"
    assert plain("turned by 90°, blurred by 3\u00a0%") in said(page)
    page.button_group(key="robustness.scene").set_value("A scan").run()
    assert knobs.written(SCENES["A scan"]) == change(page)
    assert page.select_slider(key="robustness.turn").value == 5
    assert page.select_slider(key="robustness.blur").value == 0
    back(page).click().run()
    assert change(page) == ""
    assert page.select_slider(key="robustness.turn").value == 0


@pytest.mark.usefixtures("demo")
def test_an_address_that_asks_for_nonsense_gets_what_there_is() -> None:
    page = opened(change="turn:7,zoom:-999,x:3,blur:<b>,flip:9,noise:", curve="x", methods="pixels")
    assert page.select_slider(key="robustness.turn").value == 5
    assert page.select_slider(key="robustness.zoom").value == -70
    assert page.select_slider(key="robustness.flip").value == 2
    assert page.select_slider(key="robustness.blur").value == 0
    assert not page.error


@pytest.mark.parametrize("amounts", [{"turn": 180}, {"ground": 4, "brightness": -50}])
@pytest.mark.parametrize("key", ["pixels", "lit"])
def test_a_column_tells_what_an_upload_of_the_changed_picture_finds(
    catalogue: Catalogue, key: str, amounts: dict[str, int]
) -> None:
    product = catalogue.products.index[40]
    changed = perturbed(catalogue.picture(product), amounts)
    made = column(catalogue, catalogue.method(key), product, changed, amounts, 12)
    every = catalogue.search(key, image=changed, k=len(catalogue.products), exact=True)
    (own,) = (hit for hit in every if hit.product == product)
    assert made.headline.startswith(f"Finds it at rank {own.rank:,}")
    assert made.finds.startswith(f"cosine {own.score:.3f}")
    near = [hit.product for hit in every[:12]]
    before = [product, *(h.product for h in catalogue.search(key, product=product, k=11))]
    shown = [cell for cell in made.pictures if not cell.weak]
    assert [cell.id for cell in shown] == near
    assert [cell.id for cell in made.pictures if cell.weak] == [b for b in before if b not in near]
    for cell in shown:
        expected = "kept" if cell.id in before else "new"
        assert cell.found == ("itself" if cell.id == product else expected)
    assert made.alone == f"{len(set(near) & set(before))} of 12 kept"


def test_as_it_is_every_method_finds_the_product_first_and_nothing_is_marked(
    catalogue: Catalogue,
) -> None:
    product = first_product(catalogue)
    picture = catalogue.picture(product)
    assert perturbed(picture, {}) is picture
    for key in catalogue.methods:
        made = column(catalogue, catalogue.method(key), product, picture, {}, 8)
        assert made.headline.startswith(f"Finds it at rank 1 of {PRODUCTS}")
        assert [cell.found for cell in made.pictures] == ["itself", *[""] * 7]
        assert catalogue.search(key, image=picture, k=1)[0].product == product


@pytest.mark.usefixtures("demo")
def test_sentences_are_those_of_the_stored_figures(found: Robustness) -> None:
    page = opened(methods="pixels")
    names = {key: METHODS[key].title for key in found.methods}
    assert plain(headline(found, names)) in said(page)
    for key, perturbation in PERTURBATIONS.items():
        curves = {names[m]: of.curves[key] for m, of in found.methods.items()}
        assert plain(losses(perturbation, curves)) in said(page)
    for key, of in found.methods.items():
        for spot in blind_to(of.curves):
            assert plain(spot) in said(page), key


def test_as_it_is_every_product_of_the_sample_was_found_first(found: Robustness) -> None:
    for of in found.methods.values():
        for curve in of.curves.values():
            (zero,) = (point for point in curve.points if point.amount == 0)
            assert (curve.n, zero.first.mean) == (SAMPLE, 1)


def test_a_perturbation_that_a_method_is_blind_to_is_named_with_the_least_amount(
    found: Robustness,
) -> None:
    turned = found.methods["pixels"].curves["turn"]
    lost = min(p.amount for p in turned.points if p.first.high < 0.5)
    assert f"turned by {lost}°" in blind_to(found.methods["pixels"].curves)
    apart = widest(found)
    assert apart is not None
    areas = [of.curves[apart.key].area.mean for of in found.methods.values()]
    for key in PERTURBATIONS:
        some = [of.curves[key].area.mean for of in found.methods.values()]
        assert max(some) - min(some) <= max(areas) - min(areas)


def test_the_mark_on_a_curve_lies_on_its_line_where_that_was_measured(found: Robustness) -> None:
    names = {key: METHODS[key].title for key in found.methods}

    def marks(key: str, amount: int) -> dict[str, float]:
        curves = {names[m]: of.curves[key] for m, of in found.methods.items()}
        at = dots(PERTURBATIONS[key], curves, FIRST, amount)
        drawn = chart(PERTURBATIONS[key], curves, list(names.values()), FIRST, amount)
        assert (drawn["layer"][-1].get("data") == {"values": at}) == bool(at)
        return {row["method"]: row["value"] for row in at}

    points = {p.amount: p.first.mean for p in found.methods["pixels"].curves["turn"].points}
    assert marks("turn", 0)["Pixels"] == 1
    assert marks("turn", 30)["Pixels"] == pytest.approx(points[30])
    assert marks("turn", 20)["Pixels"] == pytest.approx((points[10] + points[30]) / 2)
    assert marks("zoom", -70) == {}, "what was not measured has no mark"
    assert marks("flip", 0) == {}
    assert set(marks("flip", 1)) == set(names.values())


def test_the_table_to_export_holds_every_figure(found: Robustness) -> None:
    rows = table(found)
    count = sum(1 + len(each.measured) for each in PERTURBATIONS.values())
    assert len(rows) == len(found.methods) * count
    row = rows.query("method == 'lit' and perturbation == 'turn' and amount == 90").iloc[0]
    point = next(p for p in found.methods["lit"].curves["turn"].points if p.amount == 90)
    assert row["found first"] == point.first.mean
    assert row["found among 10 high"] == point.ten.high
    assert row["cosine"] == point.similarity.median


def test_figures_of_something_else_are_refused_and_the_knobs_still_turn(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copy_by_links(demo, tmp_path / "hurt")
    place = present(copy) / PLACE
    place.unlink()
    place.write_bytes(b"{}")
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    st.cache_resource.clear()  # of the catalogue that this one is a copy of
    page = opened(methods="pixels", change="turn:180")
    assert page.error[0].value == "Nothing was measured of this catalogue as it is."
    assert "Build it: python -m precompute" in page.code[0].value
    assert plain("turned by 180°") in said(page)


@pytest.mark.parametrize("count", [1, 3])
def test_a_catalogue_too_small_to_measure_has_its_knobs_and_says_so(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    monkeypatch.delenv("SIMILARITY_CATALOGUE", raising=False)
    source = str(write_pictures(tmp_path / "few", count))
    assert precompute(["--catalogue", source, "--methods", "pixels"]) == 0
    page = opened(change="turn:90")
    assert not page.error
    assert [info.value for info in page.info] == [
        f"Of fewer than {LEAST} products nothing is measured: it would say too little."
    ]


def test_a_picture_without_white_around_says_that_its_ground_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    monkeypatch.delenv("SIMILARITY_CATALOGUE", raising=False)
    source = write_pictures(tmp_path / "dark", 2)
    for path in source.iterdir():
        ImageOps.invert(Image.open(path).convert("RGB")).save(path)
    assert precompute(["--catalogue", str(source), "--methods", "pixels"]) == 0
    page = opened(change="ground:2")
    assert "no white around the product" in page.info[0].value


@pytest.mark.usefixtures("demo")
def test_no_method_and_no_such_product_are_told() -> None:
    page = opened(methods="", product="0" * 20)
    told = [info.value for info in page.info]
    assert any("no such product" in each for each in told)
    assert "Choose at least one method to see its answers." in told
