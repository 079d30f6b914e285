"""Catalogues unlike the demo: of one product, without words, with damaged files, in any script."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from precompute.__main__ import main
from similarity import open_catalogue
from similarity.catalogue import THUMBNAIL_NOTE
from tests.conftest import PROJECT, copy_by_links
from tests.units.drawing import draw, encode, write_pictures


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A catalogue of flat pictures, some of them damaged, and one of a single product."""
    folder = tmp_path_factory.mktemp("catalogues")
    shop = write_pictures(folder / "服装", 12)
    content = encode(draw(50, (160, 120)), "BMP")
    (shop / "cut.bmp").write_bytes(content[: round(len(content) * 0.97)])
    (shop / "price [list](example.com).pdf").write_bytes(b"%PDF-1.7 prices")
    one = write_pictures(folder / "one", 1)
    equal = write_pictures(folder / "equal", 10)
    placeholder = Image.new("RGB", (60, 60), (230, 230, 230))
    for number in range(15):  # the same picture in different files
        content = encode(placeholder, "PNG", dpi=(72 + number, 72))
        (equal / f"none{number}.png").write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMILARITY_CATALOGUES", str(folder / "built"))
        for source, methods in (
            (shop, "pixels,efficientnet,conse"),
            (one, "pixels"),
            (equal, "pixels"),
        ):
            assert main(["--catalogue", str(source), "--methods", methods]) == 0
        yield folder


def read_columns(page: AppTest) -> list[dict[str, Any]]:
    """The methods' columns, as they are sent to the browser."""
    protos = [element.proto for element in page.get("bidi_component")]
    (answers,) = [p for p in protos if p.id.endswith("-compare.answers")]
    return json.loads(answers.json)["columns"]


def visit(name: str = "compare.py", **parameters: str) -> AppTest:
    page = AppTest.from_file(str(PROJECT / "pages" / "frame.py"), default_timeout=120)
    page.switch_page(name)
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def test_a_title_in_any_script_is_shown_as_it_is(
    catalogues: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit(catalogue="fuzhuang")
    (box,) = [box for box in page.selectbox if box.label == "Catalogue"]
    assert box.options == ["equal", "服装", "one"]
    for meaning in ("fuzhuang", "服装", str(catalogues / "服装")):
        monkeypatch.setenv("SIMILARITY_CATALOGUE", meaning)
        (box,) = [box for box in visit().selectbox if box.label == "Catalogue"]
        assert box.value == "fuzhuang"


def test_damaged_and_skipped_files_are_listed_with_their_reasons(catalogues: Path) -> None:
    page = visit(catalogue="fuzhuang")
    skipped, damaged = [table.value for table in page.table]
    assert skipped["File"].tolist() == [r"price \[list\]\(example\.com\)\.pdf"]
    assert "PDF document" in skipped["Reason"][0]
    assert damaged["File"].tolist() == [r"cut\.bmp"]
    assert "incomplete" in damaged["Reason"][0]
    products = open_catalogue("fuzhuang").products
    (product,) = products.index[products["path"] == "cut.bmp"]
    assert "incomplete" in products["picture_note"][product]


def test_a_catalogue_without_words_says_that_weak_matches_cannot_be_told(catalogues: Path) -> None:
    page = visit(catalogue="fuzhuang", text="red hat")
    message = "Weak matches can't be detected here"
    assert [note.value for note in page.caption if message in note.value]
    page = visit(catalogue="equal")
    assert not [note.value for note in page.caption if message in note.value]


def test_a_catalogue_of_few_products_says_that_weak_matches_cannot_be_told(
    catalogues: Path,
) -> None:
    page = visit(catalogue="fuzhuang", details="1")  # 13 products, which make 78 pairs
    (note,) = [note.value for note in page.caption if "Weak matches" in note.value]
    assert "200 random pairs of products, and there are 78" in note
    for column in read_columns(page):
        assert column["message"] == ""
        assert {(cell["percent"], cell["is_weak"]) for cell in column["pictures"]} == {("", False)}


def test_pictures_that_are_equal_to_a_method_are_the_best_match(catalogues: Path) -> None:
    products = open_catalogue("equal").products
    product = products.index[products["path"] == "none3.png"][0]
    (column,) = read_columns(visit(catalogue="equal", product=product, weak="100", details="1"))
    assert column["message"] == ""
    nearness = {cell["nearness"] for cell in column["pictures"]}
    assert nearness == {"at least as near as all 300 random pairs"}


def test_a_renamed_folder_is_shown_by_its_new_name(catalogues: Path) -> None:
    folder = catalogues / "built" / "fuzhuang"
    assert open_catalogue(folder).title == "服装"
    renamed = copy_by_links(folder, catalogues / "other" / "winter")
    assert open_catalogue(renamed).title == "winter"


def test_a_catalogue_of_one_product_says_what_it_needs(catalogues: Path) -> None:
    page = visit(catalogue="one")
    (info,) = [info.value for info in page.info]
    assert "one product and nothing to compare it with" in info
    assert any(str(catalogues / "one") in code.value for code in page.code)


def test_what_is_shown_instead_of_what_the_address_asks_for_is_said(catalogues: Path) -> None:
    page = visit(
        catalogue="equal", methods="pixels,dinov2,<b>x", k="10", attribute="price", details="1"
    )
    (warning,) = [warning.value for warning in page.warning]
    assert warning.startswith(r"Not available here\: DINOv2")
    assert r"\<b\>x" in warning
    remarks = [info.value for info in page.info]
    assert "10 results aren't one of the choices; showing 8." in remarks
    assert any("price" in remark and "No attribute" in remark for remark in remarks)
    page = visit(catalogue="equal", methods="pixels", k="8")
    assert not [*page.warning, *page.info]


@pytest.mark.parametrize("name", ["robustness.py", "learn.py"])
def test_a_thumbnail_in_place_of_a_lost_original_is_said_to_be_one(
    name: str, catalogues: Path
) -> None:
    products = open_catalogue("equal").products
    product = products.index[products["path"] == "none5.png"][0]
    original = catalogues / "equal" / "none5.png"
    moved = original.rename(catalogues / "none5.png")
    try:
        page = visit(name, catalogue="equal", product=product)
        assert THUMBNAIL_NOTE in [info.value for info in page.info]
    finally:
        moved.rename(original)
