"""What an approximate index costs: its misses are not its method's."""

from similarity.indexes import AT, VectorIndex
from similarity.indexes.approximate.index import ApproximateIndex
from similarity.indexes.milvus.index import MilvusCells
from similarity.ui.shared.plain import counted
from similarity.ui.shared.query import Query


def finds(index: VectorIndex, query: Query) -> str:
    """How much of the exact answer it finds for such queries, in short; nothing if it is exact."""
    if index.exact:
        return ""
    recall = index.recall.get("words" if query.kind == "text" else "pictures")
    if recall is None:
        return f"approximate: may miss some of the top {AT}"
    return f"finds {share(recall.share)} of the exact top {AT}"


def shortcut(index: VectorIndex, query: Query) -> list[str]:
    """The same in full, and how it searches."""
    if index.exact:
        return []
    recall = index.recall.get("words" if query.kind == "text" else "pictures")
    said = f"How much of the exact top {AT} it finds by words was not measured"
    if recall:
        whose = "words of products" if query.kind == "text" else "of these products as queries"
        said = (
            f"Of the exact top {AT} it finds {share(recall.share)} [{share(recall.low)}, "
            f"{share(recall.high)}], a 95 % interval over {recall.queries:,} {whose}"
        )
    return [
        f"Approximate search. {said}. It looks into {looks(index)}: a score that is shown is "
        "exact, a product may be missed."
    ]


def looks(index: VectorIndex) -> str:
    """Where a search looks."""
    if isinstance(index, MilvusCells):
        return (
            f"{counted(index.probes, 'cell', 'cells')} of {index.cells:,}, in Milvus (IVF_FLAT), "
            "and compares all that they hold"
        )
    assert isinstance(index, ApproximateIndex)
    return (
        f"{counted(index.effort.cells, 'cell', 'cells')} of {index.cells:,} and compares the most "
        f"promising exactly, {index.effort.shortlist:,} for {AT} results"
    )


def share(of: float) -> str:
    """In percent, rounded so that only all is 100 %."""
    return "100 %" if of == 1 else f"{min(of, 0.999):.1%}".replace("%", " %")
