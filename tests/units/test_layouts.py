"""Folders as they lie on people's disks."""

import os
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from precompute.categories import merge_spellings, name_folders
from precompute.products import Scan, scan
from precompute.scan import ThumbnailStore
from precompute.walk import list_files
from tests.units.drawing import draw, encode


def write(folder: Path, *paths: str) -> Path:
    for seed, path in enumerate(paths):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(encode(draw(seed)))
    return folder


def scanned(source: Path) -> Scan:
    return scan(source, ThumbnailStore(source.parent / "built"))


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        (["hats", "bags"], ["hats", "bags"]),
        (["", "bags"], ["", "bags"]),
        (["men/shirts", "women/shirts", "men/hats"], ["men/shirts", "women/shirts", "hats"]),
        (["shirts", "men/shirts"], ["shirts", "men/shirts"]),
        (["a/b/c", "x/b/c", "x/y/c"], ["a/b/c", "x/b/c", "y/c"]),
        (["train/dress", "test/dress", "validation/hat"], ["dress", "dress", "hat"]),
        (["train", "test"], ["train", "test"]),
        (["Men/shirts", "men/Shirts", "men/shirts"], ["shirts", "shirts", "shirts"]),
        (["shoes", "SHOES"], ["shoes", "shoes"]),
    ],
)
def test_a_category_is_the_end_of_its_folder_that_tells_it_from_others(
    folders: Sequence[str], expected: list[str]
) -> None:
    names, _ = name_folders(folders)
    assert [names[folder] for folder in folders] == expected


def test_spellings_of_one_name_are_one_category_and_reported(tmp_path: Path) -> None:
    source = write(tmp_path / "shop", "Shoes/0.png", "shoes/1.png", "SHOES /2.png", "hats/3.png")
    scan_result = scanned(source)
    assert sorted(scan_result.products["category"]) == ["Shoes", "Shoes", "Shoes", "hats"]
    assert scan_result.notes == ["'SHOES ', 'Shoes' and 'shoes' are one category, 'Shoes'."]


def test_the_most_frequent_spelling_is_shown() -> None:
    decomposed = unicodedata.normalize("NFD", "Hüte")
    spellings, notes = merge_spellings(["HATS", "hats", "HATS", "HATS", decomposed, "Hüte", "Hüte"])
    assert spellings == {"HATS": "HATS", "hats": "HATS", decomposed: "Hüte", "Hüte": "Hüte"}
    assert notes == ["'HATS' and 'hats' are one category, 'HATS'."], "composition is invisible"


def test_categories_of_the_table_and_of_folders_are_merged(tmp_path: Path) -> None:
    source = write(tmp_path / "shop", "hats/0.png", "hats/1.png", "x/2.png")
    (source / "metadata.csv").write_text("path,category\nx/2.png,Hats \n")
    assert set(scanned(source).products["category"]) == {"hats"}


def test_folders_of_servers_and_programs_are_skipped_by_name_and_listed_once(
    tmp_path: Path,
) -> None:
    service = ["@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "__MACOSX"]
    paths = [f"hats/{name}/{n}.png" for name in service for n in range(2)]
    thumbnails = [f"{folder}/@eaDir/0.png/SYNOPHOTO_THUMB_M.png" for folder in ("bags", "shoes")]
    source = write(tmp_path / "shop", "hats/0.png", "bags/0.png", *paths, *thumbnails)
    (source / "hats" / "Thumbs.db").touch()
    (source / "desktop.ini").touch()
    found_paths, skipped = list_files(source)
    assert found_paths == ["bags/0.png", "hats/0.png"]
    assert {file.path.rpartition("/")[2] for file in skipped} == set(service)
    assert len(skipped) == len(service)
    (synology,) = [file for file in skipped if file.path.endswith("@eaDir")]
    assert synology == (
        "bags/@eaDir",
        "folders of file servers and other programs are not read (3 have this name)",
    )


def test_folders_with_many_folders_are_not_searched_for_each_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Names(list[str]):
        def __contains__(self, name: object) -> bool:
            raise AssertionError("a list is searched for each of its names")

    walk = os.walk

    def walk_with_such_lists(*args: Any, **kwargs: Any) -> Iterator[tuple[str, Names, list[str]]]:
        for folder, folders, files in walk(*args, **kwargs):
            names = Names(folders)
            yield folder, names, files
            folders[:] = names

    monkeypatch.setattr("precompute.walk.os.walk", walk_with_such_lists)
    source = write(tmp_path / "shop", "bags/0.png", "hats/0.png")
    (source / "linked").symlink_to(source / "hats")
    paths, skipped = list_files(source)
    assert paths == ["bags/0.png", "hats/0.png"]
    assert skipped == [("linked", "a link to a folder is not followed")]
