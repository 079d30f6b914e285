"""The effort of approximate searches, and the recall that they reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from similarity.indexes.pairs import KINDS, Kind

TOP_K = 10  # recall is measured at this number of results


@dataclass(frozen=True)
class Recall:
    """The share of the exact top TOP_K that an index finds: mean over queries, 95 % interval."""

    share: float
    low: float
    high: float
    queries: int


@dataclass(frozen=True)
class Effort:
    """Cells probed and candidates compared exactly per search of TOP_K results.

    Searches for more results compare more candidates in proportion.
    """

    cells: int
    shortlist: int


@dataclass(frozen=True)
class Trained:
    """The number of products that cells were trained on, and of those changed since."""

    products: int
    changed: int


def read_trained(facts: Mapping[str, Any]) -> Trained:
    """Read the training facts of a manifest. Raises any exception if they are invalid."""
    trained = Trained(**facts["trained"])
    if not all(type(n) is int and n >= 0 for n in (trained.products, trained.changed)):
        raise ValueError(f"its cells are {trained}")
    return trained


def read_effort(facts: Mapping[str, Any]) -> Effort:
    """Read the effort of a manifest. Raises any exception if it is invalid."""
    effort = Effort(**facts["effort"])
    if not all(type(n) is int and n > 0 for n in (effort.cells, effort.shortlist)):
        raise ValueError(f"its effort is {effort}")
    return effort


def read_recall(facts: Mapping[str, Any]) -> dict[Kind, Recall]:
    """Read the recall of a manifest, by kind of query. Raises any exception if it is invalid."""
    recalls: dict[Kind, Recall] = {}
    for kind in KINDS:
        if kind in facts["recall"]:
            recalls[kind] = recall = Recall(**facts["recall"][kind])
            if not 0 <= recall.low <= recall.share <= recall.high <= 1 or recall.queries < 1:
                raise ValueError(f"its recall is {recall}")
    if "pictures" not in recalls:
        raise ValueError("it has no recall for pictures")
    return recalls
