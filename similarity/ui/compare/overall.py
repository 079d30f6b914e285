"""How often a method is right across the catalogue, beside its results for one query."""

from similarity.catalogue import Catalogue
from similarity.display.criterion import Criterion
from similarity.errors import SimilarityError
from similarity.measures.metrics.retrieval import CUTOFF, DEFAULT_METRIC
from similarity.measures.metrics.verdict import format_figure, format_value
from similarity.methods import Method
from similarity.ui.shared.caches import get_metrics


def describe_overall(
    catalogue: Catalogue, method: Method, criterion: Criterion
) -> tuple[str, list[str]]:
    """Return a method's P@10 of the criterion's attribute, in short and with its interval.

    Both are empty if it was not measured, or if the criterion has several attributes.
    """
    try:
        metrics = get_metrics(catalogue)
    except SimilarityError:
        return "", []
    for attribute in metrics.attributes:
        table = attribute.tables.get("whole")
        if table and [attribute.name] == list(criterion.values) and method.key in table.figures:
            figure = table.figures[method.key][DEFAULT_METRIC]
            fact = (
                f"Across the catalogue, a share of {format_figure(figure)} of the top {CUTOFF} has "
                f"the query's {attribute.name}: {DEFAULT_METRIC} with its 95 % interval, "
                f"n {table.n:,}."
            )
            return f"{format_value(DEFAULT_METRIC, figure.mean)} overall", [fact]
    return "", []
