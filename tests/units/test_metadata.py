"""The table of attributes beside the pictures, as other programs export it."""

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from precompute.metadata import Metadata
from precompute.products import Scan, scan
from precompute.scan import ThumbnailStore, take_inventory
from similarity.errors import SimilarityError
from tests.units.drawing import draw, encode


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    for seed, path in enumerate(["hats/1.png", "hats/2.png", "bags/3.png"]):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(encode(draw(seed)))
    return folder


def scanned(source: Path) -> Scan:
    return scan(source, ThumbnailStore(source.parent / "built"))


def read(source: Path) -> Metadata:
    return take_inventory(source).metadata


def by_path(scan_result: Scan, column: str) -> dict[str, str]:
    return dict(zip(scan_result.products["path"], scan_result.products[column], strict=True))


def write(source: Path, text: str, encoding: str = "utf-8", name: str = "metadata.csv") -> None:
    (source / name).write_bytes(text.encode(encoding))


def write_excel(path: Path, rows: Sequence[Sequence[object]]) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Products"
    for row in rows:
        book.active.append(row)
    book.create_sheet("Prices")
    book.save(path)


@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet", "xlsx", "jsonl"])
def test_attributes_are_joined_by_path(source: Path, kind: str) -> None:
    table = pd.DataFrame({"path": ["hats/1.png", "bags/3.png"], "caption": ["a hat", "a bag"]})
    path = source / f"metadata.{kind}"
    if kind in ("csv", "tsv"):
        table.to_csv(path, index=False, sep="," if kind == "csv" else "\t")
    elif kind == "parquet":
        table.to_parquet(path)
    elif kind == "xlsx":
        write_excel(path, [list(table.columns), *table.to_numpy().tolist()])
    else:
        table.to_json(path, orient="records", lines=True)
    captions = {"bags/3.png": "a bag", "hats/1.png": "a hat", "hats/2.png": ""}
    assert by_path(scanned(source), "caption") == captions
    assert "2 of 2 rows fit a file" in read(source).title


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("path,colour\nhats/1.png,grün\n", "utf-8-sig"),
        ("path,colour\nhats/1.png,grün\n", "utf-16"),
        ("path,colour\nhats/1.png,grün\n", "utf-16-le"),
        ("path,colour\nhats/1.png,grün\n", "utf-16-be"),
        ("path,colour\nhats/1.png,grün\n", "cp1252"),
        ("path;colour\nhats/1.png;grün\n", "utf-8"),
        ("path\tcolour\nhats/1.png\tgrün\n", "utf-16"),
        ("path|colour\nhats/1.png|grün\n", "utf-8"),
        ("path;colour;price\nhats/1.png;grün;1,99\nhats/2.png;;2,50\n", "utf-8"),
        ("path;text;colour\nhats/1.png;a, b, c;grün\nhats/2.png;d, e, f;\n", "utf-8"),
        ("sep=;\r\npath;colour\r\nhats/1.png;grün\r\n", "cp1252"),
        ('"sep=,"\npath,colour\nhats/1.png,grün\n', "utf-8"),
        ("path,colour\r\nhats/1.png,grün\r\n", "utf-8"),
        ("path,colour\rhats/1.png,grün\r", "utf-8"),
        (" path , colour \nhats/1.png,grün\n", "utf-8"),
        ('colour, path\n"grün", "hats/1.png"\n', "utf-8"),
        ("path,colour\nhats/1.png, grün \n", "utf-8"),
        ("PATH,Colour\nhats/1.png,grün\n", "utf-8"),
        (",path,colour\n0,hats/1.png,grün\n1,hats/2.png,\n", "utf-8"),
        ("path,colour,,\nhats/1.png,grün,,\n,,,\n", "utf-8"),
        ("\n\npath,colour\n\nhats/1.png,grün\n\n", "utf-8"),
        ('path,text,colour\nhats/1.png,"two\nlines, 3"" wide",grün\n', "utf-8"),
        ("path,colour\nhats/1.png,grün\nhats/2.png\n", "utf-8"),
    ],
)
def test_a_csv_file_of_any_program_is_read(source: Path, text: str, encoding: str) -> None:
    write(source, text, encoding)
    products = scanned(source).products
    assert by_path(scanned(source), "colour")["hats/1.png"] == "grün"
    assert not {"", "column 1", "column 3"} & set(products.columns)
    is_guess = encoding == "cp1252"
    assert [note for note in read(source).notes if "'grün'" in note] == read(source).notes
    assert bool(read(source).notes) == is_guess


