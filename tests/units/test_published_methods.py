"""Methods with published weights, of two layers, in the forms in which their authors save them.

What only the true size shows is in `test_true_size`.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from harness import published as made
from harness.published import build_bolts_simclr, draw_odd_pictures, write_simclr
from similarity import METHODS, SimilarityError
from similarity.embedding import embed_pictures, embed_texts
from similarity.indexes import normalise
from similarity.inference import prepare_inputs
from similarity.methods import (
    Method,
    Vectors,
    bind_available_weights,
    clip,
    resnet50,
    simclr_resnet50,
)
from similarity.methods.tensors import read_tensors
from similarity.pictures.read import load_rgb
from tests.units.conftest import forget_networks
from tests.units.refusals import refusal

Published = Callable[[str], Method]
LIKENESS = 0.9999
TEXTS = [
    "a red dress",
    "ab cd 77",
    "word1 word22 word333",
    "two words " * 60,
    "a dress 👗",
    "فستان أحمر",
    "\u202eright to left",
    "a",
]


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What a test loads is let go of after it: each network takes some hundred megabytes."""
    yield
    forget_networks()


def copy_of(method: Method) -> Path:
    assert method.bound_weights is not None
    return Path(method.bound_weights.copy)


def opened(method: Method) -> None:
    """Load it whole, as a build does before it embeds."""
    assert method.backbone is not None
    method.load()
    method.backbone.build_module()


def cosines(one: Any, other: Any) -> Vectors:
    return (normalise(np.asarray(one)) * normalise(np.asarray(other))).sum(1)


def rgb() -> list[Image.Image]:
    return [load_rgb(picture) for picture in draw_odd_pictures()]


def normalise_inputs(method: Method, pictures: list[Image.Image]) -> Any:
    """What the network is given of pictures, normalised: (n, 3, side, side)."""
    backbone = method.backbone
    assert backbone is not None
    mean, deviation = (np.array(values) for values in (backbone.mean, backbone.deviation))
    inputs = (prepare_inputs(backbone, pictures) - mean) / deviation
    return torch.from_numpy(inputs.transpose(0, 3, 1, 2).astype(np.float32))


def check_pictures(method: Method, batch: Any, expected: Any) -> None:
    """What it sees of odd pictures is the library's batch, and what it says is the library's."""
    torch.testing.assert_close(normalise_inputs(method, rgb()), batch, atol=1e-5, rtol=0)
    vectors = embed_pictures(method, rgb())
    assert vectors.shape == (len(rgb()), method.dim)
    assert cosines(vectors, expected).min() >= LIKENESS


def read_by_sentence_transformers(folder: Path) -> Any:
    """The library's own loader and encoder, with the image processor that CLIP came with."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def check_resnet50(method: Method) -> None:
    """It is timm's own model and transform."""
    import timm
    from timm.data import create_transform, resolve_data_config

    path = copy_of(method) / "model.safetensors"
    model: Any = timm.create_model(
        resnet50.NAME,
        pretrained=True,
        pretrained_cfg_overlay={"file": str(path)},
        layers=made.BLOCKS,
    ).eval()
    prepare = create_transform(**resolve_data_config({}, model=model))
    ours = resnet50.make_transform()
    for picture in rgb():
        torch.testing.assert_close(ours(picture), prepare(picture), atol=1e-5, rtol=0)
    with torch.inference_mode():
        batch = torch.stack([prepare(picture) for picture in rgb()])
        expected = model.forward_head(model.forward_features(batch), pre_logits=True)
    check_pictures(method, batch, expected)


def check_simclr(method: Method) -> None:
    """It is bolts' own model and transform."""
    bolts = build_bolts_simclr()  # first: it imports without bolts' warnings
    from pl_bolts.transforms.dataset_normalizations import imagenet_normalization
    from pl_bolts.transforms.self_supervised.simclr_transforms import SimCLREvalDataTransform

    whole = SimCLREvalDataTransform(input_height=224, normalize=imagenet_normalization())
    ours, expected_transform = simclr_resnet50.make_transform(), whole.online_transform
    for picture in rgb():
        torch.testing.assert_close(ours(picture), expected_transform(picture), atol=1e-5, rtol=0)
    batch = torch.stack([expected_transform(picture) for picture in rgb()])
    with torch.inference_mode():
        expected = bolts(batch)
    check_pictures(method, batch, expected)


def check_clip(method: Method) -> None:
    """Its pictures and words are sentence-transformers' own answer."""
    from transformers import CLIPImageProcessorPil

    library = read_by_sentence_transformers(copy_of(method))
    published = CLIPImageProcessorPil.from_pretrained(copy_of(method) / "0_CLIPModel")
    library[0].processor.image_processor = published
    for picture in rgb():
        vectors, expected = (
            prepare(images=[picture], return_tensors="pt")["pixel_values"]
            for prepare in (clip.make_processor(), published)
        )
        torch.testing.assert_close(vectors, expected, atol=1e-5, rtol=0)
    batch = published(images=rgb(), return_tensors="pt")["pixel_values"]
    check_pictures(method, batch, library.encode(rgb()))
    assert cosines(embed_texts(method, TEXTS), library.encode(TEXTS)).min() >= 0.9999


