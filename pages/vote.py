"""Blind vote: a host makes one."""

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
from similarity.ui.shared.pickers import choose, pick_catalogue, pick_methods
from similarity.ui.shared.plain import refuse
from similarity.votes.database import create
from similarity.votes.plan import PREFERENCE, TIES, people_needed, plan
from similarity.votes.rows import answered, disputed, drawn, worded
from similarity.votes.said import describe_plan, format_percent
from similarity.votes.vote import (
    CHOSEN,
    LEAST_K,
    LEAST_QUERIES,
    LONGEST_QUESTION,
    MOST_K,
    MOST_QUERIES,
    QUESTION,
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


def page() -> None:
    """The whole page: what will be asked, and the button that makes it."""
    st.set_page_config(page_title="Which would people choose? · Similarity")
    with st.container(key="vote"):
        messages = st.container()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.title("Which would people choose?", width="content")
            catalogue = pick_catalogue(messages)
        st.markdown(
            "Figures by category are proxies. **Let an audience decide instead**: everybody sees a "
            "query and two rows without names, left and right by chance, and chooses. You get a "
            "link for them, with a code for their phones, and one for yourself, to watch, to "
            "close the vote, and to see who won and how sure that is."
        )
        st.header("Methods", anchor=False)
        methods = pick_methods(catalogue, messages)
        st.header("Queries", anchor=False)
        found = _neighbours(catalogue)
        chosen = _pick_way(found, [method.key for method in methods])
        st.caption(SAYS[chosen])
        if chosen == "words":
            able = [method for method in methods if method.answers_text]
            if left_out := len(methods) - len(able):
                verb = "reads" if left_out == 1 else "read"
                st.info(f"{left_out} of the chosen methods {verb} no words and can't take part.")
            methods = able
        keys = [method.key for method in methods]
        ask, drawn_at_random = _pick_queries(catalogue, found, keys, chosen)
        _show_plan(len(keys), drawn_at_random, len(catalogue.products))
        st.header("What is asked", anchor=False)
        k = _pick_k()
        question = st.text_input(
            "The question",
            QUESTION,
            key=url.key("question"),
            max_chars=LONGEST_QUESTION,
            width=620,
        )
        if st.button("Make the vote", type="primary", icon=":material/how_to_vote:"):
            make(catalogue, keys, chosen, ask, k, question)


def _neighbours(catalogue: Catalogue) -> Neighbours | None:
    try:
        return shared_neighbours(catalogue)
    except SimilarityError:
        return None


def _pick_way(found: Neighbours | None, methods: list[str]) -> Chosen:
    compared = found is not None and len(methods) > 1 and set(methods) <= set(found.methods)
    ways: list[Chosen] = [way for way in CHOSEN if way != "differ" or compared]
    return cast(Chosen, choose("ask", "Queries", ways, WAYS.__getitem__))


def _pick_queries(
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


def _show_plan(methods: int, queries: int | None, products: int) -> None:
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


def _pick_k() -> int:
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


def make(
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


page()
