"""Files of trained weights: read without trust, and methods without a change of code."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from precompute.__main__ import main
from similarity import METHODS, SimilarityError, inference, open_catalogue
from similarity.embedding import embed_pictures, preprocess
from similarity.methods import conse, lit, minilm, simclr, trained_files
from similarity.methods.colours import DIM as COLOURS
from similarity.methods.colours import compute_colours, weigh_product
from similarity.methods.trained_files import list_trained_methods, read_method, write_trained
from tests.units.drawing import write_pictures
from tests.units.refusals import refusal

FACTS = {"summary": "S", "weights": "W", "licence": "L"}


def write_simclr(path: Path, seed: int = 0) -> Path:
    """A file of the right architecture with random weights."""
    torch.manual_seed(seed)
    encoder = simclr.build_network().state_dict()
    tensors = {f"encoder.{name}": values.numpy() for name, values in encoder.items()}
    tensors |= {"mean": np.zeros(256, np.float32), "whitening": np.eye(256, dtype=np.float32)}
    write_trained(path, "simclr", FACTS | {"side": 64}, tensors)
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of assets/weights, and METHODS put back afterwards."""
    place = tmp_path / "weights"
    place.mkdir()
    monkeypatch.setattr(trained_files, "FOLDER", place)
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
        "My net",
        256,
        False,
    )
    picture = Image.effect_noise((90, 50), 80).convert("RGB")
    vectors = embed_pictures(method, [picture, picture.rotate(180)])
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
    with pytest.raises(
        SimilarityError, match=r"has changed since it was written.*train them again"
    ):
        read_method(path).load()


@pytest.mark.parametrize("kind", ["simclr", "lit"])
def test_tensors_of_another_network_are_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "net.safetensors"
    tensors = {"encoder.conv.weight": np.zeros((3, 3), np.float32)}
    write_trained(path, kind, FACTS | {"side": 64}, tensors)
    method = read_method(path)
    assert method.backbone is not None
    with pytest.raises(SimilarityError, match="can't be used"):
        method.load()
    if kind == "simclr":
        with pytest.raises(SimilarityError, match="can't be used"):
            method.backbone.build_module()


def test_a_file_of_another_architecture_is_refused_before_its_tensors_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.safetensors"
    monkeypatch.setattr(simclr, "ARCHITECTURE", "resnet99")
    write_simclr(path)
    monkeypatch.undo()
    with pytest.raises(SimilarityError, match=r"architecture 'resnet99'.*Train it again"):
        read_method(path)


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
def test_a_foreign_weights_file_is_refused_and_the_others_stay(
    folder: Path, content: bytes
) -> None:
    (folder / "bad.safetensors").write_bytes(content)
    write_simclr(folder / "good.safetensors")
    methods, refused = list_trained_methods()
    assert [method.key for method in methods] == ["good"]
    assert len(refused) == 1
    assert "train it again" in refused[0]


def test_a_future_format_is_refused(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    path = tmp_path / "net.safetensors"
    record = json.dumps({"format": 99, "kind": "simclr"})
    save_file({"a": np.zeros(1)}, path, metadata={"method": record, "checksum": ""})
    with pytest.raises(SimilarityError, match="format 99"):
        read_method(path)


@pytest.mark.parametrize("name", ["Bad Name.safetensors", "net.bin", "-x.safetensors"])
def test_a_name_that_cannot_be_a_key_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SimilarityError, match="Use a name like"):
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
    arguments = ["--catalogue", str(source), "--weights", str(path), "--methods", "my_net"]
    assert main(arguments) == 0
    assert (folder / "my_net.safetensors").exists()
    catalogue = open_catalogue("shop")
    assert catalogue.methods == ["my_net"]
    assert len(catalogue.search("my_net", product=catalogue.products.index[0], k=2)) == 2

    write_simclr(path, 1)
    assert main(arguments) == 1
    assert "another file of that name" in capsys.readouterr().err
    (folder / "my_net.safetensors").unlink()
    assert main([*arguments[:-1], "pixels"]) == 0
    with refusal(r"its revision is.*--methods my_net"):
        open_catalogue("shop").search("my_net", product=catalogue.products.index[0], k=1)


