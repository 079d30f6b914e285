"""The answer: the recommendation, the methods in a chart and a table, and what would change it."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.decisions.decision import Decision
from similarity.decisions.limits import LIMIT_TITLES
from similarity.decisions.words import describe_ranges, list_missing, recommend
from similarity.display.colours import get_colour
from similarity.display.decision import (
    AXES,
    COLUMNS,
    describe_chart,
    make_front_chart,
    tabulate_decision,
)
from similarity.ui.shared import query as url
from similarity.ui.shared.headings import show_facts
from similarity.ui.shared.pickers import pick_option
from similarity.ui.shared.plain import escape

COST_LABELS = {"megabytes": "Memory", "milliseconds": "Time", "euros": "Euros"}
FACTS = [
    "**Recommended** is the cheapest of the best method and those that no test shows to be worse. "
    "The order in the chart is that of the figures.",
    "**Quality** is the weighted mean of the figures that count, each from 0 to 1. Bars and "
    "brackets are 95 % intervals. Several figures often come from the same queries, so the "
    "interval of their mean is as wide as if all their errors went together.",
    "**Worse** means shown by a test: for one figure the one on *Accuracy* or *Robustness*; for "
    "several, the interval of the difference, widened for the number of pairs (Bonferroni), stays "
    "on one side of 0.",
    "**The dashed line** joins the methods that nothing beats: each better one costs more, and "
    "each cheaper one is worse (Pareto front).",
    "**Memory** is the size of the index's files times the number of products. **Time** is that of "
    "embedding one picture of a batch and of a search in this catalogue, both on the machine that "
    "built it; a larger catalogue takes longer to search. **Machines** are those that embed the "
    "pictures a second you ask for, if each is as fast as this one. **Euros** are machines and "
    "memory at your prices.",
]


def show_recommendation(decision: Decision, titles: Mapping[str, str]) -> None:
    """Show the recommendation as the page's conclusion."""
    first, *rest = recommend(decision, titles)
    with st.container(key="recommendation", gap="small"):
        st.header(escape(first), anchor=False)
        for sentence in rest:
            st.markdown(escape(sentence))
        if decision.relaxed:
            name = next(iter(decision.relaxed))
            st.button(
                f"Drop the limit on {LIMIT_TITLES[name]}",
                icon=":material/lock_open:",
                on_click=lambda: url.update_url(**{name: None}),
            )


def show_methods(catalogue: Catalogue, decision: Decision, titles: Mapping[str, str]) -> None:
    """Show the chart of quality against cost, and all methods in a table."""
    colours = {key: get_colour(catalogue, key) for key in decision.methods}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header("Quality against cost", anchor=False, width="content")
        show_facts(FACTS)
    if len(decision.quality.methods) > 1:
        pick_option("cost", "Cost", list(COST_LABELS), COST_LABELS.__getitem__)
    chart = make_front_chart(decision, titles, colours)
    if chart:
        st.vega_lite_chart(None, chart, width="stretch", alt=describe_chart(decision, titles))
    elif decision.question.cost == "euros" and not any(
        each.euros is not None for each in decision.costs.values()
    ):
        st.info("Enter a price of a machine or of memory to see euros.")
    elif len(decision.quality.methods) > 1:
        st.info(f"{AXES[decision.question.cost]}: not measured for two methods or more.")
    table = pd.DataFrame(tabulate_decision(decision, titles), columns=list(COLUMNS))
    if table["euros a month"].eq("–").all():
        table = table.drop(columns="euros a month")
    table.columns = [f"{name[0].upper()}{name[1:]}" for name in table.columns]
    st.table(table.map(lambda text: escape(text.replace(" %", "\u00a0%"))), hide_index=True)


def show_doubts(decision: Decision, titles: Mapping[str, str]) -> None:
    """Show what would change the answer, and which evidence is missing."""
    ranges = [
        sentence
        for each in decision.criteria
        if (sentence := describe_ranges(decision, each, titles))
    ]
    if len(decision.quality.methods) > 1:
        st.header("What would change the answer?", anchor=False)
        if ranges:
            st.markdown("\n".join(f"- {escape(sentence)}" for sentence in ranges))
            st.caption("By the figures themselves; their intervals may overlap.")
        else:
            st.markdown("No other weight of what was measured would.")
    missing = list_missing(decision, titles)
    if missing:
        st.header("What isn't known?", anchor=False)
        st.markdown("\n".join(f"- {escape(sentence)}" for sentence in missing))
        st.page_link(
            "judge.py",
            label="Judge results",
            icon=":material/rule:",
            query_params=url.get_shared_parameters(),
            width="content",
        )
