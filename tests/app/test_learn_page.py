"""The Learn page, run as Streamlit runs it, on the real demo catalogue."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from similarity import METHODS, open_catalogue
from similarity.explain import flattened, white_share
from similarity.search import Catalogue
from tests.conftest import PROJECT

BUILT = [key for key, method in METHODS.items() if not method.published]  # what everybody has


@pytest.fixture
def catalogue(demo: Path) -> Catalogue:
    return open_catalogue("demo")


def opened(**parameters: str) -> AppTest:
    page = AppTest.from_file(str(PROJECT / "pages" / "learn.py"), default_timeout=120)
    for name, value in parameters.items():
        page.query_params[name] = value
    return page.run()


def test_every_family_is_shown_on_the_chosen_product(catalogue: Catalogue) -> None:
    product = catalogue.products.index[100]
    page = opened(product=product)
    assert not page.exception
    assert not page.error
    titles = [header.value for header in page.header]
    assert [title[:3] for title in titles[:4]] == ["1 ·", "2 ·", "3 ·", "4 ·"]
    told = [metric.value for metric in page.metric]
    assert "150,528" in told
    white = white_share(flattened(catalogue.picture(product)))
    assert f"{white:.0%}" in told
    assert 0.2 < white < 0.98, "a product on a white background"


def test_the_views_are_drawn_anew_by_the_button_and_every_method_compares_them(
    catalogue: Catalogue,
) -> None:
    page = opened()
    before = page.dataframe[0].value
    assert list(before["method"]) == [METHODS[key].title for key in BUILT]
    page.button(key="redraw").click().run()
    after = page.dataframe[0].value
    assert not page.exception
    assert (before["cosine of the two views"] != after["cosine of the two views"]).all()
    assert after["cosine of the two views"].between(-1, 1.0001).all()


@pytest.mark.usefixtures("catalogue")
def test_a_product_that_is_not_there_gets_a_remark_and_another_product() -> None:
    page = opened(product="0" * 20)
    assert "no such product" in page.info[0].value
    assert not page.exception


def test_a_product_whose_file_is_gone_is_shown_by_its_thumbnail(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    product = catalogue.products.index[0]
    catalogue.root = tmp_path
    assert catalogue.picture(product).size == (224, 224)


@pytest.mark.usefixtures("by_colour")
def test_products_of_which_the_colour_is_known_alone_are_told_by_it() -> None:
    page = opened()
    assert not page.exception
    assert not page.error
    told = [text.value.split("  ")[1] for text in page.text if "  " in text.value]
    assert len(set(told)) == len(told) == 5
    assert set(told) <= set(open_catalogue("digikala").products["colour"])