def test_weights_cannot_take_the_name_of_another_method(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_simclr(tmp_path / "pixels.safetensors")
    assert main(["--weights", str(path), "--methods", "pixels"]) == 1
    assert "is already a method" in capsys.readouterr().err


def test_whitened_vectors_are_uncorrelated_and_of_equal_variance() -> None:
    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(4000, 8)) * np.linspace(1, 3, 8) + 2).astype(np.float32)
    whitened = simclr.whiten(vectors, *simclr.compute_whitening(vectors, floor=0))
    np.testing.assert_allclose(np.cov(whitened.T, bias=True)[:7, :7], np.eye(7), atol=0.02)


def test_colours_are_shares_and_change_little_with_a_little_colour() -> None:
    red, redder, blue = (
        compute_colours(Image.new("RGB", (60, 90), colour))
        for colour in ((200, 10, 10), (205, 12, 10), (10, 10, 200))
    )
    for histogram in (red, redder, blue):
        assert histogram.shape == (COLOURS,)
        assert np.isclose((histogram**2).sum(), 1)
    assert red @ redder > 0.95
    assert red @ blue < 0.1


def test_the_white_background_is_left_out_but_not_white_in_the_product() -> None:
    picture = Image.new("RGB", (64, 64), "white")
    picture.paste((20, 40, 200), (16, 16, 48, 48))
    picture.paste("white", (24, 24, 40, 40))
    counted = weigh_product(np.asarray(picture))
    assert counted[0, 0] == counted[63, 63] == 0
    assert counted[32, 32] == counted[20, 20] == 1
    assert counted.sum() == 32 * 32
    shares = compute_colours(picture) ** 2
    assert shares[-1] == pytest.approx(0.25)
    full = Image.new("RGB", (64, 64), (20, 40, 200))
    assert compute_colours(full)[-6:].sum() == 0, "without a white ground the whole picture counts"


@pytest.mark.parametrize("colour", ["white", "black", "grey"])
def test_a_picture_of_one_grey_has_colours_too(colour: str) -> None:
    colours = compute_colours(Image.new("RGB", (5, 300), colour))
    assert np.isfinite(colours).all()
    assert (colours[-6:] ** 2).sum() == pytest.approx(1)


def write_lit(path: Path) -> Path:
    """A file of the right architecture with random weights."""
    torch.manual_seed(0)
    learnt = lit.build_network().state_dict()
    tensors = {f"{lit.NETWORK_PREFIX}{name}": values.numpy() for name, values in learnt.items()}
    tensors |= {
        "mean": np.zeros(lit.INPUTS, np.float32),
        "deviation": np.ones(lit.INPUTS, np.float32),
        "text_mean": np.zeros(lit.DIM, np.float32),
    }
    write_trained(path, "lit", FACTS | {"labels": "captions"}, tensors)
    return path


def test_a_text_method_from_a_file_searches_by_text_and_adds_conse_explanations(
    tmp_path: Path,
) -> None:
    method = read_method(write_lit(tmp_path / "words.safetensors"))
    assert method.answers_text
    assert method.training_labels == "captions"
    loaded = method.load()
    assert loaded.embed_texts is not None
    np.testing.assert_allclose(
        loaded.embed_texts(["a hat"]), minilm.embed_texts(["a hat"]), atol=1e-6
    )
    pictures = [Image.effect_noise((90, 50), spread).convert("RGB") for spread in (20, 90)]
    assert method.backbone is not None
    features = inference.compute_features(method.backbone, pictures)
    learnt = loaded.embed_pictures(
        preprocess(method, pictures), features
    ) - conse.average_class_vectors(features, conse.embed_class_names())
    np.testing.assert_allclose(np.linalg.norm(learnt, axis=1), 1, atol=1e-5)


@pytest.mark.usefixtures("restored")
def test_a_file_can_be_given_another_name_and_a_damaged_one_is_not_copied(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "catalogues"))
    source = write_pictures(tmp_path / "shop", 3)
    path = write_simclr(tmp_path / "Downloaded File (1).safetensors")
    arguments = ["--catalogue", str(source), "--methods", "simclr_shop"]
    assert main([*arguments, "--weights", f"simclr_shop={path}"]) == 0
    assert METHODS["simclr_shop"].title == "SimCLR shop"
    assert open_catalogue("shop").methods == ["simclr_shop"]
    assert main([*arguments, "--weights", str(path)]) == 1
    assert "can't be the method" in capsys.readouterr().err

    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert main([*arguments, "--weights", f"other={path}"]) == 1
    assert "has changed since it was written" in capsys.readouterr().err
    assert [file.name for file in folder.iterdir()] == ["simclr_shop.safetensors"]
