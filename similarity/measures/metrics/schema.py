"""Which method is how good, and how sure that is: what a build measures of its indexes.

`metrics.json` is read and written by pydantic, which refuses whatever is not of these types.
"""

from collections.abc import Callable, Sequence
from typing import Literal

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass as checked

from similarity.catalogue import Catalogue
from similarity.measures.files import MEASURES, STRICT, of_these, read_json, refused
from similarity.statistics.significance import LEVEL

PLACE = f"{MEASURES}/metrics.json"
FORMAT = 3
NEAR = 0.95  # the least cosine of near-duplicates, by every method
NEAREST = 10  # among so many of the query's nearest they have to be, by every method

Gallery = Literal["whole", "without"]  # with near-duplicates and without them


@checked(frozen=True, config=STRICT)
class Figure:
    """A mean or a share, and its 95 % interval."""

    mean: float
    low: float
    high: float


@checked(frozen=True, config=STRICT)
class Difference:
    """Of one method less another, over the same queries, with p values of a true difference of 0:
    alone, and corrected for the number of pairs (Holm)."""

    one: str
    other: str
    metric: str
    less: Figure
    p: float
    corrected: float

    @property
    def shown(self) -> bool:
        """Whether it is significant."""
        return self.corrected < LEVEL


def shared_ranks(order: Sequence[str], better: Callable[[str, str], bool]) -> dict[str, int]:
    """The rank of each method of an order, best first, from which of two is shown to be better.

    A new rank begins only where everything before is better than everything that follows.
    """
    ranks: dict[str, int] = {}
    rank = 1
    for place, key in enumerate(order):
        if place and all(better(one, other) for one in order[:place] for other in order[place:]):
            rank = place + 1
        ranks[key] = rank
    return ranks


@checked(frozen=True, config=STRICT)
class Table:
    """Figures of every method over the same n queries, by key and metric.

    `chance` is the P@k, whatever the k, of answers drawn at random; None where that is not asked.
    """

    n: int
    chance: float | None
    figures: dict[str, dict[str, Figure]]
    differences: list[Difference]

    def between(self, one: str, other: str, metric: str) -> Difference | None:
        """The difference of one method less another, in that order."""
        for found in self.differences:
            if found.metric == metric and (found.one, found.other) == (one, other):
                return found
            if found.metric == metric and (found.one, found.other) == (other, one):
                less = Figure(-found.less.mean, -found.less.high, -found.less.low)
                return Difference(one, other, metric, less, found.p, found.corrected)
        return None

    def ranks(self, metric: str, among: Sequence[str] = ()) -> dict[str, int]:
        """The rank of each method, or of those `among` which it is asked, best first.

        A new rank begins only where everything before is shown to be better than everything that
        follows: methods whose difference is not significant share a rank.
        """
        keys = [key for key in self.figures if not among or key in among]
        order = sorted(keys, key=lambda key: -self.figures[key][metric].mean)

        def better(one: str, other: str) -> bool:
            found = self.between(one, other, metric)
            return found is not None and found.shown

        return shared_ranks(order, better)


@checked(frozen=True, config=STRICT)
class Attribute:
    """What was measured of one attribute of the catalogue: of how many values, and either gallery.

    A gallery in which no query has another product of its value has no table.
    """

    name: str
    values: int
    tables: dict[Gallery, Table]


@checked(frozen=True, config=STRICT)
class Agreed:
    """How far two methods' answers agree: mean overlap at 10 and rank-biased overlap."""

    one: str
    other: str
    overlap: Figure
    biased: Figure


@checked(frozen=True, config=STRICT)
class Hubs:
    """How unevenly a method's answers are spread: the skewness of how often each product is among
    the 10 nearest of others, the share that never is, and those that are most often."""

    skewness: float
    never: float
    most: list[tuple[str, int]]


@checked(frozen=True, config=STRICT)
class Cost:
    """What a method costs.

    Pictures embedded a second, of how many, decoding not counted: when an index was built, and None
    if that is not known. The median and 95th percentile of a search for 12, ms, in one thread.
    Bytes on disk a product, None where a database holds the vectors. The recall of an approximate
    index, None of an exact one.
    """

    kind: str
    rate: float | None
    pictures: int
    median: float
    p95: float
    size: float | None
    recall: Figure | None


@checked(frozen=True, config=STRICT)
class Metrics:
    """All that is stored. `queries` of `products` were asked, which are of so many `groups`:
    near-duplicates and variants of a product are one. `near` says how many of the queries
    have near-duplicates; `texts` are by `words`: captions or categories.

    `methods` are stamps of the vectors that were measured, `indexes` of the files whose costs were:
    see `stored`.
    """

    format: int
    catalogue: str
    table: str
    methods: dict[str, str]
    indexes: dict[str, str]
    queries: int
    products: int
    groups: int
    depth: int
    near: int
    pairs: int
    attributes: list[Attribute]
    words: Literal["captions", "categories", ""]
    texts: Table | None
    agreed: list[Agreed]
    hubs: dict[str, Hubs]
    costs: dict[str, Cost]
    machine: str


_adapter = TypeAdapter(Metrics)


def to_json(found: Metrics) -> bytes:
    """The file's content."""
    return _adapter.dump_json(found, indent=1)


def from_json(content: bytes) -> Metrics:
    """What `to_json` wrote. Raises SimilarityError for anything else."""
    return read_json(_adapter, content, PLACE, FORMAT)


def stored_metrics(catalogue: Catalogue) -> Metrics:
    """Those of an opened catalogue.

    Raises SimilarityError, with the command that measures them, if there are none or if they are
    not of these products and of the indexes as they are now.
    """
    with refused(catalogue):
        found = from_json(catalogue.generation.read(PLACE))
        of_these(catalogue, found.catalogue, found.methods, PLACE)
        return found
