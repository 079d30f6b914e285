"""How often a method is right across the catalogue, beside its results for one query."""

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.measures.metrics.retrieval import CUTOFF
from similarity.measures.metrics.verdict import format_figure
from similarity.methods import Method
from similarity.ui.compare.criterion import Criterion
from similarity.ui.shared.caches import get_metrics

METRIC = f"P@{CUTOFF}"


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
            figure = table.figures[method.key][METRIC]
            fact = (
                f"Across the catalogue, a share of {format_figure(figure)} of the top {CUTOFF} has "
                f"the query's {attribute.name}: {METRIC} with its 95 % interval, n {table.n:,}."
            )
            return f"{_format_share(figure.mean)} overall", [fact]
    return "", []


def _format_share(share: float) -> str:
    """Return a share in percent, of which only 1 is 100."""
    return f"{min(99, round(100 * share)) if share < 1 else 100} %"
