"""What follows the indexes of a build: it is measured, and published stage by stage."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from PIL import Image

from precompute.build import Built
from precompute.scan import reread
from similarity.measures.maps import schema as maps
from similarity.measures.maps.compute import compute_maps
from similarity.measures.metrics import schema as metrics
from similarity.measures.metrics.compute import compute_metrics
from similarity.measures.neighbours import schema as neighbours
from similarity.measures.robustness import schema as robustness
from similarity.measures.robustness.compute import compute_robustness
from similarity.pictures import read_picture
from similarity.store.generations import Generation
from similarity.store.progress import Step
from similarity.store.publish import Staging, clear_unused, take_over


@dataclass(frozen=True)
class Stage:
    """What is published together: files by their places in a generation, and what makes them."""

    name: str
    places: tuple[str, ...]
    measure: Callable[[Generation], dict[str, bytes]]


def publish_stages(folder: Path, source: Path, built: Built, step: Step) -> dict[str, float]:
    """Measure the present generation of the catalogue in `folder`, which has to be locked.

    Each stage is published once it is complete, so that an interruption costs only the one that
    runs. `source` is the folder of pictures. Returns the seconds that each stage took.
    Raises SimilarityError, OSError.
    """
    products, failures = built.scan.products, built.failures

    def picture(product: str) -> Image.Image:
        return read_picture(reread(source / products["path"][product], product))

    stages = (
        Stage(
            "accuracy",
            (metrics.PLACE, neighbours.PLACE),
            lambda generation: compute_metrics(generation, products, built.rates, step, failures),
        ),
        Stage(
            "maps",
            (maps.PLACE,),
            lambda generation: compute_maps(generation, products, step),
        ),
        Stage(
            "robustness",
            (robustness.PLACE,),
            lambda generation: compute_robustness(generation, products, picture, step, failures),
        ),
    )
    seconds = {}
    for stage in stages:
        start = monotonic()
        publish_stage(folder, stage)
        seconds[stage.name] = monotonic() - start
    return seconds


def publish_stage(folder: Path, stage: Stage) -> None:
    """Measure the present generation, and publish another with what that gave."""
    with closing(Generation(folder)) as generation:
        files = stage.measure(generation)
        staging = Staging(folder, generation)
        take_over(staging, generation, stage.places)
        for path, content in files.items():
            staging.add(path, content)
        staging.publish(generation.source)
    clear_unused(folder)
