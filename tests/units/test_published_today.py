"""Today's models, of two layers with random weights, in the forms in which their authors save them.

What they are compared with is each library's own way, from the same files.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from harness.published_today import register_small
from similarity import METHODS, SimilarityError
from similarity.embedding import embed_pictures, embed_texts
from similarity.inference import prepare_inputs
from similarity.methods import Method, bind_available_weights
from tests.units.conftest import forget_networks
from tests.units.refusals import refusal
from tests.units.test_methods import TEXTS
from tests.units.test_published_methods import (
    LIKENESS,
    check_pictures,
    copy_of,
    cosines,
    linked,
    opened,
    rgb,
)

Published = Callable[[str], Method]


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What a test loads is let go of after it: each network takes some hundred megabytes."""
    yield
    forget_networks()


def by_transformers(folder: Path, processor: str) -> tuple[Any, Any]:
    """Return the model and image processor that transformers loads from a folder."""
    import transformers

    model = transformers.AutoModel.from_pretrained(folder, local_files_only=True).eval()
    prepare = getattr(transformers, processor).from_pretrained(folder, local_files_only=True)
    return model, prepare


def check_dino(method: Method) -> None:
    """Its vector is transformers' own pooled output, which is not the tokens' mean."""
    processor = {"dinov2": "BitImageProcessorPil", "dinov3": "DINOv3ViTImageProcessor"}[method.key]
    model, prepare = by_transformers(copy_of(method), processor)
    batch = prepare(rgb(), return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        expected = model(pixel_values=batch)
    check_pictures(method, batch, expected.pooler_output)
    mean = expected.last_hidden_state.mean(1)
    assert cosines(embed_pictures(method, rgb()), mean).max() < LIKENESS


def check_siglip2(method: Method) -> None:
    """Its pictures and words are transformers' own answer."""
    from transformers import AutoTokenizer

    model, prepare = by_transformers(copy_of(method), "SiglipImageProcessorPil")
    read = AutoTokenizer.from_pretrained(copy_of(method), local_files_only=True)
    batch = prepare(rgb(), return_tensors="pt")["pixel_values"]
    tokens = read(
        [text.lower() for text in TEXTS],
        padding="max_length",
        max_length=64,
        truncation=True,
        return_tensors="pt",
    )["input_ids"]
    with torch.inference_mode():
        pictures = model.get_image_features(pixel_values=batch).pooler_output
        words = model.get_text_features(input_ids=tokens).pooler_output
    check_pictures(method, batch, pictures)
    assert cosines(embed_texts(method, TEXTS), words).min() >= LIKENESS
    same = embed_texts(method, ["A Red Dress", "a red dress"])
    np.testing.assert_array_equal(same[0], same[1])


def check_open_clip(method: Method) -> None:
    """Its pictures and words are those of open_clip's own loader, transform and tokenizer."""
    import open_clip

    register_small()
    name = f"local-dir:{copy_of(method)}"
    model, prepare = open_clip.create_model_from_pretrained(name)
    read = open_clip.get_tokenizer(name)
    batch = torch.stack([prepare(picture) for picture in rgb()])
    with torch.inference_mode():
        pictures = model.eval().encode_image(batch)
        words = model.encode_text(read(TEXTS))
    check_pictures(method, batch, pictures)
    assert cosines(embed_texts(method, TEXTS), words).min() >= LIKENESS


CHECKS = {
    "dinov2": check_dino,
    "dinov3": check_dino,
    "siglip2": check_siglip2,
    "fashion_siglip": check_open_clip,
    "pe_core": check_open_clip,
}


@pytest.mark.parametrize("key", CHECKS)
def test_its_answers_are_those_of_the_library_that_it_was_published_with(
    key: str, published: Published
) -> None:
    CHECKS[key](published(key))


@pytest.mark.parametrize("text", ["?!", "🙂", "猫", "дом"])
def test_texts_without_known_words_are_refused(text: str, published: Published) -> None:
    with pytest.raises(SimilarityError, match="vocabulary has none of the characters"):
        embed_texts(published("fashion_siglip"), ["a hat", text])


def test_weights_of_the_next_generation_are_refused(published: Published, tmp_path: Path) -> None:
    for key, other in (("dinov2", "dinov3"), ("siglip2", "fashion_siglip")):
        folder = linked(copy_of(published(key)), tmp_path / key)
        (folder / "model.safetensors").unlink()
        method_published = published(other)
        assert method_published.published is not None
        shutil.copy(
            copy_of(method_published) / method_published.published.files[0].name,
            folder / "model.safetensors",
        )
        with refusal(rf"can't be used: .*precompute fetch {key}"):
            opened(bind_available_weights(METHODS[key], str(folder)))


@pytest.mark.parametrize("key", ["siglip2", "fashion_siglip"])
def test_another_vocabulary_is_refused(key: str, published: Published, tmp_path: Path) -> None:
    folder = linked(copy_of(published(key)), tmp_path / key)
    place = folder / "tokenizer.json"
    other = json.loads(place.read_text())
    other["added_tokens"], other["post_processor"] = [], None
    other["model"] = {"type": "BPE", "vocab": {"a": 0}, "merges": []}
    for content in (json.dumps(other), "{}", "no tokenizer"):
        place.unlink(missing_ok=True)
        place.write_text(content)
        with pytest.raises(SimilarityError, match=r"weights of .* can't be used"):
            opened(bind_available_weights(METHODS[key], str(folder)))


def test_code_named_by_a_folder_is_not_run(published: Published, tmp_path: Path) -> None:
    place = tmp_path / "ran"
    for key in ("siglip2", "fashion_siglip", "dinov2"):
        folder = linked(copy_of(published(key)), tmp_path / key)
        (folder / "evil.py").write_text(f"open({str(place)!r}, 'w')\nclass Model: pass\n")
        for name in ("config.json", "tokenizer_config.json", "preprocessor_config.json"):
            (folder / name).unlink(missing_ok=True)
            named = dict.fromkeys(("AutoModel", "AutoTokenizer", "AutoConfig"), "evil.Model")
            (folder / name).write_text(json.dumps({"auto_map": named}))
        opened(bind_available_weights(METHODS[key], str(folder)))
    assert not place.exists()


def test_a_picture_that_needs_no_resizing_is_not_changed(published: Published) -> None:
    """All see the same 224 px, but DINOv2, which enlarges a picture to cut its middle out."""
    picture = rgb()[0].resize((224, 224))
    for key, method in ((key, published(key)) for key in ("dinov3", "siglip2", "fashion_siglip")):
        assert method.backbone is not None
        inputs = prepare_inputs(method.backbone, [picture])[0]
        np.testing.assert_allclose(inputs, np.asarray(picture), atol=1e-4, err_msg=key)
