"""What users write to name a method of their own."""

import re

import pytest

from similarity.candidates.specification import (
    is_specification,
    parse_specification,
    split_specifications,
)
from similarity.methods.candidate import KEY
from tests.units.refusals import refusal


@pytest.mark.parametrize(
    ("text", "loader", "target", "key", "title"),
    [
        (
            "timm:vit_small_patch14_dinov2.lvd142m",
            "timm",
            "vit_small_patch14_dinov2.lvd142m",
            "vit_small_patch14_dinov2_lvd142m",
            "vit_small_patch14_dinov2.lvd142m",
        ),
        (
            "open_clip:ViT-B-32/laion2b_s34b_b79k",
            "open_clip",
            "ViT-B-32/laion2b_s34b_b79k",
            "vit_b_32_laion2b_s34b_b79k",
            "ViT-B-32 laion2b_s34b_b79k",
        ),
        ("open_clip:hf-hub:a/B-c", "open_clip", "hf-hub:a/B-c", "b_c", "B-c"),
        ("st:clip-ViT-B-32", "st", "clip-ViT-B-32", "clip_vit_b_32", "clip-ViT-B-32"),
        ("hf:facebook/dinov2-small", "hf", "facebook/dinov2-small", "dinov2_small", "dinov2-small"),
        ("hf:a/b@" + "0" * 40, "hf", "a/b@" + "0" * 40, "b", "b"),
        ("hf:./checkpoint/", "hf", "./checkpoint/", "checkpoint", "checkpoint"),
        ("hf:~/Löwe 7", "hf", "~/Löwe 7", "lowe_7", "Löwe 7"),
        ("hf:/models/7b", "hf", "/models/7b", "m_7b", "7b"),
        ("fine=timm:./a", "timm", "./a", "fine", "fine"),
        ("./mine.py", "python", "./mine.py", "mine", "mine"),
        ("mine.py", "python", "mine.py", "mine", "mine"),
        ("vendor=vectors:v.parquet", "vectors", "v.parquet", "vendor", "vendor"),
        ("vectors:a/b=c.csv", "vectors", "a/b=c.csv", "b_c", "b=c"),
        ("plugin:shop", "plugin", "shop", "shop", "shop"),
        ("timm:" + "x" * 60, "timm", "x" * 60, "x" * 32, "x" * 60),
    ],
)
def test_the_prefix_decides_and_a_safe_key_is_derived(
    text: str, loader: str, target: str, key: str, title: str
) -> None:
    parsed = parse_specification(text)
    assert (parsed.loader, parsed.target, parsed.key, parsed.title) == (loader, target, key, title)
    assert KEY.fullmatch(parsed.key)
    assert parse_specification(parsed.argument).key == key
    assert is_specification(text)


def test_a_key_is_no_specification() -> None:
    assert not is_specification("efficientnet")
    assert not is_specification("nobody")


def test_words_belong_to_the_vectors_before_them() -> None:
    parts = split_specifications(" clip, v=vectors:a.csv ,words=clip,clip, pixels,")
    assert parts == ["clip", "v=vectors:a.csv,words=clip", "pixels"]
    parsed = parse_specification(parts[1])
    assert (parsed.words, parsed.target, parsed.key) == ("clip", "a.csv", "v")
    assert parsed.argument == parts[1]
    with refusal("--methods is empty"):
        split_specifications(" , ")


@pytest.mark.parametrize(
    "text", ["x" * 2000, "hf:a\n", "hf:a\x1b[2J", "a:b", "=", "x=", "hf:a/b/c"]
)
def test_nonsense_is_refused_in_a_short_message(text: str) -> None:
    with refusal(".") as refused:
        parse_specification(text)
    assert len(str(refused.value)) < 300
    assert not re.search(r"[\x00-\x1f]", str(refused.value))
