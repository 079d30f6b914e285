"""The table of products: what a scan finds, skips and joins, and how it is stored and opened."""

import csv
import io
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from precompute.build import serialise_scan
from precompute.products import Scan, scan
from precompute.scan import ThumbnailStore
from precompute.walk import list_files
from similarity.errors import SimilarityError
from similarity.pictures.read import read_bytes
from similarity.store.generations import Generation
from similarity.store.paths import (
    DUPLICATES,
    FACTS,
    PRODUCT_ID,
    SKIPPED,
    TABLE,
    compute_product_id,
    get_thumbnail_path,
)
from similarity.store.publish import Staging
from similarity.store.table import Facts, load_table
from tests.units.conftest import PROJECT, forge
from tests.units.drawing import draw, encode, write_pictures


def put(source: Path, *paths: str, first: int = 0) -> Path:
    """Pictures that differ, at these paths."""
    for seed, path in enumerate(paths, first):
        place = source / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(encode(draw(seed)))
    return source


def scanned(source: Path, tmp_path: Path) -> Scan:
    return scan(source, ThumbnailStore(tmp_path / "built"))


def published(scan_result: Scan, source: Path, tmp_path: Path) -> Generation:
    """What a scan found, as the only content of a catalogue."""
    folder = tmp_path / "published"
    staging = Staging(folder, None)
    for path, content in serialise_scan(scan_result, folder, source, str(source), "Shop").items():
        staging.add_bytes(path, content)
    staging.publish(str(source))
    return Generation(folder)


def read_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_category_is_the_name_of_the_pictures_folder(tmp_path: Path) -> None:
    source = put(tmp_path / "shop", "flat.png", "hats/1.png", "hats/old/2.png", ".git/x.png")
    (source / "hats" / ".hidden.png").write_bytes(encode(draw(9)))
    products = scanned(source, tmp_path).products
    assert list(products["path"]) == ["flat.png", "hats/1.png", "hats/old/2.png"]
    assert list(products["category"]) == ["", "hats", "old"]
    assert list(products["picture_width"]) == [48] * 3
    assert list(products["picture_height"]) == [40] * 3


def test_products_stand_in_the_order_of_their_paths_with_ids_of_their_content(
    tmp_path: Path,
) -> None:
    source = put(tmp_path / "shop", *(f"{letter}.png" for letter in "zmaqbyk"))
    products = scanned(source, tmp_path).products
    assert list(products["path"]) == sorted(products["path"])
    assert all(PRODUCT_ID.fullmatch(product) for product in products.index)
    (source / "z.png").rename(source / "0.png")
    again = scanned(source, tmp_path).products
    assert again["path"].iloc[0] == "0.png"
    assert set(again.index) == set(products.index), "a moved picture is the same product"
    expected = compute_product_id((source / "0.png").read_bytes())
    assert again.index[0] == expected
    small = Image.open(tmp_path / "built" / get_thumbnail_path(expected))
    assert small.size == (48, 40)


def test_equal_names_in_different_folders_are_two_products(tmp_path: Path) -> None:
    scan_result = scanned(put(tmp_path / "shop", "a/1.png", "b/1.png"), tmp_path)
    assert list(scan_result.products["category"]) == ["a", "b"]
    assert not scan_result.duplicates


def test_identical_files_are_one_product_and_are_reported(tmp_path: Path) -> None:
    source = put(tmp_path / "shop", "a/1.png", "z.png")
    for copy in range(40):  # threads meet while they write one thumbnail
        (source / "a" / f"copy{copy:02}.png").write_bytes((source / "a/1.png").read_bytes())
    scan_result = scanned(source, tmp_path)
    assert list(scan_result.products["path"]) == ["a/1.png", "z.png"]
    assert list(scan_result.products["copies"]) == [41, 1]
    built = published(scan_result, source, tmp_path)
    rows = read_rows(built.read(DUPLICATES))
    assert len(rows) == 40
    same = scan_result.products.index[0]
    assert rows[0] == {"path": "a/copy00.png", "same_as": "a/1.png", "product": same}
    assert not list((tmp_path / "built").rglob("*.part")), "nothing unfinished is left"


