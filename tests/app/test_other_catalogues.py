"""Catalogues unlike the demo: of one product, without words, with damaged files, in any script."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from precompute.__main__ import main
from similarity import open_catalogue
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
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMILARITY_CATALOGUES", str(folder / "built"))
        for source, methods in ((shop, "pixels,efficientnet,conse"), (one, "pixels")):
            assert main(["--catalogue", str(source), "--methods", methods]) == 0
        yield folder


def visit(**parameters: str) -> AppTest:
    page = AppTest.from_file(str(PROJECT / "pages" / "frame.py"), default_timeout=120)
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
    assert box.options == ["服装", "one"]
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
    page = visit(catalogue="fuzhuang")
    assert not [note.value for note in page.caption if message in note.value]


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
