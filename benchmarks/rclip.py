"""How fast rclip indexes, beside a build of this project."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rich.table import Table

from benchmarks.builds import built, copies, spread, timed
from similarity import METHODS
from similarity.embedding import embedder
from similarity.inference import network
from similarity.methods import clip
from similarity.methods.base import Method

SIDE = 256  # px of the pictures that rclip's network sees
RCLIP = """
import json, sys, time
from rclip.main import init_rclip
for folder in sys.argv[1:]:
    start = time.perf_counter()
    init_rclip(folder, 8)  # its command's own default
    print(json.dumps(time.perf_counter() - start))
"""


def beside_rclip(pictures: list[Path], python: str, rounds: int, folder: Path) -> Table:
    """rclip's own indexing and ours, of the same architecture with random weights."""
    data = folder / "rclip"
    model = data / "ViT-B-32-256-datacomp_s34b_b86k"
    model.mkdir(parents=True)
    (data / "tokenizer").mkdir()
    for path in (model / "textual.onnx", data / "tokenizer" / "bpe_simple_vocab_16e6.txt.gz"):
        path.touch()  # it looks whether they are there, and needs them for words alone
    module = tower()
    write_onnx(module, model / "visual.onnx")
    few = copies(pictures[:8], folder / "few")
    many = copies(pictures, folder / "many")
    method = larger(module)
    assert method.backbone is not None
    network(method.backbone)
    embedder(method)
    found = []
    for number in range(rounds):
        environment = {"RCLIP_DATADIR": str(data), "PATH": "/usr/bin:/bin", "HOME": str(folder)}
        (data / "db.sqlite3").unlink(missing_ok=True)
        told = subprocess.run(
            [python, "-c", RCLIP, str(few), str(many)],
            check=True,
            capture_output=True,
            text=True,
            env=environment,
        ).stdout
        loading, theirs = (float(line) for line in told.splitlines())
        # Its first run, of eight pictures, has its loading, and so has the second; those eight are
        # known by their content by then.
        theirs = (theirs - loading) / (len(pictures) - 16) * len(pictures)
        place = folder / f"ours-{number}"
        ours = timed(built, many, place, [method], "fp32")
        built(many, folder / f"there-{number}", [METHODS["pixels"]], "fp32")
        there = folder / f"there-{number}"
        index = timed(built, many, there, [method], "fp32")
        found.append((theirs, ours, index))
    theirs_, ours_, index_ = np.array(found).T
    table = Table(title=f"{len(pictures)} pictures, {rounds} rounds, CLIP ViT-B/32 of {SIDE} px")
    for heading in ("", "pictures/s", "times rclip"):
        table.add_column(heading, justify="right")
    for name, took in (("rclip", theirs_), ("build", ours_), ("thumbnails there", index_)):
        table.add_row(name, spread(len(pictures) / took), spread(theirs_ / took, 2))
    return table


def tower() -> Any:
    """CLIP's tower of pictures for SIDE px, with random weights."""
    import torch
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(0)
    model = CLIPVisionModelWithProjection(CLIPVisionConfig(image_size=SIDE)).eval()

    class Pictures(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, pictures: Any) -> Any:
            return self.model(pixel_values=pictures).image_embeds

    return Pictures()


def write_onnx(module: Any, path: Path) -> None:
    import torch

    torch.onnx.export(
        module,
        (torch.zeros(2, 3, SIDE, SIDE),),
        str(path),
        input_names=["input"],
        output_names=["output"],
        dynamic_axes={"input": {0: "n"}, "output": {0: "n"}},
        dynamo=False,
    )


def larger(module: Any) -> Method:
    """The method of such a tower."""

    processor = clip.processor()

    def prepare(picture: Image.Image) -> Any:
        settings = {"size": {"shortest_edge": SIDE}, "crop_size": {"height": SIDE, "width": SIDE}}
        made = processor(
            picture, do_rescale=False, do_normalize=False, return_tensors="np", **settings
        )
        return made["pixel_values"][0].transpose(1, 2, 0).astype(np.uint8, copy=False)

    backbone = replace(
        clip.BACKBONE,
        key="benchmark-vit",
        side=SIDE,
        preprocessing=lambda: prepare,
        module=lambda: module,
    )
    return replace(METHODS["efficientnet"], key="benchmark", dim=512, backbone=backbone)
