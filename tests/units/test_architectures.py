"""Models that users bring give the vectors that their own libraries give."""

import json
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from huggingface_hub import constants
from PIL import Image

from harness.architectures import ARCHITECTURES, VIT, Architecture, write_open_clip, write_timm
from precompute.candidates import prepare_candidates
from similarity.candidates.method import LIBRARIES, make_method
from similarity.candidates.specification import parse_specification
from similarity.embedding import embed_pictures, embed_texts
from similarity.failures import Failures
from similarity.methods import Method, Vectors
from similarity.methods.candidate import read_candidate, to_facts
from similarity.pictures.read import load_rgb
from tests.conftest import PROJECT
from tests.units.conftest import forget_networks
from tests.units.documents import list_rows
from tests.units.serving import COMMIT

SAME = 0.9999  # cosine
TEXTS = ["a red dress", "shoes"]


def write_odd_pictures(folder: Path) -> list[Image.Image]:
    """Pictures turned by EXIF, transparent, grey and very wide, as the product reads them."""
    rng = np.random.default_rng(0)

    def draw(width: int, height: int, channels: int = 3) -> Image.Image:
        coarse = rng.integers(0, 256, (5, 5, channels), np.uint8)
        picture = Image.fromarray(coarse.squeeze())
        return picture.resize((width, height), Image.Resampling.BICUBIC)

    turned = Image.Exif()
    turned[0x0112] = 6
    draw(90, 60).save(folder / "turned.jpg", exif=turned, quality=95)
    draw(64, 64, 4).save(folder / "transparent.png")
    draw(70, 50, 1).save(folder / "grey.png")
    draw(400, 40).save(folder / "wide.png")
    draw(41, 223).save(folder / "high.webp", lossless=True)
    draw(224, 224).save(folder / "square.png")
    return [load_rgb(path) for path in sorted(folder.iterdir())]


def embed_by_timm(folder: Path, pictures: Sequence[Image.Image]) -> tuple[Vectors, None]:
    import timm
    import torch

    model = timm.create_model(f"local-dir:{folder}", pretrained=True, num_classes=0).eval()
    settings = timm.data.resolve_data_config({}, model=model)
    transform = timm.data.create_transform(**settings)
    with torch.no_grad():
        return model(torch.stack([transform(picture) for picture in pictures])).numpy(), None


def embed_by_open_clip(folder: Path, pictures: Sequence[Image.Image]) -> tuple[Vectors, Vectors]:
    import open_clip
    import torch

    name = f"local-dir:{folder}"
    model, _, preprocess = open_clip.create_model_and_transforms(name)
    model.eval()
    tokens = open_clip.get_tokenizer(name)(TEXTS)
    with torch.no_grad():
        batch: Any = torch.stack([preprocess(picture) for picture in pictures])
        return model.encode_image(batch).numpy(), model.encode_text(tokens).numpy()


def embed_by_st(folder: Path, pictures: Sequence[Image.Image]) -> tuple[Vectors, Vectors | None]:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    texts = np.asarray(model.encode(TEXTS)) if model.supports("text") else None
    return np.asarray(model.encode(list(pictures))), texts


def embed_by_transformers(
    folder: Path, pictures: Sequence[Image.Image]
) -> tuple[Vectors, Vectors | None]:
    import torch
    from transformers import AutoImageProcessor, AutoModel, AutoTokenizer, pipeline

    settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if "text_config" not in settings:
        extract = pipeline("image-feature-extraction", model=str(folder), pool=True)
        return np.array([np.ravel(extract(picture)) for picture in pictures], np.float32), None
    model, prepare = (each.from_pretrained(folder) for each in (AutoModel, AutoImageProcessor))
    is_siglip = "siglip" in settings["model_type"]
    padding: dict[str, Any] = {"padding": "max_length", "max_length": 64} if is_siglip else {}
    tokens = AutoTokenizer.from_pretrained(folder)(
        TEXTS, return_tensors="pt", **({"padding": True} | padding)
    )
    with torch.no_grad():
        batches = [prepare(picture, return_tensors="pt") for picture in pictures]
        vectors = torch.cat([model.get_image_features(**b).pooler_output for b in batches])
        return vectors.numpy(), model.get_text_features(**tokens).pooler_output.numpy()


BY_LIBRARY: dict[str, Callable[[Path, Sequence[Image.Image]], tuple[Vectors, Vectors | None]]] = {
    "timm": embed_by_timm,
    "open_clip": embed_by_open_clip,
    "st": embed_by_st,
    "hf": embed_by_transformers,
}


def prepare_by(specification: str) -> Method:
    """A method as an index keeps it and an app reads it."""
    failures = Failures()
    methods = prepare_candidates([parse_specification(specification)], lambda *_: None, failures)
    assert not failures.causes
    candidate = methods[0].candidate
    assert candidate
    facts = json.loads(json.dumps(to_facts(candidate)))
    return make_method(read_candidate(facts, candidate.key))


