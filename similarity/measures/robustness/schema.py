"""The file of robustness: which method still finds a product when its picture is distorted.

A query is a product's picture with one perturbation, embedded like a visitor's picture. The search
looks for the product itself among all products.
"""

from typing import Annotated

import numpy as np
from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass as checked

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.indexes import compute_fingerprint
from similarity.measures.files import (
    MEASURES,
    STRICT,
    add_build_remedy,
    read_json,
    require_same_vectors,
    stored_as,
)
from similarity.measures.metrics.schema import Difference, Figure, Table
from similarity.perturbations import PERTURBATIONS, REVISION, SCENES, Perturbation
from similarity.statistics.intervals import Values

PATH = f"{MEASURES}/robustness.json"
FORMAT = 4
MIN_PRODUCTS = 50  # with fewer, a share is uncertain by more than a seventh
TOP_K = 10  # the first so many
LOSS_THRESHOLD = 0.5  # a product counts as lost if a smaller share is found first


@checked(frozen=True, config=STRICT)
class Median:
    """A median with its 95 % interval."""

    median: float
    low: float
    high: float


@checked(frozen=True, config=STRICT)
class Point:
    """The effect of one amount of a perturbation.

    `similarity` is the cosine with the unchanged product, and `share_at_most` the share of random
    pairs of products whose cosine is no higher, None for too few pairs. `first_share` and
    `top_share` are the shares of products that are found first, and among the first TOP_K.
    """

    amount: int
    similarity: Median
    share_at_most: Annotated[Median | None, stored_as("near")]
    first_share: Annotated[Figure, stored_as("first")]
    top_share: Annotated[Figure, stored_as("ten")]


@checked(frozen=True, config=STRICT)
class Curve:
    """One perturbation's points over n products, from the lowest amount to the highest.

    Includes the amount 0. `area` is that under the curve of first shares, see
    `compute_area_weights`.
    """

    n: int
    points: list[Point]
    area: Figure


@checked(frozen=True, config=STRICT)
class SceneScore:
    """How often a method finds n products by their pictures in a scene.

    `first_share` and `top_share` are as in Point; `top_products` are the ids of the products that
    are among the first TOP_K.
    """

    n: int
    first_share: Annotated[Figure, stored_as("first")]
    top_share: Annotated[Figure, stored_as("ten")]
    top_products: Annotated[list[str], stored_as("found")]


@checked(frozen=True, config=STRICT)
class MethodCurves:
    """A method's curves by perturbation key, and its scores by scene.

    `stamp` identifies the vectors.
    """

    stamp: str
    curves: dict[str, Curve]
    scenes: dict[str, SceneScore]


@checked(frozen=True, config=STRICT)
class Robustness:
    """Everything that is stored, by method, for a random sample of the products.

    The sample has `groups`, counting variants of a product once; `groups_hash` identifies the
    assignment of products to groups. `scene_differences` are those of top shares, with the scene as
    the metric.
    """

    format: int
    catalogue: str
    perturbations: str
    products: int
    sample: int
    groups: int
    groups_hash: Annotated[str, stored_as("grouped")]
    methods: dict[str, MethodCurves]
    scene_differences: Annotated[list[Difference], stored_as("differences")]


_adapter = TypeAdapter(Robustness)


def compute_definition_hash() -> str:
    """Return a hash of the perturbations, their measured amounts, and the scenes."""
    settings = [f"{key} {list(each.measured_amounts)}" for key, each in PERTURBATIONS.items()]
    scenes = [f"{name} {dict(scene)}" for name, scene in SCENES.items()]
    return compute_fingerprint([REVISION, *settings, *scenes])


def list_amounts(perturbation: Perturbation) -> list[int]:
    """Return the amounts of a curve: the measured ones and 0."""
    return sorted({0, *perturbation.measured_amounts})


def compute_area_weights(perturbation: Perturbation) -> Values:
    """Return the weight of each amount in the area under a curve: (n,), summing to 1.

    By the trapezoidal rule over the whole range of amounts, divided by that range. Kinds have no
    order, so each has the same weight, and the unchanged picture has none.
    """
    positions = np.array(list_amounts(perturbation), np.float64)
    if perturbation.kinds:
        weights = (positions != 0).astype(np.float64)
    else:
        gaps = np.diff(positions)
        weights = (np.append(gaps, 0) + np.append(0, gaps)) / 2
    return weights / weights.sum()


def make_scene_table(robustness: Robustness, scene: str) -> Table | None:
    """Return the top shares of all methods in a scene, with the scene as the metric.

    None if the scene was not measured.
    """
    scores = {
        key: each.scenes[scene] for key, each in robustness.methods.items() if scene in each.scenes
    }
    if not scores:
        return None
    return Table(
        n=next(iter(scores.values())).n,
        chance=None,
        figures={key: {scene: score.top_share} for key, score in scores.items()},
        differences=[each for each in robustness.scene_differences if each.metric == scene],
    )


def find_losses(perturbation: Perturbation, curve: Curve) -> list[int]:
    """Return the smallest amounts, in either direction, at which a method misses most products.

    A method misses most products where even the upper limit of its first share is below
    LOSS_THRESHOLD. For kinds, all such kinds are returned.
    """
    lost = [point.amount for point in curve.points if point.first_share.high < LOSS_THRESHOLD]
    if perturbation.kinds:
        return lost
    below, above = [a for a in lost if a < 0], [a for a in lost if a > 0]
    return [*below[-1:], *above[:1]]


def to_json(robustness: Robustness) -> bytes:
    """Return the file's content."""
    return _adapter.dump_json(robustness, indent=1)


def from_json(content: bytes) -> Robustness:
    """Read what `to_json` wrote. Raises SimilarityError for anything else."""
    robustness = read_json(_adapter, content, PATH, FORMAT)
    if robustness.perturbations != compute_definition_hash():
        raise SimilarityError(f"{PATH} was measured with other perturbations")
    for method_curves in robustness.methods.values():
        if not method_curves.scenes.keys() <= SCENES.keys():
            raise SimilarityError(f"{PATH} is damaged: it has an unknown scene")
        for key, curve in method_curves.curves.items():
            perturbation = PERTURBATIONS.get(key)
            if not perturbation or [point.amount for point in curve.points] != list_amounts(
                perturbation
            ):
                raise SimilarityError(f"{PATH} is damaged: its amounts of {key!r} are wrong")
    return robustness


def load_robustness(catalogue: Catalogue) -> Robustness:
    """Load the robustness of an opened catalogue.

    Raises SimilarityError, with the command that measures it, if there is none or if the products
    or vectors have changed since.
    """
    with add_build_remedy(catalogue):
        robustness = from_json(catalogue.generation.read(PATH))
        stamps = {key: method_curves.stamp for key, method_curves in robustness.methods.items()}
        require_same_vectors(catalogue, robustness.catalogue, stamps, PATH)
        return robustness