def check_clip_multilingual(method: Method) -> None:
    """Its words are sentence-transformers' own answer, its pictures are CLIP's."""
    library = read_by_sentence_transformers(copy_of(method))
    assert cosines(embed_texts(method, TEXTS), library.encode(TEXTS)).min() >= 0.9999
    assert method.pictures_by is not None
    same = embed_pictures(method.pictures_by, rgb())
    np.testing.assert_array_equal(embed_pictures(method, rgb()), same)


CHECKS = {
    "resnet50": check_resnet50,
    "simclr": check_simclr,
    "clip": check_clip,
    "clip_multilingual": check_clip_multilingual,
}


@pytest.mark.parametrize("key", CHECKS)
def test_its_answers_are_those_of_the_library_that_it_was_published_with(
    key: str, published: Published
) -> None:
    CHECKS[key](published(key))


def test_texts_without_known_characters_are_refused(published: Published) -> None:
    with pytest.raises(SimilarityError, match="vocabulary has none of the characters"):
        embed_texts(published("clip_multilingual"), ["🙂"])


def linked(source: Path, target: Path) -> Path:
    return Path(shutil.copytree(source, target, copy_function=os.link))


def test_clips_older_folder_and_newer_folder_give_the_same_vectors(
    published: Published, tmp_path: Path
) -> None:
    method = published("clip")
    source = copy_of(method)
    old = linked(source, tmp_path / "old") / "0_CLIPModel"
    weights = read_tensors(old / "model.safetensors")
    for tower, count in (("text", 77), ("vision", 50)):
        name = f"{tower}_model.embeddings.position_ids"
        weights[name] = torch.arange(count)[None]  # which files of 2021 hold
    (old / "model.safetensors").unlink()
    torch.save(weights, old / "pytorch_model.bin")

    new = tmp_path / "new"
    read_by_sentence_transformers(source).save(str(new))
    assert {"model.safetensors", "tokenizer.json"} <= {place.name for place in new.iterdir()}
    assert not (new / "vocab.json").exists()

    pictures, words = embed_pictures(method, rgb()[:2]), embed_texts(method, TEXTS)
    for folder in (old.parent, old, new):
        other = bind_available_weights(METHODS["clip"], str(folder))
        np.testing.assert_allclose(embed_pictures(other, rgb()[:2]), pictures, atol=1e-5)
        np.testing.assert_allclose(embed_texts(other, TEXTS), words, atol=1e-5)


def test_multilingual_words_are_the_same_from_a_newer_folder(
    published: Published, tmp_path: Path
) -> None:
    method = published("clip_multilingual")
    read_by_sentence_transformers(copy_of(method)).save(str(tmp_path))
    assert not (tmp_path / "vocab.txt").exists()
    other = bind_available_weights(METHODS["clip_multilingual"], str(tmp_path), published("clip"))
    np.testing.assert_allclose(embed_texts(other, TEXTS), embed_texts(method, TEXTS), atol=1e-5)


AGES = [
    "with plain hyper-parameters",
    "without any",
    "with a pickled Namespace",
    "with Lightning's own dict",
    "with the state of a callback",
]


def beside_weights(age: str) -> dict[str, Any]:
    """What checkpoints of Lightning of some age hold beside the weights."""
    from pytorch_lightning.callbacks import ModelCheckpoint
    from pytorch_lightning.utilities.parsing import AttributeDict

    plain = {"gpus": 1, "arch": "resnet50", "dataset": "imagenet"}
    checkpoints: list[dict[str, Any]] = [
        {"hyper_parameters": plain},
        {},
        {"hyper_parameters": argparse.Namespace(**plain)},
        {"hyper_parameters": AttributeDict(plain), "hparams_type": AttributeDict},
        {"callbacks": {ModelCheckpoint: {"best": 0.5}}},
    ]
    return dict(zip(AGES, checkpoints, strict=True))[age]


@pytest.mark.parametrize("older", [False, True], ids=["zip", "torch before 1.6"])
@pytest.mark.parametrize("age", AGES)
def test_a_lightning_checkpoint_of_any_age_is_read_without_its_objects(
    age: str, older: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "simclr_imagenet.ckpt"
    layers = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 7, bias=False), torch.nn.BatchNorm2d(8))
    small = {f"encoder.{k}": v for k, v in layers.state_dict().items()}
    content = {"state_dict": small, **beside_weights(age)}
    torch.save(content, path, _use_new_zipfile_serialization=not older)
    monkeypatch.setattr(argparse.Namespace, "__init__", lambda *_, **__: pytest.fail("it ran"))
    tensors = read_tensors(path)
    assert tensors.keys() == small.keys()
    for name, values in small.items():
        torch.testing.assert_close(tensors[name], values)


