"""An index that is refused names the command that builds it, and that command repairs it."""

import shlex
import shutil
from pathlib import Path

import pytest

from precompute.__main__ import main
from similarity import Catalogue, SimilarityError, open_catalogue
from similarity.commands import explain_error, format_build_command
from similarity.indexes import INDEXES
from tests.units.conftest import SHOP, Fake
from tests.units.drawing import draw, write_pictures
from tests.units.refusals import refusal


@pytest.mark.parametrize("folder", ["shop", 'it\'s a "shop" & co; $HOME', "-n", "demo"])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_the_command_in_a_refusal_repairs_the_index(
    folder: str, elsewhere: bool, tiny: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    monkeypatch.chdir(tmp_path)
    source = write_pictures(tmp_path / folder, 3)
    place = tmp_path / "else where" if elsewhere else tmp_path / "built"
    to = ["--to", str(place)] if elsewhere else []
    arguments = ["--catalogue", str(source), "--name", "mine", "--methods", "tiny,pixels", *to]
    assert main(arguments) == 0
    for name in ("index.faiss", "manifest.json"):
        catalogue = open_catalogue(place / "mine")
        (catalogue.generation.folder / INDEXES / "tiny" / "flat" / name).write_bytes(b"changed")
        with refusal("Build it again") as refused:
            catalogue.search("tiny", image=draw(0), k=1)
        command = shlex.split(explain_error(refused.value).split("Build it again: ")[1])
        assert command[:3] == ["python", "-m", "precompute"]
        assert command[-2:] == ["--methods", "tiny"]
        assert ("--to" in command) == elsewhere
        assert main(command[3:]) == 0
        assert not catalogue.is_current()
        assert open_catalogue(place / "mine").search("tiny", image=draw(0), k=1)[0].rank == 1


def test_a_moved_catalogue_is_repaired_where_it_is_now(shop: Catalogue, tmp_path: Path) -> None:
    shutil.move(shop.folder, tmp_path / "moved" / "other")
    moved = open_catalogue(tmp_path / "moved" / "other")
    command = shlex.split(format_build_command(moved, ["tiny"]))
    shutil.rmtree(moved.generation.folder / INDEXES / "tiny")
    assert main(command[3:]) == 0
    moved = open_catalogue(moved.folder)
    assert moved.search("tiny", image=draw(2), k=1)[0].product == shop.products.index[2]


def test_an_open_catalogue_is_unchanged_by_a_build_and_the_next_one_is_new(
    shop: Catalogue, tmp_path: Path
) -> None:
    write_pictures(tmp_path / "shop", 1, first=90)
    assert main(["--catalogue", str(tmp_path / "shop"), "--methods", "pixels,tiny"]) == 0
    for method in ("pixels", "tiny"):
        assert len(shop.search(method, image=draw(90), k=SHOP)) == SHOP
    assert shop.search("wordy", text="a hat", k=1)
    assert len(open_catalogue("shop").search("tiny", image=draw(90), k=SHOP + 1)) == SHOP + 1
    with pytest.raises(SimilarityError, match="products have changed since it was built"):
        open_catalogue("shop").search("wordy", text="a hat")
