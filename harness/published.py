"""Networks with random weights, saved as their authors publish them.

At true size, or with fewer layers after `small.shrink`.
"""

import json
import warnings
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from harness import published_today
from similarity.methods import clip, clip_multilingual, resnet50

BLOCKS: Sequence[int] = (3, 4, 6, 3)  # at each stage of a ResNet-50


def draw_batch(count: int, side: int = 224) -> Any:
    """Return random structured pictures as a normalised batch."""
    import torch

    coarse = torch.randn(count, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    return torch.nn.functional.interpolate(coarse, side, mode="bilinear")


def settle_norms(network: Any) -> Any:
    """Show a network's batch norms some pictures, and return it.

    With means of 0 and variances of 1, all its outputs would be equal.
    """
    import torch

    for name, values in network.named_parameters():
        if name.endswith(("bn3.weight", "downsample.1.weight")):  # with zeros, a block adds nothing
            torch.nn.init.ones_(values)
    network.train()
    with torch.no_grad():
        for _ in range(3):
            network(draw_batch(8))
    return network.eval()


def write_resnet50(folder: Path) -> Path:
    """Write timm's safetensors file, which includes the published head."""
    import timm
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(1)
    network = settle_norms(timm.create_model(resnet50.NAME, pretrained=False, layers=BLOCKS))
    folder.mkdir(parents=True, exist_ok=True)
    save_file(network.state_dict(), folder / "model.safetensors")
    return folder


def build_bolts_simclr() -> Any:
    """Return lightning-bolts' module with the network of its checkpoint."""
    import torch

    torch.manual_seed(2)
    with warnings.catch_warnings():  # bolts calls every part of itself "under review"
        warnings.simplefilter("ignore")
        from pl_bolts.models.self_supervised import SimCLR
        from pl_bolts.models.self_supervised.resnets import Bottleneck, ResNet

        module = SimCLR(gpus=0, num_samples=1, batch_size=2, dataset="imagenet", arch="resnet50")
        module.encoder = ResNet(Bottleneck, list(BLOCKS), return_all_feature_maps=False)
    settle_norms(module)
    return module.eval()


def write_simclr(path: Path, module: Any, **extras: Any) -> Path:
    """Write a Lightning checkpoint; `extras` is what it has besides the weights."""
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"state_dict": module.state_dict(), "epoch": 1, **extras}, path)
    return path


def make_bpe(size: int) -> tuple[dict[str, int], list[str]]:
    """Return a vocabulary in CLIP's form, and its merges. The words are made up."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    letters = list(bytes_to_unicode().values())
    words = [*letters, *(letter + "</w>" for letter in letters)]
    merges = []
    small = [letter for letter in letters if letter.isascii() and letter.isalnum()]
    ends = [letter + "</w>" for letter in small]
    first = [f"{a} {b}" for a, b in product(small, [*small, *ends])]
    pairs = [line.replace(" ", "") for line in first if not line.endswith("</w>")]
    second = [f"{a} {b}" for a, b in product(pairs, ends)]
    merges = [*first, *second][: size - len(words) - 2]
    words += [line.replace(" ", "") for line in merges]
    assert len(set(words)) == size - 2
    named = {word: number for number, word in enumerate(words)}
    return named | {"<|startoftext|>": size - 2, "<|endoftext|>": size - 1}, merges


def build_clip() -> Any:
    """Return CLIP at true size, with random layers scaled so that different inputs differ."""
    import torch

    torch.manual_seed(3)
    network = clip.build_network()
    with torch.no_grad():
        for name, values in network.named_parameters():
            if ("embedding" in name and values.dim() > 1) or "projection" in name:
                values.mul_(10)
    return network.eval()


def write_clip(folder: Path, network: Any) -> Path:
    """Write sentence-transformers' folder as published: weights, vocabulary and nested settings."""
    inner = write_clip_settings(folder) / "0_CLIPModel"
    network.save_pretrained(inner)
    words, merges = make_bpe(network.config.text_config.vocab_size)
    (inner / "vocab.json").write_text(json.dumps(words), encoding="utf-8")
    lines = ["#version: 0.2", *merges]
    (inner / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def write_clip_settings(folder: Path) -> Path:
    """Write what sentence-transformers needs besides weights and vocabulary, as in ViT-B/32."""
    inner = folder / "0_CLIPModel"
    clip.make_settings().save_pretrained(inner)
    settings = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77}
    (inner / "tokenizer_config.json").write_text(json.dumps(settings))
    clip.make_processor().save_pretrained(inner)
    _write_modules(folder, [("0_CLIPModel", "sentence_transformers.models.CLIPModel")])
    return folder


def write_clip_multilingual(folder: Path) -> Path:
    """Write sentence-transformers' folder as published: DistilBERT, mean pooling, a dense layer."""
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(4)
    network = clip_multilingual.build_network()
    with torch.no_grad():
        network.embeddings.word_embeddings.weight.mul_(10)
    network.save_pretrained(folder)
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    signs = [chr(code) for code in range(33, 0x3000) if chr(code).isprintable()]
    signs = signs[: (clip_multilingual.VOCABULARY_SIZE - len(special)) // 2]
    words = [*special, *signs, *("##" + sign for sign in signs)]
    words += [f"word{number}" for number in range(clip_multilingual.VOCABULARY_SIZE - len(words))]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    settings = {"do_lower_case": False, "tokenizer_class": "BertTokenizer", "model_max_length": 128}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 128}))
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 768, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    (folder / "2_Dense").mkdir()
    dense = {
        "in_features": 768,
        "out_features": 512,
        "bias": False,
        "activation_function": "torch.nn.modules.linear.Identity",
    }
    (folder / "2_Dense" / "config.json").write_text(json.dumps(dense))
    save_file({"linear.weight": torch.randn(512, 768)}, folder / "2_Dense" / "model.safetensors")
    kinds = ["Transformer", "Pooling", "Dense"]
    _write_modules(
        folder,
        [
            (path, f"sentence_transformers.models.{kind}")
            for path, kind in zip(["", "1_Pooling", "2_Dense"], kinds, strict=True)
        ],
    )
    return folder


def _write_modules(folder: Path, modules_listed: list[tuple[str, str]]) -> None:
    modules = [
        {"idx": number, "name": str(number), "path": path, "type": kind}
        for number, (path, kind) in enumerate(modules_listed)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))


def draw_odd_pictures() -> list[Image.Image]:
    """Return odd pictures: tiny, narrow, transparent, grey, or rotated by EXIF."""
    rng = np.random.default_rng(5)

    def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
        small = rng.integers(0, 256, (9, 7, 4), np.uint8)
        picture = Image.fromarray(small, "RGBA").resize((width, height), Image.Resampling.BICUBIC)
        return picture.convert(mode)

    turned = noise(301, 199)
    turned.getexif()[0x0112] = 6
    return [
        noise(223, 225),
        noise(641, 97),
        noise(31, 350),
        noise(1, 1),
        turned,
        noise(180, 240, "RGBA"),
        noise(333, 222, "L"),
        noise(90, 91, "LA"),
        noise(257, 256, "P"),
        noise(500, 333, "CMYK"),
    ]


WRITERS: dict[str, Callable[[Path], Path]] = {
    **published_today.WRITERS,
    "resnet50": write_resnet50,
    "simclr": lambda folder: write_simclr(folder / "simclr_imagenet.ckpt", build_bolts_simclr()),
    "clip": lambda folder: write_clip(folder, build_clip()),
    "clip_multilingual": write_clip_multilingual,
}
