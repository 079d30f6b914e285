"""`python -m precompute fetch` of models that users name, against a server that is the hub."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from huggingface_hub import constants
from PIL import Image

from precompute import fetch
from precompute.__main__ import main
from precompute.candidates import find_model
from similarity import open_catalogue
from similarity.candidates.files import select_files
from similarity.candidates.specification import parse_specification
from tests.units.drawing import write_pictures
from tests.units.own_models import write_model
from tests.units.serving import COMMIT, Server

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def hub(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is the hub."""
    monkeypatch.setattr(fetch, "get_hub", lambda: server.address)
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.5)


@pytest.fixture
def repository(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., None]:
    """The server is a hub with one model, a folder of transformers."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    folder = write_model(tmp_path / "model")
    names = [path.name for path in folder.iterdir()]
    server.files |= {name: (folder / name).read_bytes() for name in names}

    def describe(*offered: str) -> None:
        files = {name: len(server.files.get(name, b"")) for name in offered}
        siblings = [{"rfilename": name, "size": size} for name, size in files.items()]
        info = {"id": "owner/near", "sha": COMMIT, "siblings": siblings}
        for revision in ("main", COMMIT):
            for question in ("", "?blobs=true"):
                server.files[revision + question] = json.dumps(info).encode()
        tree = [
            {"type": "file", "path": name, "size": size, "oid": "0" * 40}
            for name, size in files.items()
        ]
        server.files[f"{COMMIT}?recursive=true&expand=false"] = json.dumps(tree).encode()

    describe(*names, "pytorch_model.bin", "onnx/model.safetensors", "training_args.bin", "own.py")
    return describe


def test_a_model_of_ones_own_is_fetched_once_and_pinned(
    repository: Callable[..., None], server: Server, tmp_path: Path, capsys: Output
) -> None:
    assert main(["fetch", "hf:owner/near"]) == 0
    output = " ".join(capsys.readouterr().err.split())
    assert output.replace(" ", "").endswith(f"hf:owner/near@{COMMIT}")
    names = {path.rsplit("/", 1)[-1] for _, path, _ in server.requests if "/resolve/" in path}
    assert names == {"config.json", "model.safetensors", "preprocessor_config.json"}
    server.requests.clear()
    for text in ("hf:owner/near", f"hf:owner/near@{COMMIT}"):
        location, commit, folder = find_model(parse_specification(text))
        assert (location, commit) == ("owner/near", COMMIT)
        assert {path.name for path in folder.iterdir()} == names
    assert not server.requests


def test_a_fetched_model_is_built_without_a_network(
    repository: None,
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    without_measures: None,
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source = str(write_pictures(tmp_path / "shop", 4))
    assert main(["fetch", "hf:owner/near"]) == 0
    server.requests.clear()
    assert main(["--catalogue", source, "--methods", "hf:owner/near"]) == 0
    catalogue = open_catalogue("shop")
    assert len(catalogue.search("near", image=Image.new("RGB", (30, 30)), k=2)) == 2
    assert f"commit {COMMIT[:12]}" in catalogue.registry["near"].weights
    assert catalogue.registry["near"].source == "https://huggingface.co/owner/near"
    assert not server.requests


def test_a_model_that_the_hub_lacks_is_named(server: Server, capsys: Output) -> None:
    assert main(["fetch", "hf:owner/nobody"]) == 1
    assert "owner/nobody" in capsys.readouterr().err


def test_a_repository_without_weights_is_refused(
    repository: Callable[..., None], server: Server, capsys: Output
) -> None:
    repository("config.json")
    assert main(["fetch", "hf:owner/near"]) == 1
    assert "There are no weights in" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["hf:./model", "./mine.py", "vectors:v.csv"])
def test_what_is_on_this_machine_is_not_fetched(text: str, capsys: Output) -> None:
    assert main(["fetch", text]) == 1
    assert "is on this machine: nothing to fetch." in capsys.readouterr().err


def test_of_several_libraries_weights_each_loader_reads_its_own() -> None:
    names = [
        "open_clip_config.json",
        "open_clip_pytorch_model.bin",
        "config.json",
        "model.safetensors",
        "pytorch_model.bin",
        "onnx/model.safetensors",
        "optimizer.pt",
        ".git/config.json",
        "own.py",
        "README.md",
    ]
    settings = ["README.md", "config.json", "open_clip_config.json"]
    assert select_files(names, "hf") == sorted([*settings, "model.safetensors"])
    assert select_files(names, "open_clip") == sorted([*settings, "open_clip_pytorch_model.bin"])
    assert select_files(["0_CLIPModel/pytorch_model.bin", "1/model.safetensors"], "st") == [
        "0_CLIPModel/pytorch_model.bin",
        "1/model.safetensors",
    ]
    assert select_files(["open_clip_model.safetensors"], "timm") == ["open_clip_model.safetensors"]
