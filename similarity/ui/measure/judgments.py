"""Which method is best by judgments, how sure that is, and where methods differ most."""

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import PRECOMPUTE, explain_error
from similarity.display.colours import get_colour
from similarity.display.forest import Line, describe_lines, make_forest
from similarity.display.marks import mark_titles
from similarity.display.text import format_count
from similarity.errors import SimilarityError
from similarity.judgments.comparison import Comparison
from similarity.judgments.evidence import Judged
from similarity.judgments.judgment import GRADES, QUERY_KINDS, Evidence
from similarity.judgments.measures import CUTOFF, DEPTH, MEASURES, PERSISTENCE
from similarity.judgments.verdict import LABELS, describe_conclusion, describe_verdict
from similarity.measures.metrics.verdict import format_figure, format_p
from similarity.ui.measure.judged_comparison import get_comparison
from similarity.ui.measure.judged_queries import show_disputed
from similarity.ui.measure.preferences import show_preferences
from similarity.ui.shared.judgments import get_judged
from similarity.ui.shared.pickers import pick_option
from similarity.ui.shared.plain import escape, show_error
from similarity.ui.shared.section import PARAMETER, Section
from similarity.ui.shared.spreadsheet import to_csv

NAME = "judgments"  # of the section in the URL
KIND_LABELS = {"product": "Products", "text": "Texts", "picture": "Pictures"}
EVIDENCE_LABELS = {"people": "People", "clicks": "Clicks"}
BIASED = (
    "Clicks are biased evidence: what the shop never showed has no clicks, so methods that are "
    "like its search gain."
)
MAX_ROWS_AT_ONCE = 20_000_000  # queries x products that are compared before anybody asks
FACTS = [
    "**Grades**: " + ", ".join(f"{grade} {name}" for grade, name in GRADES.items()) + ". From 1 "
    "on, a product counts as relevant. Of several judges, the mean counts.",
    f"**nDCG@{CUTOFF}** is the sum of grade / log2(rank + 1) over the first {CUTOFF}, divided by "
    "the largest that the judged products allow (Järvelin and Kekäläinen 2002). "
    f"**P@{CUTOFF}** is the share of relevant products in the first {CUTOFF}, **R@{CUTOFF}** the "
    f"share of all relevant ones that is among them. **AP@{DEPTH}** is the mean of P over the "
    "ranks with a relevant product, of all relevant ones. **RBP** is the share of relevant "
    f"results for a person who goes on to the next with a probability of {PERSISTENCE} (Moffat "
    "and Zobel 2008). The names and values are those of ir_measures.",
    "**Unjudged** results count as irrelevant, which favours methods whose results were judged. "
    f"The table has the share of the first {CUTOFF} without a judgment, and the figure if all "
    "unjudged results were perfect. For P and RBP, more judgments can't lead outside of the two.",
    "**Intervals and tests**: Student's t over queries, 95 %, two-sided, paired for differences, "
    "corrected for the number of pairs (Holm). The queries are taken as a sample of what people "
    "search for.",
    "**More judgments**: the unjudged results of the first ten, then those of further queries, "
    "until a test would show the present difference in 80 % of cases, if it is the true one.",
]


def make_judgments_section(catalogue: Catalogue, labels: Mapping[str, str]) -> Section:
    """Return the section about judgments; without any, it says how to get some.

    `labels` name the product labels that methods were trained with.
    """
    try:
        judged = get_judged(catalogue)
    except SimilarityError as error:
        message = explain_error(error)
        return Section(
            NAME,
            "Judgments can't be read",
            lambda: show_error("The judgments of this catalogue can't be read.", message),
        )
    if not judged:
        return Section(
            NAME, "Judgments: none yet, though they say more than categories", _explain_import
        )
    evidence = _get_evidence(judged)
    kind = _get_kind(judged[evidence])
    conclusion = _describe_count(judged[evidence], evidence)
    is_quick = kind == "product" and (
        len(judged[evidence].select_kind(kind)) * len(catalogue.products) <= MAX_ROWS_AT_ONCE
    )
    if is_quick or NAME in st.query_params.get(PARAMETER, "").split(","):
        try:
            comparison = get_comparison(catalogue, judged[evidence], evidence, kind)
        except SimilarityError:
            pass  # shown in the section
        else:
            titles = mark_titles(catalogue, list(comparison.table.figures), labels)
            measure = _get_measure()
            start = "By judgments" if evidence == "people" else "By clicks"
            conclusion = f"{start}: {describe_conclusion(comparison, measure, titles)}"
    return Section(NAME, conclusion, partial(_show, catalogue, judged, labels), FACTS)


def _explain_import() -> None:
    st.markdown(
        "A category is only a proxy for what people want to find. Grades that your team or your "
        "customers' clicks give to results are better evidence."
    )
    st.page_link("judge.py", label="Judge results", icon=":material/rule:", width="content")
    st.markdown("Or import what you have with this command:")
    st.code(f"{PRECOMPUTE} judge CATALOGUE --import FILE", language="bash", wrap_lines=True)


def _describe_count(judged: Judged, evidence: Evidence) -> str:
    queries = format_count(len(judged.grades), "query", "queries")
    source = "people" if evidence == "people" else "clicks"
    return f"Judgments by {source}: {judged.judgments:,} results of {queries}"


def _get_evidence(judged: Mapping[Evidence, Judged]) -> Evidence:
    requested = st.query_params.get("evidence")
    return next((each for each in judged if each == requested), next(iter(judged)))


def _list_kinds(judged: Judged) -> list[str]:
    counts = judged.count_kinds()
    return sorted(filter(counts.get, QUERY_KINDS), key=lambda kind: -counts[kind])


