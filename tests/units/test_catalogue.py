"""The table of products: what a scan finds, skips and joins, and how it is stored and opened."""

import csv
import io
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from similarity.catalogue import (
    DUPLICATES,
    FACTS,
    PRODUCT_ID,
    SKIPPED,
    TABLE,
    Scan,
    list_files,
    load,
    product_id,
    scan,
    store,
    thumbnail_path,
)
from similarity.errors import SimilarityError
from similarity.pictures import read_bytes
from tests.units.conftest import PROJECT, draw, encode, write_pictures


def put(source: Path, *paths: str, first: int = 0) -> Path:
    """Pictures that differ, at these paths."""
    for seed, path in enumerate(paths, first):
        place = source / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(encode(draw(seed)))
    return source


def scanned(source: Path, tmp_path: Path) -> Scan:
    return scan(source, tmp_path / "built")


def read_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def test_the_category_is_the_name_of_the_pictures_folder(tmp_path: Path) -> None:
    source = put(tmp_path / "shop", "flat.png", "hats/1.png", "hats/old/2.png", ".git/x.png")
    (source / "hats" / ".hidden.png").write_bytes(encode(draw(9)))
    products = scanned(source, tmp_path).products
    assert list(products["path"]) == ["flat.png", "hats/1.png", "hats/old/2.png"]
    assert list(products["category"]) == ["shop", "hats", "old"]
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
    expected = product_id((source / "0.png").read_bytes())
    assert again.index[0] == expected
    small = Image.open(thumbnail_path(tmp_path / "built", expected))
    assert small.size == (48, 40)


def test_equal_names_in_different_folders_are_two_products(tmp_path: Path) -> None:
    found = scanned(put(tmp_path / "shop", "a/1.png", "b/1.png"), tmp_path)
    assert list(found.products["category"]) == ["a", "b"]
    assert not found.duplicates


def test_the_same_content_is_one_product_and_says_so(tmp_path: Path) -> None:
    source = put(tmp_path / "shop", "a/1.png", "z.png")
    for copy in range(40):  # threads meet while they write one thumbnail
        (source / "a" / f"copy{copy:02}.png").write_bytes((source / "a/1.png").read_bytes())
    found = scanned(source, tmp_path)
    assert list(found.products["path"]) == ["a/1.png", "z.png"]
    assert list(found.products["copies"]) == [41, 1]
    store(found, tmp_path / "built", "shop", str(source), source)
    rows = read_rows(tmp_path / "built" / DUPLICATES)
    assert len(rows) == 40
    same = found.products.index[0]
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
    found = scanned(source, tmp_path)
    assert list(found.products["path"]) == ["good.png"]
    store(found, tmp_path / "built", "shop", str(source), source)
    rows = {row["path"]: row["reason"] for row in read_rows(tmp_path / "built" / SKIPPED)}
    assert rows.keys() == {
        "cut.png", "notes.jpg", "empty.jpg", "fifo.jpg", "broken.jpg", "loop.jpg"
    }  # fmt: skip
    assert "damaged" in rows["cut.png"]
    assert "not a picture" in rows["notes.jpg"]
    assert "empty" in rows["empty.jpg"]
    assert "regular" in rows["fifo.jpg"]


@pytest.mark.parametrize(
    "name", ["new\nline.png", 'it\'s "q".png', "<b>&.png", "é" * 100 + "x" * 51 + ".png"]
)
def test_hostile_names_are_kept_as_they_are(name: str, tmp_path: Path) -> None:
    source = put(tmp_path / "shop", name)
    (source / ("bad" + name[3:])).write_text("no picture")
    found = scanned(source, tmp_path)
    store(found, tmp_path / "built", "shop", str(source), source)
    products, _ = load(tmp_path / "built")
    assert list(products["path"]) == [name]
    (row,) = read_rows(tmp_path / "built" / SKIPPED)
    assert row["path"] == "bad" + name[3:]


