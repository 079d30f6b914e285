"""Measure the products that the page's filter leaves, once for all visitors."""

import threading
from time import monotonic

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.display.text import format_count
from similarity.errors import SimilarityError
from similarity.filters import Filter, Selection
from similarity.measures.metrics.schema import Metrics
from similarity.measures.metrics.segment import MIN_PRODUCTS, measure_segment
from similarity.measures.neighbours.schema import Neighbours
from similarity.ui.shared.plain import show_error

MAX_CACHED = 8
REFRESH_INTERVAL = 0.2  # s between updates of the progress

Measured = tuple[Metrics, Neighbours]

_measured: dict[tuple[bytes, Filter], Measured] = {}  # by generation and filter
_lock = threading.Lock()


def get_segment(catalogue: Catalogue, metrics: Metrics, among: Selection) -> Measured:
    """Return the metrics and neighbours of some products, measured now or before.

    Stops the page if there are too few products, or if they can't be measured.
    """
    count = len(among.positions)
    if count < MIN_PRODUCTS:
        if count:
            st.info(
                f"The filter leaves {format_count(count, 'product', 'products')}, too few to "
                f"measure: {MIN_PRODUCTS} are needed. Remove a part of it."
            )
        st.stop()
    key = (catalogue.generation.pointer, among.filter)
    with _lock:
        if segment := _measured.get(key):
            return segment
    bar = st.progress(0.0, f"Measuring {format_count(count, 'product', 'products')}")
    updated = monotonic()

    def step(activity: str, done: int, total: int) -> None:
        nonlocal updated
        if monotonic() - updated > REFRESH_INTERVAL:
            bar.progress(done / max(total, 1), f"{activity}: {done:,} of {total:,}")
            updated = monotonic()

    try:
        segment = measure_segment(catalogue, metrics, among, step)
    except SimilarityError as error:
        show_error("The filtered products can't be measured.", explain_error(error))
        st.stop()
    finally:
        bar.empty()
    with _lock:
        while len(_measured) >= MAX_CACHED:
            del _measured[next(iter(_measured))]
        return _measured.setdefault(key, segment)
