"""The Compare page, run by Streamlit's AppTest on the real demo catalogue."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from similarity import METHODS, open_catalogue
from similarity.ui.pickers import MOST, K, first_methods
from tests.conftest import copy_by_links

FRAME = Path(__file__).parents[2] / "pages" / "frame.py"


def visit(**parameters: str) -> AppTest:
    """Open the page by an address with these parameters."""
    page = AppTest.from_file(str(FRAME), default_timeout=60)
    for key, value in parameters.items():
        page.query_params[key] = value
    return page.run()


def gallery(page: AppTest, key: str) -> dict[str, Any]:
    """What a gallery on the page was given to show."""
    protos = [element.proto for element in page.get("bidi_component")]
    return next(json.loads(p.json) for p in protos if p.id.endswith(f"-{key}"))


def answers(page: AppTest) -> dict[str, dict[str, Any]]:
    return {column["key"]: column for column in gallery(page, "answers")["columns"]}


def query(page: AppTest) -> dict[str, Any]:
    return gallery(page, "query")["columns"][0]["pictures"][0]


@pytest.mark.usefixtures("demo")
def test_the_first_screen_has_a_query_and_an_answer_by_every_method() -> None:
    page = visit()
    assert not page.exception
    assert query(page)["src"].startswith("/thumbs/demo/")
    assert list(answers(page)) == first_methods(list(METHODS))
    assert len({column["family"] for column in answers(page).values()}) == len(answers(page))
    for column in answers(page).values():
        assert len(column["pictures"]) == K
        assert column["weights"] == METHODS[column["key"]].weights
        assert column["time"].endswith(" ms")


def test_the_pictures_are_those_that_the_search_finds_in_its_order(demo: Path) -> None:
    catalogue = open_catalogue(demo)
    product = catalogue.products.index[77]
    page = visit(product=product, k="5")
    for key, column in answers(page).items():
        hits = catalogue.search(key, product=product, k=5)
        assert [cell["id"] for cell in column["pictures"]] == [hit.product for hit in hits]
        scores = [f"cosine {hit.score:.3f}" for hit in hits]
        assert [cell["score"] for cell in column["pictures"]] == scores


@pytest.mark.usefixtures("demo")
def test_methods_without_words_say_so_and_the_others_answer() -> None:
    page = visit(text="a red hat")
    assert page.text_input(key="text_box").value == "a red hat"
    for key, column in answers(page).items():
        if METHODS[key].answers_text:
            assert len(column["pictures"]) == K
        else:
            assert "no way to read words" in column["message"]
            assert not column["pictures"]


@pytest.mark.usefixtures("demo")
def test_typed_words_become_the_query_and_stand_in_the_address() -> None:
    page = visit()
    page.text_input(key="text_box").set_value("teapot").run()
    assert page.query_params["text"] in ("teapot", ["teapot"])
    assert "product" not in page.query_params
    first = answers(page)["lit"]["pictures"][0]
    assert "teapot" in first["note"]


@pytest.mark.usefixtures("demo")
def test_settings_in_the_address_are_those_of_the_page() -> None:
    page = visit(methods="efficientnet", k="7")
    assert list(answers(page)) == ["efficientnet"]
    assert len(answers(page)["efficientnet"]["pictures"]) == 7
    page.slider(key="k").set_value(3).run()
    assert len(answers(page)["efficientnet"]["pictures"]) == 3
    assert page.query_params["k"] in ("3", ["3"])


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
        {"text": "\x00\u202e"},
        {"text": "x" * 100_000},
        {"picture": "0" * 20},
    ],
)
def test_a_hostile_address_shows_a_usable_page(hostile: dict[str, str]) -> None:
    page = visit(**hostile)
    assert not page.exception
    assert not [column for column in answers(page).values() if column["failed"]]
    assert page.slider(key="k").value in range(1, MOST + 1)
    assert any(column["pictures"] for column in answers(page).values())


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("asked", [{"product": "0" * 20}, {"picture": "0" * 20}])
def test_an_address_that_cannot_be_answered_says_so_and_shows_a_product(
    asked: dict[str, str],
) -> None:
    page = visit(**asked)
    assert len(page.info) == 1
    assert query(page)["src"].startswith("/thumbs/demo/")


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


def test_a_damaged_index_is_refused_in_its_column_alone(
    demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copy_by_links(demo, tmp_path / "hurt")
    vectors = copy / "generations" / "1" / "indexes" / "efficientnet" / "flat" / "index.faiss"
    content = bytearray(vectors.read_bytes())
    content[-1] ^= 1
    vectors.unlink()
    vectors.write_bytes(content)
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    page = visit()
    assert answers(page)["efficientnet"]["failed"]
    assert "python -m precompute" in answers(page)["efficientnet"]["message"]
    assert len(answers(page)["pixels"]["pictures"]) == K


@pytest.mark.usefixtures("demo")
def test_a_category_narrows_the_strip_and_paging_reaches_every_product(demo: Path) -> None:
    products = open_catalogue(demo).products
    page = visit()
    page.selectbox(key="category").set_value("mug").run()
    mugs = set(products.index[products["category"] == "mug"])
    seen: list[str] = []
    for number in range(1, -(-len(mugs) // 12) + 1):
        page.session_state["strip_page"] = number
        page.run()
        seen += [cell["id"] for cell in gallery(page, "strip")["columns"][0]["pictures"]]
    assert len(seen) == len(mugs)
    assert set(seen) == mugs


@pytest.mark.usefixtures("demo")
def test_shuffling_shows_other_products_and_keeps_the_query() -> None:
    page = visit()
    before, asked = gallery(page, "strip")["columns"], query(page)
    next(b for b in page.button if b.label == "Shuffle").click().run()
    assert gallery(page, "strip")["columns"] != before
    assert query(page) == asked
