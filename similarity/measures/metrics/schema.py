"""The file of metrics: how good each method is, and how certain that is.

`metrics.json` is read and written by pydantic, which refuses anything that doesn't match these
types.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass as checked

from similarity.catalogue import Catalogue
from similarity.measures.files import (
    MEASURES,
    STRICT,
    add_build_remedy,
    read_json,
    require_same_vectors,
    stored_as,
)
from similarity.statistics.significance import LEVEL

PATH = f"{MEASURES}/metrics.json"
FORMAT = 6
NEAREST = 10  # near-duplicates are among this number of nearest neighbours, by every method

Gallery = Literal["whole", "without"]  # with and without near-duplicates


@checked(frozen=True, config=STRICT)
class Figure:
    """A mean or a share with its 95 % interval."""

    mean: float
    low: float
    high: float


@checked(frozen=True, config=STRICT)
class Difference:
    """The difference of two methods over the same queries: `one` minus `other`.

    `p` is that of the hypothesis that there is no difference, and `corrected_p` is corrected for
    the number of pairs (Holm).
    """

    one: str
    other: str
    metric: str
    estimate: Annotated[Figure, stored_as("less")]
    p: float
    corrected_p: Annotated[float, stored_as("corrected")]

    @property
    def is_significant(self) -> bool:
        """Whether the corrected p value is below LEVEL."""
        return self.corrected_p < LEVEL


def assign_ranks(order: Sequence[str], is_better: Callable[[str, str], bool]) -> dict[str, int]:
    """Return the rank of each method in an order, best first, given which of two is better.

    A new rank starts only where every method before is better than every method after.
    """
    ranks: dict[str, int] = {}
    rank = 1
    for position, key in enumerate(order):
        if position and all(
            is_better(one, other) for one in order[:position] for other in order[position:]
        ):
            rank = position + 1
        ranks[key] = rank
    return ranks


@checked(frozen=True, config=STRICT)
class Table:
    """Figures of every method over the same n queries, by key and metric.

    `chance` is the P@k of random results, for any k; None where it doesn't apply.
    """

    n: int
    chance: float | None
    figures: dict[str, dict[str, Figure]]
    differences: list[Difference]

    def get_difference(self, one: str, other: str, metric: str) -> Difference | None:
        """Return the difference of two methods, in this order."""
        for difference in self.differences:
            if difference.metric == metric and (difference.one, difference.other) == (one, other):
                return difference
            if difference.metric == metric and (difference.one, difference.other) == (other, one):
                estimate = Figure(
                    -difference.estimate.mean, -difference.estimate.high, -difference.estimate.low
                )
                return Difference(
                    one, other, metric, estimate, difference.p, difference.corrected_p
                )
        return None

    def list_leaders(self, metric: str, among: Sequence[str] = ()) -> list[str]:
        """Return the best method of all, or of those in `among`, and those not shown to be worse.

        A method is shown to be worse by a significant difference. The best one is first.
        """
        keys = [key for key in self.figures if not among or key in among]
        order = sorted(keys, key=lambda key: -self.figures[key][metric].mean)
        leaders = order[:1]
        for key in order[1:]:
            difference = self.get_difference(order[0], key, metric)
            if difference is None or not difference.is_significant:
                leaders.append(key)
        return leaders

    def rank_methods(self, metric: str) -> dict[str, int]:
        """Return the rank of each method, best first.

        A new rank starts only where every method before is significantly better than every method
        after, so methods without a significant difference can share a rank.
        """
        order = sorted(self.figures, key=lambda key: -self.figures[key][metric].mean)

        def is_better(one: str, other: str) -> bool:
            difference = self.get_difference(one, other, metric)
            return difference is not None and difference.is_significant

        return assign_ranks(order, is_better)


@checked(frozen=True, config=STRICT)
class Attribute:
    """What was measured of one attribute: its number of values, and a table for each gallery.

    A gallery has no table if no query has another product with its value.
    """

    name: str
    values: int
    tables: dict[Gallery, Table]


@checked(frozen=True, config=STRICT)
class Agreement:
    """How far two methods' results agree: mean overlap at 10 and rank-biased overlap."""

    one: str
    other: str
    overlap: Figure
    rbo: Annotated[Figure, stored_as("biased")]


