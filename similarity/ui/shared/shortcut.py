"""Describe approximate indexes, whose misses are not their method's."""

from math import log

from similarity.display.text import format_count
from similarity.filters import Selection
from similarity.indexes import TOP_K, VectorIndex
from similarity.indexes.approximate.index import ApproximateIndex
from similarity.indexes.effort import FilterRecall
from similarity.indexes.milvus.index import MilvusCells
from similarity.ui.shared.query import Query

UNKNOWN = f"approximate: may miss some of the top {TOP_K}"


def describe_recall(index: VectorIndex, query: Query, among: Selection | None = None) -> str:
    """Return how much of the exact result an index finds, in short; empty for an exact one."""
    if index.compares_all(among):
        return ""
    if among is not None:
        measured = _find_filter_recall(index, query, among)
        share = format_share(measured.recall.share) if measured else ""
        return f"finds {share} of the exact top {TOP_K} with such filters" if share else UNKNOWN
    recall = index.recall.get(query.reference) if query.reference else None
    if recall is None:
        return UNKNOWN
    return f"finds {format_share(recall.share)} of the exact top {TOP_K}"


def describe_search(index: VectorIndex, query: Query, among: Selection | None = None) -> list[str]:
    """Return the same in full, and how the index searches."""
    if index.exact:
        return []
    if among is not None:
        return [_describe_filtered(index, query, among)]
    recall = index.recall.get(query.reference) if query.reference else None
    kind = "by words" if query.kind == "text" else "for combined queries"
    recall_text = f"How much of the exact top {TOP_K} it finds {kind} was not measured"
    if recall:
        queries = "words of products" if query.kind == "text" else "of these products as queries"
        recall_text = (
            f"Of the exact top {TOP_K} it finds {format_share(recall.share)} "
            f"[{format_share(recall.low)}, "
            f"{format_share(recall.high)}], a 95 % interval over {recall.queries:,} {queries}"
        )
    return [
        f"Approximate search. {recall_text}. It looks into {describe_effort(index)}: a score that "
        "is shown is exact, a product may be missed."
    ]


def _find_filter_recall(index: VectorIndex, query: Query, among: Selection) -> FilterRecall | None:
    """Return the recall with the measured filters that are most like one.

    They leave the nearest share of the products. Of those that leave random products and those that
    leave a cluster, the lower recall counts.
    """
    recalls = index.filter_recalls if isinstance(index, ApproximateIndex) else None
    if not recalls or query.reference != "pictures" or not len(among.positions):
        return None
    distance = {each.share: abs(log(each.share / among.share)) for each in recalls}
    nearest = min(distance, key=distance.__getitem__)
    return min((r for r in recalls if r.share == nearest), key=lambda each: each.recall.share)


def _describe_filtered(index: VectorIndex, query: Query, among: Selection) -> str:
    if index.compares_all(among):
        return "All products that the filter leaves are compared."
    measured = _find_filter_recall(index, query, among)
    if measured is None:
        return (
            "Approximate search among the filtered products. How much of the exact top "
            f"{TOP_K} it finds there was not measured. A score that is shown is exact."
        )
    recall, left = measured.recall, f"{100 * measured.share:g} %"
    sort = "random" if measured.kind == "random" else "similar"
    return (
        f"Approximate search. With filters that leave {sort} products, {left} of all, it finds "
        f"{format_share(recall.share)} [{format_share(recall.low)}, {format_share(recall.high)}] "
        f"of the exact top {TOP_K}, a 95 % interval over {recall.queries:,} of these products as "
        "queries. A score that is shown is exact."
    )


def describe_effort(index: VectorIndex) -> str:
    """Return where a search looks."""
    if isinstance(index, MilvusCells):
        return (
            f"{format_count(index.probes, 'cell', 'cells')} of {index.cells:,}, in Milvus "
            "(IVF_FLAT), and compares all that they hold"
        )
    assert isinstance(index, ApproximateIndex)
    return (
        f"{format_count(index.effort.cells, 'cell', 'cells')} of {index.cell_count:,} and "
        f"compares the most promising exactly, {index.effort.shortlist:,} for {TOP_K} results"
    )


def format_share(value: float) -> str:
    """Return a share in percent, rounded so that only 1 becomes 100 %."""
    return "100 %" if value == 1 else f"{min(value, 0.999):.1%}".replace("%", " %")
