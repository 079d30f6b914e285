"""Files of trained weights: read without trust, and methods without a change of code."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from precompute.__main__ import main
from similarity import METHODS, SimilarityError, open_catalogue
from similarity.methods import conse, lit, lite0, simclr, trained
from similarity.methods.trained import read_method, trained_methods, write_trained
from tests.units.conftest import write_pictures

FACTS = {"title": "T", "summary": "S", "weights": "W", "licence": "L"}


def write_simclr(path: Path, seed: int = 0) -> Path:
    """A file of the right architecture with random weights."""
    torch.manual_seed(seed)
    encoder = simclr.network().state_dict()
    tensors = {f"encoder.{name}": values.numpy() for name, values in encoder.items()}
    tensors |= {"mean": np.zeros(256, np.float32), "whitening": np.eye(256, dtype=np.float32)}
    write_trained(path, "simclr", FACTS | {"dim": simclr.DIM, "side": 64}, tensors)
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of assets/weights, and METHODS put back afterwards."""
    place = tmp_path / "weights"
    place.mkdir()
    monkeypatch.setattr(trained, "FOLDER", place)
    return place


@pytest.fixture
def restored() -> object:
    before = dict(METHODS)
    yield
    METHODS.clear()
    METHODS.update(before)


def test_a_written_file_is_read_back_as_a_method(tmp_path: Path) -> None:
    method = read_method(write_simclr(tmp_path / "my_net.safetensors"))
    assert (method.key, method.title, method.dim, method.answers_text) == (
        "my_net",
        "T",
        256,
        False,
    )
    picture = Image.effect_noise((90, 50), 80).convert("RGB")
    vectors = method.load().pictures([picture, picture.rotate(180)])
    assert vectors.shape == (2, 256)
    assert vectors.dtype == np.float32
    assert not np.allclose(vectors[0], vectors[1])


def test_other_weights_of_the_same_name_have_another_revision(tmp_path: Path) -> None:
    one = read_method(write_simclr(tmp_path / "net.safetensors", 0))
    two = read_method(write_simclr(tmp_path / "net.safetensors", 1))
    assert one.revision != two.revision


def test_a_changed_byte_is_found_when_the_weights_are_loaded(tmp_path: Path) -> None:
    path = write_simclr(tmp_path / "net.safetensors")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(SimilarityError, match=r"not what was written.*train them again"):
        read_method(path).load()


def test_weights_of_another_architecture_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.safetensors"
    tensors = {"encoder.conv.weight": np.zeros((3, 3), np.float32)}
    write_trained(path, "simclr", FACTS | {"dim": 256, "side": 64}, tensors)
    with pytest.raises(SimilarityError, match="can't be used"):
        read_method(path).load()
    matrix = {"mean": np.zeros(9), "matrix": np.zeros((9, 384)), "text_mean": np.zeros(384)}
    write_trained(path, "lit", FACTS | {"dim": 384}, matrix)
    with pytest.raises(SimilarityError, match=r"its map is \(9, 384\)"):
        read_method(path).load()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not weights",
        b"\xff" * 8 + b"{}",
        (2).to_bytes(8, "little") + b"{}",
        (34).to_bytes(8, "little") + b'{"__metadata__":{"method":"[[[["}}',
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_and_the_others_stay(
    folder: Path, content: bytes
) -> None:
    (folder / "bad.safetensors").write_bytes(content)
    write_simclr(folder / "good.safetensors")
    found, refused = trained_methods()
    assert [method.key for method in found] == ["good"]
    assert len(refused) == 1
    assert "train it again" in refused[0]


def test_a_future_format_is_refused_not_guessed_at(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    path = tmp_path / "net.safetensors"
    record = json.dumps({"format": 99, "kind": "simclr"})
    save_file({"a": np.zeros(1)}, path, metadata={"method": record, "checksum": ""})
    with pytest.raises(SimilarityError, match="format 99"):
        read_method(path)


@pytest.mark.parametrize("name", ["Bad Name.safetensors", "net.bin", "-x.safetensors"])
def test_a_name_that_can_be_no_key_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SimilarityError, match="name it like"):
        read_method(tmp_path / name)


@pytest.mark.usefixtures("restored")
def test_weights_named_to_precompute_become_a_method_and_others_refuse_its_index(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "catalogues"))
    path = write_simclr(tmp_path / "my_net.safetensors")
    source = write_pictures(tmp_path / "shop", 3)
    asked = ["--catalogue", str(source), "--weights", str(path), "--methods", "my_net"]
    assert main(asked) == 0
    assert (folder / "my_net.safetensors").exists()
    catalogue = open_catalogue("shop")
    assert catalogue.methods == ["my_net"]
    assert len(catalogue.search("my_net", product=catalogue.products.index[0], k=2)) == 2

    write_simclr(path, 1)
    assert main(asked) == 1
    assert "another file of that name" in capsys.readouterr().err
    (folder / "my_net.safetensors").unlink()
    assert main([*asked[:-1], "pixels"]) == 0
    with pytest.raises(SimilarityError, match=r"its revision is.*--methods my_net"):
        open_catalogue("shop").search("my_net", product=catalogue.products.index[0], k=1)


def test_weights_can_not_take_the_name_of_another_method(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_simclr(tmp_path / "pixels.safetensors")
    assert main(["--weights", str(path), "--methods", "pixels"]) == 1
    assert "is a method already" in capsys.readouterr().err


def test_whitened_vectors_are_uncorrelated_and_of_equal_variance() -> None:
    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(4000, 8)) * np.linspace(1, 3, 8) + 2).astype(np.float32)
    found = simclr.whiten(vectors, *simclr.whitening(vectors, floor=0))
    np.testing.assert_allclose(np.cov(found.T, bias=True)[:7, :7], np.eye(7), atol=0.02)


def test_colour_histograms_hold_shares_and_change_little_with_a_little_colour() -> None:
    red, redder, blue = (
        lit.colours(Image.new("RGB", (60, 90), colour))
        for colour in ((200, 10, 10), (205, 12, 10), (10, 10, 200))
    )
    assert np.isclose((red**2).sum(), 2)
    assert red @ redder > 1.7
    assert red @ blue < 0.2


def test_a_text_method_of_a_file_reads_words(tmp_path: Path) -> None:
    size = lite0.DIM + lit.COLOURS
    tensors = {
        "mean": np.zeros(size, np.float32),
        "matrix": np.random.default_rng(0).normal(size=(size, lit.DIM)).astype(np.float32),
        "text_mean": np.zeros(lit.DIM, np.float32),
    }
    path = tmp_path / "words.safetensors"
    write_trained(path, "lit", FACTS | {"dim": lit.DIM, "labels": "captions"}, tensors)
    method = read_method(path)
    assert method.answers_text
    assert method.labels == "captions"
    texts = method.load().texts
    assert texts is not None
    np.testing.assert_allclose(texts(["a hat"]), conse.embed_texts(["a hat"]), atol=1e-6)