@pytest.mark.parametrize(
    "heading",
    [
        *("path", "Path", " PATH ", "file_name", "File Name", "filename", "fileName"),
        *("image", "file", "image_path", "Image-File"),
    ],
)
def test_the_column_of_files_has_one_of_the_usual_names(source: Path, heading: str) -> None:
    write(source, f"colour,{heading}\nred,hats/1.png\n")
    assert by_path(scanned(source), "colour")["hats/1.png"] == "red"


def test_of_several_columns_the_one_that_fits_names_the_files(source: Path) -> None:
    write(
        source, "path,image,sku\nhttps://shop/77,hats/1.png,hats\nhttps://shop/78,bags/3.png,bags\n"
    )
    metadata = read(source)
    assert [column.meaning for column in metadata.columns] == [
        "the attribute 'table_path'",
        "the file of each row",
        "the attribute 'sku'",
    ]
    write(source, "code,colour\n1,red\n3,blue\n")
    assert read(source).attributes["bags/3.png"] == {"colour": "blue"}, "without a usual name"


def decompose(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("hüte/größe.png", decompose("hüte/größe.png")),
        (decompose("hüte/größe.png"), "hüte/größe.png"),
        ("new/a b.png", "new\\a b.png"),
        ("new/a b.png", "./new//a b.png"),
        ("new/a b.png", "new/a%20b.png"),
        ("new/a%20b.png", "new/a b.png"),
        ("new/a b.png", "NEW/A B.PNG"),
        ("new/a.PNG", "new/a.png"),
        ("new/a.png", "new/a"),
        ("new/v1.2.png", "new/v1.2"),
        ("new/a.png", "shop/new/a.png"),
        ("new/a.png", "/home/me/shop/new/a.png"),
        ("new/a.png", "C:\\me\\shop\\new\\a.png"),
        ("new/a.png", "https://cdn.example.com/new/a.png?width=200"),
        ("new/a.png", "file:///home/me/new/a.png"),
        ("new/a.png", "a.png"),
        ("new/a.png", "A"),
        ("new/a.png", "shop/NEW/a"),
    ],
)
def test_a_path_may_be_written_in_another_way(source: Path, path: str, value: str) -> None:
    (source / path).parent.mkdir()
    (source / path).write_bytes(encode(draw(9)))
    write(source, f"path,colour\n{value},red\n")
    metadata = read(source)
    assert metadata.attributes == {path: {"colour": "red"}}
    assert len(metadata.notes) <= 1


def test_a_path_that_fits_several_files_is_left_out_and_named(source: Path) -> None:
    (source / "bags/1.png").write_bytes(encode(draw(9)))
    write(source, "path,colour\n1.png,red\nhats/2.png,blue\n3,green\n")
    metadata = read(source)
    assert metadata.attributes.keys() == {"hats/2.png", "bags/3.png"}
    assert metadata.notes[-1] == (
        "Rows left out because more than one file or row fits: 1, for example '1.png'."
    )


def test_rows_of_two_folders_are_not_mixed_up(source: Path) -> None:
    (source / "9.png").write_bytes(encode(draw(9)))
    write(source, "path,colour\nmen/9.png,red\nwomen/9.png,blue\nhats/1.png,x\nbags/3.png,y\n")
    assert read(source).attributes.keys() == {"hats/1.png", "bags/3.png"}
    write(source, "path,colour\nshoes/1.png,red\nhats/2.png,x\n")
    assert read(source).attributes.keys() == {"hats/2.png"}, "another folder is another file"


