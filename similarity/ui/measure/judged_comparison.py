"""Compare methods by a catalogue's judgments, once for all visitors."""

import threading
from pathlib import Path
from time import monotonic

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.judgments.comparison import Comparison, compare_by_judgments
from similarity.judgments.evidence import Judged
from similarity.judgments.judgment import Evidence
from similarity.judgments.rankings import list_able_methods, rank_queries
from similarity.judgments.store import Judgments

MAX_CACHED = 16
REFRESH_INTERVAL = 0.2  # s between updates of the progress

Key = tuple[Path, bytes, tuple[int, int, int], Evidence, str]

_comparisons: dict[Key, Comparison] = {}
_lock = threading.Lock()


def get_comparison(
    catalogue: Catalogue, judged: Judged, evidence: Evidence, kind: str
) -> Comparison:
    """Return the comparison by the queries of a kind, computed now or before.

    Raises SimilarityError if no method can answer them.
    """
    revision = Judgments(catalogue.folder).get_revision()
    key = (catalogue.folder, catalogue.generation.pointer, revision, evidence, kind)
    with _lock:
        if comparison := _comparisons.get(key):
            return comparison
    comparison = _compare(catalogue, judged, kind)
    with _lock:
        while len(_comparisons) >= MAX_CACHED:
            del _comparisons[next(iter(_comparisons))]
        return _comparisons.setdefault(key, comparison)


def _compare(catalogue: Catalogue, judged: Judged, kind: str) -> Comparison:
    grades = judged.select_kind(kind)
    methods = list_able_methods(catalogue, kind)
    if not methods:
        raise SimilarityError(f"No method here can search by {kind}. Build one that can.")
    bar = st.progress(0.0, "Searching for the judged queries")
    updated = monotonic()
    rankings = {}
    try:
        for number, method in enumerate(methods):

            def report(done: int, total: int, number: int = number) -> None:
                nonlocal updated
                if monotonic() - updated > REFRESH_INTERVAL:
                    share = (number + done / max(total, 1)) / len(methods)
                    bar.progress(share, f"Searching for {total:,} judged queries")
                    updated = monotonic()

            rankings[method.key] = rank_queries(catalogue, method, list(grades), report)
    finally:
        bar.empty()
    return compare_by_judgments(rankings, grades)