def compute_cosines(vectors: Vectors, others: Vectors) -> Vectors:
    products = np.einsum("ij,ij->i", vectors.astype(np.float64), others.astype(np.float64))
    return products / np.linalg.norm(vectors, axis=1) / np.linalg.norm(others, axis=1)


def check_same(vectors: Vectors, expected: Vectors) -> None:
    """Equal, also after what all have in common is taken away, which may be nearly everything."""
    assert vectors.shape == expected.shape
    assert compute_cosines(vectors, expected).min() > SAME
    mean = expected.mean(0)
    assert compute_cosines(vectors - mean, expected - mean).min() > 0.99


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What a test loads is let go of after it."""
    yield
    forget_networks()


@pytest.mark.parametrize(
    "architecture",
    [
        pytest.param(
            each,
            marks=() if each.is_quick else pytest.mark.slow,
            id=f"{each.loader}, {each.name}",
        )
        for each in ARCHITECTURES
    ],
)
def test_a_model_gives_the_vectors_of_its_own_library(
    architecture: Architecture, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    (tmp_path / "pictures").mkdir()
    pictures = write_odd_pictures(tmp_path / "pictures")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        architecture.write(folder)
        expected, expected_texts = BY_LIBRARY[architecture.loader](folder, pictures)
    method = prepare_by(f"mine={architecture.loader}:{folder}")
    check_same(embed_pictures(method, pictures), expected)
    assert method.answers_text == (expected_texts is not None)
    if expected_texts is not None:
        check_same(embed_texts(method, TEXTS), expected_texts)


def test_the_docs_list_what_is_tested() -> None:
    rows = [tuple(row) for row in list_rows(PROJECT / "docs" / "architectures.md", "prefix")]
    assert rows == [
        (f"{each.loader}:", each.name, "every run" if each.is_quick else "make test-all")
        for each in ARCHITECTURES
    ]
    assert len(rows) >= 30
    assert sum(each.is_quick for each in ARCHITECTURES) >= 12
    assert {each.loader for each in ARCHITECTURES if each.is_quick} == set(LIBRARIES)


def put_into_cache(
    repository: str, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Put files where the hub's client has what it fetched."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    place = cache / f"models--{repository.replace('/', '--')}"
    shutil.copytree(folder, place / "snapshots" / COMMIT)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text(COMMIT)


def test_a_name_of_timm_has_the_settings_of_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import timm
    import torch

    name, folder = "resnet10t.c3_in1k", tmp_path / "model"
    write_timm("resnet10t", {}, folder)
    put_into_cache(f"timm/{name}", folder, tmp_path / "hub", monkeypatch)
    method = prepare_by(f"timm:{name}")
    assert method.candidate
    assert method.candidate.commit == COMMIT
    assert method.licence == "apache-2.0"
    (tmp_path / "pictures").mkdir()
    pictures = write_odd_pictures(tmp_path / "pictures")
    overlay = {"file": str(folder / "model.safetensors")}
    model = timm.create_model(name, True, pretrained_cfg_overlay=overlay, num_classes=0).eval()
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(model))
    with torch.no_grad():
        expected = model(torch.stack([transform(picture) for picture in pictures])).numpy()
    check_same(embed_pictures(method, pictures), expected)


def test_a_name_of_open_clip_has_the_settings_of_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import open_clip
    import torch

    folder = tmp_path / "model"
    write_open_clip({"vision_cfg": VIT}, folder)
    network = json.loads((folder / "open_clip_config.json").read_text())["model_cfg"]
    (tmp_path / "small-clip.json").write_text(json.dumps(network))
    open_clip.add_model_config(tmp_path / "small-clip.json")
    settings = {
        "mean": (0.4, 0.5, 0.6),
        "std": (0.2, 0.3, 0.4),
        "interpolation": "bilinear",
        "resize_mode": "longest",
    }
    table = {"mine": {"url": "", "hf_hub": "owner/near/", **settings}}
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "small-clip", table)
    put_into_cache("owner/near", folder, tmp_path / "hub", monkeypatch)
    method = prepare_by("open_clip:small-clip/mine")
    assert method.key == "small_clip_mine"
    (tmp_path / "pictures").mkdir()
    pictures = write_odd_pictures(tmp_path / "pictures")
    model, _, preprocess = open_clip.create_model_and_transforms(
        "small-clip",
        pretrained=str(folder / "open_clip_model.safetensors"),
        image_mean=(0.4, 0.5, 0.6),
        image_std=(0.2, 0.3, 0.4),
        image_interpolation="bilinear",
        image_resize_mode="longest",
    )
    model.eval()
    with torch.no_grad():
        batch: Any = torch.stack([preprocess(picture) for picture in pictures])
        expected: Any = model.encode_image(batch)
        expected_texts: Any = model.encode_text(open_clip.get_tokenizer("small-clip")(TEXTS))
    check_same(embed_pictures(method, pictures), expected.numpy())
    check_same(embed_texts(method, TEXTS), expected_texts.numpy())
