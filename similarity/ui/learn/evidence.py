"""What is known about a path's methods: what was measured here, and what others published."""

from collections.abc import Sequence

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.decisions.evidence import decide_for
from similarity.decisions.question import read_question
from similarity.decisions.words import recommend
from similarity.display.decision import tabulate_decision
from similarity.display.marks import get_titles
from similarity.ui.learn import guide
from similarity.ui.learn.published import Study, list_studies
from similarity.ui.shared.evidence import get_evidence
from similarity.ui.shared.plain import escape


def show_evidence(catalogue: Catalogue, answers: Sequence[str], ending: str) -> None:
    """Show how the methods of this catalogue rank for a path, and published figures of the ending.

    Published figures are shown only if the ending was not measured here.
    """
    parameters = guide.make_question(answers)
    decision = decide_for(catalogue, read_question(parameters)[0], get_evidence(catalogue))
    titles = get_titles(catalogue, catalogue.methods)
    rows = tabulate_decision(decision, titles)[: len(decision.quality.methods)]
    st.markdown(f"**Measured here.** {escape(recommend(decision, titles)[0])}")
    if len(rows) > 1:
        ranked = [f"{name} {quality}" for name, _, quality, *_ in rows]
        st.markdown("\n".join(f"{i}. {escape(text)}" for i, text in enumerate(ranked, 1)))
    st.page_link(
        "decide.py",
        label="Decide with limits and prices",
        icon=":material/balance:",
        query_params={"catalogue": catalogue.name, **parameters},
        width="content",
    )
    if ending not in decision.quality.methods:
        for study in list_studies({ending}):
            st.markdown(describe_study(study))


def describe_study(study: Study) -> str:
    """Return a study's figures with its source, as Markdown."""
    figures = ", ".join(f"{model} {figure:.1f} %" for model, figure in study.figures.values())
    measured = f"{study.measured[0].upper()}{study.measured[1:]}"
    return (
        f"**Published**, not measured here: {escape(figures)}. {escape(measured)}. "
        f"[{escape(study.title)}]({study.url})"
    )
