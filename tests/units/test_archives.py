"""Archives and folders that a user has, hostile ones among them."""

import io
import os
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from precompute.__main__ import main
from precompute.sources import files
from similarity import Catalogue, open_catalogue
from tests.units.archives import WRAPPER, build, photographs, write_archive, zipped
from tests.units.conftest import Fake
from tests.units.drawing import draw, encode

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def built(tiny: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of catalogues."""
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    return tmp_path / "built"


def test_a_folder_that_the_user_has_is_copied_and_left_as_it_is(
    tmp_path: Path, capsys: Output
) -> None:
    source = tmp_path / "mine"
    for name, content in photographs().items():
        place = source / name.removeprefix(f"{WRAPPER}/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    secret = tmp_path / "secret.png"
    secret.write_bytes(encode(draw(9)))
    (source / "train" / "hat" / "link.png").symlink_to(secret)
    os.mkfifo(source / "train" / "hat" / "pipe.png")
    before = sorted(source.rglob("*"))
    assert build("clothing", "--from", str(source)) == 0
    output = capsys.readouterr().err
    assert "2 files can't be read and are skipped, for example train/hat/" in output
    assert len(open_catalogue("clothing").products) == 4
    assert sorted(source.rglob("*")) == before


def test_another_archive_replaces_the_former(tmp_path: Path) -> None:
    assert build("clothing", "--from", write_archive(tmp_path, zipped(photographs(8)))) == 0
    assert build("clothing", "--from", write_archive(tmp_path, zipped(photographs(4)))) == 0
    assert len(open_catalogue("clothing").products) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--catalogue", "clothing", "--from", "{}/none.zip"], "There is no '"),
        (["--catalogue", "clothing", "--from", "{}"], "is not clothing, which has train"),
        (
            ["--catalogue", "demo", "--from", "{}"],
            "The pictures of 'demo' are here. Leave --from out.",
        ),
        (["--catalogue", "{}", "--from", "{}"], "is a folder"),
    ],
)
def test_an_unusable_archive_is_refused_with_a_clear_message(
    arguments: list[str], message: str, built: Path, tmp_path: Path, capsys: Output
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "a.png").write_bytes(encode(draw(1)))
    assert main([each.format(folder) for each in arguments]) == 1
    assert message in " ".join(capsys.readouterr().err.split())
    assert not list(built.glob("*/pictures-1"))


def test_a_catalogue_of_other_pictures_is_not_replaced_by_a_named_one(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "a.png").write_bytes(encode(draw(1)))
    assert build(str(folder), "--name", "clothing") == 0
    assert build("clothing", "--from", write_archive(tmp_path, zipped(photographs()))) == 0
    assert open_catalogue(tmp_path / "built" / "clothing").source == str(folder)
    assert open_catalogue("clothing-2").source == "clothing"


# Hostile archives


@dataclass(frozen=True)
class Hostile:
    """An archive that has to be refused, and what is said of it."""

    content: Callable[[], bytes]
    message: str


def named(name: str, mode: int = 0, flags: int = 0) -> bytes:
    """An archive of photographs with one more member, of that name, mode or flags."""
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for each, content in photographs().items():
            archive.writestr(each, content)
        archive.writestr(info, b"../../secret")
    content = out.getvalue()
    if flags:  # of the last entry in the list, as another program would set them
        at = content.rindex(b"PK\x01\x02") + 8
        content = content[:at] + struct.pack("<H", flags) + content[at + 2 :]
    return content


def twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("train/hat/1.png", "train/hat/2.png"):
            archive.writestr(name, b"one")
    return out.getvalue().replace(b"2.png", b"1.png")


def a_million() -> bytes:
    """An archive that lists a million empty files: 52 MB of list, made without a million calls."""
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 6, *[0] * 6)
    listed = (entry + b"train/") * 1_000_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1_000_000 % 65536, 0, len(listed), 0, 0)
    return listed + end


def lying() -> bytes:
    """An archive whose list says of 10 MB that they are 100 bytes."""
    content = zipped(photographs() | {"train/hat/9.png": bytes(10_000_000)}, compression=8)
    return content.replace(struct.pack("<I", 10_000_000), struct.pack("<I", 100))


HOSTILE = {
    "a place outside": Hostile(lambda: named("train/hat/../../../../x.png"), "leads out of it"),
    "an absolute place": Hostile(lambda: named("/tmp/train/hat/x.png"), "leads out of it"),
    "a place on a drive": Hostile(lambda: named("C:\\train\\hat\\x.png"), "leads out of it"),
    "a place outside, in Windows' way": Hostile(lambda: named("train\\..\\..\\x"), "leads out"),
    "a link": Hostile(lambda: named("train/hat/x.png", 0o120777), "is a link or a device"),
    "a device": Hostile(lambda: named("train/hat/x.png", 0o060666), "is a link or a device"),
    "a password": Hostile(lambda: named("train/hat/x.png", flags=1), "is protected by a password"),
    "another packing": Hostile(
        lambda: zipped(photographs(), compression=12), "an unsupported compression"
    ),
    "a name twice": Hostile(twice, "occurs twice"),
    "a million files": Hostile(a_million, "has more than 100,000 files"),
    "a huge ratio": Hostile(
        lambda: zipped({"train/hat/1.png": bytes(50_000_000)}, compression=8), "times its size"
    ),
    "a lie about sizes": Hostile(lying, "is not a complete zip archive"),
    "its end cut off": Hostile(
        lambda: zipped(photographs())[:-30], "is not a complete zip archive"
    ),
    "no archive": Hostile(lambda: b"Rar!\x1a\x07\x00", "is not a complete zip archive"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_refused_and_writes_nothing_anywhere(
    kind: str, built: Path, tmp_path: Path, capsys: Output
) -> None:
    archive = write_archive(tmp_path, HOSTILE[kind].content())
    before = {*tmp_path.rglob("*")}
    assert build("clothing", "--from", archive) == 1
    output = capsys.readouterr().err
    assert HOSTILE[kind].message in output
    assert not (built / "clothing" / "pictures-1").exists()
    created = {*tmp_path.rglob("*")} - before
    assert created <= {built, built / "clothing", built / "clothing" / ".lock"}
    assert Path(archive).exists(), "what is the user's stays"


def test_more_files_or_bytes_than_are_allowed_are_refused(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = write_archive(tmp_path, zipped(photographs()))
    monkeypatch.setattr(files, "MAX_FILES", 3)
    assert build("clothing", "--from", archive) == 1
    assert "has more than 3 files" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setattr(files, "MAX_BYTES", 1000)
    assert build("clothing", "--from", archive, "--to", str(tmp_path)) == 1
    assert "would unpack to" in capsys.readouterr().err


def test_an_archive_in_the_catalogues_own_folder_is_not_touched(
    built: Path, capsys: Output
) -> None:
    place = built / "clothing" / "download"
    place.mkdir(parents=True)
    write_archive(place, zipped(photographs()))
    assert build("clothing", "--from", str(place / "given.zip")) == 1
    assert "is in the catalogue's own folder. Move it elsewhere" in capsys.readouterr().err
    assert (place / "given.zip").exists()


def test_a_hostile_archive_costs_nothing_of_what_was_built_before(
    tmp_path: Path, capsys: Output
) -> None:
    assert build("clothing", "--from", write_archive(tmp_path, zipped(photographs()))) == 0
    assert build("clothing", "--from", write_archive(tmp_path, HOSTILE["a link"].content())) == 1
    catalogue: Catalogue = open_catalogue("clothing")
    assert len(catalogue.products) == 4
    assert catalogue.read_picture(catalogue.products.index[0]).size == (48, 40)
    assert build("clothing") == 0