def test_bad_files_are_skipped_and_listed_with_their_reasons(tmp_path: Path) -> None:
    source = put(tmp_path / "shop", "good.png")
    (source / "cut.png").write_bytes(encode(draw(5))[:80])
    (source / "notes.jpg").write_text("no picture")
    (source / "empty.jpg").touch()
    os.mkfifo(source / "fifo.jpg")
    (source / "broken.jpg").symlink_to("nowhere")
    (source / "loop.jpg").symlink_to("loop.jpg")
    (source / "round").symlink_to(source, target_is_directory=True)
    scan_result = scanned(source, tmp_path)
    assert list(scan_result.products["path"]) == ["good.png"]
    built = published(scan_result, source, tmp_path)
    rows = {row["path"]: row["reason"] for row in read_rows(built.read(SKIPPED))}
    assert rows.keys() == {
        "cut.png", "notes.jpg", "empty.jpg", "fifo.jpg", "broken.jpg", "loop.jpg", "round"
    }  # fmt: skip
    assert rows["round"] == "a link to a folder is not followed"
    assert "incomplete" in rows["cut.png"]
    assert "not a picture" in rows["notes.jpg"]
    assert "empty" in rows["empty.jpg"]
    assert "regular" in rows["fifo.jpg"]


def test_links_out_of_the_source_are_listed_and_not_followed(tmp_path: Path) -> None:
    source = put(tmp_path / "shop", "a/1.png")
    put(tmp_path / "private", "1.png", "folder/2.png", first=50)
    (source / "secret.png").symlink_to(tmp_path / "private" / "1.png")
    (source / "folder").symlink_to(tmp_path / "private" / "folder")
    (source / "inside.png").symlink_to("a/1.png")
    scan_result = scanned(source, tmp_path)
    assert list(scan_result.products["path"]) == ["a/1.png"]
    assert [duplicate.path for duplicate in scan_result.duplicates] == ["inside.png"]
    assert scan_result.skipped == [
        ("folder", "a link to a folder is not followed"),
        ("secret.png", "a link to a file outside of the folder is not followed"),
    ]
    (source / "metadata.csv").symlink_to(tmp_path / "private" / "1.png")
    with pytest.raises(SimilarityError, match=r"metadata.csv' is a link out of the folder"):
        scanned(source, tmp_path)


def test_a_folder_that_cannot_be_read_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = put(tmp_path / "shop", "a/1.png", "b/2.png", "c/3.png")
    listed = os.scandir

    def scandir(path: str) -> object:  # who runs the tests may be allowed to read everything
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr("os.scandir", scandir)
    scan_result = scanned(source, tmp_path)
    assert list(scan_result.products["path"]) == ["a/1.png", "c/3.png"]
    assert scan_result.skipped == [("b", "the folder can't be read: Permission denied")]


@pytest.mark.parametrize(
    "name", ["new\nline.png", 'it\'s "q".png', "<b>&.png", "é" * 100 + "x" * 51 + ".png"]
)
def test_hostile_names_are_kept_as_they_are(name: str, tmp_path: Path) -> None:
    source = put(tmp_path / "shop", name)
    (source / ("bad" + name[3:])).write_text("no picture")
    scan_result = scanned(source, tmp_path)
    built = published(scan_result, source, tmp_path)
    products, _ = load_table(built)
    assert list(products["path"]) == [name]
    (row,) = read_rows(built.read(SKIPPED))
    assert row["path"] == "bad" + name[3:]


def test_names_that_are_not_utf_8_are_skipped_in_files_and_in_folders(tmp_path: Path) -> None:
    source = put(tmp_path / "shop", "good.png")
    for name in (b"caf\xe9/1.png", b"\xff.png"):
        put(source, os.fsdecode(name), first=3)
    scan_result = scanned(source, tmp_path)
    assert len(scan_result.products) == 1
    assert {s.path for s in scan_result.skipped} == {r"caf\udce9/1.png", r"\udcff.png"}
    built = published(scan_result, source, tmp_path)
    assert len(read_rows(built.read(SKIPPED))) == 2


@pytest.mark.parametrize("files", [{}, {"notes.txt": "no picture"}])
def test_nothing_usable_is_a_clear_error(files: dict[str, str], tmp_path: Path) -> None:
    source = tmp_path / "shop"
    source.mkdir()
    for name, text in files.items():
        (source / name).write_text(text)
    with pytest.raises(SimilarityError, match="There is no usable picture in"):
        scanned(source, tmp_path)


