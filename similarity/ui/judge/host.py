"""A host's view of a pool: the judges' links, how far they are, and how far they agree."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.display.text import format_count
from similarity.errors import SimilarityError
from similarity.judgments.judging import Judging, make_judge_token
from similarity.measures.metrics.verdict import format_figure
from similarity.ui.shared.headings import show_facts, show_title
from similarity.ui.shared.links import (
    explain_local_link,
    make_link,
    pick_address,
    show_code,
)
from similarity.ui.shared.plain import show_error

POLL_INTERVAL = 3  # s between updates
FACTS = [
    "**Krippendorff's alpha** is agreement beyond chance: 1 is full agreement, 0 is chance. Grades "
    "count as numbers, so 0 and 3 disagree nine times as much as 0 and 1. The interval is over "
    "queries (jackknife).",
]


def show_host(judging: Judging, catalogue: Catalogue) -> None:
    """Show the whole view, only to those with the host's link."""
    token = st.query_params.get("host", "")
    if not judging.is_host(token):
        show_error(
            "This is not the host's link of this pool.",
            "Its end is missing or wrong. The link was shown when the pool was created. To judge, "
            "ask for a judge's link.",
        )
        st.stop()
    pool = judging.pool
    show_title("Results to judge")
    st.markdown(
        f"The first {pool.k} results of {format_count(len(pool.rows), 'method', 'methods')} for "
        f"{format_count(len(pool.queries), 'query', 'queries')}. Keep this page's address: only it "
        "shows the judges' links again. Don't share it."
    )
    judges = st.container()
    address = pick_address()
    if not address:
        explain_local_link()
    with judges:
        for judge in range(pool.judges):
            _show_judge(judging, catalogue, judge, address, token)
    _show_progress(judging)
    st.page_link(
        "measure.py",
        label="See what the judgments say",
        icon=":material/arrow_forward:",
        query_params={"catalogue": catalogue.name, "open": "judgments"},
    )


def _show_judge(
    judging: Judging, catalogue: Catalogue, judge: int, address: str, token: str
) -> None:
    parameters = {
        "catalogue": catalogue.name,
        "pool": judging.name,
        "judge": make_judge_token(token, judge),
    }
    with st.container(key=f"judge-{judge}", gap="small"):
        st.markdown(f"**Judge {judge + 1}.** The link is for one person.")
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.page_link(
                "grade.py",
                label="Judge here",
                icon=":material/rule:",
                query_params=parameters,
                width="content",
            )
            link = make_link(address, "grade", **parameters)
            if address:
                with st.popover("Code for a phone", icon=":material/qr_code:"):
                    show_code(link)
        st.code(link, language=None, wrap_lines=True)


@st.fragment(run_every=POLL_INTERVAL)
def _show_progress(judging: Judging) -> None:
    """Show how far the judges are and agree."""
    try:
        progress, agreement = judging.list_progress(), judging.compute_agreement()
    except SimilarityError as error:
        show_error("The progress can't be read.", explain_error(error))
        return
    st.header("Progress", anchor=False)
    for judge, each in enumerate(progress, 1):
        done = each.graded + each.skipped
        skipped = f", {each.skipped:,} skipped" if each.skipped else ""
        st.progress(
            done / max(each.total, 1),
            f"Judge {judge}: {each.graded:,} of {each.total:,} judged{skipped}",
        )
    if judging.pool.judges > 1:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(
                "Nobody has judged the same results yet."
                if agreement is None
                else f"Judges agree with an alpha of {format_figure(agreement.alpha)}, on "
                f"{format_count(agreement.pairs, 'result', 'results')} that several judged.",
                width="content",
            )
            show_facts(FACTS)
