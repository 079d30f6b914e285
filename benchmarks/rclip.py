"""Compare how fast rclip and this project index pictures."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rich.table import Table

from benchmarks.builds import build_indexes, copy_pictures, format_range, measure_seconds
from similarity import METHODS
from similarity.embedding import load_embedder
from similarity.inference import load_network
from similarity.methods import clip
from similarity.methods.base import Method

SIDE = 256  # px of the pictures for rclip's network
RCLIP = """
import json, sys, time
from rclip.main import init_rclip
for folder in sys.argv[1:]:
    start = time.perf_counter()
    init_rclip(folder, 8)  # its command's own default
    print(json.dumps(time.perf_counter() - start))
"""


def compare_with_rclip(pictures: list[Path], python: str, rounds: int, folder: Path) -> Table:
    """Compare rclip's indexing with this project's, on one architecture with random weights."""
    data = folder / "rclip"
    model = data / "ViT-B-32-256-datacomp_s34b_b86k"
    model.mkdir(parents=True)
    (data / "tokenizer").mkdir()
    for path in (model / "textual.onnx", data / "tokenizer" / "bpe_simple_vocab_16e6.txt.gz"):
        path.touch()  # it checks that these exist, but reads them only for text
    module = build_tower()
    write_onnx(module, model / "visual.onnx")
    few = copy_pictures(pictures[:8], folder / "few")
    many = copy_pictures(pictures, folder / "many")
    method = make_method(module)
    assert method.backbone is not None
    load_network(method.backbone)
    load_embedder(method)
    times = []
    for number in range(rounds):
        environment = {"RCLIP_DATADIR": str(data), "PATH": "/usr/bin:/bin", "HOME": str(folder)}
        (data / "db.sqlite3").unlink(missing_ok=True)
        output = subprocess.run(
            [python, "-c", RCLIP, str(few), str(many)],
            check=True,
            capture_output=True,
            text=True,
            env=environment,
        ).stdout
        loading, rclip_seconds = (float(line) for line in output.splitlines())
        # Its first run, on eight pictures, includes its loading, and so does the second, which
        # recognises those eight by their content.
        rclip_seconds = (rclip_seconds - loading) / (len(pictures) - 16) * len(pictures)
        place = folder / f"ours-{number}"
        build_seconds = measure_seconds(build_indexes, many, place, [method], "fp32")
        with_thumbnails = folder / f"there-{number}"
        build_indexes(many, with_thumbnails, [METHODS["pixels"]], "fp32")
        index = measure_seconds(build_indexes, many, with_thumbnails, [method], "fp32")
        times.append((rclip_seconds, build_seconds, index))
    rclip_times, build_times, index_times = np.array(times).T
    table = Table(title=f"{len(pictures)} pictures, {rounds} rounds, CLIP ViT-B/32 of {SIDE} px")
    for heading in ("", "pictures/s", "times rclip"):
        table.add_column(heading, justify="right")
    for name, seconds in (
        ("rclip", rclip_times),
        ("build", build_times),
        ("existing thumbnails", index_times),
    ):
        table.add_row(
            name, format_range(len(pictures) / seconds), format_range(rclip_times / seconds, 2)
        )
    return table


def build_tower() -> Any:
    """Return CLIP's image encoder for SIDE px, with random weights."""
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
    """Write a module in the format that rclip reads."""
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


def make_method(module: Any) -> Method:
    """Return the method of this encoder."""
    processor = clip.make_processor()

    def prepare(picture: Image.Image) -> Any:
        settings = {"size": {"shortest_edge": SIDE}, "crop_size": {"height": SIDE, "width": SIDE}}
        outputs = processor(
            picture, do_rescale=False, do_normalize=False, return_tensors="np", **settings
        )
        return outputs["pixel_values"][0].transpose(1, 2, 0).astype(np.uint8, copy=False)

    backbone = replace(
        clip.BACKBONE,
        key="benchmark-vit",
        side=SIDE,
        make_preprocessing=lambda: prepare,
        build_module=lambda: module,
    )
    return replace(METHODS["efficientnet"], key="benchmark", dim=512, backbone=backbone)
