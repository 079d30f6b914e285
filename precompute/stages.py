"""Measure a built catalogue, and publish the measures stage by stage."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from PIL import Image

from precompute.build import BuildResult
from precompute.scan import read_again
from similarity.measures.maps import schema as maps
from similarity.measures.maps.compute import compute_maps
from similarity.measures.metrics import schema as metrics
from similarity.measures.metrics.compute import compute_metrics
from similarity.measures.neighbours import schema as neighbours
from similarity.measures.robustness import schema as robustness
from similarity.measures.robustness.compute import compute_robustness
from similarity.pictures.read import read_picture
from similarity.store.generations import Generation
from similarity.store.progress import Step
from similarity.store.publish import Staging, link_unchanged, remove_unused


@dataclass(frozen=True)
class Stage:
    """Measures that are published together: their paths in a generation, and the function."""

    name: str
    paths: tuple[str, ...]
    measure: Callable[[Generation], dict[str, bytes]]


def publish_stages(folder: Path, source: Path, result: BuildResult, step: Step) -> dict[str, float]:
    """Measure the current generation of the catalogue in `folder`, which has to be locked.

    Each stage is published once it is complete, so that an interruption only costs the current one.
    `source` is the folder of pictures. Returns the seconds that each stage took. Raises
    SimilarityError, OSError.
    """
    products, failures = result.scan.products, result.failures

    def read_product_picture(product: str) -> Image.Image:
        return read_picture(read_again(source / products["path"][product], product))

    stages = (
        Stage(
            "accuracy",
            (metrics.PATH, neighbours.PATH),
            lambda generation: compute_metrics(generation, products, result.rates, step, failures),
        ),
        Stage(
            "maps",
            (maps.PATH,),
            lambda generation: compute_maps(generation, products, step),
        ),
        Stage(
            "robustness",
            (robustness.PATH,),
            lambda generation: compute_robustness(
                generation, products, read_product_picture, step, failures
            ),
        ),
    )
    seconds = {}
    for stage in stages:
        start = monotonic()
        publish_stage(folder, stage)
        seconds[stage.name] = monotonic() - start
    return seconds


def publish_stage(folder: Path, stage: Stage) -> None:
    """Measure the current generation, and publish another one with the results."""
    with closing(Generation(folder)) as generation:
        files = stage.measure(generation)
        staging = Staging(folder, generation)
        link_unchanged(staging, generation, stage.paths)
        for path, content in files.items():
            staging.add_bytes(path, content)
        staging.publish(generation.source)
    remove_unused(folder)
