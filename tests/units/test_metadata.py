"""The table of attributes beside the pictures: metadata.csv or metadata.parquet."""

from pathlib import Path

import pandas as pd
import pytest

from precompute.products import Scan, scan
from precompute.scan import ThumbnailStore
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


def by_path(scan_result: Scan, column: str) -> dict[str, str]:
    return dict(zip(scan_result.products["path"], scan_result.products[column], strict=True))


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_attributes_are_joined_by_path(source: Path, kind: str) -> None:
    table = pd.DataFrame({"path": ["hats/1.png", "bags/3.png"], "caption": ["a hat", "a bag"]})
    if kind == "csv":
        table.to_csv(source / "metadata.csv", index=False)
    else:
        table.to_parquet(source / "metadata.parquet")
    scan_result = scanned(source)
    captions = {"bags/3.png": "a bag", "hats/1.png": "a hat", "hats/2.png": ""}
    assert by_path(scan_result, "caption") == captions
    assert not scan_result.notes


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffpath,colour\nhats/1.png,red\n",
        "path,colour\r\nhats/1.png,red\r\n",
        "path,colour\nhats\\1.png,red\n",
        "path,colour\n./hats/1.png,red\n",
        " path , colour \nhats/1.png,red\n",
        'colour,path\n"red","hats/1.png"\n',
        "path,colour\nhats/1.png, red \n",
    ],
    ids=["BOM", "CRLF", "backslash", "dot", "spaces", "quotes", "padded"],
)
def test_a_csv_file_from_any_program_is_read(source: Path, text: str) -> None:
    (source / "metadata.csv").write_bytes(text.encode())
    scan_result = scanned(source)
    assert by_path(scan_result, "colour")["hats/1.png"] == "red"
    assert not scan_result.notes


def test_values_are_text_whatever_they_look_like(source: Path) -> None:
    (source / "metadata.csv").write_text("path,code,size\nhats/1.png,007,NA\nhats/2.png,1e5,null\n")
    scan_result = scanned(source)
    assert by_path(scan_result, "code") == {
        "bags/3.png": "",
        "hats/1.png": "007",
        "hats/2.png": "1e5",
    }
    assert by_path(scan_result, "size")["hats/1.png"] == "NA"


def test_values_of_any_type_in_parquet_become_text(source: Path) -> None:
    pd.DataFrame(
        {
            "path": ["hats/1.png", "hats/2.png"],
            "price": [12, 30],
            "rating": [4.5, None],
            "sold": [True, False],
            "day": [pd.Timestamp("2024-05-06"), pd.NaT],
        }
    ).to_parquet(source / "metadata.parquet")
    products = scanned(source).products.set_index("path")
    assert list(products.loc["hats/1.png", ["price", "rating", "sold"]]) == ["12", "4.5", "True"]
    assert products.loc["hats/1.png", "day"].startswith("2024-05-06")
    assert list(products.loc["hats/2.png", ["rating", "day"]]) == ["", ""]


@pytest.mark.parametrize(
    "values",
    [[["a", "b"], None], [b"\xff\x00", None], [{"a": 1}, None]],
    ids=["list", "bytes", "map"],
)
def test_a_column_that_is_not_text_is_refused_by_name(source: Path, values: list[object]) -> None:
    table = pd.DataFrame({"path": ["hats/1.png", "hats/2.png"], "odd": values})
    table.to_parquet(source / "metadata.parquet")
    with pytest.raises(
        SimilarityError, match=r"has lists or bytes in the columns 'odd'\. Convert them"
    ):
        scanned(source)


def test_metadata_of_a_copy_is_kept_and_conflicts_are_named(source: Path) -> None:
    (source / "a-copy.png").write_bytes((source / "hats/1.png").read_bytes())
    (source / "z-copy.png").write_bytes((source / "hats/1.png").read_bytes())
    text = (
        "path,caption,colour,category\na-copy.png,,red,\nhats/1.png,a hat,blue,Headwear\n"
        "z-copy.png,a cap,,\n"
    )
    (source / "metadata.csv").write_text(text)
    scan_result = scanned(source)
    row = scan_result.products.set_index("path").loc["a-copy.png"]
    assert list(row[["caption", "colour", "category", "copies"]]) == ["a hat", "red", "Headwear", 3]
    assert scan_result.notes == [
        "2 attributes of identical files differ, for example "
        "colour 'blue' of 'hats/1.png' beside 'red'; those of the first file count."
    ]


def test_a_given_category_counts_and_a_blank_one_does_not(source: Path) -> None:
    text = "path,category\nhats/1.png,Headwear\nhats/2.png,\nbags/3.png,  \n"
    (source / "metadata.csv").write_text(text)
    assert by_path(scanned(source), "category") == {
        "bags/3.png": "bags",
        "hats/1.png": "Headwear",
        "hats/2.png": "hats",
    }


def test_rows_without_a_file_and_repeated_rows_are_reported(source: Path) -> None:
    text = "path,colour\nhats/1.png,red\nhats/1.png,blue\nnowhere.png,x\n../etc/passwd,y\n"
    (source / "metadata.csv").write_text(text)
    scan_result = scanned(source)
    assert by_path(scan_result, "colour")["hats/1.png"] == "red"
    assert len(scan_result.notes) == 2
    assert "1 rows of the metadata repeat a path" in scan_result.notes[0]
    assert (
        "2 rows of the metadata match no file, for example '../etc/passwd'" in scan_result.notes[1]
    )


def test_rows_of_skipped_files_and_of_copies_are_not_called_unknown(source: Path) -> None:
    (source / "bad.png").write_text("no picture")
    (source / "hats" / "copy.png").write_bytes((source / "hats/1.png").read_bytes())
    (source / "metadata.csv").write_text("path,colour\nbad.png,red\nhats/copy.png,blue\n")
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
        (b"", "can't be read as a table"),
        (b"file,colour\nhats/1.png,red\n", "no column 'path'.*file, colour"),
        (b"path;colour\nhats/1.png;red\n", "no column 'path'"),
        (b"path,colour\nhats/1.png,caf\xe9\n", "can't be read as a table"),
        (b"path,colour\nhats/1.png,red, blue\n", "can't be read as a table"),
        (b"path,colour\nhats/1.png,red\nhats/2.png,a,b\n", "can't be read as a table"),
        (b"path,id\nhats/1.png,7\n", "repeated columns\\. Rename id"),
        (b"path,copies,picture_width\nx,7,8\n", "repeated columns\\. Rename copies, picture_width"),
        (b"path,colour,colour \nhats/1.png,red,blue\n", "repeated columns\\. Rename colour"),
    ],
    ids=["empty", "nopath", "semicolons", "latin1", "comma", "ragged", "id", "ours", "twice"],
)
def test_an_unusable_csv_file_is_a_clear_error(source: Path, content: bytes, reason: str) -> None:
    (source / "metadata.csv").write_bytes(content)
    with pytest.raises(SimilarityError, match=reason):
        scanned(source)


def test_an_unusable_parquet_file_is_a_clear_error(source: Path) -> None:
    (source / "metadata.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(SimilarityError, match="can't be read as a table"):
        scanned(source)


def test_two_tables_are_refused(source: Path) -> None:
    for kind in ("csv", "parquet"):
        (source / f"metadata.{kind}").touch()
    with pytest.raises(SimilarityError, match="two metadata tables"):
        scanned(source)