def test_values_are_text_whatever_they_look_like(source: Path) -> None:
    write(source, "path,code,size\nhats/1.png,007,1e5\nhats/2.png,+1,true\n")
    scan_result = scanned(source)
    assert by_path(scan_result, "code") == {
        "bags/3.png": "",
        "hats/1.png": "007",
        "hats/2.png": "+1",
    }
    assert by_path(scan_result, "size")["hats/1.png"] == "1e5"


@pytest.mark.parametrize("word", ["NaN", "nan", "None", "NULL", "N/A", "#N/A", "NA", " ", "<NA>"])
def test_words_for_missing_values_are_no_values(source: Path, word: str) -> None:
    write(source, f"path,category,colour\nhats/1.png,{word},{word}\nhats/2.png,x,red\n")
    scan_result = scanned(source)
    assert by_path(scan_result, "colour")["hats/1.png"] == ""
    assert by_path(scan_result, "category")["hats/1.png"] == "hats"
    meanings = [column.meaning for column in read(source).columns]
    assert meanings[2] == "the attribute 'colour'" + (
        f"; '{word}' as missing (1)" if word.strip() else ""
    )


@pytest.mark.parametrize(
    ("values", "delimiter", "expected"),
    [
        (["1,99", "2,5", "3"], ";", ["1.99", "2.5", "3"]),
        (["1.234,50", "2,5", ""], ";", ["1234.50", "2.5", ""]),
        (["1,234", "5,678", ""], ";", ["1.234", "5.678", ""]),
        (["1,234", "5,678", ""], ",", ["1,234", "5,678", ""]),  # thousands, perhaps
        (["1,99", "2,5", "3"], ",", ["1.99", "2.5", "3"]),
        (["1,99", "red, blue", "3"], ";", ["1,99", "red, blue", "3"]),
        (["1,2,3", "4,5", ""], ";", ["1,2,3", "4,5", ""]),
    ],
)
def test_decimal_commas_become_points_where_they_are_sure(
    source: Path, values: list[str], delimiter: str, expected: list[str]
) -> None:
    table = pd.DataFrame({"path": ["hats/1.png", "hats/2.png", "bags/3.png"], "price": values})
    table.to_csv(source / "metadata.csv", index=False, sep=delimiter)
    prices = {path: row["price"] for path, row in read(source).attributes.items()}
    assert list(prices.values()) == expected


def test_values_of_any_type_become_text(source: Path) -> None:
    values: dict[str, list[object]] = {
        "path": ["hats/1.png", "hats/2.png"],
        "price": [12, None],
        "rating": [4.5, None],
        "sold": [True, False],
        "day": [pd.Timestamp("2024-05-06"), pd.NaT],
    }
    table = pd.DataFrame(values).astype({"price": "Int64"})
    table.to_parquet(source / "metadata.parquet")
    expected = {"price": "12", "rating": "4.5", "sold": "True", "day": "2024-05-06"}
    assert read(source).attributes["hats/1.png"] == expected
    empty = {"price": "", "rating": "", "sold": "False", "day": ""}
    assert read(source).attributes["hats/2.png"] == empty
    (source / "metadata.parquet").unlink()
    rows = [[None if pd.isna(x) else x for x in row] for row in table.to_numpy().tolist()]
    rows[0][-1] = pd.Timestamp("2024-05-06").to_pydatetime()
    write_excel(source / "metadata.xlsx", [list(table.columns), *rows])
    assert read(source).attributes["hats/1.png"] == expected
    assert read(source).attributes["hats/2.png"] == empty
    assert read(source).notes == ["Only the first of its 2 sheets was read."]


def test_an_index_that_pandas_stored_is_left_out(source: Path) -> None:
    table = pd.DataFrame({"path": ["hats/2.png", "hats/1.png"], "colour": ["blue", "red"]})
    table.sort_values("path").to_parquet(source / "metadata.parquet")
    assert read(source).attributes["hats/1.png"] == {"colour": "red"}
    table.set_index("path").to_parquet(source / "metadata.parquet")
    assert read(source).attributes["hats/1.png"] == {"colour": "red"}


