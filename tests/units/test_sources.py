"""Catalogues by name: the article's data and photographs, from hosts that misbehave."""

import io
import os
import struct
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from precompute import network
from precompute.__main__ import main
from precompute.demo import write_archive, write_demo
from precompute.demo.__main__ import main as draw_demo
from precompute.sources import clothing, digikala, files
from similarity import Catalogue, open_catalogue
from similarity.generations import CURRENT
from tests.units.conftest import Fake, draw, encode
from tests.units.serving import Server
from tests.units.test_fetch import silent

Output = pytest.CaptureFixture[str]
WRAPPER = "clothing-dataset-small-36364be"


@pytest.fixture(autouse=True)
def built(tiny: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of catalogues."""
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    return tmp_path / "built"


def build(name: str, *more: str) -> int:
    return main(["--catalogue", name, "--methods", "tiny", *more])


def zipped(members: dict[str, bytes], **options: Any) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def photographs(count: int = 4) -> dict[str, bytes]:
    """What GitHub's archive of the clothing dataset is like."""
    names = ["train/dress", "train/hat", "test/hat", "validation/hat"]
    return {f"{WRAPPER}/LICENSE": b"CC0", f"{WRAPPER}/README.md": b"words"} | {
        f"{WRAPPER}/{names[i % 4]}/{i}.png": encode(draw(i)) for i in range(count)
    }


def given(tmp_path: Path, content: bytes) -> str:
    """The archive as a file that the user has."""
    place = tmp_path / "given.zip"
    place.write_bytes(content)
    return str(place)


def rest(folder: Path) -> set[str]:
    """What lies in a catalogue's folder that no built one has."""
    return {p.name for p in folder.iterdir()} - {".lock", CURRENT, "generations", "pictures-1"}


@pytest.fixture
def github(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server is GitHub and has the photographs."""
    monkeypatch.setattr(clothing, "ADDRESS", f"{server.address}/archive/clothes.zip")
    monkeypatch.setattr(network, "CHUNK", 500)
    server.files["clothes.zip"] = zipped(photographs())
    return server


# The article's data


def test_the_demo_in_the_articles_layout_gives_the_same_products_with_their_colours(
    tmp_path: Path,
) -> None:
    write_demo(tmp_path / "demo", per_kind=2)
    write_archive(tmp_path / "colours.zip", per_kind=2)
    assert build("digikala", "--from", str(tmp_path / "colours.zip")) == 0
    assert build(str(tmp_path / "demo")) == 0
    found, drawn = open_catalogue("digikala").products, open_catalogue("demo").products
    assert len(found) == 66
    assert found["colour"].to_dict() == drawn["colour"].to_dict()
    assert set(found["category"]) == {""}, "a colour is no category"
    assert all("/" not in path for path in found["path"]), "one folder, as in the article"


def test_the_demos_command_writes_both_layouts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("precompute.demo.catalogue.KINDS", {"mug": base_kind("mug")})
    assert draw_demo([str(tmp_path / "drawn")]) == 0
    assert draw_demo(["--layout", "digikala", str(tmp_path / "drawn.zip")]) == 0
    pictures = {path.read_bytes() for path in (tmp_path / "drawn").rglob("*.png")}
    with zipfile.ZipFile(tmp_path / "drawn.zip") as archive:
        assert {archive.read(name) for name in archive.namelist()} == pictures
        assert len(archive.namelist()) == len(pictures) == 40


def base_kind(name: str) -> Any:
    from precompute.demo import KINDS

    return KINDS[name]


def test_equal_names_in_two_colours_are_two_products(tmp_path: Path) -> None:
    archive = zipped(
        {
            "a-b/1.png": encode(draw(1)),
            "a/b-1.png": encode(draw(2)),
            f"red/{'ل' * 200}.png": encode(draw(3)),
            "__MACOSX/red/._1.png": b"junk",
            "plain.png": encode(draw(4)),
            "metadata.csv": b"path,colour\nplain.png,hostile\n",
            f"red/a.{'b' * 60}": encode(draw(5)),
        }
    )
    assert build("digikala", "--from", given(tmp_path, archive)) == 0
    products = open_catalogue("digikala").products
    assert sorted(products["colour"]) == ["", "a", "a-b", "red", "red"]
    assert {"a-b-1.png", "2-a-b-1.png", "plain.png"} < set(products["path"])


def test_without_a_token_the_steps_to_one_are_told_and_nothing_is_made(
    built: Path, tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert build("digikala") == 1
    said = capsys.readouterr().err
    assert "https://www.kaggle.com/settings/api" in said
    assert "chmod 600 ~/.kaggle/kaggle.json" in said
    assert "--from ARCHIVE.zip" in said
    lines = said.splitlines()
    assert len(lines) <= 24, "one screen"
    assert max(map(len, lines)) <= 80
    assert not built.exists()


@pytest.fixture
def kaggle(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server is Kaggle, to Kaggle's own client, and the user has a token."""
    from kagglesdk import kaggle_env

    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KAGGLE_USERNAME", "somebody")
    monkeypatch.setenv("KAGGLE_KEY", "secret")
    monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, server.address)
    monkeypatch.setattr(digikala, "API", server.address)
    monkeypatch.setattr(time, "sleep", lambda _: None)  # the client waits seconds between tries
    place = tmp_path / "colours.zip"
    write_archive(place, per_kind=1)
    server.files["colours.zip"] = place.read_bytes()
    server.moved["DownloadDataset"] = f"{server.address}/storage/colours.zip"  # as Kaggle does
    return server


def test_kaggles_own_client_fetches_the_archive(kaggle: Server, built: Path) -> None:
    assert build("digikala") == 0
    assert len(open_catalogue("digikala").products) == 33
    assert not rest(built / "digikala"), "the archive is gone once it is unpacked"
    kaggle.asked.clear()
    assert build("digikala") == 0
    assert not kaggle.asked, "what is here is not fetched again"


def test_kaggles_own_client_goes_on_where_it_stopped(kaggle: Server) -> None:
    kaggle.breaks_off = 1
    assert build("digikala") == 0
    assert len(open_catalogue("digikala").products) == 33
    assert any(ranged for _, _, ranged in kaggle.asked)


def test_what_kaggle_refuses_is_told_with_another_way(
    kaggle: Server, built: Path, capsys: Output
) -> None:
    kaggle.files.clear()
    assert build("digikala") == 1
    said = capsys.readouterr().err
    assert f"Kaggle did not give {digikala.DATASET}" in said
    assert "--from ARCHIVE.zip" in said


def test_a_token_that_kaggle_refuses_is_told_with_the_steps_to_another(
    kaggle: Server, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME")
    monkeypatch.setenv("KAGGLE_API_TOKEN", "stale")
    assert build("digikala") == 1
    said = capsys.readouterr().err
    assert "Kaggle takes no token that is here" in said
    assert "https://www.kaggle.com/settings/api" in said


# The photographs


def test_the_photographs_are_built_with_their_classes(github: Server, built: Path) -> None:
    assert build("clothing") == 0
    products = open_catalogue("clothing").products
    assert sorted(products["path"]) == [
        "test/hat/2.png",
        "train/dress/0.png",
        "train/hat/1.png",
        "validation/hat/3.png",
    ]
    assert sorted(products["category"]) == ["dress", "hat", "hat", "hat"]
    assert not rest(built / "clothing"), "the archive is gone once it is unpacked"
    assert open_catalogue("clothing").build_command("") == (
        "python -m precompute --catalogue clothing"
    )
    github.asked.clear()
    assert build("clothing") == 0
    assert not github.asked, "what is here is not fetched again"


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no ranges"])
def test_a_broken_transfer_goes_on_if_the_server_can_and_else_begins_anew(
    github: Server, ranges: bool
) -> None:
    github.ranges, github.breaks_off = ranges, 2
    assert build("clothing") == 0
    assert len(open_catalogue("clothing").products) == 4
    asked = [ranged for command, _, ranged in github.asked if command == "GET"]
    assert asked[0] == ""
    assert all(ranged.startswith("bytes=") for ranged in asked[1:])
    assert len(asked) == 3


def test_a_later_run_goes_on_where_the_first_gave_up(
    github: Server, built: Path, capsys: Output
) -> None:
    github.breaks_off = 100
    whole = github.files["clothes.zip"]
    github.sends = lambda content: content[:1000]
    assert build("clothing") == 1
    assert "it goes on where it stopped" in capsys.readouterr().err
    github.breaks_off, github.sends = 0, bytes
    github.asked.clear()
    assert build("clothing") == 0
    assert ("GET", "/archive/clothes.zip", "bytes=500-") in github.asked
    assert github.files["clothes.zip"] == whole


def test_an_archive_that_changed_meanwhile_is_fetched_as_a_whole(github: Server) -> None:
    github.breaks_off = 100
    github.sends = lambda content: content[:1000]
    assert build("clothing") == 1
    github.breaks_off, github.sends = 0, bytes
    github.files["clothes.zip"] = zipped(photographs(8))
    assert build("clothing") == 0
    assert len(open_catalogue("clothing").products) == 8


def test_wrong_bytes_are_found_by_the_archives_own_sums_and_deleted(
    github: Server, built: Path, capsys: Output
) -> None:
    picture = encode(draw(2))
    github.sends = lambda content: content.replace(picture[60:90], bytes(30))
    assert build("clothing") == 1
    said = capsys.readouterr().err
    assert "is no whole zip archive: Bad CRC-32 for file" in said
    assert "It is deleted" in said
    assert not (built / "clothing" / "pictures-1").exists()
    assert not rest(built / "clothing")
    github.sends = bytes
    assert build("clothing") == 0


def test_a_login_page_in_place_of_the_archive_is_deleted(
    github: Server, built: Path, capsys: Output
) -> None:
    github.files["clothes.zip"] = b"<html>Log in to this network</html>"
    assert build("clothing") == 1
    assert "is no whole zip archive" in capsys.readouterr().err
    assert not rest(built / "clothing")


def test_a_server_that_hangs_is_given_up_within_seconds(github: Server, capsys: Output) -> None:
    github.hangs = True
    started = time.monotonic()
    assert build("clothing") == 1
    assert time.monotonic() - started < 10
    assert "no byte came for 0.5 s. Run the same command again" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_told_at_once(github: Server, capsys: Output) -> None:
    github.files.clear()
    assert build("clothing") == 1
    assert "404" in capsys.readouterr().err
    assert len([1 for command, *_ in github.asked if command == "GET"]) == 1


def test_a_redirect_is_followed_to_known_hosts_alone(
    github: Server, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = f"{github.address}/there/moved.zip"
    github.files["moved.zip"] = github.files.pop("clothes.zip")
    github.moved["clothes.zip"] = there.replace("127.0.0.1", "localhost")
    assert build("clothing") == 1
    assert "127.0.0.1 sent this on to 'http://localhost" in capsys.readouterr().err
    monkeypatch.setattr(clothing, "HOSTS", ("localhost",))
    assert build("clothing") == 0


def test_a_redirect_never_leads_from_https_to_http(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = SimpleNamespace(
        is_redirect=True, headers={"Location": "http://github.com/a"}, close=lambda: None
    )
    monkeypatch.setattr("requests.get", lambda *_, **__: answer)
    with pytest.raises(files.SimilarityError, match="sent this on to 'http:"):
        network._get("https://github.com/a", {}, ())


def test_redirects_that_lead_round_are_given_up(github: Server, capsys: Output) -> None:
    github.moved["clothes.zip"] = f"{github.address}/archive/clothes.zip"
    assert build("clothing") == 1
    assert "leads round in a circle" in capsys.readouterr().err


def test_an_absent_network_is_found_out_within_seconds_and_nothing_is_made(
    built: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "REACH", 0.5)
    listening = silent()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/clothes.zip"
    monkeypatch.setattr(clothing, "ADDRESS", address)
    started = time.monotonic()
    assert build("clothing") == 1
    assert time.monotonic() - started < network.REACH + 2
    assert "--from ARCHIVE.zip" in capsys.readouterr().err
    assert not built.exists()
    listening.close()


def test_a_part_that_is_longer_than_the_file_is_fetched_anew(
    github: Server, tmp_path: Path
) -> None:
    content = github.files["clothes.zip"]
    (tmp_path / "a.zip.part").write_bytes(bytes(len(content) + 10))
    (tmp_path / "a.zip.part.version").write_text(f'"{github.hash("clothes.zip")}"')
    network.download(clothing.ADDRESS, tmp_path / "a.zip", lambda done, total: None)
    assert (tmp_path / "a.zip").read_bytes() == content
    assert not (tmp_path / "a.zip.part.version").exists()


def test_a_full_disk_keeps_what_was_fetched(
    github: Server, built: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = SimpleNamespace(disk_usage=lambda _: SimpleNamespace(free=0))
    with monkeypatch.context() as patch:
        patch.setattr(files, "shutil", full)
        assert build("clothing") == 1
        assert "There is no room to unpack it" in capsys.readouterr().err
    github.asked.clear()
    assert build("clothing") == 0
    assert not [1 for command, *_ in github.asked if command == "GET"]
    monkeypatch.setattr(network, "shutil", full)
    assert build("clothing", "--name", "other") == 1
    assert "There is no room for 0 MB" in capsys.readouterr().err


def test_an_endless_transfer_is_stopped(
    github: Server, built: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "LARGEST", 1000)
    assert build("clothing") == 1
    assert "sends more than" in capsys.readouterr().err


def test_an_interrupted_unpacking_begins_again_from_the_same_archive(
    github: Server, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, calls = files._from_archive, iter(range(100))

    def interrupted(*arguments: Any) -> str:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return copy(*arguments)

    monkeypatch.setattr(files, "_from_archive", interrupted)
    assert build("clothing") == 130
    assert not (built / "clothing" / "pictures-1").exists()
    github.asked.clear()
    assert build("clothing") == 0
    assert not [1 for command, *_ in github.asked if command == "GET"]
    assert len(open_catalogue("clothing").products) == 4


# What the user has already


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
    said = capsys.readouterr().err
    assert "2 files can't be read and are left out, such as train/hat/" in said
    assert len(open_catalogue("clothing").products) == 4
    assert sorted(source.rglob("*")) == before


def test_another_archive_takes_the_place_of_the_former(tmp_path: Path) -> None:
    assert build("clothing", "--from", given(tmp_path, zipped(photographs(8)))) == 0
    assert build("clothing", "--from", given(tmp_path, zipped(photographs(4)))) == 0
    assert len(open_catalogue("clothing").products) == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--catalogue", "clothing", "--from", "{}/none.zip"], "There is no '"),
        (["--catalogue", "clothing", "--from", "{}"], "is not clothing: that holds train"),
        (["--catalogue", "demo", "--from", "{}"], "The demo is drawn"),
        (["--catalogue", "{}", "--from", "{}"], "is a folder already"),
    ],
)
def test_what_is_of_no_use_is_refused_in_words(
    arguments: list[str], said: str, built: Path, tmp_path: Path, capsys: Output
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "a.png").write_bytes(encode(draw(1)))
    assert main([each.format(folder) for each in arguments]) == 1
    assert said in " ".join(capsys.readouterr().err.split())
    assert not list(built.glob("*/pictures-1"))


def test_a_catalogue_of_other_pictures_is_not_replaced_by_a_named_one(
    tmp_path: Path, capsys: Output
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "a.png").write_bytes(encode(draw(1)))
    assert build(str(folder), "--name", "clothing") == 0
    assert build("clothing", "--from", given(tmp_path, zipped(photographs()))) == 1
    assert "Choose another name by --name" in capsys.readouterr().err


# Hostile archives


@dataclass(frozen=True)
class Hostile:
    """An archive that has to be refused, and what is said of it."""

    content: Callable[[], bytes]
    said: str


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
    "a password": Hostile(lambda: named("train/hat/x.png", flags=1), "is locked by a password"),
    "another packing": Hostile(lambda: zipped(photographs(), compression=12), "another program"),
    "a name twice": Hostile(twice, "is there twice"),
    "a million files": Hostile(a_million, "holds more than 100,000 files"),
    "a huge ratio": Hostile(
        lambda: zipped({"train/hat/1.png": bytes(50_000_000)}, compression=8), "times its size"
    ),
    "a lie about sizes": Hostile(lying, "is no whole zip archive"),
    "its end cut off": Hostile(lambda: zipped(photographs())[:-30], "is no whole zip archive"),
    "no archive": Hostile(lambda: b"Rar!\x1a\x07\x00", "is no whole zip archive"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_refused_and_writes_nothing_anywhere(
    kind: str, built: Path, tmp_path: Path, capsys: Output
) -> None:
    archive = given(tmp_path, HOSTILE[kind].content())
    before = {*tmp_path.rglob("*")}
    assert build("clothing", "--from", archive) == 1
    said = capsys.readouterr().err
    assert HOSTILE[kind].said in said
    assert not (built / "clothing" / "pictures-1").exists()
    made = {*tmp_path.rglob("*")} - before
    assert made <= {built, built / "clothing", built / "clothing" / ".lock"}
    assert Path(archive).exists(), "what is the user's stays"


def test_more_files_or_bytes_than_are_allowed_are_refused(
    tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = given(tmp_path, zipped(photographs()))
    monkeypatch.setattr(files, "MOST_FILES", 3)
    assert build("clothing", "--from", archive) == 1
    assert "holds more than 3 files" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setattr(files, "MOST_BYTES", 1000)
    assert build("clothing", "--from", archive, "--to", str(tmp_path)) == 1
    assert "would unfold to" in capsys.readouterr().err


def test_an_archive_in_the_catalogues_own_folder_is_not_touched(
    built: Path, capsys: Output
) -> None:
    place = built / "clothing" / "download"
    place.mkdir(parents=True)
    given(place, zipped(photographs()))
    assert build("clothing", "--from", str(place / "given.zip")) == 1
    assert "is in the catalogue's own folder: move it elsewhere" in capsys.readouterr().err
    assert (place / "given.zip").exists()


def test_a_hostile_archive_costs_nothing_of_what_was_built_before(
    tmp_path: Path, capsys: Output
) -> None:
    assert build("clothing", "--from", given(tmp_path, zipped(photographs()))) == 0
    assert build("clothing", "--from", given(tmp_path, HOSTILE["a link"].content())) == 1
    catalogue: Catalogue = open_catalogue("clothing")
    assert len(catalogue.products) == 4
    assert catalogue.picture(catalogue.products.index[0]).size == (48, 40)
    assert build("clothing") == 0
