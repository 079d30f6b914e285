"""Perception Encoder core, L/14 at 336 px (Bolya et al. 2025, arXiv:2504.13181).

By open_clip, from timm/PE-Core-L-14-336: Meta's weights (facebook/PE-Core-L14-336) in open_clip's
names, which is what open_clip's own table of weights points to. Licence, 336 px and 32 tokens are
in apps/pe/README.md of facebookresearch/perception_models; pictures as open_clip's table says: the
whole picture squashed to 336 px, bilinear, from -1 to 1. Texts in small letters by CLIP's
vocabulary, which open_clip ships, without a template, as in that README's example.
The product-search benchmark of nyris (arXiv:2603.17186) has it near the top.
"""

from PIL import Image

from similarity.methods import by_open_clip
from similarity.methods.base import Embedder, File, Files, Method, Published, unbound
from similarity.methods.by_open_clip import OLDER, WEIGHTS

NAME = "PE-Core-L-14-336"
DIM, SIDE = 1024, 336
TOKENS = 32  # of a text, the rest is cut off


def open_files(name: str, files: Files) -> Embedder:
    """The loaded words. Raises any exception if the files are not this network's."""
    from open_clip.tokenizer import SimpleTokenizer

    read = SimpleTokenizer(context_length=TOKENS)
    silent = [0, read.sot_token_id, read.eot_token_id]
    return by_open_clip.words(name, files[WEIGHTS], read, silent)


def published(name: str, place: str, revision: str, weights: File) -> Published:
    """Weights of one of the sizes that open_clip knows."""
    return Published(
        place,
        revision,
        (weights,),
        open=lambda files: open_files(name, files),
        module=lambda files: by_open_clip.pictures(name, files[WEIGHTS]),
    )


METHOD = Method(
    key="pe_core",
    title="PE-Core L",
    family="Image-text",
    summary="Looks for what captions of pictures and of videos tell apart, in finer detail.",
    weights="Meta's Perception Encoder core ViT-L/14 at 336 px (671 M parameters), distilled from "
    "a larger one, trained on 5.4 billion pictures from the web with their captions and on 22 "
    "million videos with captions that models wrote; the pictures are not published.",
    licence="Apache-2.0",
    revision="l-14-336-1",
    dim=DIM,
    answers_text=True,
    year=2025,
    parameters=671_138_817,
    source="https://huggingface.co/timm/PE-Core-L-14-336",
    load=unbound,
    backbone=by_open_clip.backbone("pe-core-l-14-336", DIM, SIDE, Image.Resampling.BILINEAR),
    knows_colours=True,
    published=published(
        NAME,
        f"timm/{NAME}",
        "8eff41b3f687e50a323662c2dda5eb3588c6dd35",
        File(
            WEIGHTS,
            2_684_623_612,
            "b1fff7093c32a01d98a2d82098f9adf788b30f0efee639916520b3e4302f786b",
            (OLDER,),
        ),
    ),
)
