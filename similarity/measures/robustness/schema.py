"""Which method still finds a product when its picture is spoilt, and how far: a build measures it.

A query is a product's picture with one perturbation, embedded as a visitor's picture is, and what
is looked for is the product itself among all products.
"""

import numpy as np
from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass as checked

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.indexes import fingerprint
from similarity.measures.files import MEASURES, STRICT, of_these, read_json, refused
from similarity.measures.metrics.schema import Figure
from similarity.perturbations import PERTURBATIONS, REVISION, Perturbation
from similarity.statistics.intervals import Values

PLACE = f"{MEASURES}/robustness.json"
FORMAT = 2
LEAST = 50  # products: a share of fewer is unsure by more than a seventh
AMONG = 10  # the first so many
HALF = 0.5  # a product is lost where fewer are found first


@checked(frozen=True, config=STRICT)
class Middle:
    """A median and its 95 % interval."""

    median: float
    low: float
    high: float


@checked(frozen=True, config=STRICT)
class Point:
    """What one amount of a perturbation does.

    The cosine with the product as it is, and the share of random pairs of products that are less
    near than that, None where there are no pairs; the shares of products that are found first, and
    among the first AMONG.
    """

    amount: int
    similarity: Middle
    near: Middle | None
    first: Figure
    ten: Figure


@checked(frozen=True, config=STRICT)
class Curve:
    """One perturbation's points over n products, from the lowest amount to the highest, with that
    of 0; `area` is that under the shares found first, see `area_weights`."""

    n: int
    points: list[Point]
    area: Figure


@checked(frozen=True, config=STRICT)
class Measured:
    """A method's curves by the perturbations' keys; `stamp` says of which vectors they are."""

    stamp: str
    curves: dict[str, Curve]


@checked(frozen=True, config=STRICT)
class Robustness:
    """All that is stored: by method, of a sample of the products, drawn at random.

    The sample is of so many `groups`, of which variants of a product are one; `grouped` is a hash
    of which product is of which.
    """

    format: int
    catalogue: str
    perturbations: str
    products: int
    sample: int
    groups: int
    grouped: str
    methods: dict[str, Measured]


_adapter = TypeAdapter(Robustness)


def definition() -> str:
    """A hash of what is measured: figures of other perturbations or amounts are none of these."""
    measured = [f"{key} {list(each.measured)}" for key, each in PERTURBATIONS.items()]
    return fingerprint([REVISION, *measured])


def amounts(perturbation: Perturbation) -> list[int]:
    """Those of a curve: what is measured, and 0."""
    return sorted({0, *perturbation.measured})


def area_weights(perturbation: Perturbation) -> Values:
    """What each of `amounts` counts in the area under a curve: (n,), 1 together.

    By the trapezoidal rule over the whole range of amounts, divided by that. Kinds have no order:
    each counts the same, and the picture as it is does not.
    """
    at = np.array(amounts(perturbation), np.float64)
    if perturbation.kinds:
        weights = (at != 0).astype(np.float64)
    else:
        gaps = np.diff(at)
        weights = (np.append(gaps, 0) + np.append(0, gaps)) / 2
    return weights / weights.sum()


def lost_at(perturbation: Perturbation, curve: Curve) -> list[int]:
    """The least amounts, in either direction, at which most products are shown to be lost.

    That is where even the upper limit of the share that is found first is below HALF. Of kinds all
    such are given.
    """
    lost = [point.amount for point in curve.points if point.first.high < HALF]
    if perturbation.kinds:
        return lost
    below, above = [a for a in lost if a < 0], [a for a in lost if a > 0]
    return [*below[-1:], *above[:1]]


def to_json(found: Robustness) -> bytes:
    """The file's content."""
    return _adapter.dump_json(found, indent=1)


def from_json(content: bytes) -> Robustness:
    """What `to_json` wrote. Raises SimilarityError for anything else."""
    found = read_json(_adapter, content, PLACE, FORMAT)
    if found.perturbations != definition():
        raise SimilarityError(f"{PLACE} is of other perturbations")
    for measured in found.methods.values():
        for key, curve in measured.curves.items():
            known = PERTURBATIONS.get(key)
            if not known or [point.amount for point in curve.points] != amounts(known):
                raise SimilarityError(f"{PLACE} is damaged: its amounts of {key!r} are wrong")
    return found


def stored_robustness(catalogue: Catalogue) -> Robustness:
    """That of an opened catalogue.

    Raises SimilarityError, with the command that measures it, if there is none or if it is not of
    these products and of the indexes as they are now.
    """
    with refused(catalogue):
        found = from_json(catalogue.generation.read(PLACE))
        stamps = {key: measured.stamp for key, measured in found.methods.items()}
        of_these(catalogue, found.catalogue, stamps, PLACE)
        return found
