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
from similarity.ui.methods.catalogue import list_facts
from similarity.ui.shared.plain import escape
from tests.conftest import PROJECT, copy_by_links
from tests.units.drawing import draw, encode, write_pictures

CATEGORY = "Apparel & Accessories > Clothing > Shirts & Tops"


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
    shirts = write_pictures(folder / "shirts", 9)
    rows = [f"{n:03}.png,{CATEGORY},{10 + 1.5 * n},2024-01-{n + 1:02}" for n in range(9)]
    table = "\n".join(["path,category,price,date", *rows])
    (shirts / "metadata.csv").write_text(table)
    for number in range(2):
        (shirts / f"copy-{number}.png").write_bytes((shirts / f"{number:03}.png").read_bytes())
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
            (shirts, "pixels,conse"),
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
    assert box.options == ["equal", "服装", "one", "shirts"]
    for meaning in ("fuzhuang", "服装", str(catalogues / "服装")):
        monkeypatch.setenv("SIMILARITY_CATALOGUE", meaning)
        (box,) = [box for box in visit().selectbox if box.label == "Catalogue"]
        assert box.value == "fuzhuang"


def test_damaged_and_skipped_files_are_listed_with_their_reasons(catalogues: Path) -> None:
    page = visit("methods.py", catalogue="fuzhuang")
    _, skipped, damaged = [table.value for table in page.table]
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


def read_facts(page: AppTest) -> dict[str, str]:
    """The facts about a catalogue on Methods."""
    table = page.table[0].value
    return dict(zip(table.index, table.iloc[:, 0], strict=True))


def test_methods_describes_the_catalogue_its_files_and_its_attributes(catalogues: Path) -> None:
    page = visit("methods.py", catalogue="shirts")
    facts = read_facts(page)
    assert facts["Products"] == "9"
    assert facts["Categories"] == "1"
    assert facts["Files identical to another"] == "2"
    assert facts["Size of pictures"] == "48 px wide, 40 px high"
    assert facts["From"] == escape(str(catalogues / "shirts")), "a name may contain Markdown"
    assert "Note" not in facts
    copies = page.table[-1].value
    assert copies["File"].tolist() == [r"copy\-0\.png", r"copy\-1\.png"]
    assert copies["Same content as"].tolist() == [r"000\.png", r"001\.png"]
    (attributes,) = [frame.value for frame in page.dataframe if "Attribute" in frame.value]
    values = attributes.set_index("Attribute")
    assert values["Values"].to_dict() == {"category": 1, "price": 9, "date": 9}
    assert values["Most common"]["category"] == f"{CATEGORY} (9)"
    assert values["Most common"]["price"] == "10 · 11.5 · 13"
    assert values["Most common"]["date"] == "1 Jan 2024 · 2 Jan 2024 · 3 Jan 2024"


def test_attributes_have_the_names_of_their_columns_each_once(catalogues: Path) -> None:
    page = visit(catalogue="shirts", details="1")
    protos = [element.proto for element in page.get("bidi_component")]
    (query,) = [json.loads(p.json)["query"] for p in protos if p.id.endswith("-compare.query")]
    assert query["text"] == CATEGORY
    details = [part.partition(": ")[0] for part in query["details"].split(" · ")]
    assert [name for name in details if name != "identical files"] == ["price", "date"]
    assert len(set(details)) == len(details)
    for column in read_columns(page):
        for cell in column["pictures"]:
            assert cell["alt"] == CATEGORY, "none is lost for its length"
            names = [note.partition(": ")[0] for note in cell["notes"]]
            assert names[:2] == ["price", "date"]


def test_a_catalogue_of_one_category_says_why_nothing_is_wrong(catalogues: Path) -> None:
    reason = "All products are in the category “Apparel & Accessories > Clothing > Shir…”"
    page = visit(catalogue="shirts")
    assert [note.value for note in page.caption if escape(reason) in note.value]
    page = visit("measure.py", catalogue="shirts")
    assert any(escape(reason) in info.value for info in page.info)
    conclusions = [expander.label for expander in page.expander]
    assert not [text for text in conclusions if "Text search" in text], "any result would be right"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("measure.py", "This catalogue has one product"),
        ("map.py", "Maps are drawn for catalogues of"),
        ("robustness.py", "The only product is always found"),
        ("vote.py", "A vote needs 5 products or more"),
    ],
)
def test_every_page_explains_what_it_needs_from_a_catalogue_of_one_product(
    name: str, message: str, catalogues: Path
) -> None:
    page = visit(name, catalogue="one")
    assert any(message in info.value for info in page.info)


def test_a_catalogue_without_locks_says_so(
    catalogues: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = open_catalogue("equal")
    monkeypatch.setattr("similarity.store.folders.Folder.lock", lambda _: False)
    assert "no file locks" in list_facts(open_catalogue("equal"))["Note"]
    assert "Note" not in list_facts(catalogue)