def test_names_that_are_not_utf_8_are_skipped_in_files_and_in_folders(tmp_path: Path) -> None:
    source = put(tmp_path / "shop", "good.png")
    for name in (b"caf\xe9/1.png", b"\xff.png"):
        put(source, os.fsdecode(name), first=3)
    found = scanned(source, tmp_path)
    assert len(found.products) == 1
    assert {s.path for s in found.skipped} == {r"caf\udce9/1.png", r"\udcff.png"}
    store(found, tmp_path / "built", "shop", str(source), source)
    assert len(read_rows(tmp_path / "built" / SKIPPED)) == 2


@pytest.mark.parametrize("files", [{}, {"notes.txt": "no picture"}])
def test_nothing_usable_is_a_clear_error(files: dict[str, str], tmp_path: Path) -> None:
    source = tmp_path / "shop"
    source.mkdir()
    for name, text in files.items():
        (source / name).write_text(text)
    with pytest.raises(SimilarityError, match="No usable picture below"):
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

    monkeypatch.setattr("similarity.catalogue.read_bytes", slowly)
    scanned(write_pictures(tmp_path / "shop", 60), tmp_path)
    assert 1 <= most <= 8


def test_no_file_stays_open(tmp_path: Path) -> None:
    source = write_pictures(tmp_path / "shop", 150)
    script = (
        "import resource, sys; from pathlib import Path; from similarity.catalogue import scan\n"
        "from PIL import Image; Image.init()\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))\n"
        "found = scan(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "sys.exit(len(found.products) != 150 or len(found.skipped))"
    )
    command = [sys.executable, "-c", script, str(source), str(tmp_path / "built")]
    subprocess.run(command, cwd=PROJECT, check=True)


def test_a_stored_catalogue_opens_as_it_was_scanned(tmp_path: Path) -> None:
    source = put(tmp_path / "shop", "a/1.png", "b/2.png")
    (source / "metadata.csv").write_text("path,caption\na/1.png,a hat\n")
    found = scanned(source, tmp_path)
    store(found, tmp_path / "built", "shop", "demo", source)
    products, facts = load(tmp_path / "built")
    pd.testing.assert_frame_equal(products, found.products, check_column_type=False)
    assert list(products["caption"]) == ["a hat", ""]
    assert (facts["name"], facts["source"], facts["root"]) == ("shop", "demo", str(source))
    assert facts["products"] == 2
    assert list_files(source) == ["a/1.png", "b/2.png"], "the metadata is no picture"


@pytest.mark.parametrize(
    "facts",
    ["", "no json", "[]", "null", '"text"', "{}", '{"format": 1}', '{"format": 99}', "[" * 100_000],
)
def test_a_damaged_catalogue_names_the_remedy(facts: str, tmp_path: Path) -> None:
    source = put(tmp_path / "shop", "a/1.png")
    store(scanned(source, tmp_path), tmp_path / "built", "shop", str(source), source)
    (tmp_path / "built" / FACTS).write_text(facts)
    with pytest.raises(SimilarityError, match="python -m precompute --name built"):
        load(tmp_path / "built")


@pytest.mark.parametrize("lost", ["format", "name", "source", "root", "skipped", "fingerprint"])
def test_a_catalogue_that_lacks_a_fact_is_refused(lost: str, tmp_path: Path) -> None:
    source = put(tmp_path / "shop", "a/1.png")
    store(scanned(source, tmp_path), tmp_path / "built", "shop", str(source), source)
    facts = json.loads((tmp_path / "built" / FACTS).read_text())
    del facts[lost]
    (tmp_path / "built" / FACTS).write_text(json.dumps(facts))
    with pytest.raises(SimilarityError, match="python -m precompute"):
        load(tmp_path / "built")


def test_a_table_that_is_not_the_one_built_is_refused(tmp_path: Path) -> None:
    source = put(tmp_path / "shop", "a/1.png", "b/2.png")
    store(scanned(source, tmp_path), tmp_path / "built", "shop", str(source), source)
    table = tmp_path / "built" / TABLE
    whole = table.read_bytes()
    products = pd.read_parquet(table)
    for change in (products.iloc[::-1], products.drop(columns="category"), None):
        table.write_bytes(whole[:100]) if change is None else change.to_parquet(table)
        with pytest.raises(SimilarityError, match="python -m precompute --name built"):
            load(tmp_path / "built")
    table.unlink()
    with pytest.raises(SimilarityError, match="python -m precompute --name built"):
        load(tmp_path / "built")
