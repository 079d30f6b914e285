"""Whether the best result of a query is a good match at all."""

from collections.abc import Sequence

from similarity.catalogue import Catalogue, Hit
from similarity.errors import SimilarityError
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
) -> tuple[str, list[str]]:
    """Return a message if the best hit is no good match, and how that is known.

    The score of a text is compared with a measured threshold. Where that is missing, and for
    pictures, the best hit must not be weak.
    """
    if not hits:
        return "", []
    no_match = _get_no_match(catalogue, method) if query.kind == "text" else None
    if no_match is None:
        if not pictures[0].is_weak:
            return "", []
        return MESSAGE, [f"The best result is {pictures[0].nearness}."]
    return MESSAGE if hits[0].score < no_match.threshold else "", [_describe_rates(no_match)]


def can_tell_weak(catalogue: Catalogue, methods: Sequence[Method]) -> bool:
    """Return whether weak results of a text can be told by all methods, from what was measured."""
    try:
        return all(
            _get_no_match(catalogue, method) is not None
            or len(catalogue.open_index(method).pairs["words"].cosines) > 0
            for method in methods
        )
    except SimilarityError:  # an index can't be opened, which its column says
        return True


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
