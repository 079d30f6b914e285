"""Measure a segment: the products that a filter leaves, as queries and as results.

The neighbours that a build stores are those among all products. In a segment they are others, and
how many of the stored ones remain differs by method, so everything is ranked again.
"""

from dataclasses import replace

from similarity.catalogue import Catalogue
from similarity.failures import Failures
from similarity.filters import Selection
from similarity.measures.metrics.measure import measure_products
from similarity.measures.metrics.schema import Metrics
from similarity.measures.neighbours.schema import Neighbours
from similarity.measures.rankings import Segment
from similarity.store.progress import Step

MIN_PRODUCTS = 20  # of a segment: the first ten of fewer are most of them


def measure_segment(
    catalogue: Catalogue, metrics: Metrics, among: Selection, step: Step
) -> tuple[Metrics, Neighbours]:
    """Return the metrics and neighbours of some products, by the methods of `metrics`.

    Costs are those of the whole catalogue. Raises SimilarityError if an index can't be opened.
    """
    methods = [catalogue.resolve_method(key) for key in metrics.methods]
    indexes = {method: Segment(catalogue.open_index(method), among.positions) for method in methods}
    products = catalogue.products.iloc[among.positions]
    fields, neighbours = measure_products(indexes, products, metrics.methods, step, Failures())
    return replace(metrics, **fields), neighbours
