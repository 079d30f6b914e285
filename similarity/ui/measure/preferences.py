"""What people preferred in votes on this catalogue, beside what judgments say."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.judgments.comparison import Comparison
from similarity.measures.metrics.verdict import format_figure
from similarity.ui.shared.evidence import get_closed_votes
from similarity.ui.shared.plain import escape
from similarity.votes.results import Results, compute_results
from similarity.votes.store import Votes
from similarity.votes.verdict import format_share


def show_preferences(
    catalogue: Catalogue, comparison: Comparison, measure: str, titles: Mapping[str, str]
) -> None:
    """Show the pairs of all closed votes with their shares and the judgments' difference.

    A vote that is still open stays its host's.
    """
    rows = [
        (
            f"{datetime.fromtimestamp(votes.setup.created, UTC):%d %b %Y}: {votes.setup.question}",
            titles[outcome.one],
            titles[outcome.other],
            format_share(outcome.share),
            outcome.preferences,
            format_figure(difference.estimate, 3),
        )
        for votes in get_closed_votes(catalogue)
        if (results := _get_results(votes.name, votes.get_revision(), votes))
        for outcome in results.outcomes
        if outcome.share
        and (difference := comparison.table.get_difference(outcome.one, outcome.other, measure))
    ]
    if not rows:
        return
    st.markdown(
        "**Votes, beside the judgments.** They are preferences between two rows and no grades, so "
        "they aren't mixed with them."
    )
    columns = ["vote", "method", "over", "preferred by", "of", "difference by judgments"]
    table = pd.DataFrame(rows, columns=columns)
    table["vote"] = [escape(text) for text in table["vote"]]
    st.table(table, hide_index=True)


@st.cache_resource(max_entries=64, show_spinner=False)
def _get_results(name: str, revision: tuple[int, float], _votes: Votes) -> Results | None:
    return compute_results(_votes.setup, _votes.list_votes())
