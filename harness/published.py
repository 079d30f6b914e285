"""Networks with random weights, saved as their authors publish them: at true size, or of fewer
layers once `small.shrink` was called."""

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


def drawn(count: int, side: int = 224) -> Any:
    """Random structured pictures as a normalised batch."""
    import torch

    coarse = torch.randn(count, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    return torch.nn.functional.interpolate(coarse, side, mode="bilinear")


def settled(network: Any) -> Any:
    """A network whose batch norms have seen pictures: with those at 0 and 1 all answers are one."""
    import torch

    for name, values in network.named_parameters():
        if name.endswith(("bn3.weight", "downsample.1.weight")):  # zeros make every block nothing
            torch.nn.init.ones_(values)
    network.train()
    with torch.no_grad():
        for _ in range(3):
            network(drawn(8))
    return network.eval()


def write_resnet50(folder: Path) -> Path:
    """timm's safetensors, with the head that is published too."""
    import timm
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(1)
    network = settled(timm.create_model(resnet50.NAME, pretrained=False, layers=BLOCKS))
    folder.mkdir(parents=True, exist_ok=True)
    save_file(network.state_dict(), folder / "model.safetensors")
    return folder


def bolts_simclr() -> Any:
    """lightning-bolts' module with the network that its checkpoint has."""
    import torch

    torch.manual_seed(2)
    with warnings.catch_warnings():  # bolts calls every part of itself "under review"
        warnings.simplefilter("ignore")
        from pl_bolts.models.self_supervised import SimCLR
        from pl_bolts.models.self_supervised.resnets import Bottleneck, ResNet

        module = SimCLR(gpus=0, num_samples=1, batch_size=2, dataset="imagenet", arch="resnet50")
        module.encoder = ResNet(Bottleneck, list(BLOCKS), return_all_feature_maps=False)
    settled(module)
    return module.eval()


def write_simclr(path: Path, module: Any, **more: Any) -> Path:
    """A Lightning checkpoint; `more` is what it holds beside the weights."""
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"state_dict": module.state_dict(), "epoch": 1, **more}, path)
    return path


def bpe(size: int) -> tuple[dict[str, int], list[str]]:
    """A vocabulary of CLIP's form, and its merges; its words are no real ones."""
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


def clip_network() -> Any:
    """CLIP at true size; its random layers are made to answer differently to different inputs."""
    import torch

    torch.manual_seed(3)
    network = clip.network()
    with torch.no_grad():
        for name, values in network.named_parameters():
            if ("embedding" in name and values.dim() > 1) or "projection" in name:
                values.mul_(10)
    return network.eval()


def write_clip(folder: Path, network: Any) -> Path:
    """sentence-transformers' folder as published: weights, vocabulary, settings in one inside."""
    inner = write_clip_settings(folder) / "0_CLIPModel"
    network.save_pretrained(inner)
    words, merges = bpe(network.config.text_config.vocab_size)
    (inner / "vocab.json").write_text(json.dumps(words), encoding="utf-8")
    lines = ["#version: 0.2", *merges]
    (inner / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def write_clip_settings(folder: Path) -> Path:
    """What sentence-transformers needs beside weights and vocabulary, which are ViT-B/32's."""
    inner = folder / "0_CLIPModel"
    clip.settings().save_pretrained(inner)
    settings = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77}
    (inner / "tokenizer_config.json").write_text(json.dumps(settings))
    clip.processor().save_pretrained(inner)
    _modules(folder, [("0_CLIPModel", "sentence_transformers.models.CLIPModel")])
    return folder


def write_clip_multilingual(folder: Path) -> Path:
    """sentence-transformers' folder as published: DistilBERT, mean pooling, a dense layer."""
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(4)
    network = clip_multilingual.network()
    with torch.no_grad():
        network.embeddings.word_embeddings.weight.mul_(10)
    network.save_pretrained(folder)
    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    signs = [chr(code) for code in range(33, 0x3000) if chr(code).isprintable()]
    signs = signs[: (clip_multilingual.WORDS - len(known)) // 2]
    words = [*known, *signs, *("##" + sign for sign in signs)]
    words += [f"word{number}" for number in range(clip_multilingual.WORDS - len(words))]
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
    _modules(
        folder,
        [
            (path, f"sentence_transformers.models.{kind}")
            for path, kind in zip(["", "1_Pooling", "2_Dense"], kinds, strict=True)
        ],
    )
    return folder


def _modules(folder: Path, listed: list[tuple[str, str]]) -> None:
    modules = [
        {"idx": number, "name": str(number), "path": path, "type": kind}
        for number, (path, kind) in enumerate(listed)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))


def odd_pictures() -> list[Image.Image]:
    """Of odd sizes, turned by their EXIF, transparent, grey: as their files hold them."""
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
    "simclr": lambda folder: write_simclr(folder / "simclr_imagenet.ckpt", bolts_simclr()),
    "clip": lambda folder: write_clip(folder, clip_network()),
    "clip_multilingual": write_clip_multilingual,
}
