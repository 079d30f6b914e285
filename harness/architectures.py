"""Small networks with random weights in the formats in which four libraries publish models.

Each is written by its own library, as its authors would. They stand for what users bring.
"""

import string
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from harness.published_today import build_on_meta, random_tensors, write_json

SIDE = 32  # px
IMAGENET: dict[str, Any] = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
HALVES: dict[str, Any] = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
TOKENS = 16
SMALL = {  # of a transformer's layers
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
}
WORDS = {**SMALL, "vocab_size": 60, "max_position_embeddings": TOKENS}
PICTURES = {**SMALL, "image_size": SIDE, "patch_size": 8}


@dataclass(frozen=True)
class Architecture:
    """A kind of network: the prefix of its loader, its name, and what writes its folder."""

    loader: str
    name: str
    write: Callable[[Path], None]

    @property
    def is_quick(self) -> bool:
        """Whether it is one of those that every run of the tests loads."""
        return (self.loader, self.name) in QUICK


def write_timm(name: str, options: dict[str, Any], folder: Path) -> None:
    """Write timm's folder of a network with these options."""
    import timm
    from timm.models import save_for_hf

    model = build_on_meta(lambda: timm.create_model(name, **options))
    tensors = random_tensors(model)
    model = timm.create_model(name, **options)
    model.load_state_dict(tensors)
    save_for_hf(model, str(folder), model_args=options, safe_serialization=True)


def write_open_clip(settings: dict[str, Any], folder: Path) -> None:
    """Write open_clip's folder of a network with these settings."""
    import open_clip
    from safetensors.torch import save_file

    settings = {"embed_dim": 24, **settings}
    texts = {"context_length": TOKENS, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2}
    settings["text_cfg"] = texts | settings.get("text_cfg", {})
    is_custom = settings.get("custom_text", False)
    options = {key: value for key, value in settings.items() if key != "custom_text"}
    kind = open_clip.CustomTextCLIP if is_custom else open_clip.CLIP
    if "multimodal_cfg" in settings:
        kind = open_clip.CoCa
    model = build_on_meta(lambda: kind(**options))
    folder.mkdir(parents=True, exist_ok=True)
    save_file(random_tensors(model), folder / "open_clip_model.safetensors")
    preprocessing = {"mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bicubic"}
    resize = {"resize_mode": "squash" if is_custom else "shortest"}
    write_json(
        folder,
        "open_clip_config.json",
        {"model_cfg": settings, "preprocess_cfg": preprocessing | resize},
    )


def _write_transformers(
    kind: str, options: dict[str, Any], processor: dict[str, Any], folder: Path
) -> None:
    import transformers

    config = getattr(transformers, f"{kind}Config")(**options)
    model = build_on_meta(lambda: getattr(transformers, f"{kind}Model")(config))
    model.save_pretrained(folder, state_dict=random_tensors(model))
    write_json(folder, "preprocessor_config.json", processor)


def _make_processor(kind: str, *, crop: bool = False, **settings: Any) -> dict[str, Any]:
    """Return the settings of an image processor of transformers."""
    size: dict[str, Any] = {"size": {"height": SIDE, "width": SIDE}}
    if crop:
        size = {
            "size": {"shortest_edge": SIDE + 4},
            "crop_size": {"height": SIDE, "width": SIDE},
            "do_center_crop": True,
        }
    return {"image_processor_type": kind, "do_resize": True, **size, **IMAGENET, **settings}


def _write_clip_tokenizer(folder: Path) -> None:
    from transformers import CLIPTokenizer

    words = {"<|startoftext|>": 0, "<|endoftext|>": 1}
    for letter in string.ascii_lowercase:
        words[letter] = len(words)
        words[f"{letter}</w>"] = len(words)
    CLIPTokenizer(vocab=words, merges=[], model_max_length=TOKENS).save_pretrained(folder)


