"""What a host sets before results are judged."""

from collections.abc import Callable
from random import SystemRandom

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.display.text import format_count
from similarity.errors import SimilarityError
from similarity.judgments.judging import create_pool
from similarity.judgments.pool import (
    DEFAULT_K,
    MAX_JUDGES,
    MAX_K,
    MAX_QUERIES,
    MIN_K,
    OVERLAP,
    make_pool,
)
from similarity.parts import Term
from similarity.ui.shared import query as url
from similarity.ui.shared.headings import show_facts
from similarity.ui.shared.judgments import get_judged
from similarity.ui.shared.pickers import pick_option
from similarity.ui.shared.plain import show_error
from similarity.votes.rows import draw_products, parse_texts

DEFAULT_QUERIES = 30
SOURCE_LABELS = {
    "judged": "Judged queries",
    "random": "Products at random",
    "words": "Texts",
}
SOURCE_NOTES = {
    "random": "Drawn from the whole catalogue.",
    "words": "One query a line, for methods that can search by text.",
}
FACTS = [
    "**Pool**: the first results of every method, each once, as at TREC (Spärck Jones and van "
    "Rijsbergen 1975). A judge isn't asked again what somebody else has judged, unless all judges "
    "get the query.",
    "**Order**: the first three of every method come first, then the rest. In both, the queries "
    "come first on whose results the methods disagree most: a grade there can move their "
    "difference most (Carterette, Allan and Sitaraman 2006). The results of a query are shuffled.",
    "**Overlap**: queries that all judges get, to see how far they agree. The others are divided.",
]


def pick_queries(catalogue: Catalogue) -> Callable[[], list[Term]] | None:
    """Let the host choose the queries; return a function that lists them.

    None after a message that something is invalid.
    """
    try:
        evidence = get_judged(catalogue).get("people")
    except SimilarityError as error:
        show_error("The judgments of this catalogue can't be read.", explain_error(error))
        return None
    judged = list(evidence.grades) if evidence else []
    sources = [source for source in SOURCE_LABELS if source != "judged" or judged]
    source = pick_option("ask", "Queries", sources, SOURCE_LABELS.__getitem__)
    if source == "judged":
        count = format_count(len(judged), "query", "queries")
        if len(judged) > MAX_QUERIES:
            count = f"The first {MAX_QUERIES:,} of {count}"
        st.caption(f"{count} that have judgments; only their unjudged results are asked about.")
        return lambda: judged[:MAX_QUERIES]
    st.caption(SOURCE_NOTES[source])
    if source == "words":
        key = url.widget_key("texts", catalogue.name)
        text = st.text_area("Texts", key=key, height=160, width=620)
        return lambda: [Term("text", query.value) for query in parse_texts(text)]
    limit = min(MAX_QUERIES, len(catalogue.products))
    number = st.number_input(
        f"How many (1 to {limit:,})",
        value=min(DEFAULT_QUERIES, limit),
        step=1,
        key=url.widget_key("count", limit),
        width=200,
    )
    if not 1 <= number <= limit:
        st.error(f"Choose 1 to {limit:,} queries.")
        return None
    drawn = draw_products(catalogue, number, SystemRandom())
    return lambda: [Term("product", query.value) for query in drawn]


def pick_judges() -> tuple[int, int, int]:
    """Return how many results are judged, by how many judges, and the overlap in percent."""
    # without limits of their own, because they would use earlier numbers instead of those beyond
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        k = st.number_input(
            f"Results of each method ({MIN_K} to {MAX_K})",
            value=DEFAULT_K,
            step=1,
            key=url.widget_key("depth"),
            width=220,
        )
        judges = st.number_input(
            f"Judges (1 to {MAX_JUDGES})",
            value=1,
            step=1,
            key=url.widget_key("judges"),
            width=200,
        )
        overlap = OVERLAP
        if judges > 1:
            overlap = st.number_input(
                "Queries for all judges, %",
                value=OVERLAP,
                step=10,
                key=url.widget_key("overlap"),
                width=220,
            )
        show_facts(FACTS)
    return k, judges, overlap


def make_judging(
    catalogue: Catalogue,
    methods: list[str],
    make_queries: Callable[[], list[Term]],
    k: int,
    judges: int,
    overlap: int,
) -> None:
    """Search with all methods, store the pool, and go to its host's view."""
    bar = st.progress(0.0, "Searching with all methods…")
    try:
        pool = make_pool(
            catalogue,
            methods,
            make_queries(),
            k,
            judges,
            overlap,
            lambda done, total: bar.progress(done / max(total, 1)),
        )
        name, token = create_pool(catalogue.folder, pool)
    except SimilarityError as error:
        bar.empty()
        show_error("These results can't be judged.", explain_error(error))
        return
    st.switch_page(
        "judge.py", query_params={"catalogue": catalogue.name, "pool": name, "host": token}
    )