def test_an_old_checkpoint_gives_the_vectors_of_a_plain_one(
    published: Published, tmp_path: Path
) -> None:
    expected = embed_pictures(published("simclr"), rgb()[:3])
    more = beside_weights("with a pickled Namespace")
    path = write_simclr(tmp_path / "old.ckpt", build_bolts_simclr(), **more)
    vectors = embed_pictures(bind_available_weights(METHODS["simclr"], str(path)), rgb()[:3])
    np.testing.assert_allclose(vectors, expected, atol=1e-5)


class Hostile:
    """Pickled, it runs a function as it is read."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


@pytest.mark.parametrize("older", [False, True], ids=["zip", "torch before 1.6"])
@pytest.mark.parametrize("function", [os.system, os.mkdir, exec, shutil.rmtree, sys.exit])
def test_code_in_a_checkpoint_is_not_run(function: Any, older: bool, tmp_path: Path) -> None:
    path, place = tmp_path / "evil.ckpt", tmp_path / "place"
    victim = tmp_path / "victim"
    victim.mkdir()
    argument = {
        os.system: f"touch {place}",
        os.mkdir: str(place),
        exec: f"open({str(place)!r}, 'w')",
        shutil.rmtree: str(victim),
        sys.exit: "gone",
    }[function]
    content = {"x": Hostile(function, argument), "state_dict": {"encoder.a": torch.ones(2)}}
    torch.save(content, path, _use_new_zipfile_serialization=not older)
    with pytest.raises(SimilarityError, match=r"weights of SimCLR ResNet-50 in .* can't be used"):
        opened(bind_available_weights(METHODS["simclr"], str(path)))
    assert not place.exists()
    assert victim.exists()


def test_a_refusal_never_suggests_switching_safety_off(tmp_path: Path) -> None:
    path = tmp_path / "evil.ckpt"
    torch.save({"x": Hostile(os.system, "true")}, path)
    with pytest.raises(SimilarityError) as refused:
        opened(bind_available_weights(METHODS["simclr"], str(path)))
    assert "could run code" in str(refused.value)
    assert "weights_only" not in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [b"\x00" * 100, b"no weights", b"PK\x03\x04 torn", b"{" * 64, b"\x10" + b"\0" * 7 + b"{}"],
    ids=str,
)
@pytest.mark.parametrize("key", ["resnet50", "simclr"])
def test_a_file_without_weights_is_refused_with_a_clear_message(
    key: str, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "weights"
    path.write_bytes(content)
    with refusal(f"can't be used.*precompute fetch {key}"):
        opened(bind_available_weights(METHODS[key], str(path)))


def test_weights_of_another_network_are_refused(published: Published) -> None:
    path = copy_of(published("resnet50")) / "model.safetensors"
    with pytest.raises(SimilarityError, match=r"SimCLR ResNet-50 .*can't be used"):
        opened(bind_available_weights(METHODS["simclr"], str(path)))


def test_a_copy_with_a_missing_or_extra_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(SimilarityError, match=r"no 0_CLIPModel/model\.safetensors of CLIP .*'"):
        bind_available_weights(METHODS["clip"], str(tmp_path))
    os.mkfifo(tmp_path / "model.safetensors")
    with pytest.raises(SimilarityError, match=r"model\.safetensors' is not a file of ResNet-50"):
        bind_available_weights(METHODS["resnet50"], str(tmp_path))


def test_code_named_by_a_folder_is_not_run(published: Published, tmp_path: Path) -> None:
    folder = linked(copy_of(published("clip")), tmp_path / "clip")
    place = tmp_path / "ran"
    (folder / "custom.py").write_text(f"open({str(place)!r}, 'w')\nclass Model: pass\n")
    (folder / "modules.json").unlink()
    modules = [{"idx": 0, "name": "0", "path": "0_CLIPModel", "type": "custom.Model"}]
    (folder / "modules.json").write_text(json.dumps(modules))
    config = folder / "0_CLIPModel" / "config.json"
    settings = json.loads(config.read_text()) | {"auto_map": {"AutoModel": "../custom.Model"}}
    config.unlink()
    config.write_text(json.dumps(settings))
    method = bind_available_weights(METHODS["clip"], str(folder))
    assert embed_texts(method, ["a hat"]).shape == (1, 512)
    assert not place.exists()


def test_other_weights_make_another_revision_and_are_not_mistaken_for_the_first(
    published: Published, tmp_path: Path
) -> None:
    first = published("resnet50")
    path = tmp_path / "model.safetensors"
    shutil.copyfile(copy_of(first) / "model.safetensors", path)
    same = bind_available_weights(METHODS["resnet50"], str(tmp_path))
    assert same.revision == first.revision
    with path.open("r+b") as file:
        file.seek(-100, os.SEEK_END)
        file.write(b"\0" * 8)
    assert bind_available_weights(METHODS["resnet50"], str(tmp_path)).revision != first.revision
    with pytest.raises(SimilarityError, match="was built with other weights than"):
        same.load()
    path.unlink()
    with pytest.raises(SimilarityError, match="was built with are missing"):
        same.load()
