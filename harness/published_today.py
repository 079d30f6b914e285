"""Like `published`: networks with random weights, saved as today's models are published."""

import json
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from similarity.methods import by_open_clip, dinov2, dinov3, fashion_siglip, pe_core, siglip2
from similarity.methods.base import File, Method

LAYERS = 2  # of small networks
WORDS = 4000  # vocabulary sizes: slightly more than the characters in each
# Models of open_clip with two layers, and the models they are derived from: SigLIP, and the
# smallest PE-Core in open_clip.
SIGLIP, PE_CORE = "ViT-B-16-SigLIP-two-layers", "PE-Core-T-16-384-two-layers"
WHOLE = {SIGLIP: "ViT-B-16-SigLIP", PE_CORE: "PE-Core-T-16-384"}
PERIOD = 1_000_003  # random numbers; prime, so that no two rows of a matrix are equal


def random_tensors(model: Any) -> dict[str, Any]:
    """Return random tensors for a model on torch's meta device, under which inputs stay distinct.

    Much faster than the networks' own initialisation of hundreds of millions of numbers.
    """
    import torch

    numbers = torch.randn(PERIOD, generator=torch.Generator().manual_seed(6))
    tensors, at = {}, 0
    for name, values in model.state_dict().items():
        count, kind = values.numel(), name.rsplit(".", 1)[-1]
        if kind in ("running_mean", "running_var", "num_batches_tracked"):
            tensors[name] = torch.full(values.shape, float(kind == "running_var"))
            continue  # of what normalises by what it has seen
        if kind in ("weight", "lambda1") and values.dim() == 1 and count > 1:
            tensors[name] = torch.ones(values.shape)  # of norms, and of what scales a block
            continue
        drawn = numbers.repeat(count // PERIOD + 2)[at : at + count].reshape(values.shape)
        inputs = values[0].numel() if values.dim() > 1 and "embed" not in name else 1
        scale = 0.05 if "position" in name or "pos_embed" in name else inputs**-0.5
        tensors[name] = drawn * (0.02 if kind == "bias" else scale)
        at = (at + count) % PERIOD
    return tensors


def build_on_meta(make: Callable[[], Any]) -> Any:
    """Return a model whose tensors have no memory yet."""
    import torch

    with torch.device("meta"):
        return make()


def write_json(folder: Path, name: str, content: dict[str, Any]) -> None:
    """Write one of the settings files beside the weights."""
    (folder / name).write_text(json.dumps(content), encoding="utf-8")


def write_by_transformers(folder: Path, kind: str, config: Any, pictures: dict[str, Any]) -> Path:
    """Write transformers' folder: weights under their published names, and settings."""
    import transformers

    model = build_on_meta(lambda: getattr(transformers, kind)(config))
    model.save_pretrained(folder, state_dict=random_tensors(model))
    write_json(folder, "preprocessor_config.json", pictures)
    return folder


def write_dinov2(folder: Path) -> Path:
    """Write the folder of facebook/dinov2-base."""
    pictures = {
        "image_processor_type": "BitImageProcessor",
        "do_convert_rgb": True,
        "size": {"shortest_edge": 256},
        "crop_size": {"height": 224, "width": 224},
        "resample": 3,
        "image_mean": [0.485, 0.456, 0.406],
        "image_std": [0.229, 0.224, 0.225],
    }
    return write_by_transformers(folder, "Dinov2Model", dinov2.make_settings(), pictures)


def write_dinov3(folder: Path) -> Path:
    """Write the folder of facebook/dinov3-vitb16-pretrain-lvd1689m."""
    pictures = {
        "image_processor_type": "DINOv3ViTImageProcessorFast",
        "size": {"height": 224, "width": 224},
        "resample": 2,
        "image_mean": [0.485, 0.456, 0.406],
        "image_std": [0.229, 0.224, 0.225],
    }
    return write_by_transformers(folder, "DINOv3ViTModel", dinov3.make_settings(), pictures)


def generate_pieces() -> Iterable[str]:
    """Yield made-up word pieces, as a sentencepiece vocabulary could have them."""
    letters = [chr(code) for code in range(33, 127)] + [chr(code) for code in range(0xE0, 0x17F)]
    small = "abcdefghijklmnopqrstuvwxyz0123456789"
    yield from ["▁", *letters, *(f"▁{one}" for one in small)]
    for one in small:
        yield from (one + other for other in small)
    for one in small:
        yield from (f"▁{one}{other}" for other in small)


def write_siglip2(folder: Path) -> Path:
    """Write the folder of google/siglip2-base-patch16-224, with a vocabulary like Gemma's."""
    from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    tokens = [*special, *(f"<0x{byte:02X}>" for byte in range(256)), *generate_pieces()]
    tokens += [f"unused{number}" for number in range(siglip2.VOCABULARY_SIZE - len(tokens))]
    ids = {piece: number for number, piece in enumerate(tokens)}
    assert len(ids) == siglip2.VOCABULARY_SIZE
    halves = [(piece[:-1], piece[-1]) for piece in generate_pieces() if len(piece) > 1]
    merges = [pair for pair in halves if set(pair) <= ids.keys()]
    tokenizer = Tokenizer(
        models.BPE(ids, merges, fuse_unk=True, unk_token="<unk>", byte_fallback=True)
    )
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.post_processor = processors.TemplateProcessing("$A <eos>", None, [("<eos>", 1)])
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in special])
    pictures = {
        "image_processor_type": "SiglipImageProcessor",
        "processor_class": "SiglipProcessor",
        "size": {"height": 224, "width": 224},
        "resample": 2,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    words = {
        "tokenizer_class": "GemmaTokenizer",
        "processor_class": "SiglipProcessor",
        "add_bos_token": False,
        "add_eos_token": True,
        "padding_side": "right",
        **{f"{token.strip('<>')}_token": token for token in special[:4]},
    }
    write_by_transformers(folder, "SiglipModel", siglip2.make_settings(), pictures)
    write_json(folder, "tokenizer_config.json", words)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def register_small() -> None:
    """Register the models with few layers in open_clip and timm, once."""
    import open_clip
    import timm

    with tempfile.TemporaryDirectory() as folder:
        for name, whole in WHOLE.items():
            if open_clip.get_model_config(name):
                continue
            settings: Any = open_clip.get_model_config(whole)
            of_pictures, of_texts = settings["vision_cfg"], settings["text_cfg"]
            make = partial(timm.create_model, of_pictures["timm_model_name"], depth=LAYERS)
            of_pictures["timm_model_name"] = name.lower().replace("-", "_")
            timm.models.register_model(rename_function(make, of_pictures["timm_model_name"]))
            of_texts["layers"] = LAYERS
            if name == SIGLIP:
                of_texts["vocab_size"] = WORDS
            (Path(folder) / f"{name}.json").write_text(json.dumps(settings))
            open_clip.add_model_config(folder)


def rename_function(make: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Return the same function under a name, which timm requires."""

    def create(**options: Any) -> Any:
        return make(**options)

    create.__name__ = name
    return create


def make_open_clip_settings(name: str) -> dict[str, Any]:
    """Return the settings file that open_clip writes beside a model's weights."""
    import open_clip

    whole = WHOLE.get(name, name)
    tags = open_clip.list_pretrained_tags_by_model(whole)
    pictures = open_clip.get_pretrained_cfg(whole, tags[0])
    preprocessing = {key: pictures[key] for key in ("mean", "std", "interpolation", "resize_mode")}
    return {"model_cfg": open_clip.get_model_config(name), "preprocess_cfg": preprocessing}


def write_open_clip(folder: Path, name: str) -> Path:
    """Write open_clip's folder: settings and weights."""
    import open_clip
    from safetensors.torch import save_file

    register_small()
    settings = make_open_clip_settings(name)
    options = {k: v for k, v in settings["model_cfg"].items() if k != "custom_text"}
    model = build_on_meta(lambda: open_clip.CustomTextCLIP(**options))
    folder.mkdir(parents=True, exist_ok=True)
    save_file(random_tensors(model), folder / pe_core.WEIGHTS)
    write_json(folder, "open_clip_config.json", settings)
    return folder


def write_fashion_siglip(folder: Path) -> Path:
    """Write open_clip's folder, with a vocabulary like T5's."""
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors

    write_open_clip(folder, fashion_siglip.NAME)
    special = ["<pad>", "</s>", "<unk>"]
    scores = [(token, 0.0) for token in special]
    scores += [(piece, -8.0 + len(piece) / 4) for piece in dict.fromkeys(generate_pieces())]
    rest = range(fashion_siglip.VOCABULARY_SIZE - len(scores))
    scores += [(f"unused{number}", -20.0) for number in rest]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=2))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        "$A </s>", "$A </s> $B </s>", [("</s>", 1)]
    )
    extra_tokens = [f"<extra_id_{number}>" for number in range(100)]
    tokenizer.add_special_tokens(
        [AddedToken(token, normalized=False) for token in special + extra_tokens]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    roles = {"pad_token": "</s>", "eos_token": "</s>", "unk_token": "<unk>"}
    content = {name: {"content": token, "normalized": False} for name, token in roles.items()}
    write_json(folder, "special_tokens_map.json", content)
    words = {"tokenizer_class": "T5Tokenizer", "extra_ids": 100, **roles}
    write_json(folder, "tokenizer_config.json", words)
    return folder


WRITERS: dict[str, Callable[[Path], Path]] = {
    "dinov2": write_dinov2,
    "dinov3": write_dinov3,
    "siglip2": write_siglip2,
    "fashion_siglip": write_fashion_siglip,
    "pe_core": lambda folder: write_open_clip(folder, pe_core.NAME),
}


def make_small_pe_core() -> Method:
    """Return PE-Core in a size that tests have time for; its weights are those of PE_CORE."""
    dim, side = 512, 384
    return replace(
        pe_core.METHOD,
        dim=dim,
        backbone=by_open_clip.make_backbone("pe-core-small", dim, side, Image.Resampling.BILINEAR),
        published=pe_core.make_published(PE_CORE, "", "", File(pe_core.WEIGHTS, 0)),
    )