@checked(frozen=True, config=STRICT)
class Hubs:
    """How unevenly a method's results are spread over the products.

    The skewness of how often each product is among the 10 nearest of others, the share of products
    that never are, and the products that are most often, with their counts.
    """

    skewness: float
    never_share: Annotated[float, stored_as("never")]
    top: Annotated[list[tuple[str, int]], stored_as("most")]


@checked(frozen=True, config=STRICT)
class Cost:
    """What a method costs.

    `rate` is the pictures embedded per second, without decoding, measured on `pictures` when an
    index was built; None if unknown. `median` and `p95` are milliseconds of a search for 12
    products in one thread. `size` is bytes on disk per product; None if a database holds the
    vectors. `recall` is that of an approximate index; None for an exact one.
    """

    kind: str
    rate: float | None
    pictures: int
    median: float
    p95: float
    size: float | None
    recall: Figure | None


@checked(frozen=True, config=STRICT)
class NoMatch:
    """The cosine below which the best result of a text search is no good match, by one method.

    `flagged` is the share of `texts` texts below it although they describe a product, and `noticed`
    the share of `other_texts` texts below it that describe none.
    """

    threshold: float
    flagged: Figure
    texts: int
    noticed: Figure
    other_texts: int


@checked(frozen=True, config=STRICT)
class Gain:
    """How much better a method finds "this product, but VALUE" by picture and words in equal parts.

    `than` is the share of words in percent that it is compared with: 0 or 100. `corrected_p` is
    corrected for the number of comparisons (Holm).
    """

    method: str
    than: str
    estimate: Annotated[Figure, stored_as("more")]
    corrected_p: Annotated[float, stored_as("corrected")]

    @property
    def is_significant(self) -> bool:
        """Whether the corrected p value is below LEVEL."""
        return self.corrected_p < LEVEL


@checked(frozen=True, config=STRICT)
class Combined:
    """How well methods find "this product, but VALUE", for a value of one of the attributes.

    The table has a figure for each share of words in percent.
    """

    attributes: list[str]
    table: Table
    gains: list[Gain]

    def get_gain(self, method: str, than: str) -> Gain:
        """Return a method's gain over one share of words."""
        return next(gain for gain in self.gains if (gain.method, gain.than) == (method, than))


@checked(frozen=True, config=STRICT)
class Metrics:
    """Everything that is stored.

    `queries` out of `products` were used, which belong to `groups` of near-duplicates and variants.
    `queries_with_duplicates` have near-duplicates. `texts` is measured with `words`: captions or
    categories. `no_match` is by method. `methods` are stamps of the vectors, `indexes` of the
    index files whose costs were measured.
    """

    format: int
    catalogue: str
    products_hash: Annotated[str, stored_as("table")]
    methods: dict[str, str]
    indexes: dict[str, str]
    queries: int
    products: int
    groups: int
    depth: int
    queries_with_duplicates: Annotated[int, stored_as("near")]
    duplicate_pairs: Annotated[int, stored_as("pairs")]
    attributes: list[Attribute]
    words: Literal["captions", "categories", ""]
    texts: Table | None
    combined: Combined | None
    no_match: dict[str, NoMatch]
    agreements: Annotated[list[Agreement], stored_as("agreed")]
    hubs: dict[str, Hubs]
    costs: dict[str, Cost]
    machine: str


_adapter = TypeAdapter(Metrics)


def to_json(metrics: Metrics) -> bytes:
    """Return the file's content."""
    return _adapter.dump_json(metrics, indent=1)


def from_json(content: bytes) -> Metrics:
    """Read what `to_json` wrote. Raises SimilarityError for anything else."""
    return read_json(_adapter, content, PATH, FORMAT)


def load_metrics(catalogue: Catalogue) -> Metrics:
    """Load the metrics of an opened catalogue.

    Raises SimilarityError, with the command that measures them, if there are none or if the
    products or vectors have changed since.
    """
    with add_build_remedy(catalogue):
        metrics = from_json(catalogue.generation.read(PATH))
        require_same_vectors(catalogue, metrics.catalogue, metrics.methods, PATH)
        return metrics
