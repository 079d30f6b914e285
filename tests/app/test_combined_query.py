"""Queries of several parts on the Compare page, run by AppTest on the real demo catalogue."""

import io
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from similarity import Catalogue, Part, open_catalogue, read_link
from similarity.display.plurals import pluralise
from similarity.parts import MAX_PARTS
from similarity.ui.shared.uploads import STATE, Upload
from tests.app.test_compare_page import FRAME, answers, gallery

RED = "red"


@pytest.fixture
def catalogue(demo: Path) -> Catalogue:
    return open_catalogue("demo")


@pytest.fixture
def dress(catalogue: Catalogue) -> str:
    products = catalogue.products
    is_right = (products["category"] == "dress") & (products["colour"] == "blue")
    return str(products.index[is_right][0])


def visit(page: str = "compare", **parameters: str | list[str]) -> AppTest:
    """Open a page by an address, whose parameters may be repeated."""
    test = AppTest.from_file(str(FRAME), default_timeout=60)
    for key, value in parameters.items():
        test.query_params[key] = value
    test.run()
    if page != "compare":
        test.switch_page(f"{page}.py").run()
    assert not test.exception
    return test


def card(page: AppTest) -> dict[str, Any]:
    return gallery(page, "query")


def read_products(column: dict[str, Any]) -> list[str]:
    return [cell["id"] for cell in column["pictures"]]


def test_every_method_answers_as_a_notebook_does_with_the_same_link(
    catalogue: Catalogue, dress: str
) -> None:
    less, more = (catalogue.search("lit", product=dress, k=9)[i].product for i in (3, 8))
    page = visit(product=dress, text=[RED, "elegant"], minus="striped", more=more, less=less)
    link = card(page)["link"]
    parts = read_link(link)
    assert len(parts) == 6
    columns = answers(page)
    assert list(columns) == ["conse", "lit"], "the others can't read words"
    for key, column in columns.items():
        hits = catalogue.search(key, parts=parts, k=12)
        assert read_products(column) == [hit.product for hit in hits]
        assert [cell["score"] for cell in column["pictures"]] == [f"{h.score:.3f}" for h in hits]
        assert not column["note"], "what is measured are single products"
        assert not any(cell["is_weak"] or cell["percent"] for cell in column["pictures"])
    assert not {dress, less, more} & set(read_products(columns["lit"]))


def test_parts_stand_beside_the_query_and_only_the_last_that_is_looked_for_must_stay(
    catalogue: Catalogue, dress: str
) -> None:
    other = catalogue.products.index[0]
    query = card(visit(product=dress, text=RED, less=other))["query"]
    chips = [(c["role"], c["value"], c["is_unwanted"], c["is_removable"]) for c in query["chips"]]
    assert chips == [
        ("product", dress, False, True),
        ("text", RED, False, True),
        ("less", other, True, True),
    ]
    assert query["balance"] == 50
    assert "0.5 × " in query["facts"][0]
    assert "− 0.25 × " in query["facts"][0]
    remaining = card(visit(text=RED, less=other))["query"]
    assert [chip["is_removable"] for chip in remaining["chips"]] == [False, True]
    assert remaining["balance"] is None, "there is no picture to weigh against"
    assert card(visit(product=dress))["query"]["chips"] == []


def test_a_right_result_has_the_products_category_and_what_the_words_name(
    catalogue: Catalogue,
) -> None:
    products = catalogue.products
    category, colour = products.groupby(["category", "colour"]).size().idxmax()
    is_kind = products["category"] == category
    product = str(products.index[is_kind & (products["colour"] != colour)][0])
    expected = list(products.index[is_kind & (products["colour"] == colour)])
    assert len(expected) > 1
    page = visit(product=product, text=colour)
    column = answers(page)["lit"]
    right = [each for each in read_products(column) if each in expected]
    noun = f"{colour} {pluralise(category)}*"
    assert column["headline"] == f"{len(right)}/{min(12, len(expected))} {noun}"
    heading = card(page)["query"]["headline"]
    assert heading.startswith("For ")
    assert f" and “{colour}”, " in heading
    wrong = [cell["id"] for cell in column["pictures"] if cell["is_wrong"]]
    assert not set(wrong) & set(expected)
    without_one = answers(visit(product=product, text=colour, less=expected[0]))["lit"]["headline"]
    assert without_one.endswith(f"/{min(12, len(expected) - 1)} {noun}")
    withdrawn = answers(visit(product=product, text=colour, minus=category))["lit"]["headline"]
    assert withdrawn.endswith(f"{colour} products*")