@pytest.mark.parametrize("value", [["a", "b"], b"\xff\x00", {"a": 1}], ids=["list", "bytes", "map"])
def test_a_column_that_is_not_text_is_left_out_by_name(source: Path, value: object) -> None:
    table = pd.DataFrame({"path": ["hats/1.png", "hats/2.png"], "odd": [value, None]})
    table.to_parquet(source / "metadata.parquet")
    metadata = read(source)
    assert metadata.attributes["hats/1.png"] == {}
    assert metadata.columns[1].meaning == "left out: lists, objects or bytes"


def test_a_table_that_holds_the_pictures_themselves_does_not_name_files(source: Path) -> None:
    content = {"bytes": (source / "hats/1.png").read_bytes(), "path": "1.png"}
    pd.DataFrame({"image": [content], "label": [7]}).to_parquet(source / "metadata.parquet")
    with pytest.raises(SimilarityError, match="no column that names the files"):
        read(source)


def test_reserved_and_repeated_names_get_others(source: Path) -> None:
    write(source, "id,path,copies,picture_note,colour,colour, Colour\n7,hats/1.png,3,x,a,b,c\n")
    products = scanned(source).products.set_index("path")
    names = ["table_id", "table_copies", "table_picture_note", "colour", "colour 2", "colour 3"]
    assert list(products.loc["hats/1.png", names]) == ["7", "3", "x", "a", "b", "c"]
    assert products.loc["hats/1.png", "copies"] == 1


def test_metadata_of_a_copy_is_kept_and_conflicts_are_named(source: Path) -> None:
    (source / "a-copy.png").write_bytes((source / "hats/1.png").read_bytes())
    (source / "z-copy.png").write_bytes((source / "hats/1.png").read_bytes())
    text = (
        "path,caption,colour,category\na-copy.png,,red,\nhats/1.png,a hat,blue,Headwear\n"
        "z-copy.png,a cap,,\n"
    )
    write(source, text)
    scan_result = scanned(source)
    row = scan_result.products.set_index("path").loc["a-copy.png"]
    assert list(row[["caption", "colour", "category", "copies"]]) == ["a hat", "red", "Headwear", 3]
    assert scan_result.notes == [
        "2 attributes of identical files differ, for example "
        "colour 'blue' of 'hats/1.png' beside 'red'; those of the first file count."
    ]


def test_a_given_category_counts_and_a_blank_one_does_not(source: Path) -> None:
    write(source, "path,category\nhats/1.png,Headwear\nhats/2.png,\nbags/3.png,  \n")
    assert by_path(scanned(source), "category") == {
        "bags/3.png": "bags",
        "hats/1.png": "Headwear",
        "hats/2.png": "hats",
    }


def test_rows_without_a_file_and_repeated_rows_are_reported(source: Path) -> None:
    write(source, "path,colour\nhats/1.png,red\nhats/1.png,blue\nnowhere.png,x\n../etc/passwd,y\n")
    metadata = read(source)
    assert metadata.attributes == {"hats/1.png": {"colour": "red"}}
    assert metadata.title.endswith("2 of 4 rows fit a file")
    assert metadata.notes == [
        "Rows that repeat a file: 1. The first of each file counts.",
        "Rows that fit no file: 2, for example '../etc/passwd'.",
    ]


def test_a_table_that_fits_few_files_stops_and_shows_a_row_beside_a_file(source: Path) -> None:
    write(source, "path,colour\nhat/1.png,red\nhat/2.png,blue\nbags/3.png,x\n")
    with pytest.raises(SimilarityError) as error:
        read(source)
    assert "Of the 3 rows" in str(error.value)
    assert "1 fit a file" in str(error.value)
    assert "'path' has 'hat/1.png', and the folder has 'hats/1.png'" in str(error.value)
    assert "--allow-unmatched" in str(error.value)
    metadata = take_inventory(source, allow_unmatched=True).metadata
    assert metadata.attributes == {"bags/3.png": {"colour": "x"}}


