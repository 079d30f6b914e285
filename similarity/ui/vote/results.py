"""What the answers of a vote say, and what might be wrong with them."""

from collections import Counter
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.measures.metrics.verdict import p_value, with_limits
from similarity.methods import METHODS
from similarity.statistics.significance import LEVEL
from similarity.ui.shared import query as url
from similarity.ui.shared.caches import shared_metrics
from similarity.ui.shared.forest import Line, show_forest
from similarity.ui.shared.headings import explained
from similarity.ui.shared.picked import open_on_compare
from similarity.ui.shared.plain import counted, plain
from similarity.ui.shared.rows import Cell, Group, Row, cells, show_rows
from similarity.ui.shared.spreadsheet import csv
from similarity.ui.vote.opened import shared_results
from similarity.ui.vote.tallies import Tally, show_tallies
from similarity.votes import said
from similarity.votes.proxy import Proxy, proxies
from similarity.votes.results import LEAST_PEOPLE, Results
from similarity.votes.schedule import EVERY
from similarity.votes.store import Votes
from similarity.votes.vote import Query

CHOSEN = {
    "random": "products drawn at random",
    "differ": "products on which these methods agree least, which are no sample of all",
    "words": "words that the host chose",
}
VERDICTS = {
    "agrees": "agrees with people",
    "contradicts": "contradicts people",
    "open": "neither agrees with people nor contradicts them yet",
}


def title_of(key: str) -> str:
    """What a method is called."""
    return METHODS[key].title if key in METHODS else key


