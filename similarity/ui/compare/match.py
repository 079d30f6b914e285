"""Whether the best result of a query is a good match at all."""

from collections.abc import Sequence
from contextlib import suppress

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.hits import Hit
from similarity.indexes import Kind
from similarity.indexes.pairs import MIN_PAIRS
from similarity.measures.metrics.schema import Figure, NoMatch
from similarity.methods import Method
from similarity.ui.shared import query as url
from similarity.ui.shared.caches import get_metrics
from similarity.ui.shared.gallery import Picture

MESSAGE = "No good match."


def describe_match(
    catalogue: Catalogue,
    method: Method,
    query: url.Query,
    hits: Sequence[Hit],
    pictures: Sequence[Picture],
    *,
    is_filtered: bool,
) -> tuple[str, list[str]]:
    """Return a message if the best hit is no good match, and how that is known.

    The score of a text is compared with a measured threshold. Where that is missing, and for
    pictures, the best hit must not be weak. The threshold is that of all products: the best of the
    few that a filter leaves is lower by chance, so it isn't applied to them.
    """
    if not hits:
        return "", []
    no_match = _get_no_match(catalogue, method) if query.kind == "text" else None
    if no_match and is_filtered:
        return "", ["Weak matches of words can't be detected among filtered products."]
    if no_match is None:
        if not pictures[0].is_weak:
            return "", []
        return MESSAGE, [f"The best result is {pictures[0].nearness}."]
    return MESSAGE if hits[0].score < no_match.threshold else "", [_describe_rates(no_match)]


def explain_unknown_weak(catalogue: Catalogue, methods: Sequence[Method], query: url.Query) -> str:
    """Return why weak results of a query can't be detected by all methods; empty if they can."""
    if query.reference is None:
        return "Weak matches can't be detected for a query of several parts."
    kind: Kind = query.reference
    if kind == "words" and not all(method.answers_text for method in methods):
        return "Weak matches can't be detected where a product stands in for words."
    counts = []
    for method in methods:
        if kind == "words" and _get_no_match(catalogue, method) is not None:
            continue
        with suppress(SimilarityError):  # an index can't be opened, which its column says
            counts.append(len(catalogue.open_index(method).pairs[kind].cosines))
    if min(counts, default=MIN_PAIRS) >= MIN_PAIRS:
        return ""
    if kind == "words" and min(counts) == 0:
        return (
            "Weak matches can't be detected here, because no product has a category or a caption."
        )
    return (
        f"Weak matches can't be detected here: that takes {MIN_PAIRS} random pairs of products, "
        f"and there are {min(counts)}."
    )


def _get_no_match(catalogue: Catalogue, method: Method) -> NoMatch | None:
    try:
        return get_metrics(catalogue).no_match.get(method.key)
    except SimilarityError:
        return None


def _describe_rates(no_match: NoMatch) -> str:
    return (
        f"“{MESSAGE}” means that the best cosine is below {no_match.threshold:.2f}. That is so for "
        f"{_format_share(no_match.noticed)} of {no_match.other_texts} texts that describe no "
        f"product, and wrongly for {_format_share(no_match.flagged)} of {no_match.texts} that do "
        "(95 % intervals)."
    )


def _format_share(share: Figure) -> str:
    return f"{100 * share.mean:.0f} % [{100 * share.low:.0f}, {100 * share.high:.0f}]"
