"""How much of an approximate index a search looks at, and how much of the exact answer it finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from similarity.indexes.pairs import KINDS, Kind

AT = 10  # nearest: what recall is measured at


@dataclass(frozen=True)
class Recall:
    """The share of the exact top AT that an index finds: mean over queries, 95 % interval."""

    share: float
    low: float
    high: float
    queries: int


@dataclass(frozen=True)
class Effort:
    """So many cells are looked into, and so many of what they hold are compared exactly.

    The latter is for AT results, and for more of them in proportion.
    """

    cells: int
    shortlist: int


@dataclass(frozen=True)
class Trained:
    """On how many products cells were found, and how many were added or removed since."""

    products: int
    changed: int


def read_trained(facts: Mapping[str, Any]) -> Trained:
    """As a manifest has it. Raises any exception unless it is one."""
    trained = Trained(**facts["trained"])
    if not all(type(n) is int and n >= 0 for n in (trained.products, trained.changed)):
        raise ValueError(f"its cells are {trained}")
    return trained


def read_effort(facts: Mapping[str, Any]) -> Effort:
    """As a manifest has it. Raises any exception unless it is one."""
    effort = Effort(**facts["effort"])
    if not all(type(n) is int and n > 0 for n in (effort.cells, effort.shortlist)):
        raise ValueError(f"its effort is {effort}")
    return effort


def read_recall(facts: Mapping[str, Any]) -> dict[Kind, Recall]:
    """As a manifest has it, of queries by products and by words. Raises as `read_effort`."""
    found: dict[Kind, Recall] = {}
    for kind in KINDS:
        if kind in facts["recall"]:
            found[kind] = recall = Recall(**facts["recall"][kind])
            if not 0 <= recall.low <= recall.share <= recall.high <= 1 or recall.queries < 1:
                raise ValueError(f"its recall is {recall}")
    if "pictures" not in found:
        raise ValueError("it tells no recall")
    return found
