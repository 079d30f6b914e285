"""Whatever is damaged is found and named, never shown; the command that is named mends it."""

import hashlib
import os
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pytest

from precompute.__main__ import main
from similarity import Catalogue, SimilarityError, open_catalogue
from similarity.commands import explain_error, format_build_command
from similarity.store.generations import CURRENT, GENERATIONS, SUMS, Generation, make_pointer
from similarity.store.paths import TABLE, find_source, get_thumbnail_path
from similarity.store.sums import format_sums
from tests.units.conftest import Fake, forge
from tests.units.drawing import draw, write_pictures
from tests.units.killing import BUILT, check_whole
from tests.units.refusals import refusal

Output = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tiny: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built catalogue of three products; its pictures are in the folder `my shop`."""
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source = write_pictures(tmp_path / "my shop", 3)
    assert main(["--catalogue", str(source), "--name", "shop", "--methods", ",".join(BUILT)]) == 0
    return tmp_path / "built" / "shop"


def replace(place: Path, content: bytes | bytearray) -> None:
    """Replace a file as an editor does: other names of the old one keep it."""
    place.unlink()
    place.write_bytes(content)


def command_in(message: str) -> list[str]:
    """The arguments of the command that a message names."""
    line = message.split("Build it again: python -m precompute ")[1].splitlines()[0]
    return shlex.split(line)


@pytest.mark.parametrize(
    "where", [0, 1, *(pytest.param(share, marks=pytest.mark.slow) for share in (0.5, 0.9))]
)
def test_a_changed_byte_in_any_file_is_found_named_and_repaired(
    where: float, folder: Path, tmp_path: Path, capsys: Output
) -> None:
    generation = Generation(folder)
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    assert {str(p.relative_to(generation.folder)) for p in files if p.name != CURRENT} == {
        SUMS,
        *generation.sums.list_paths(""),
    }
    assert main(["check", "shop"]) == 0
    assert f"All {len(files)} files of 'shop' are unchanged" in capsys.readouterr().err
    for path in files:
        copy = tmp_path / "copy" / "shop"
        shutil.copytree(folder, copy)
        content = bytearray((copy / path.relative_to(folder)).read_bytes())
        content[round(where * (len(content) - 1))] ^= 1
        replace(copy / path.relative_to(folder), content)

        assert main(["check", str(copy)]) == 1
        output = capsys.readouterr().err
        assert path.name in output
        assert main(command_in(output)) == 0
        capsys.readouterr()
        assert main(["check", str(copy)]) == 0
        check_whole(open_catalogue(copy))
        shutil.rmtree(copy)


@pytest.mark.parametrize("method", ["pixels", "tiny"])
def test_only_what_is_damaged_is_embedded_again(
    method: str, folder: Path, tiny: Fake, capsys: Output
) -> None:
    before = sum(tiny.batches)
    kind = "pixels" if method == "pixels" else "flat"
    for path in (Generation(folder).folder / "indexes" / method / kind).iterdir():
        path.unlink()
        break
    assert main(["check", "shop"]) == 1
    command = command_in(capsys.readouterr().err)
    assert command[-2:] == ["--methods", method]
    assert main(command) == 0
    assert sum(tiny.batches) == before + (3 if method == "tiny" else 0)
    assert main(["check", "shop"]) == 0
    check_whole(open_catalogue("shop"))


@pytest.mark.parametrize("name", [CURRENT, SUMS, TABLE, "facts.json"])
def test_intact_parts_of_a_damaged_catalogue_are_not_embedded_again(
    name: str, folder: Path, tiny: Fake, tmp_path: Path
) -> None:
    before = sum(tiny.batches)
    place = folder / CURRENT if name == CURRENT else Generation(folder).folder / name
    replace(place, b"0" + place.read_bytes()[1:])
    with pytest.raises(SimilarityError) as refused:
        open_catalogue("shop")
    message = explain_error(refused.value)
    del refused  # its traceback holds the generation
    assert main(command_in(message)) == 0
    assert sum(tiny.batches) == before
    check_whole(open_catalogue("shop"))
    assert [path.name for path in (folder / GENERATIONS).iterdir()] == ["3"]


def test_every_changed_byte_of_the_smallest_file_is_noticed(folder: Path) -> None:
    content = (folder / CURRENT).read_bytes()
    for place in range(len(content)):
        for bit in (1, 32):
            changed = bytearray(content)
            changed[place] ^= bit
            (folder / CURRENT).write_bytes(changed)
            with refusal(r"refused.*Build it again.*--name shop"):
                open_catalogue("shop")
    for other in (b"", content[:-1], content + b" ", b"[" * 99_999, b"\0" * 20):
        (folder / CURRENT).write_bytes(other)
        with pytest.raises(SimilarityError, match="refused"):
            open_catalogue("shop")


def test_an_edited_table_is_refused(folder: Path) -> None:
    table = Generation(folder).folder / TABLE
    products = pd.read_parquet(table)
    replace(table, products.assign(category="hats").to_parquet())
    with pytest.raises(SimilarityError, match=f"{TABLE} has changed since it was written"):
        open_catalogue("shop")


@pytest.mark.parametrize("path", ["../../secret", "/etc/hostname", "a//b", "./a", "a/../b", ""])
def test_a_list_that_names_files_outside_is_refused_and_nothing_is_taken_from_it(
    path: str, folder: Path, tmp_path: Path
) -> None:
    generation = Generation(folder)
    (folder.parent / "secret").write_text("secret")
    sums = format_sums(generation.sums.to_dict() | {path: hashlib.sha256(b"secret").hexdigest()})
    replace(generation.folder / SUMS, sums)
    replace(folder / CURRENT, make_pointer(2, sums, generation.source))
    del generation
    with pytest.raises(SimilarityError, match=r"lists .*, which is not in its folder") as refused:
        open_catalogue("shop")
    assert main(command_in(explain_error(refused.value))) == 0
    assert path not in Generation(folder).sums
    check_whole(open_catalogue("shop"))


def test_an_unreadable_index_is_repaired_even_with_a_valid_checksum(
    folder: Path, capsys: Output
) -> None:
    forge(folder, "indexes/tiny/flat/index.faiss", b"no faiss file" * 50)
    assert main(["check", "shop"]) == 1
    assert main(command_in(capsys.readouterr().err)) == 0
    check_whole(open_catalogue("shop"))


@pytest.mark.parametrize("content", [b"", b"RIFF"])
def test_an_emptied_thumbnail_is_never_served_and_a_build_makes_it_again(
    content: bytes, folder: Path
) -> None:
    catalogue = open_catalogue("shop")
    product = catalogue.products.index[1]
    whole = catalogue.read_thumbnail(product)
    (catalogue.generation.folder / get_thumbnail_path(product)).write_bytes(content)
    with refusal("Build it again: python -m precompute"):
        catalogue.read_thumbnail(product)
    assert main(command(catalogue)) == 0
    assert open_catalogue("shop").read_thumbnail(product) == whole


def command(catalogue: Catalogue) -> list[str]:
    return shlex.split(format_build_command(catalogue, ["tiny"]))[3:]


@pytest.mark.parametrize(
    "path", [CURRENT, GENERATIONS, f"{GENERATIONS}/2", f"{GENERATIONS}/2/{SUMS}", "thumbnail"]
)
def test_no_link_below_the_catalogue_is_followed(path: str, folder: Path, tmp_path: Path) -> None:
    catalogue = open_catalogue("shop")
    product = catalogue.products.index[0]
    place = folder / path
    if path == "thumbnail":
        place = catalogue.generation.folder / get_thumbnail_path(product)
    outside = tmp_path / "outside"
    place.rename(outside)
    place.symlink_to(outside)
    if path == "thumbnail":
        with pytest.raises(SimilarityError, match="can't be read"):
            open_catalogue("shop").read_thumbnail(product)
    else:
        with pytest.raises(SimilarityError, match="refused"):
            open_catalogue("shop")


def test_a_folder_of_thumbnails_that_is_a_link_is_not_followed(
    folder: Path, tmp_path: Path
) -> None:
    catalogue = open_catalogue("shop")
    product = catalogue.products.index[0]
    place = (catalogue.generation.folder / get_thumbnail_path(product)).parent
    place.rename(tmp_path / "outside")
    place.symlink_to(tmp_path / "outside", target_is_directory=True)
    with pytest.raises(SimilarityError, match="can't be read"):
        catalogue.read_thumbnail(product)


def test_a_pipe_instead_of_a_file_does_not_block(folder: Path) -> None:
    catalogue = open_catalogue("shop")
    place = catalogue.generation.folder / get_thumbnail_path(catalogue.products.index[0])
    place.unlink()
    os.mkfifo(place)
    with pytest.raises(SimilarityError, match="not a regular file"):
        catalogue.read_thumbnail(catalogue.products.index[0])


def test_a_linked_lock_is_refused_and_its_target_stays(
    folder: Path, tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / "precious").write_text("precious")
    (folder / ".lock").unlink()
    (folder / ".lock").symlink_to(tmp_path / "precious")
    assert main(command(open_catalogue("shop"))) == 1
    assert ".lock' can't be used" in capsys.readouterr().err
    assert (tmp_path / "precious").read_text() == "precious"


def test_a_renamed_or_copied_catalogue_goes_by_its_new_name(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, folder.parent / "copied")
    folder.rename(folder.parent / "renamed")
    for name in ("copied", "renamed"):
        catalogue = open_catalogue(name)
        assert catalogue.name == name
        assert f"--name {name} " in format_build_command(catalogue, ["tiny"])
        assert catalogue.read_thumbnail(catalogue.products.index[0])
        check_whole(catalogue)


def test_a_catalogue_from_elsewhere_shows_no_other_file_of_this_machine(
    folder: Path, tmp_path: Path
) -> None:
    secret = draw(99)
    secret.save(tmp_path / "my shop" / "000.png")  # in the place of a product's picture
    catalogue = open_catalogue("shop")
    picture = catalogue.read_picture(catalogue.products.index[0])
    assert picture.tobytes() != secret.tobytes()


def test_changing_the_table_in_place_changes_no_answer(folder: Path) -> None:
    catalogue = open_catalogue("shop")
    product = catalogue.products.index[0]
    before = catalogue.search("tiny", product=product, k=2)
    table = catalogue.products
    table.sort_values("path", ascending=False, inplace=True)
    table["path"] = "nowhere"
    table.index = pd.Index(["x", "y", "z"])
    catalogue.products.drop(catalogue.products.index, inplace=True)
    assert catalogue.search("tiny", product=product, k=2) == before
    assert list(catalogue.products["path"]) == ["000.png", "001.png", "002.png"]
    check_whole(catalogue)


def test_an_unfinished_build_does_not_change_the_source_of_a_catalogue(
    folder: Path, tmp_path: Path
) -> None:
    unfinished = folder / GENERATIONS / "3" / "facts.json"
    unfinished.parent.mkdir()
    unfinished.write_text('{"source": "/somewhere/else"}')
    assert find_source(folder) == str(tmp_path / "my shop")
    facts = Generation(folder).folder / "facts.json"
    replace(facts, b"no json")
    assert find_source(folder) == str(tmp_path / "my shop"), "catalogue.json says so too"


def test_a_catalogue_without_its_smallest_file_names_the_repair_command(
    folder: Path, tmp_path: Path
) -> None:
    (folder / CURRENT).unlink()
    with refusal(r"no built catalogue in .* Build one: ") as refused:
        open_catalogue(folder)
    command = shlex.split(explain_error(refused.value).split("python -m precompute ")[1])
    assert command[:4] == ["--catalogue", str(tmp_path / "my shop"), "--name", "shop"]
    assert main(command) == 0
    check_whole(open_catalogue("shop"))
