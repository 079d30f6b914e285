"""How fast pictures become an index, beside the article's way, the bare network and rclip.

    python -m benchmarks.embedding FOLDER [--pictures 256] [--rounds 3] [--precision bf16]
    python -m benchmarks.embedding FOLDER --faithful [--pictures 1000]
    python -m benchmarks.embedding FOLDER --sizes 1000 10000 50000
    python -m benchmarks.embedding FOLDER --rclip PYTHON

FOLDER has photographs. The networks of published methods are of true size with random weights,
which are as fast as any. Everything is done in turns, so that a machine that slows down slows all
down, and a ratio is told with its least and largest.

The first command times, for each network: the article's way (the library's own call and defaults,
a picture after the other, no index; some of the pictures, since each takes as long); a whole build,
from files to index, thumbnails and measures included; a build where thumbnails are there already;
and the bare network on pictures that are in memory as it wants them. Loading is in none of them,
nor the pictures that are spoilt to measure robustness, which are as many whatever the catalogue.

--faithful compares vectors and answers with those of the plain torch module in fp32. --sizes builds
catalogues of so many pictures by `efficientnet`, the photographs repeated with small changes, each
in a process of its own. --rclip runs rclip's own indexing, by a Python that has it, on the
architecture it uses, CLIP ViT-B/32 of 256 px; it needs the package onnx, which writes a network of
random weights in the format of its own, which are on a hub.
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

from benchmarks.builds import built, copies, each, spread, timed, true_size
from benchmarks.notebook import NOTEBOOK
from benchmarks.rclip import beside_rclip
from precompute.build import build
from similarity import METHODS, SimilarityError, inference
from similarity.embedding import embed_prepared, embedder, prepared
from similarity.indexes import unit
from similarity.inference import Precision, network, seen
from similarity.measures.metrics.costs import machine
from similarity.measures.robustness import compute
from similarity.pictures import read_picture
from similarity.store.publish import locked

NETWORKS = ("efficientnet", "resnet50", "clip")
EVERY = ("efficientnet", "conse", "simclr_small", "lit", "resnet50", "simclr", "clip")
ARTICLE = 128  # pictures at least, that the article's way is timed with
K = 10


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("folder", type=Path, help="of photographs")
    options.add_argument("--pictures", type=int, default=256)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--methods", default=",".join(NETWORKS))
    options.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    options.add_argument("--faithful", action="store_true")
    options.add_argument("--sizes", type=int, nargs="+")
    options.add_argument("--one", type=Path, help=argparse.SUPPRESS)  # of --sizes, by itself
    options.add_argument("--rclip", metavar="PYTHON")
    given = options.parse_args()
    compute.LEAST = sys.maxsize  # of spoilt pictures, which a build embeds beside its own
    if given.one:
        print(json.dumps(one(given.folder, given.one)))
        return
    photographs = sorted(given.folder.rglob("*.jp*g"))
    step = max(1, len(photographs) // given.pictures)
    some = photographs[::step][: given.pictures]
    console = Console()
    console.print(f"{machine()}; networks run by {inference.chosen()}")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if given.sizes:
            console.print(sizes(photographs, given.sizes, folder))
        elif given.rclip:
            console.print(beside_rclip(some, given.rclip, given.rounds, folder))
        elif given.faithful:
            console.print(faithful(some, folder))
        else:
            methods = given.methods.split(",")
            console.print(speeds(some, methods, given.rounds, given.precision, folder))


def speeds(
    pictures: list[Path], keys: list[str], rounds: int, precision: Precision, folder: Path
) -> Table:
    """Pictures a second, and ratios, each in the mean of the rounds with its range."""
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
    source = copies(pictures, folder / "pictures")
    for key in keys:
        method = true_size(key, folder)
        backbone = method.backbone
        assert backbone is not None
        running = network(backbone, precision)
        embedder(method)
        shown = seen(backbone, [read_picture(path.read_bytes()) for path in pictures])
        encode = NOTEBOOK[key](method)
        paths = [str(path) for path in pictures[:: max(1, len(pictures) // ARTICLE)]]
        each(encode, paths[:4])
        running.features(shown[:16])
        found = []
        for number in range(rounds):
            there, fresh = folder / f"{key}-{number}-there", folder / f"{key}-{number}"
            built(source, there, [METHODS["pixels"]], precision)
            found.append(
                (
                    timed(each, encode, paths),
                    timed(built, source, fresh, [method], precision),
                    timed(built, source, there, [method], precision),
                    timed(running.features, shown),
                )
            )
        article, whole, there_, bare = np.array(found).T
        article *= len(pictures) / len(paths)
        rates = [spread(len(pictures) / took) for took in (article, whole, there_, bare)]
        ratios = (article / whole, article / there_, bare / whole, bare / there_)
        table.add_row(key, *rates, *(spread(ratio, 2) for ratio in ratios))
    return table


def faithful(paths: list[Path], folder: Path) -> Table:
    """Cosines with the plain module's vectors, and answers, of pictures that ask each other."""
    pictures = [read_picture(path.read_bytes()) for path in paths]
    table = Table(title=f"{len(pictures)} photographs beside plain torch in fp32")
    for heading in ("method", "run by", "smallest cosine", f"same {K} nearest", "shared"):
        table.add_column(heading, justify="right")
    precisions: list[Precision] = ["fp32"]
    try:
        inference.chosen("bf16")
        precisions.append("bf16")
    except SimilarityError as error:
        print(error)
    for key in EVERY:
        method = true_size(key, folder)
        backbone = method.backbone
        assert backbone is not None
        shown, own = seen(backbone, pictures), prepared(method, pictures)
        plain = inference.by_torch(backbone, backbone.module())(shown)
        expected = unit(embed_prepared(method, own, plain))
        for precision in precisions:
            running = network(backbone, precision)
            found = unit(embed_prepared(method, own, running.features(shown)))
            cosine = np.einsum("ij,ij->i", found, expected, dtype=np.float64).min()
            lists = [
                set(a) & set(b) for a, b in zip(nearest(found), nearest(expected), strict=True)
            ]
            shared = np.array([len(each) for each in lists])
            table.add_row(
                key,
                running.how,
                f"{cosine:.6f}",
                f"{(shared == K).mean():.1%}",
                f"{shared.mean() / K:.1%}",
            )
    return table


