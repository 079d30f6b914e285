"""Catalogues by name: the article's data and photographs, from hosts that misbehave."""

import time
import zipfile
from base64 import b64encode
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drawing import write_digikala, write_folder
from drawing.__main__ import main as draw_demo
from precompute import network
from precompute.sources import clothing, digikala, files
from similarity import open_catalogue
from similarity.commands import format_build_command
from similarity.store.generations import CURRENT
from tests.units.archives import build, photographs, write_archive, zipped
from tests.units.conftest import Fake
from tests.units.drawing import draw, encode
from tests.units.serving import Server
from tests.units.test_fetch import silent

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def built(tiny: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of catalogues."""
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    return tmp_path / "built"


def rest(folder: Path) -> set[str]:
    """What lies in a catalogue's folder that no built one has."""
    return {p.name for p in folder.iterdir()} - {".lock", CURRENT, "generations", "pictures-1"}


@pytest.fixture
def github(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server is GitHub and has the photographs."""
    monkeypatch.setattr(clothing, "URL", f"{server.address}/archive/clothes.zip")
    monkeypatch.setattr(network, "CHUNK", 500)
    server.files["clothes.zip"] = zipped(photographs())
    return server


# The article's data


def test_the_demo_in_the_articles_layout_gives_the_same_products_with_their_colours(
    tmp_path: Path,
) -> None:
    write_folder(tmp_path / "demo", per_kind=1)
    write_digikala(tmp_path / "colours.zip", per_kind=1)
    assert build("digikala", "--from", str(tmp_path / "colours.zip")) == 0
    assert build(str(tmp_path / "demo")) == 0
    products, drawn = open_catalogue("digikala").products, open_catalogue("demo").products
    assert len(products) == 33
    assert products["colour"].to_dict() == drawn["colour"].to_dict()
    assert set(products["category"]) == {""}, "a colour is no category"
    assert all("/" not in path for path in products["path"]), "one folder, as in the article"


def test_the_demos_command_writes_both_layouts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drawing.catalogue.KINDS", {"mug": base_kind("mug")})
    assert draw_demo([str(tmp_path / "demo.zip")]) == 0
    assert draw_demo(["--layout", "digikala", str(tmp_path / "colours.zip")]) == 0
    with zipfile.ZipFile(tmp_path / "demo.zip") as archive:
        demo = {Path(name).stem for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "colours.zip") as archive:
        assert {Path(name).stem for name in archive.namelist()} | {"metadata"} == demo
        assert len(archive.namelist()) == 40


def base_kind(name: str) -> Any:
    from drawing import KINDS

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
    assert build("digikala", "--from", write_archive(tmp_path, archive)) == 0
    products = open_catalogue("digikala").products
    assert sorted(products["colour"]) == ["", "a", "a-b", "red", "red"]
    assert {"a-b-1.png", "2-a-b-1.png", "plain.png"} < set(products["path"])


def test_without_a_token_the_steps_to_one_are_told_and_nothing_is_made(
    kaggle: Server, built: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KAGGLE_USERNAME", "KAGGLE_KEY"):
        monkeypatch.delenv(name)
    assert build("digikala") == 1
    output = capsys.readouterr().err
    assert "https://www.kaggle.com/settings/api" in output
    assert "chmod 600 ~/.kaggle/kaggle.json" in output
    assert "--from ARCHIVE.zip" in output
    lines = output.splitlines()
    assert len(lines) <= 24, "one screen"
    assert max(map(len, lines)) <= 80
    assert not built.exists()


@pytest.fixture
def kaggle(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server is Kaggle, which lets in somebody with the key 'secret', and the user is that."""
    from kagglesdk import kaggle_env

    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KAGGLE_API_TOKEN", raising=False)
    monkeypatch.setenv("KAGGLE_USERNAME", "somebody")
    monkeypatch.setenv("KAGGLE_KEY", "secret")
    server.keys["DownloadDataset"] = "Basic " + b64encode(b"somebody:secret").decode()
    monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, server.address)
    monkeypatch.setattr(digikala, "API", server.address)
    monkeypatch.setattr(network, "RETRY_INTERVAL", 0)
    place = tmp_path / "colours.zip"
    write_digikala(place, per_kind=1)
    server.files["colours.zip"] = place.read_bytes()
    # As Kaggle does. The key must not be sent there: the server refuses it for any other file.
    storage = server.address.replace("127.0.0.1", "localhost")
    server.moved["DownloadDataset"] = f"{storage}/storage/colours.zip"
    return server


def test_the_archive_is_fetched_from_kaggle(kaggle: Server, built: Path) -> None:
    assert build("digikala") == 0
    assert len(open_catalogue("digikala").products) == 33
    assert not rest(built / "digikala"), "the archive is gone once it is unpacked"
    kaggle.requests.clear()
    assert build("digikala") == 0
    assert not kaggle.requests, "what is here is not fetched again"


def test_a_fetch_from_kaggle_resumes_where_it_broke_off(kaggle: Server) -> None:
    kaggle.breaks_off = 2  # the first answer only tells the address
    assert build("digikala") == 0
    assert len(open_catalogue("digikala").products) == 33
    assert any(ranged for _, _, ranged in kaggle.requests)


def test_kaggle_accepts_a_key_or_a_token_from_its_usual_files(
    kaggle: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KAGGLE_USERNAME", "KAGGLE_KEY"):
        monkeypatch.delenv(name)
    folder = tmp_path / "home" / ".kaggle"
    folder.mkdir(parents=True)
    (folder / "kaggle.json").write_text('{"username": "somebody", "key": "secret"}')
    assert build("digikala", "--name", "by-key") == 0
    kaggle.keys["DownloadDataset"] = "Bearer new"
    (folder / "access_token").write_text("new")
    assert build("digikala", "--name", "by-token") == 0


def test_a_fetch_that_kaggle_refuses_names_another_way(kaggle: Server, capsys: Output) -> None:
    kaggle.moved.clear()
    assert build("digikala") == 1
    output = capsys.readouterr().err
    assert f"Kaggle did not provide {digikala.DATASET}" in output
    assert "--from ARCHIVE.zip" in output


def test_a_fetch_that_breaks_off_does_not_print_the_signed_address(
    kaggle: Server, capsys: Output
) -> None:
    kaggle.moved["DownloadDataset"] += "?signature=private"
    kaggle.files["colours.zip?signature=private"] = kaggle.files.pop("colours.zip")
    kaggle.breaks_off = 99
    assert build("digikala") == 1
    output = capsys.readouterr().err
    assert "resumes" in output
    assert "private" not in output


def test_a_token_that_kaggle_refuses_is_told_with_the_steps_to_another(
    kaggle: Server, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAGGLE_API_TOKEN", "stale")
    assert build("digikala") == 1
    output = capsys.readouterr().err
    assert "Kaggle accepted no token" in output
    assert "https://www.kaggle.com/settings/api" in output


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
    assert format_build_command(open_catalogue("clothing")) == (
        "python -m precompute --catalogue clothing"
    )
    github.requests.clear()
    assert build("clothing") == 0
    assert not github.requests, "what is here is not fetched again"


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no ranges"])
def test_a_broken_download_resumes_if_the_server_can_and_restarts_otherwise(
    github: Server, ranges: bool
) -> None:
    github.ranges, github.breaks_off = ranges, 2
    assert build("clothing") == 0
    assert len(open_catalogue("clothing").products) == 4
    ranges_requested = [ranged for command, _, ranged in github.requests if command == "GET"]
    assert ranges_requested[0] == ""
    assert all(ranged.startswith("bytes=") for ranged in ranges_requested[1:])
    assert len(ranges_requested) == 3


def test_a_later_run_goes_on_where_the_first_gave_up(
    github: Server, built: Path, capsys: Output
) -> None:
    github.breaks_off = 100
    whole = github.files["clothes.zip"]
    github.sends = lambda content: content[:1000]
    assert build("clothing") == 1
    assert "it resumes" in capsys.readouterr().err
    github.breaks_off, github.sends = 0, bytes
    github.requests.clear()
    assert build("clothing") == 0
    assert ("GET", "/archive/clothes.zip", "bytes=500-") in github.requests
    assert github.files["clothes.zip"] == whole


def test_an_archive_that_changed_meanwhile_is_fetched_as_a_whole(github: Server) -> None:
    github.breaks_off = 100
    github.sends = lambda content: content[:1000]
    assert build("clothing") == 1
    github.breaks_off, github.sends = 0, bytes
    github.files["clothes.zip"] = zipped(photographs(8))
    assert build("clothing") == 0
    assert len(open_catalogue("clothing").products) == 8


def test_wrong_bytes_are_found_by_the_archives_checksums_and_deleted(
    github: Server, built: Path, capsys: Output
) -> None:
    picture = encode(draw(2))
    github.sends = lambda content: content.replace(picture[60:90], bytes(30))
    assert build("clothing") == 1
    output = capsys.readouterr().err
    assert "is not a complete zip archive: Bad CRC-32 for file" in output
    assert "The file was deleted" in output
    assert not (built / "clothing" / "pictures-1").exists()
    assert not rest(built / "clothing")
    github.sends = bytes
    assert build("clothing") == 0


def test_a_login_page_in_place_of_the_archive_is_deleted(
    github: Server, built: Path, capsys: Output
) -> None:
    github.files["clothes.zip"] = b"<html>Log in to this network</html>"
    assert build("clothing") == 1
    assert "is not a complete zip archive" in capsys.readouterr().err
    assert not rest(built / "clothing")


def test_a_hanging_server_is_given_up_within_seconds(github: Server, capsys: Output) -> None:
    github.hangs = True
    started = time.monotonic()
    assert build("clothing") == 1
    assert time.monotonic() - started < 10
    assert "nothing was received for 0.5 s. Run the same command again" in capsys.readouterr().err


def test_a_missing_file_is_reported_at_once(github: Server, capsys: Output) -> None:
    github.files.clear()
    assert build("clothing") == 1
    assert "404" in capsys.readouterr().err
    assert len([1 for command, *_ in github.requests if command == "GET"]) == 1


def test_a_redirect_is_followed_only_to_known_hosts(
    github: Server, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = f"{github.address}/there/moved.zip"
    github.files["moved.zip"] = github.files.pop("clothes.zip")
    github.moved["clothes.zip"] = target.replace("127.0.0.1", "localhost")
    assert build("clothing") == 1
    assert "127.0.0.1 redirected to 'http://localhost" in capsys.readouterr().err
    monkeypatch.setattr(clothing, "HOSTS", ("localhost",))
    assert build("clothing") == 0


def test_a_redirect_never_leads_from_https_to_http(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = SimpleNamespace(
        is_redirect=True, headers={"Location": "http://github.com/a"}, close=lambda: None
    )
    monkeypatch.setattr("requests.get", lambda *_, **__: answer)
    with pytest.raises(files.SimilarityError, match="redirected to 'http:"):
        network._get_following("https://github.com/a", {}, ())


def test_circular_redirects_are_given_up(github: Server, capsys: Output) -> None:
    github.moved["clothes.zip"] = f"{github.address}/archive/clothes.zip"
    assert build("clothing") == 1
    assert "redirects in a circle" in capsys.readouterr().err


def test_an_absent_network_is_reported_within_seconds_and_nothing_is_written(
    built: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "REACH_TIMEOUT", 0.5)
    listening = silent()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/clothes.zip"
    monkeypatch.setattr(clothing, "URL", address)
    started = time.monotonic()
    assert build("clothing") == 1
    assert time.monotonic() - started < network.REACH_TIMEOUT + 2
    assert "--from ARCHIVE.zip" in capsys.readouterr().err
    assert not built.exists()
    listening.close()


def test_a_part_that_is_longer_than_the_file_is_fetched_anew(
    github: Server, tmp_path: Path
) -> None:
    content = github.files["clothes.zip"]
    (tmp_path / "a.zip.part").write_bytes(bytes(len(content) + 10))
    (tmp_path / "a.zip.part.version").write_text(f'"{github.hash("clothes.zip")}"')
    network.download(clothing.URL, tmp_path / "a.zip", lambda done, total: None)
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
    github.requests.clear()
    assert build("clothing") == 0
    assert not [1 for command, *_ in github.requests if command == "GET"]
    monkeypatch.setattr(network, "shutil", full)
    assert build("clothing", "--name", "other") == 1
    assert "There is no room for 0 MB" in capsys.readouterr().err


def test_an_endless_transfer_is_stopped(
    github: Server, built: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "MAX_BYTES", 1000)
    assert build("clothing") == 1
    assert "sends more than" in capsys.readouterr().err


def test_an_interrupted_unpacking_begins_again_from_the_same_archive(
    github: Server, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, calls = files._copy_from_archive, iter(range(100))

    def interrupted(*arguments: Any) -> str:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return copy(*arguments)

    monkeypatch.setattr(files, "_copy_from_archive", interrupted)
    assert build("clothing") == 130
    assert not (built / "clothing" / "pictures-1").exists()
    github.requests.clear()
    assert build("clothing") == 0
    assert not [1 for command, *_ in github.requests if command == "GET"]
    assert len(open_catalogue("clothing").products) == 4