def test_rows_of_skipped_files_and_of_copies_are_not_called_unknown(source: Path) -> None:
    (source / "bad.png").write_text("no picture")
    (source / "hats" / "copy.png").write_bytes((source / "hats/1.png").read_bytes())
    write(source, "path,colour\nbad.png,red\nhats/copy.png,blue\n")
    assert not read(source).notes
    assert not scanned(source).notes


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_table_without_rows_is_not_an_error(source: Path, kind: str) -> None:
    table = pd.DataFrame({"path": [], "colour": []})
    if kind == "csv":
        table.to_csv(source / "metadata.csv", index=False)
    else:
        table.to_parquet(source / "metadata.parquet")
    assert len(scanned(source).products) == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"\n , \n", "no column|it is empty"),
        (
            b"photo,colour\nfirst,red\n",
            "no column that names the files.*photo, colour. Call it 'path'",
        ),
        (b"path,colour\nhats/1.png,red, blue\n", "line 2 has 3 values, and there are 2"),
        (b"path,colour\nhats/1.png,red\nhats/2.png,a,b\n", "line 3 has 3 values.*into quotes"),
        (b'path,colour\nhats/1.png,"red\nhats/2.png,blue\n', "a quote that opens in its line 2"),
        (b"\xff\xfep\0a\0t", "begins as UTF-16 and is not"),
        (b"path,colour\nhats/1.png," + b"x" * 1_100_000, "more than 1,000,000 characters"),
    ],
    ids=["empty", "blank", "nopath", "comma", "ragged", "quote", "UTF-16", "long"],
)
def test_an_unusable_csv_file_is_a_clear_error(source: Path, content: bytes, reason: str) -> None:
    (source / "metadata.csv").write_bytes(content)
    with pytest.raises(SimilarityError, match=reason):
        scanned(source)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"path": "hats/1.png"}\n{"path": \n', "its line 2 is not JSON"),
        ('["hats/1.png"]\n', "its line 1 is not an object"),
        ("[" * 100_000, "its line 1 is not JSON"),
        ("\n", "it is empty"),
    ],
)
def test_an_unusable_json_lines_file_is_a_clear_error(source: Path, text: str, reason: str) -> None:
    write(source, text, name="metadata.jsonl")
    with pytest.raises(SimilarityError, match=reason):
        scanned(source)


def test_json_lines_may_have_different_names_in_each_line(source: Path) -> None:
    objects = [
        {"file_name": "hats/1.png", "text": "a\u2028hat", "tags": ["a", "b"]},
        {"file_name": "bags/3.png", "price": 3.0, "text": None},
    ]
    lines = [json.dumps(each, ensure_ascii=False) for each in objects]
    write(source, "\r\n".join(lines), name="metadata.jsonl")
    assert read(source).attributes == {
        "hats/1.png": {"text": "a\u2028hat", "price": ""},
        "bags/3.png": {"text": "", "price": "3.0"},
    }


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_a_damaged_file_is_a_clear_error(source: Path, kind: str) -> None:
    (source / f"metadata.{kind}").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(SimilarityError, match="is damaged or of another format"):
        scanned(source)


def test_an_excel_file_that_would_fill_the_memory_is_refused(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_excel(source / "metadata.xlsx", [["path"], ["hats/1.png"]])
    monkeypatch.setattr("precompute.tables.formats.MAX_UNPACKED", 1_000)
    with pytest.raises(SimilarityError, match="it unpacks to more than"):
        read(source)


def test_two_tables_are_refused(source: Path) -> None:
    for kind in ("csv", "parquet"):
        (source / f"metadata.{kind}").touch()
    with pytest.raises(SimilarityError, match="two metadata tables"):
        scanned(source)


def test_a_table_of_another_name_is_pointed_out(source: Path) -> None:
    write(source, "path,colour\nhats/1.png,red\n", name="styles.csv")
    assert read(source).notes == [
        "styles.csv is not read. If it has the attributes, call it metadata.csv."
    ]
