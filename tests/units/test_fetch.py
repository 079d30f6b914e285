"""`python -m precompute fetch`, against a server that serves, breaks off, lies and hangs."""

import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants

from precompute import fetch, network
from precompute.__main__ import main
from similarity import METHODS, SimilarityError
from similarity.methods import Method, bind_available_weights
from similarity.methods.base import (
    Embedder,
    File,
    Files,
    Published,
    reject_pictures,
    reject_unbound,
)
from similarity.methods.tensors import read_tensors
from similarity.methods.weights import find_cached_file, find_files
from tests.units.conftest import Fake
from tests.units.serving import COMMIT, Server

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def hub(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is the hub."""
    monkeypatch.setattr(fetch, "get_hub", lambda: server.address)
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 10_000)
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.5)


def opened(files: Files) -> Embedder:
    for path in files.values():
        read_tensors(path)
    return Embedder(reject_pictures)


@pytest.fixture
def method(
    tiny: Fake,
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Method:
    """A method with small weights that the server has, in a hub's repository or at an address."""
    path = tmp_path / "served" / "weights.ckpt"
    path.parent.mkdir()
    torch.save({"state_dict": {"encoder.a": torch.arange(50_000.0)}}, path)
    server.files["weights.ckpt"] = path.read_bytes()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    place = "owner/near" if request.param == "hub" else f"{server.address}/files/"
    size = len(server.files["weights.ckpt"])
    sha256 = server.hash("weights.ckpt") if request.param != "unknown" else ""
    method_served = replace(
        tiny.method,
        key="near",
        title="Near",
        load=reject_unbound,
        published=Published(place, COMMIT, (File("weights.ckpt", size, sha256),), opened),
    )
    METHODS["near"] = method_served
    return method_served


hub_and_address = pytest.mark.parametrize("method", ["hub", "address"], indirect=True)
every_kind = pytest.mark.parametrize("method", ["hub", "address", "unknown"], indirect=True)


def left(tmp_path: Path) -> list[bytes]:
    """The contents of all files in the caches that look whole."""
    places = [*(tmp_path / "hf").rglob("*"), *(tmp_path / "torch").rglob("*")]
    return [
        place.read_bytes()
        for place in places
        if place.is_file()
        and place.suffix not in (".incomplete", ".part", ".lock")
        and place.stat().st_size > 100_000
    ]


@every_kind
def test_fetched_weights_are_found_without_a_network(
    method: Method, server: Server, tmp_path: Path, capsys: Output
) -> None:
    assert main(["fetch", "near"]) == 0
    output = capsys.readouterr().err
    place = find_files(method)["weights.ckpt"]
    assert f"Near fetched, 0.2 MB: {place.parent}" in output
    assert place.read_bytes() == server.files["weights.ckpt"]
    server.requests.clear()
    bind_available_weights(method).load()
    assert main(["fetch", "near"]) == 0
    assert "Near was already fetched, 0.2 MB" in capsys.readouterr().err
    assert not server.requests


@every_kind
def test_a_broken_download_resumes_where_it_stopped(
    method: Method, server: Server, tmp_path: Path
) -> None:
    server.breaks_off = 2
    assert main(["fetch", "near"]) == 0
    assert find_files(method)["weights.ckpt"].read_bytes() == server.files["weights.ckpt"]
    assert any(ranged for _, _, ranged in server.requests), "the second asks for the rest alone"


@hub_and_address
def test_a_download_that_always_breaks_is_given_up_with_a_clear_message(
    method: Method, server: Server, tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    server.breaks_off = 100
    server.sends = lambda content: content[:1000]
    assert main(["fetch", "near"]) == 1
    output = capsys.readouterr().err
    assert "weights.ckpt could not be fetched: " in output
    assert "Run the same command again; it resumes." in output
    assert not left(tmp_path)
    with pytest.raises(SimilarityError, match="no weights of Near here"):
        bind_available_weights(method)


@hub_and_address
def test_wrong_bytes_are_deleted_and_never_used(
    method: Method, server: Server, tmp_path: Path, capsys: Output
) -> None:
    server.sends = lambda content: b"\0" * len(content)
    assert main(["fetch", "near"]) == 1
    assert "weights.ckpt didn't match the published file and was deleted" in (
        capsys.readouterr().err
    )
    assert not left(tmp_path)
    with pytest.raises(SimilarityError, match="no weights of Near here"):
        bind_available_weights(method)
    server.sends = bytes
    assert main(["fetch", "near"]) == 0


@pytest.mark.parametrize("method", ["unknown"], indirect=True)
def test_a_fetched_file_without_weights_is_deleted(
    method: Method, server: Server, tmp_path: Path, capsys: Output
) -> None:
    server.sends = lambda content: b"<html>Log in to this network</html>".ljust(len(content))
    assert main(["fetch", "near"]) == 1
    assert "The fetched weights of Near can't be used and were deleted" in capsys.readouterr().err
    assert not left(tmp_path)


@hub_and_address
def test_a_hanging_server_is_given_up_with_a_clear_message(
    method: Method, server: Server, tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: sleep(min(seconds, 0.01)))
    server.hangs = True
    assert main(["fetch", "near"]) == 1
    output = capsys.readouterr().err
    assert "weights.ckpt could not be fetched" in output
    assert "Run the same command again" in output
    assert not left(tmp_path)


@hub_and_address
def test_a_missing_file_is_reported_with_a_clear_message(
    method: Method, server: Server, capsys: Output
) -> None:
    server.files.clear()
    assert main(["fetch", "near"]) == 1
    assert "weights.ckpt could not be fetched" in capsys.readouterr().err


def silent() -> socket.socket:
    """A port that takes connections and never says a word."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    return listening


@pytest.mark.parametrize("method", ["hub"], indirect=True)
def test_a_gated_licence_is_reported_with_the_steps_to_accept_it(
    method: Method, server: Server, capsys: Output
) -> None:
    server.gated = True
    assert METHODS["dinov3"].published is not None
    gate = METHODS["dinov3"].published.licence_page
    assert method.published is not None
    METHODS["near"] = replace(method, published=replace(method.published, licence_page=gate))
    assert main(["fetch", "near"]) == 1
    output = " ".join(capsys.readouterr().err.split())
    assert f"Open {gate}, log in and accept it there" in output
    assert "hf auth login" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("kind", ["closed", "silent"])
def test_an_absent_network_is_reported_within_seconds(
    kind: str, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "REACH_TIMEOUT", 0.5)
    listening = silent()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    monkeypatch.setattr(fetch, "get_hub", lambda: address)
    simclr = METHODS["simclr"].published
    assert simclr is not None
    elsewhere = replace(simclr, location=f"{address}/simclr/")
    monkeypatch.setitem(METHODS, "simclr", replace(METHODS["simclr"], published=elsewhere))
    if kind == "closed":
        listening.close()
    started = time.monotonic()
    assert main(["fetch", "resnet50", "simclr", "clip_multilingual"]) == 1
    assert time.monotonic() - started < network.REACH_TIMEOUT + 2
    output = capsys.readouterr().err
    assert "127.0.0.1 can't be reached" in output
    assert "--weights METHOD=PATH" in output
    listening.close()


def test_methods_without_a_download_are_reported(capsys: Output) -> None:
    assert main(["fetch", "pixels"]) == 0
    assert (
        "Pixels needs no download: its weights are part of the product" in capsys.readouterr().err
    )
    assert main(["fetch", "clap"]) == 1
    assert "Did you mean 'clip'" in capsys.readouterr().err


def test_fetching_a_text_method_fetches_its_picture_method() -> None:
    keys = [method.key for method in fetch.select_methods(["clip_multilingual"], None)]  # type: ignore[arg-type]
    assert keys == ["clip", "clip_multilingual"]


def test_every_published_method_is_pinned() -> None:
    for method in METHODS.values():
        if method.published and not method.published.is_url:
            assert len(method.published.revision) == 40
            names = [file.name for file in method.published.files]
            assert len(set(names)) == len(names)
            assert all(file.size for file in method.published.files)


def test_the_cache_of_addresses_is_torchs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    published = METHODS["simclr"].published
    assert published is not None
    for name, value in (("TORCH_HOME", "/a/b"), ("TORCH_HOME", "~/c"), ("XDG_CACHE_HOME", "/d")):
        monkeypatch.delenv("TORCH_HOME")
        monkeypatch.setenv(name, value)
        place = Path(torch.hub.get_dir()) / "checkpoints" / "simclr_imagenet.ckpt"
        assert find_cached_file(published, "simclr_imagenet.ckpt") == place
        monkeypatch.setenv("TORCH_HOME", "")