def _write_siglip_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    ids = {token: number for number, token in enumerate(["<pad>", "<eos>", "<unk>", "▁"])}
    ids |= {letter: len(ids) + number for number, letter in enumerate(string.ascii_lowercase)}
    tokenizer = Tokenizer(models.BPE(ids, [], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing("$A <eos>", None, [("<eos>", 1)])
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="<eos>",
        unk_token="<unk>",
        model_max_length=64,
    ).save_pretrained(folder)


def _write_clip(folder: Path) -> None:
    texts = {**WORDS, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    options = {"text_config": texts, "vision_config": PICTURES, "projection_dim": 24}
    processor = _make_processor("CLIPImageProcessor", crop=True, resample=3)
    _write_transformers("CLIP", options, processor, folder)
    _write_clip_tokenizer(folder)


def _write_siglip(folder: Path) -> None:
    texts = {**WORDS, "max_position_embeddings": 64, "eos_token_id": 1, "pad_token_id": 0}
    options = {"text_config": texts, "vision_config": PICTURES}
    processor = _make_processor("SiglipImageProcessor", resample=2, **HALVES)
    _write_transformers("Siglip", options, processor, folder)
    _write_siglip_tokenizer(folder)


def _write_siglip2(folder: Path) -> None:
    texts = {**WORDS, "max_position_embeddings": 64, "eos_token_id": 1, "pad_token_id": 0}
    pictures = {**SMALL, "num_patches": 16, "patch_size": 8}
    options = {"text_config": texts, "vision_config": pictures}
    processor = {
        "image_processor_type": "Siglip2ImageProcessor",
        "patch_size": 8,
        "max_num_patches": 16,
        **HALVES,
    }
    _write_transformers("Siglip2", options, processor, folder)
    _write_siglip_tokenizer(folder)


def _write_dense(folder: Path) -> None:
    """Write CLIP's picture tower with pooled states and a dense layer, by sentence-transformers."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Dense, Normalize

    inner = folder / "inner"
    _write_clip(inner)
    model = SentenceTransformer(str(inner), device="cpu")
    dense = Dense(24, 16)
    dense.load_state_dict(random_tensors(dense))
    SentenceTransformer(modules=[*model, dense, Normalize()], device="cpu").save(str(folder))


def _write_vit_pooled(folder: Path) -> None:
    """Write a ViT whose states sentence-transformers averages."""
    options = {**PICTURES}
    _write_transformers("ViT", options, _make_processor("ViTImageProcessor"), folder)


TIMM: dict[str, tuple[str, dict[str, Any]]] = {
    "ResNet": ("resnet10t", {}),
    "ViT": ("vit_tiny_patch16_224", {"depth": 2}),
    "ViT, DINOv2": ("vit_small_patch14_dinov2", {"depth": 2, "img_size": 56}),
    "DeiT, distilled": ("deit_tiny_distilled_patch16_224", {"depth": 2}),
    "ConvNeXt V2": ("convnextv2_atto", {"depths": (1, 1, 1, 1)}),
    "MobileNet V3": ("mobilenetv3_small_050", {}),
    "EfficientNet": ("efficientnet_lite0", {}),
    "Swin": ("swin_tiny_patch4_window7_224", {"depths": (1, 1, 1, 1), "embed_dim": 24}),
    "RegNet": ("regnetx_002", {}),
    "EVA-02": ("eva02_tiny_patch14_224", {"depth": 2}),
    "BEiT": ("beit_base_patch16_224", {"depth": 2, "embed_dim": 48, "num_heads": 3}),
    "LeViT": ("levit_128s", {}),
}
VIT = {"image_size": SIDE, "layers": 2, "width": 64, "head_width": 32, "patch_size": 8}
TOWER = {"timm_model_pretrained": False, "timm_proj": "linear"}
OPEN_CLIP: dict[str, dict[str, Any]] = {
    "CLIP, ViT": {"vision_cfg": VIT},
    "CLIP, QuickGELU": {"vision_cfg": VIT, "quick_gelu": True},
    "CLIP, ResNet": {
        "vision_cfg": {"image_size": SIDE, "layers": [1, 1, 1, 1], "width": 16, "patch_size": None}
    },
    "CLIP, ConvNeXt": {
        "vision_cfg": {"timm_model_name": "convnextv2_atto", "image_size": 64, **TOWER}
    },
    "CoCa": {
        "vision_cfg": {**VIT, "attentional_pool": True, "attn_pooler_heads": 2,
                       "output_tokens": True},
        "text_cfg": {"embed_cls": True, "output_tokens": True},
        "multimodal_cfg": {"context_length": TOKENS, "vocab_size": 49408, "width": 32, "heads": 2,
                           "layers": 2, "attn_pooler_heads": 2},
        "custom_text": True,
    },
    "MobileCLIP, FastViT": {
        "vision_cfg": {"timm_model_name": "fastvit_t8", "image_size": 64, **TOWER},
        "custom_text": True,
    },
}  # fmt: skip
TRANSFORMERS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "DINOv2": ("Dinov2", PICTURES, _make_processor("BitImageProcessor", crop=True, resample=3)),
    "DINOv2, registers": (
        "Dinov2WithRegisters",
        PICTURES,
        _make_processor("BitImageProcessor", crop=True, resample=3),
    ),
    "DINOv3, ViT": (
        "DINOv3ViT",
        {**PICTURES, "num_register_tokens": 2},
        _make_processor("DINOv3ViTImageProcessor", resample=2),
    ),
    "ViT": ("ViT", PICTURES, _make_processor("ViTImageProcessor", resample=2, **HALVES)),
    "ConvNeXt": (
        "ConvNext",
        {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1], "image_size": SIDE},
        _make_processor("ViTImageProcessor", resample=3),
    ),
    "ResNet": (
        "ResNet",
        {"embedding_size": 8, "hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1]},
        _make_processor("ViTImageProcessor", resample=3),
    ),
    "Swin": (
        "Swin",
        {"embed_dim": 12, "depths": [1, 1], "num_heads": [2, 2], "window_size": 4,
         "image_size": SIDE},
        _make_processor("ViTImageProcessor", resample=3),
    ),
    "RegNet": (
        "RegNet",
        {"embedding_size": 8, "hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1],
         "groups_width": 8},
        _make_processor("ViTImageProcessor", resample=3),
    ),
}  # fmt: skip

ARCHITECTURES = (
    *(Architecture("timm", name, partial(write_timm, *of)) for name, of in TIMM.items()),
    *(
        Architecture("open_clip", name, partial(write_open_clip, of))
        for name, of in OPEN_CLIP.items()
    ),
    *(
        Architecture("hf", name, partial(_write_transformers, *of))
        for name, of in TRANSFORMERS.items()
    ),
    Architecture("hf", "CLIP", _write_clip),
    Architecture("hf", "SigLIP", _write_siglip),
    Architecture("hf", "SigLIP 2, any size", _write_siglip2),
    Architecture("st", "CLIP", _write_clip),
    Architecture("st", "SigLIP", _write_siglip),
    Architecture("st", "CLIP with a dense layer", _write_dense),
    Architecture("st", "ViT, averaged", _write_vit_pooled),
)
QUICK = {
    ("timm", "ResNet"),
    ("timm", "ViT"),
    ("timm", "ConvNeXt V2"),
    ("open_clip", "CLIP, ViT"),
    ("open_clip", "CLIP, ResNet"),
    ("open_clip", "CLIP, QuickGELU"),
    ("hf", "DINOv2"),
    ("hf", "ViT"),
    ("hf", "CLIP"),
    ("hf", "SigLIP 2, any size"),
    ("st", "CLIP"),
    ("st", "SigLIP"),
}
