"""What a host sets before a vote is made."""

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
from similarity.ui.shared.caches import shared_neighbours
from similarity.ui.shared.headings import show_facts
from similarity.ui.shared.pickers import choose
from similarity.ui.shared.plain import refuse
from similarity.votes.database import create
from similarity.votes.plan import PREFERENCE, TIES, people_needed, plan
from similarity.votes.rows import answered, disputed, drawn, worded
from similarity.votes.said import describe_plan, format_percent
from similarity.votes.vote import (
    CHOSEN,
    LEAST_K,
    LEAST_QUERIES,
    MOST_K,
    MOST_QUERIES,
    Chosen,
    Query,
)

QUERIES, K = {"random": 100, "differ": 30}, 6  # at first
WORDS = 12  # categories that are proposed as words
WAYS = {"random": "Products at random", "differ": "Products they differ on", "words": "Words"}
SAYS = {
    "random": "Drawn from the whole catalogue, so that results hold for it.",
    "differ": "The products on which these methods have least in common. Votes decide sooner, but "
    "results hold for these products alone.",
    "words": "One query a line, for methods that read words. Results hold for these queries alone.",
}


def find_neighbours(catalogue: Catalogue) -> Neighbours | None:
    """What a build stored of the nearest of each product, if it did."""
    try:
        return shared_neighbours(catalogue)
    except SimilarityError:
        return None


def pick_way(found: Neighbours | None, methods: list[str]) -> Chosen:
    """How the queries of the vote are chosen."""
    compared = found is not None and len(methods) > 1 and set(methods) <= set(found.methods)
    ways: list[Chosen] = [way for way in CHOSEN if way != "differ" or compared]
    return cast(Chosen, choose("ask", "Queries", ways, WAYS.__getitem__))


def pick_queries(
    catalogue: Catalogue, found: Neighbours | None, methods: list[str], chosen: Chosen
) -> tuple[Callable[[int], list[Query]], int | None]:
    """What makes the queries of a vote with rows of k, once it is asked for.

    Also how many are drawn at random, None where the host chooses them.
    """
    if chosen == "words":
        named = catalogue.products["category"].drop_duplicates()
        proposed = [one for one in named if one.strip()][:WORDS]
        text = st.text_area(
            "Words",
            "\n".join(proposed),
            key=url.key("words", catalogue.name),
            height=220,
            width=620,
        )
        return lambda _: worded(text), None
    most = min(MOST_QUERIES, len(catalogue.products))
    count = st.number_input(
        "How many",
        min(LEAST_QUERIES, most),
        most,
        min(QUERIES[chosen], most),
        key=url.key("count", f"{chosen}.{most}"),
        width=180,
    )
    rng = SystemRandom()
    if chosen == "differ" and found is not None:
        return lambda k: disputed(found, methods, k, count, rng), None
    return lambda _: drawn(catalogue, count, rng), count


def show_plan(methods: int, queries: int | None, products: int) -> None:
    """How many people this vote needs, before it starts."""
    if methods < 2:
        return
    pairs = methods * (methods - 1) // 2
    people = people_needed(pairs, queries)
    needed = (people, None) if people else plan(pairs, queries is not None)
    preference = f"preference of {format_percent(PREFERENCE)}"
    text = describe_plan(needed) if (needed[1] or 0) <= products else ""
    if not people:
        text = (
            f"{queries:,} queries are too few to show a {preference}, however many people vote. "
            f"{text}"
        )
    st.markdown(text)
    show_facts(
        [
            f"**A {preference}**: so many of those who choose a side prefer one of two methods. It "
            f"is shown at p < {LEVEL}, corrected for the number of pairs.",
            "**Assumed**: preferences differ between queries and between people as much as in the "
            "simulations (docs/statistics.md), and so many answers choose no side: "
            f"{format_percent(TIES)}.",
            "**Decide on the number first**, and close the vote when it is reached: stopping once "
            "the result pleases shows differences that are not there.",
        ]
    )


def pick_row_length() -> int:
    """How many products a row shows."""
    key = url.key("row")
    st.segmented_control(
        "Products of a row",
        range(LEAST_K, MOST_K + 1),
        default=url.seed(key, min(max(url.number("row", K), LEAST_K), MOST_K)),
        key=key,
        required=True,
        on_change=lambda: url.put(row=str(st.session_state[key])),
    )
    return st.session_state[key]


def make_vote(
    catalogue: Catalogue,
    methods: list[str],
    chosen: Chosen,
    ask: Callable[[int], list[Query]],
    k: int,
    question: str,
) -> None:
    """Let the methods answer, keep the vote, and go to its host's page."""
    bar = st.progress(0.0, "The methods answer …")
    try:
        setup = answered(catalogue, methods, chosen, ask(k), k, question, bar.progress)
        name, token = create(setup)
    except SimilarityError as error:
        bar.empty()
        refuse("This vote can't be made.", explain_error(error))
        return
    st.switch_page("host.py", query_params={"vote": name, "host": token})
