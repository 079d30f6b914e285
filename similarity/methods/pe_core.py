"""Perception Encoder core, L/14 at 336 px (Bolya et al. 2025, arXiv:2504.13181).

Loaded by open_clip from timm/PE-Core-L-14-336: Meta's weights (facebook/PE-Core-L14-336) under
open_clip's tensor names, which open_clip's own table of weights refers to. Licence, 336 px and 32
tokens are stated in apps/pe/README.md of facebookresearch/perception_models. Pictures are
preprocessed as in open_clip's table: the whole picture squashed to 336 px, bilinear, scaled to -1
to 1. Texts are in lower case with CLIP's vocabulary, which open_clip ships, without a template, as
in that README's example. The product search benchmark of nyris (arXiv:2603.17186) ranks it near the
top.
"""

from PIL import Image

from similarity.methods import by_open_clip
from similarity.methods.base import Embedder, File, Files, Method, Published, reject_unbound
from similarity.methods.by_open_clip import OLDER_WEIGHTS, WEIGHTS

NAME = "PE-Core-L-14-336"
DIM, SIDE = 1024, 336
TOKENS = 32  # longer texts are cut off


def load_embedder(name: str, files: Files) -> Embedder:
    """Load the text tower. Raises any exception if the files don't fit this network."""
    from open_clip.tokenizer import SimpleTokenizer

    tokenize = SimpleTokenizer(context_length=TOKENS)
    empty_tokens = [0, tokenize.sot_token_id, tokenize.eot_token_id]
    return by_open_clip.load_text_embedder(name, files[WEIGHTS], tokenize, empty_tokens)


def make_published(name: str, location: str, revision: str, weights: File) -> Published:
    """Describe the weights of a size that open_clip knows."""
    return Published(
        location,
        revision,
        (weights,),
        load_embedder=lambda files: load_embedder(name, files),
        build_module=lambda files: by_open_clip.load_picture_tower(name, files[WEIGHTS]),
    )


METHOD = Method(
    key="pe_core",
    title="PE-Core L",
    family="Image-text",
    summary="Matches what captions of pictures and videos describe, in finer detail.",
    weights="Meta's Perception Encoder core ViT-L/14 at 336 px (671 M parameters), distilled from "
    "a larger one, trained on 5.4 billion captioned pictures from the web and on 22 million videos "
    "with captions written by models; the pictures are not published.",
    licence="Apache-2.0",
    terms="permissive",
    revision="l-14-336-1",
    dim=DIM,
    answers_text=True,
    year=2025,
    parameters=671_138_817,
    source="https://huggingface.co/timm/PE-Core-L-14-336",
    load=reject_unbound,
    backbone=by_open_clip.make_backbone("pe-core-l-14-336", DIM, SIDE, Image.Resampling.BILINEAR),
    knows_colours=True,
    published=make_published(
        NAME,
        f"timm/{NAME}",
        "8eff41b3f687e50a323662c2dda5eb3588c6dd35",
        File(
            WEIGHTS,
            2_684_623_612,
            "b1fff7093c32a01d98a2d82098f9adf788b30f0efee639916520b3e4302f786b",
            (OLDER_WEIGHTS,),
        ),
    ),
)