def test_few_files_are_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, most = Counter[str](), 0

    def slowly(path: Path) -> bytes:
        nonlocal most
        reading[path.name] += 1
        most = max(most, reading.total())
        time.sleep(0.005)
        reading[path.name] -= 1
        return read_bytes(path)

    monkeypatch.setattr("precompute.scan.read_bytes", slowly)
    scanned(write_pictures(tmp_path / "shop", 60), tmp_path)
    assert 1 <= most <= 8


def test_no_file_stays_open(tmp_path: Path) -> None:
    source = write_pictures(tmp_path / "shop", 150)
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from precompute.products import scan\nfrom precompute.scan import ThumbnailStore\n"
        "from PIL import Image; Image.init()\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))\n"
        "found = scan(Path(sys.argv[1]), ThumbnailStore(Path(sys.argv[2])))\n"
        "sys.exit(len(found.products) != 150 or len(found.skipped))"
    )
    command = [sys.executable, "-c", script, str(source), str(tmp_path / "built")]
    subprocess.run(command, cwd=PROJECT, check=True)


def test_a_stored_catalogue_opens_as_scanned(tmp_path: Path) -> None:
    source = put(tmp_path / "shop", "a/1.png", "b/2.png")
    (source / "metadata.csv").write_text("path,caption\na/1.png,a hat\n")
    scan_result = scanned(source, tmp_path)
    products, facts = load_table(published(scan_result, source, tmp_path))
    pd.testing.assert_frame_equal(products, scan_result.products, check_column_type=False)
    assert list(products["caption"]) == ["a hat", ""]
    assert facts == Facts(str(source), str(source), 0, 0, "Shop")
    assert list_files(source) == (["a/1.png", "b/2.png"], []), "the metadata is no picture"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A catalogue of two products, as far as its table goes."""
    source = put(tmp_path / "shop", "a/1.png", "b/2.png")
    published(scanned(source, tmp_path), source, tmp_path)
    return tmp_path / "published"


@pytest.mark.parametrize("facts", ["", "no json", "[]", "null", '"text"', "{}", "[" * 100_000])
def test_invalid_facts_are_refused(facts: str, built: Path) -> None:
    forge(built, FACTS, facts.encode())
    with pytest.raises(SimilarityError, match=f"{FACTS} (is damaged|doesn't have the facts)"):
        load_table(Generation(built))


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        *((fact, None) for fact in ("source", "root", "skipped", "duplicates")),
        ("skipped", "many"),
        ("skipped", "3"),
        ("skipped", 3.5),
        ("duplicates", True),
        ("source", ["demo"]),
        ("other", "more"),
    ],
)
def test_a_fact_that_is_missing_or_of_another_type_is_refused(
    fact: str, value: object, built: Path
) -> None:
    facts = json.loads(Generation(built).read(FACTS)) | {fact: value}
    forge(built, FACTS, json.dumps({k: v for k, v in facts.items() if v is not None}).encode())
    with pytest.raises(SimilarityError, match=f"{FACTS} doesn't have the facts of a catalogue"):
        load_table(Generation(built))


WRONG: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "no category": lambda t: t.drop(columns="category"),
    "numbers for words": lambda t: t.assign(category=[1, 2]),
    "words for numbers": lambda t: t.assign(copies=["many", "few"]),
    "lists for words": lambda t: t.assign(path=[["a"], ["b"]]),
    "nothing for words": lambda t: t.assign(category=["a", None]),
    "no ids": lambda t: t.reset_index(drop=True),
    "other ids": lambda t: t.set_index(pd.Index(["../a", "b"], name="id")),
    "one id twice": lambda t: t.set_index(t.index[[0, 0]]),
    "no products": lambda t: t.iloc[:0],
}


@pytest.mark.parametrize("what", WRONG)
def test_an_invalid_table_of_products_is_refused(what: str, built: Path) -> None:
    products = pd.read_parquet(io.BytesIO(Generation(built).read(TABLE)))
    forge(built, TABLE, WRONG[what](products).to_parquet())
    with pytest.raises(SimilarityError, match=f"{TABLE} (is not a table of products|is damaged)"):
        load_table(Generation(built))


def test_a_table_that_is_cut_short_is_refused(built: Path) -> None:
    forge(built, TABLE, Generation(built).read(TABLE)[:100])
    with pytest.raises(SimilarityError, match=f"{TABLE} is damaged"):
        load_table(Generation(built))