def show_results(votes: Votes, catalogue: Catalogue) -> None:
    """All of it, or that there is nothing yet."""
    found = shared_results(votes)
    if found is None:
        st.info("Nobody has answered yet." if not votes.is_closed() else "Nobody answered.")
        return
    titles = {key: title_of(key) for key in votes.setup.methods}
    first, *rest = said.headline(found, titles)
    st.header(plain(first), anchor=False)
    for line in rest:
        st.markdown(plain(line))
    st.caption(
        plain(
            f"{counted(found.votes, 'answer', 'answers')} of "
            f"{counted(found.people, 'participant', 'participants')} to rows of {votes.setup.k} "
            f"for {len(votes.setup.queries):,} queries: {CHOSEN[votes.setup.chosen]}."
        )
    )
    _show_strengths(found, titles)
    _show_pairs(votes, catalogue, found, titles)
    _show_trust(found)
    _show_divided(votes, catalogue, found, titles)
    st.download_button(
        "Every answer, CSV",
        lambda: csv(answers(votes)),
        f"vote-{votes.name}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _show_strengths(found: Results, titles: dict[str, str]) -> None:
    clusters = f"the {found.people:,} people"
    if found.of_catalogue:
        clusters += " and the queries together"
    explained(
        "How strong each method is",
        "strengths",
        "Its share of the votes against a method of average strength. A tie counts as half a vote.",
        [
            "**Davidson's model** (1970), Bradley's and Terry's with ties: both good and both bad "
            "count as ties. Half an answer of each kind is added to each pair (Jeffreys), so that "
            "nobody is infinitely strong.",
            f"**Intervals**: 95 %, by a jackknife over {clusters}: answers of one person, or to "
            "one query, resemble each other. Variances add up as in Cameron, Gelbach and Miller "
            "2011, in Wilson's interval (1927) with Student's t.",
            "**Ranks** come from the pairs below: a new rank begins only where people prefer each "
            f"method before it to each that follows, at p < {LEVEL}, corrected for the number of "
            f"pairs (Holm 1979). With fewer than {LEAST_PEOPLE} people there are no ranks.",
            "Simulated votes between equal methods name a winner in at most 5 % of cases.",
        ],
    )
    show_forest(
        [
            Line(f"{one.rank}. {titles[one.method]}", one.score.mean, one.score.low, one.score.high)
            for one in found.strengths
        ],
        metric="Score",
        number=".1%",
        reference=("Average strength", 0.5),
        said="; ".join(
            f"{one.rank}. {titles[one.method]} {said.percent(one.score)}" for one in found.strengths
        ),
    )
    st.caption(
        plain(
            " · ".join(
                f"{one.rank}. {titles[one.method]}: {said.percent(one.score)}"
                for one in found.strengths
            )
        )
    )


def _show_pairs(votes: Votes, catalogue: Catalogue, found: Results, titles: dict[str, str]) -> None:
    measured, by_pair = _proxies(votes, catalogue, found)
    facts = [
        "**The share** of a method is that of the answers that chose a side, with a 95 % interval "
        "as above; p is that of a true share of one half, corrected for the number of pairs.",
        "**The same row** by both methods, the same products in the same order, is never asked.",
    ]
    if measured:
        facts.append(
            f"**Measure** says {measured}, of these indexes, with the p of its test, "
            "corrected by Holm. A category is only a proxy of similarity: it agrees with "
            "people where both show the same method to be better."
        )
    explained("Pair by pair", "pairs", _agrees(list(by_pair.values())), facts)
    show_tallies(
        url.key("tallies"),
        [
            Tally(
                titles[one.one],
                titles[one.other],
                one.wins,
                one.good,
                one.bad,
                one.losses,
                said.outcome(one, titles) + ".",
                _beside(by_pair[one.one, one.other], titles)
                if (one.one, one.other) in by_pair
                else "",
            )
            for one in found.outcomes
        ],
    )
    if not by_pair:
        st.caption("Measure has no figures of these pairs by the indexes that were voted on.")


def _proxies(
    votes: Votes, catalogue: Catalogue, found: Results
) -> tuple[str, dict[tuple[str, str], Proxy]]:
    try:
        measured, rows = proxies(votes.setup, found.outcomes, shared_metrics(catalogue))
    except SimilarityError:
        return "", {}
    return measured, {(row.one, row.other): row for row in rows}


def _agrees(some: list[Proxy]) -> str:
    """Does the proxy agree with people? Over all pairs."""
    if not some:
        return ""
    counts = Counter(one.verdict for one in some)
    return (
        f"**Does Measure agree with people?** Of {counted(len(some), 'pair', 'pairs')} it agrees "
        f"on {counts['agrees']}, contradicts on {counts['contradicts']}, and of "
        f"{counts['open']} one or the other shows no difference."
    )


def _beside(proxy: Proxy, titles: dict[str, str]) -> str:
    less = proxy.difference
    return (
        f"Measure, {less.metric}, {titles[proxy.one]} less {titles[proxy.other]}: "
        f"{with_limits(less.less)}, {p_value(less.corrected)}. It {VERDICTS[proxy.verdict]}."
    )


def _show_trust(found: Results) -> None:
    explained(
        "Can it be trusted?",
        "trust",
        "",
        [
            f"**Controls**: one question in {EVERY} shows one method's row beside itself in "
            "another order. Whoever chooses a side there follows the side, the order, or chance.",
            "**Krippendorff's alpha** is 1 where people agree on every query, and 0 where they "
            "agree no more than by chance; answers are taken as four kinds without an order. "
            "Its interval is a jackknife as above.",
            "**Without one participant**: a handful of votes can turn a ranking "
            "(arXiv:2508.11847).",
        ],
    )
    lines = said.control(found.control, found.sided)
    if found.agreement:
        alpha = found.agreement
        lines.append(
            f"People agree with Krippendorff's alpha {with_limits(alpha.alpha)}, over "
            f"{counted(alpha.units, 'pair of rows', 'pairs of rows')} that several were asked, "
            f"n {alpha.votes:,}."
        )
    else:
        lines.append("No two people were asked the same yet, or all said the same.")
    lines.append(said.dropped(found.dropped))
    st.markdown("\n".join(f"- {plain(line)}" for line in lines))


def _show_divided(
    votes: Votes, catalogue: Catalogue, found: Results, titles: dict[str, str]
) -> None:
    if not found.divided:
        return
    explained(
        "What divided people",
        "divided",
        "Queries on which people chose different sides, the most evenly divided first. **A click "
        "opens one on Compare.**",
        ["Of at most six queries and pairs, those with the most answers against the majority."],
    )
    products = catalogue.products
    rows: list[Row] = []
    queries: list[tuple[Query, str]] = []
    for i, one in enumerate(found.divided):
        number = votes.setup.queries.index(one.query)
        groups = []
        for key, count in ((one.one, one.wins), (one.other, one.losses)):
            known = [p for p in votes.setup.rows[key][number] if p in products.index]
            label = f"{titles[key]}, preferred by {count}"
            groups.append(Group(label, cells(catalogue.name, products, known)))
        query: Cell | None = None
        title = f"“{one.query.value}”"
        if one.query.kind == "product" and one.query.value in products.index:
            (query,) = cells(catalogue.name, products, [one.query.value])
            title = query.title
        rows.append(Row(str(i), title, groups, query))
        queries.append((one.query, f"{one.one},{one.other}"))

    def picked(_: str, row: str) -> None:
        query, pair = queries[int(row)]
        open_on_compare(query.value, pair, query.kind)

    show_rows("divided", rows, picked)


def answers(votes: Votes) -> pd.DataFrame:
    """Every answer, to be exported; a control has the same method on both sides."""

    def when(time: float) -> str:
        return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")

    queries = votes.setup.queries
    return pd.DataFrame(
        [
            {
                "participant": one.participant,
                "question": one.number,
                "query": queries[one.query].kind,
                "value": queries[one.query].value,
                "left": one.left,
                "right": one.right,
                "answer": one.answer,
                "control": one.is_control,
                "shuffled": one.shuffled,
                "asked": when(one.asked),
                "answered": when(one.answered),
            }
            for one in votes.cast()
        ]
    )