def nearest(vectors: Any) -> list[list[int]]:
    """The K others most alike, of each."""
    cosines = vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    np.fill_diagonal(cosines, -np.inf)
    return np.argsort(-cosines, axis=1, kind="stable")[:, :K].tolist()


def sizes(photographs: list[Path], counts: list[int], folder: Path) -> Table:
    """What builds of growing catalogues take, each by itself."""
    table = Table(title="By efficientnet, photographs repeated with small changes")
    for heading in ("pictures", "embedding, s", "pictures/s", "whole build, s", "peak memory, MB"):
        table.add_column(heading, justify="right")
    source, made = folder / "repeated", 0
    for count in sorted(counts):
        repeat(photographs, source, made, count)
        made = count
        command = [sys.executable, "-m", "benchmarks.embedding", str(source), "--one"]
        command += [str(folder / f"built-{count}")]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        embedding = found["embedding"]
        table.add_row(
            f"{found['products']:,}",
            f"{embedding:.0f}",
            f"{found['products'] / embedding:.0f}",
            f"{found['whole']:.0f}",
            f"{found['memory']:.0f}",
        )
    return table


def repeat(photographs: list[Path], folder: Path, first: int, count: int) -> None:
    """Write the pictures `first` to `count`: photographs, cut and brightened a little by chance."""
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


def one(source: Path, folder: Path) -> dict[str, float]:
    """A build by efficientnet: seconds, and the most memory that this process had, in MB."""
    times: list[float] = []
    method = METHODS["efficientnet"]
    assert method.backbone is not None
    network(method.backbone)
    embedder(method)

    def step(what: str, done: int, total: int) -> None:
        if what == "Embedding":
            times.append(time.perf_counter())

    start = time.perf_counter()
    with locked(folder):
        built = build(source, str(source), folder, [method], step)
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
