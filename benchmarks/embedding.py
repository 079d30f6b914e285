"""Measure how fast pictures become an index, next to the article's way, the bare network and rclip.

    python -m benchmarks.embedding FOLDER [--pictures 256] [--rounds 3] [--precision bf16]
    python -m benchmarks.embedding FOLDER --faithful [--pictures 1000]
    python -m benchmarks.embedding FOLDER --sizes 1000 10000 50000
    python -m benchmarks.embedding FOLDER --rclip PYTHON

FOLDER contains photographs. The networks of published methods have their true size and random
weights, which are as fast as others. Everything is measured in turns, so that a machine that slows
down affects all equally; a ratio is reported with its range.

The first command times, for each network: the article's way (the library's own call and defaults,
one picture after the other, no index, on some of the pictures); a whole build, from files to index,
including thumbnails and measures; a build with existing thumbnails; and the bare network on
prepared pictures in memory. The times exclude loading, and the distorted pictures for measuring
robustness, whose number doesn't depend on the catalogue.

--faithful compares vectors and results with those of the plain torch module in fp32. --sizes builds
catalogues of these numbers of pictures by `efficientnet`, from photographs repeated with small
changes, each in its own process. --rclip runs rclip's indexing, in a Python environment that has
it, on the architecture it uses, CLIP ViT-B/32 of 256 px. It needs the package onnx to write a
network of random weights, because rclip's own weights are downloaded from a hub.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageEnhance
from rich.console import Console
from rich.table import Table

from benchmarks.builds import (
    bind_random_weights,
    build_indexes,
    copy_pictures,
    encode_all,
    format_range,
    measure_seconds,
)
from benchmarks.notebook import NOTEBOOK
from benchmarks.rclip import compare_with_rclip
from precompute.build import build
from precompute.scan import take_inventory
from similarity import METHODS, SimilarityError, inference
from similarity.embedding import embed_preprocessed, load_embedder, preprocess
from similarity.indexes import normalise
from similarity.inference import Precision, load_network, prepare_inputs
from similarity.measures.metrics.costs import describe_machine
from similarity.measures.robustness import compute
from similarity.pictures.read import read_picture
from similarity.store.publish import lock_catalogue

NETWORKS = ("efficientnet", "resnet50", "clip")
EVERY = ("efficientnet", "conse", "simclr_small", "lit", "resnet50", "simclr", "clip")
ARTICLE = 128  # minimum number of pictures to time the article's way with
K = 10


def main() -> None:
    """Run the measurement that the options name, and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="of photographs")
    parser.add_argument("--pictures", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--methods", default=",".join(NETWORKS))
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--faithful", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="+")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)  # for --sizes, run separately
    parser.add_argument("--rclip", metavar="PYTHON")
    options = parser.parse_args()
    compute.MIN_PRODUCTS = sys.maxsize  # distorted pictures, which a build embeds in addition
    if options.one:
        print(json.dumps(measure_build(options.folder, options.one)))
        return
    photographs = sorted(options.folder.rglob("*.jp*g"))
    step = max(1, len(photographs) // options.pictures)
    sample = photographs[::step][: options.pictures]
    console = Console()
    console.print(f"{describe_machine()}; networks run by {inference.choose_runtime()}")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if options.sizes:
            console.print(measure_growth(photographs, options.sizes, folder))
        elif options.rclip:
            console.print(compare_with_rclip(sample, options.rclip, options.rounds, folder))
        elif options.faithful:
            console.print(compare_vectors(sample, folder))
        else:
            methods = options.methods.split(",")
            console.print(
                compare_speeds(sample, methods, options.rounds, options.precision, folder)
            )


def compare_speeds(
    pictures: list[Path], keys: list[str], rounds: int, precision: Precision, folder: Path
) -> Table:
    """Return pictures per second and ratios: the mean over the rounds, with its range."""
    table = Table(title=f"{len(pictures)} pictures, {rounds} rounds, ours in {precision}")
    for heading in (
        "method",
        "article's way, pictures/s",
        "build",
        "with thumbnails there",
        "bare network",
        "build / article's way",
        "thumbnails there / article's way",
        "build / bare",
        "thumbnails there / bare",
    ):
        table.add_column(heading, justify="right")
    source = copy_pictures(pictures, folder / "pictures")
    for key in keys:
        method = bind_random_weights(key, folder)
        backbone = method.backbone
        assert backbone is not None
        running = load_network(backbone, precision)
        load_embedder(method)
        inputs = prepare_inputs(backbone, [read_picture(path.read_bytes()) for path in pictures])
        encode = NOTEBOOK[key](method)
        paths = [str(path) for path in pictures[:: max(1, len(pictures) // ARTICLE)]]
        encode_all(encode, paths[:4])
        running.features(inputs[:16])
        times = []
        for number in range(rounds):
            with_thumbnails, fresh = folder / f"{key}-{number}-there", folder / f"{key}-{number}"
            build_indexes(source, with_thumbnails, [METHODS["pixels"]], precision)
            times.append(
                (
                    measure_seconds(encode_all, encode, paths),
                    measure_seconds(build_indexes, source, fresh, [method], precision),
                    measure_seconds(build_indexes, source, with_thumbnails, [method], precision),
                    measure_seconds(running.features, inputs),
                )
            )
        article, whole, index_only, bare = np.array(times).T
        article *= len(pictures) / len(paths)
        rates = [
            format_range(len(pictures) / seconds) for seconds in (article, whole, index_only, bare)
        ]
        ratios = (article / whole, article / index_only, bare / whole, bare / index_only)
        table.add_row(key, *rates, *(format_range(ratio, 2) for ratio in ratios))
    return table


def compare_vectors(paths: list[Path], folder: Path) -> Table:
    """Return cosines with the plain module's vectors, and the share of equal neighbours."""
    pictures = [read_picture(path.read_bytes()) for path in paths]
    table = Table(title=f"{len(pictures)} photographs beside plain torch in fp32")
    for heading in ("method", "run by", "smallest cosine", f"same {K} nearest", "shared"):
        table.add_column(heading, justify="right")
    precisions: list[Precision] = ["fp32"]
    try:
        inference.choose_runtime("bf16")
        precisions.append("bf16")
    except SimilarityError as error:
        print(error)
    for key in EVERY:
        method = bind_random_weights(key, folder)
        backbone = method.backbone
        assert backbone is not None
        inputs, method_inputs = prepare_inputs(backbone, pictures), preprocess(method, pictures)
        plain = inference.run_by_torch(backbone, backbone.build_module())(inputs)
        expected = normalise(embed_preprocessed(method, method_inputs, plain))
        for precision in precisions:
            running = load_network(backbone, precision)
            vectors = normalise(embed_preprocessed(method, method_inputs, running.features(inputs)))
            cosine = np.einsum("ij,ij->i", vectors, expected, dtype=np.float64).min()
            lists = [
                set(a) & set(b)
                for a, b in zip(find_nearest(vectors), find_nearest(expected), strict=True)
            ]
            shared = np.array([len(each) for each in lists])
            table.add_row(
                key,
                running.description,
                f"{cosine:.6f}",
                f"{(shared == K).mean():.1%}",
                f"{shared.mean() / K:.1%}",
            )
    return table


def find_nearest(vectors: Any) -> list[list[int]]:
    """Return the K nearest other rows of each row."""
    cosines = vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    np.fill_diagonal(cosines, -np.inf)
    return np.argsort(-cosines, axis=1, kind="stable")[:, :K].tolist()


def measure_growth(photographs: list[Path], counts: list[int], folder: Path) -> Table:
    """Build growing catalogues, each in its own process; return a table."""
    table = Table(title="By efficientnet, photographs repeated with small changes")
    for heading in ("pictures", "embedding, s", "pictures/s", "whole build, s", "peak memory, MB"):
        table.add_column(heading, justify="right")
    source, written = folder / "repeated", 0
    for count in sorted(counts):
        write_variants(photographs, source, written, count)
        written = count
        command = [sys.executable, "-m", "benchmarks.embedding", str(source), "--one"]
        command += [str(folder / f"built-{count}")]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        result = json.loads(done.stdout.splitlines()[-1])
        embedding = result["embedding"]
        table.add_row(
            f"{result['products']:,}",
            f"{embedding:.0f}",
            f"{result['products'] / embedding:.0f}",
            f"{result['whole']:.0f}",
            f"{result['memory']:.0f}",
        )
    return table


def write_variants(photographs: list[Path], folder: Path, first: int, count: int) -> None:
    """Write pictures `first` to `count`: photographs, slightly cropped and brightened."""
    folder.mkdir(exist_ok=True)
    for number, path in enumerate(islice(cycle(photographs), count)):
        if number < first:
            continue
        rng = np.random.default_rng(number)
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
        left, top, right, bottom = rng.uniform(0, 0.05, 4) * np.tile(picture.size, 2)
        box = (int(left), int(top), picture.width - int(right), picture.height - int(bottom))
        changed = ImageEnhance.Brightness(picture.crop(box)).enhance(rng.uniform(0.9, 1.1))
        changed.save(folder / f"{number:06}.jpg")


def measure_build(source: Path, folder: Path) -> dict[str, float]:
    """Build with efficientnet; return the seconds, and this process's peak memory in MB."""
    times: list[float] = []
    method = METHODS["efficientnet"]
    assert method.backbone is not None
    load_network(method.backbone)
    load_embedder(method)

    def step(what: str, done: int, total: int) -> None:
        if what == "Embedding":
            times.append(time.perf_counter())

    start = time.perf_counter()
    with lock_catalogue(folder):
        built = build(take_inventory(source), str(source), source.name, folder, [method], step)
    whole = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    embedding = times[-1] - times[0]
    return {
        "products": len(built.scan.products),
        "embedding": embedding,
        "whole": whole,
        "memory": memory,
    }


if __name__ == "__main__":
    main()
