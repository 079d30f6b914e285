"""What a host sets before creating a vote."""

from collections.abc import Callable
from random import SystemRandom
from typing import cast

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.measures.neighbours.schema import Neighbours
from similarity.statistics.significance import LEVEL
from similarity.ui.shared import query as url
from similarity.ui.shared.caches import get_neighbours
from similarity.ui.shared.headings import show_facts
from similarity.ui.shared.pickers import pick_option
from similarity.ui.shared.plain import show_error
from similarity.votes.database import create_vote
from similarity.votes.plan import PREFERENCE, TIE_SHARE, compute_people_needed, plan_vote
from similarity.votes.rows import create_setup, draw_products, parse_texts, select_disputed
from similarity.votes.verdict import describe_plan, format_percent
from similarity.votes.vote import (
    MAX_K,
    MAX_QUERIES,
    MIN_K,
    MIN_QUERIES,
    QUERY_SOURCES,
    Query,
    QuerySource,
)

DEFAULT_QUERIES, DEFAULT_K = {"random": 100, "differ": 30}, 6  # initial values
SUGGESTED_TEXTS = 12  # categories that are suggested as texts
SOURCE_LABELS = {
    "random": "Products at random",
    "differ": "Biggest disagreements",
    "words": "Texts",
}
SOURCE_NOTES = {
    "random": "Drawn from the whole catalogue, so the results apply to all of it.",
    "differ": "The products on which these methods share the fewest results. A vote takes fewer "
    "answers, but its results apply only to these products.",
    "words": "One query a line, for methods that can search by text. The results apply only to "
    "these queries.",
}


def try_get_neighbours(catalogue: Catalogue) -> Neighbours | None:
    """Return the catalogue's measured neighbours, or None."""
    try:
        return get_neighbours(catalogue)
    except SimilarityError:
        return None


def pick_query_source(neighbours: Neighbours | None, methods: list[str]) -> QuerySource:
    """Let the host choose where the queries come from."""
    can_differ = (
        neighbours is not None and len(methods) > 1 and set(methods) <= set(neighbours.methods)
    )
    sources: list[QuerySource] = [
        source for source in QUERY_SOURCES if source != "differ" or can_differ
    ]
    return cast(QuerySource, pick_option("ask", "Queries", sources, SOURCE_LABELS.__getitem__))


def pick_queries(
    catalogue: Catalogue,
    neighbours: Neighbours | None,
    methods: list[str],
    query_source: QuerySource,
) -> tuple[Callable[[int], list[Query]] | None, int | None]:
    """Return a function that makes the queries for rows of k, and the number of random ones.

    The function is None after a message that the number is invalid. The number is None if the host
    chooses the queries.
    """
    if query_source == "words":
        categories = catalogue.products["category"].drop_duplicates()
        suggestions = [category for category in categories if category.strip()][:SUGGESTED_TEXTS]
        text = st.text_area(
            "Texts",
            "\n".join(suggestions),
            key=url.widget_key("words", catalogue.name),
            height=220,
            width=620,
        )
        return lambda _: parse_texts(text), None
    limit = min(MAX_QUERIES, len(catalogue.products))
    lowest = min(MIN_QUERIES, limit)
    # without limits of its own, because it would use an earlier number instead of one beyond them
    count = st.number_input(
        f"How many ({lowest:,} to {limit:,})",
        value=min(DEFAULT_QUERIES[query_source], limit),
        step=1,
        key=url.widget_key("count", f"{query_source}.{limit}"),
        width=200,
    )
    if not lowest <= count <= limit:
        st.error(
            f"A vote on this catalogue has {lowest:,} to {limit:,} queries. Change the number."
        )
        return None, None
    rng = SystemRandom()
    if query_source == "differ" and neighbours is not None:
        return lambda k: select_disputed(neighbours, methods, k, count, rng), None
    return lambda _: draw_products(catalogue, count, rng), count


def show_plan(methods: int, queries: int | None, products: int) -> None:
    """Show how many people this vote needs, before it starts."""
    if methods < 2:
        return
    pairs = methods * (methods - 1) // 2
    people = compute_people_needed(pairs, queries)
    plan = (people, None) if people else plan_vote(pairs, queries is not None)
    preference = f"preference of {format_percent(PREFERENCE)}"
    text = describe_plan(plan) if (plan[1] or 0) <= products else ""
    if not people:
        text = (
            f"{queries:,} queries are too few to show a {preference}, however many people vote. "
            f"{text}"
        )
    st.markdown(text)
    show_facts(
        [
            f"**A {preference}**: of those who choose a side, this share prefers one of two "
            f"methods. It is significant at p < {LEVEL}, corrected for the number of pairs.",
            "**Assumptions**: preferences differ between queries and between people as much as in "
            f"the simulations (docs/simulations.md), and {format_percent(TIE_SHARE)} of answers "
            "choose no side.",
            "**Decide on the number first**, and close the vote when it is reached. Stopping as "
            "soon as you like the result shows differences that don't exist.",
        ]
    )


def pick_row_length() -> int:
    """Let the host choose how many products a row has."""
    key = url.widget_key("row")
    st.segmented_control(
        "Products of a row",
        range(MIN_K, MAX_K + 1),
        default=url.set_widget(key, min(max(url.get_number("row", DEFAULT_K), MIN_K), MAX_K)),
        key=key,
        required=True,
        on_change=lambda: url.update_url(row=str(st.session_state[key])),
    )
    return st.session_state[key]


def make_vote(
    catalogue: Catalogue,
    methods: list[str],
    query_source: QuerySource,
    make_queries: Callable[[int], list[Query]],
    k: int,
    question: str,
) -> None:
    """Compute the methods' results, store the vote, and go to its host's page."""
    progress_bar = st.progress(0.0, "Searching with all methods…")
    try:
        setup = create_setup(
            catalogue, methods, query_source, make_queries(k), k, question, progress_bar.progress
        )
        name, token = create_vote(setup)
    except SimilarityError as error:
        progress_bar.empty()
        show_error("This vote can't be created.", explain_error(error))
        return
    st.switch_page("host.py", query_params={"vote": name, "host": token})
