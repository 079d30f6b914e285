"""Describe approximate indexes, whose misses are not their method's."""

from similarity.indexes import TOP_K, VectorIndex
from similarity.indexes.approximate.index import ApproximateIndex
from similarity.indexes.milvus.index import MilvusCells
from similarity.ui.shared.plain import format_count
from similarity.ui.shared.query import Query


def describe_recall(index: VectorIndex, query: Query) -> str:
    """Return how much of the exact result an index finds, in short; empty for an exact one."""
    if index.exact:
        return ""
    recall = index.recall.get(query.reference) if query.reference else None
    if recall is None:
        return f"approximate: may miss some of the top {TOP_K}"
    return f"finds {format_share(recall.share)} of the exact top {TOP_K}"


def describe_search(index: VectorIndex, query: Query) -> list[str]:
    """Return the same in full, and how the index searches."""
    if index.exact:
        return []
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
