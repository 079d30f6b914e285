"""The effort of approximate searches, and the recall that they reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

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


FilterKind = Literal["random", "cluster"]  # what a filter leaves: see approximate.filtered


@dataclass(frozen=True)
class FilterRecall:
    """The recall of searches with filters of one kind that leave a share of the products."""

    kind: FilterKind
    share: float
    recall: Recall


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
    return _read_effort(facts["effort"])


def read_filtered(
    facts: Mapping[str, Any],
) -> tuple[dict[FilterKind, Effort], list[FilterRecall] | None]:
    """Read the efforts of searches with filters, and their recall; None if it wasn't measured.

    Raises any exception if they are invalid.
    """
    kinds: tuple[FilterKind, ...] = get_args(FilterKind)
    if "filtered" not in facts:
        return dict.fromkeys(kinds, read_effort(facts)), None
    recalls = [
        FilterRecall(each["kind"], each["share"], _read_recall(each["recall"]))
        for each in facts["filtered"]["recall"]
    ]
    if not all(each.kind in kinds and 0 < each.share <= 1 for each in recalls):
        raise ValueError(f"its recall with filters is {recalls}")
    return {kind: _read_effort(facts["filtered"]["efforts"][kind]) for kind in kinds}, recalls


def _read_effort(facts: Mapping[str, Any]) -> Effort:
    effort = Effort(**facts)
    if not all(type(n) is int and n > 0 for n in (effort.cells, effort.shortlist)):
        raise ValueError(f"its effort is {effort}")
    return effort


def _read_recall(facts: Mapping[str, Any]) -> Recall:
    recall = Recall(**facts)
    if not 0 <= recall.low <= recall.share <= recall.high <= 1 or recall.queries < 1:
        raise ValueError(f"its recall is {recall}")
    return recall


def read_recall(facts: Mapping[str, Any]) -> dict[Kind, Recall]:
    """Read the recall of a manifest, by kind of query. Raises any exception if it is invalid."""
    recalls: dict[Kind, Recall] = {}
    for kind in KINDS:
        if kind in facts["recall"]:
            recalls[kind] = _read_recall(facts["recall"][kind])
    if "pictures" not in recalls:
        raise ValueError("it has no recall for pictures")
    return recalls