def _get_kind(judged: Judged) -> str:
    kinds = _list_kinds(judged)
    requested = st.query_params.get("judged", "")
    return requested if requested in kinds else kinds[0]


def _get_measure() -> str:
    requested = st.query_params.get("judged_by", "")
    return requested if requested in MEASURES else MEASURES[0]


def _show(
    catalogue: Catalogue, all_judged: Mapping[Evidence, Judged], labels: Mapping[str, str]
) -> None:
    evidence = _get_evidence(all_judged)
    judged = all_judged[evidence]
    kinds = _list_kinds(judged)
    counts = judged.count_kinds()
    with st.container(horizontal=True, gap="medium"):
        if len(all_judged) > 1:
            pick_option("evidence", "Evidence", list(all_judged), EVIDENCE_LABELS.__getitem__)
        if len(kinds) > 1:
            pick_option(
                "judged", "Queries", kinds, lambda kind: f"{KIND_LABELS[kind]}, {counts[kind]:,}"
            )
        measure = pick_option("judged_by", "Measure", MEASURES, LABELS.__getitem__)
    kind = _get_kind(judged)
    if evidence == "clicks":
        st.caption(BIASED)
    if judged.gone_products or judged.gone_queries:
        st.caption(
            f"Left out, because they are gone from the catalogue: "
            f"{format_count(judged.gone_products, 'judged product', 'judged products')} and "
            f"{format_count(judged.gone_queries, 'query', 'queries')}."
        )
    try:
        comparison = get_comparison(catalogue, judged, evidence, kind)
    except SimilarityError as error:
        show_error("The methods can't be compared by these judgments.", explain_error(error))
        return
    titles = mark_titles(catalogue, list(comparison.table.figures), labels)
    verdict = describe_verdict(comparison, measure, titles)
    st.markdown(escape(" ".join(verdict.sentences)), help="\n\n".join(map(escape, verdict.details)))
    if len(comparison.queries) > 1:  # of one query, nothing is known about others
        _show_figures(catalogue, comparison, measure, titles)
    if trained := [f"{labels[key]} ({titles[key]})" for key in titles if key in labels]:
        st.caption(
            escape(
                f"* Trained on {'; '.join(trained)}. If judges went by the same, the comparison "
                "isn't fair."
            )
        )
    if len(titles) > 1:
        if len(comparison.queries) > 1:
            _show_differences(comparison, measure, titles)
        show_disputed(catalogue, comparison, measure, titles)
        show_preferences(catalogue, comparison, measure, titles)
    st.download_button(
        "Figures, CSV",
        lambda: to_csv(tabulate_judged(comparison)),
        f"{catalogue.name}-judgments-{evidence}-{kind}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        type="tertiary",
    )


def tabulate_judged(comparison: Comparison) -> pd.DataFrame:
    """Return every figure with its interval, n and unjudged share, for export."""
    return pd.DataFrame(
        [
            (
                key,
                measure,
                *(figure.mean, figure.low, figure.high),
                comparison.table.n,
                comparison.judgments,
                comparison.unjudged[key],
                comparison.scenario[key][MEASURES.index(measure)],
            )
            for key, figures in comparison.table.figures.items()
            for measure, figure in figures.items()
        ],
        columns=[
            *("method", "measure", "mean", "low", "high", "n", "judgments"),
            *(f"unjudged in the top {CUTOFF}", "if all unjudged were perfect"),
        ],
    )


def _show_figures(
    catalogue: Catalogue, comparison: Comparison, measure: str, titles: Mapping[str, str]
) -> None:
    table = comparison.table
    ranks = table.rank_methods(measure)
    figures = {key: table.figures[key][measure] for key in ranks}
    lines = [
        Line(
            f"{ranks[key]} · {titles[key]}|{format_figure(figure)}",
            *(figure.mean, max(figure.low, 0), min(figure.high, 1)),
            get_colour(catalogue, key),
        )
        for key, figure in figures.items()
    ]
    spec = make_forest(lines, metric=LABELS[measure], title=LABELS[measure])
    alt = describe_lines(f"{LABELS[measure]} by judgments", lines)
    st.vega_lite_chart(None, spec, width="stretch", alt=alt)
    column = MEASURES.index(measure)
    st.caption(
        f"{format_count(comparison.judgments, 'judgment', 'judgments')} of "
        f"{format_count(table.n, 'query', 'queries')}. What is unjudged counts as irrelevant."
    )
    st.table(
        pd.DataFrame(
            [
                (
                    titles[key],
                    format_figure(figure, 3),
                    f"{comparison.scenario[key][column]:.3f}",
                    f"{100 * comparison.unjudged[key]:.0f} %",
                )
                for key, figure in figures.items()
            ],
            columns=[
                *("method", LABELS[measure], "if all unjudged were perfect"),
                f"unjudged in the top {CUTOFF}",
            ],
        ),
        hide_index=True,
    )


def _show_differences(comparison: Comparison, measure: str, titles: Mapping[str, str]) -> None:
    rows = [
        (
            titles[difference.one],
            titles[difference.other],
            format_figure(difference.estimate, 3),
            format_p(difference.corrected_p),
            _format_needed(comparison.estimate_needed(difference.one, difference.other, measure)),
        )
        for difference in comparison.table.differences
        if difference.metric == measure
    ]
    st.table(
        pd.DataFrame(
            rows,
            columns=["method", "less", "difference", "p, corrected", "judgments that decide"],
        ),
        hide_index=True,
    )


def _format_needed(count: int | None) -> str:
    if count is None:
        return "too similar"
    return f"about {count:,} more" if count else "decided"