def test_the_slider_decides_between_picture_and_words(catalogue: Catalogue, dress: str) -> None:
    words = catalogue.search("lit", text=RED, k=12)
    picture = catalogue.search("lit", product=dress, k=12)
    by_words = answers(visit(product=dress, text=RED, balance="100"))["lit"]
    by_picture = answers(visit(product=dress, text=RED, balance="0"))["lit"]
    assert read_products(by_words) == [hit.product for hit in words]
    assert read_products(by_picture) == [hit.product for hit in picture]


@pytest.mark.parametrize("is_combined", [True, False])
def test_a_bridge_lets_methods_that_read_no_words_take_part_and_says_so(
    catalogue: Catalogue, dress: str, is_combined: bool
) -> None:
    product = {"product": dress} if is_combined else {}
    page = visit(text="red dress", bridge="lit", methods="pixels,simclr_small,lit", **product)
    best = catalogue.search("lit", text="red dress", k=1)[0].product
    columns = answers(page)
    assert list(columns) == ["pixels", "simclr_small", "lit"]
    parts = read_link(card(page)["link"])
    for key in ("pixels", "simclr_small"):
        hits = catalogue.search(key, parts=parts, bridge="lit", k=12)
        assert read_products(columns[key]) == [hit.product for hit in hits]
        caption = catalogue.products["caption"][best]
        assert columns[key]["stand_in"] == f"LiT's best result for “red dress”: {caption}"
        assert best not in read_products(columns[key])
    assert columns["lit"]["stand_in"] == ""
    legend = " ".join(caption.value for caption in page.caption)
    assert ("for a query of several parts" if is_combined else "stands in for words") in legend
    assert "bridge=lit" in card(page)["link"]
    selectbox = page.selectbox(key="compare.bridge of ['', 'conse', 'lit']")
    assert selectbox.value == "lit"
    selectbox.set_value("").run()
    assert list(answers(page)) == ["conse", "lit"]


def test_an_own_picture_takes_words_and_has_no_link(catalogue: Catalogue) -> None:
    picture = catalogue.read_picture(str(catalogue.products.index[9]))
    content = io.BytesIO()
    picture.save(content, "PNG")
    upload = Upload("a" * 20, "own.png", content.getvalue(), b"")
    page = AppTest.from_file(str(FRAME), default_timeout=60)
    page.session_state[STATE] = {upload.id: upload}
    page.query_params["picture"], page.query_params["text"] = upload.id, RED
    page.run()
    assert not page.exception
    parts = [Part("picture", picture, 0.5), Part("text", RED, 0.5)]
    for key, column in answers(page).items():
        hits = catalogue.search(key, parts=parts, k=12)
        assert read_products(column) == [hit.product for hit in hits]
        assert column["headline"].endswith("red products*" if key == "lit" else "red products")
    assert card(page)["link"] == ""
    assert [chip["name"] for chip in card(page)["query"]["chips"]] == ["own.png", "“red”"]


@pytest.mark.parametrize(
    ("parameters", "remark"),
    [
        ({"text": "red", "minus": "Red"}, "both wanted and avoided"),
        ({"more": "PRODUCT", "less": "PRODUCT"}, "both wanted and avoided"),
        ({"less": "PRODUCT"}, "something to look for"),
        ({"minus": "red"}, "something to look for"),
        ({"text": [f"red {i}" for i in range(MAX_PARTS + 1)]}, "only the first 16"),
        ({"product": "PRODUCT", "less": "../x"}, "isn't in the catalogue; it is left out"),
        ({"text": "red", "picture": "0" * 20}, "Uploads aren't kept in links"),
        ({"text": "red", "balance": "-7", "bridge": "<b>", "more": ""}, ""),
        ({"text": "red", "bridge": "pixels", "balance": "9" * 99}, ""),
    ],
)
def test_a_contradictory_address_gets_a_message_and_an_answer(
    catalogue: Catalogue, parameters: dict[str, Any], remark: str
) -> None:
    product = str(catalogue.products.index[5])
    filled = {k: product if value == "PRODUCT" else value for k, value in parameters.items()}
    page = visit(**filled)
    messages = [message.value for message in page.info]
    assert [message for message in messages if remark in message] == messages
    assert bool(messages) == bool(remark)
    assert all(column["pictures"] for column in answers(page).values())


def test_other_pages_take_the_picture_of_the_query(catalogue: Catalogue, dress: str) -> None:
    other = str(catalogue.products.index[0])
    robustness = visit("robustness", product=dress, less=other)
    assert robustness.query_params["less"] in (other, [other]), (
        "the way back leads to the same query"
    )
    assert not robustness.info
    spoken = " ".join(caption.value for caption in robustness.caption)
    assert catalogue.products["caption"][dress].replace("-", "\\-") in spoken
    assert "Words can't be distorted" in visit("robustness", product=dress, text=RED).info[0].value
    assert not visit("learn", product=dress, text=RED, less=other).info
