"""The results of a vote, and how far they can be trusted."""

from collections import Counter
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.colours import get_colour
from similarity.display.forest import Line, make_forest
from similarity.display.text import format_count
from similarity.errors import SimilarityError
from similarity.measures.metrics.verdict import format_figure, format_p
from similarity.statistics.significance import LEVEL
from similarity.ui.shared import query as url
from similarity.ui.shared.caches import get_metrics
from similarity.ui.shared.headings import show_heading
from similarity.ui.shared.open_compare import request_compare
from similarity.ui.shared.plain import escape
from similarity.ui.shared.rows import Cell, Group, Row, make_cells, show_rows
from similarity.ui.shared.spreadsheet import to_csv
from similarity.ui.vote.caches import get_results
from similarity.ui.vote.tallies import Tally, show_tallies
from similarity.votes import verdict
from similarity.votes.proxy import Proxy, compare_with_metrics
from similarity.votes.results import MIN_PEOPLE, Results
from similarity.votes.schedule import CONTROL_INTERVAL
from similarity.votes.store import Votes
from similarity.votes.vote import Query

SOURCE_DESCRIPTIONS = {
    "random": "products drawn at random",
    "differ": "products on which these methods agree least, which are no sample of all",
    "words": "words that the host chose",
}
VERDICTS = {
    "agrees": "agrees with people",
    "contradicts": "contradicts people",
    "open": "neither agrees with people nor contradicts them yet",
}


def get_title(catalogue: Catalogue, key: str) -> str:
    """Return a method's title, or its key if it is unknown."""
    return catalogue.registry[key].title if key in catalogue.registry else key


def show_results(votes: Votes, catalogue: Catalogue) -> None:
    """Show all results, or that there are none yet."""
    results = get_results(votes)
    if results is None:
        st.info("Nobody has answered yet." if not votes.is_closed() else "Nobody answered.")
        return
    titles = {key: get_title(catalogue, key) for key in votes.setup.methods}
    first, *rest = verdict.describe_result(results, titles)
    st.header(escape(first), anchor=False)
    for line in rest:
        st.markdown(escape(line))
    st.caption(
        escape(
            f"{format_count(results.votes, 'answer', 'answers')} of "
            f"{format_count(results.people, 'participant', 'participants')} to rows of "
            f"{votes.setup.k} "
            f"for {len(votes.setup.queries):,} queries: "
            f"{SOURCE_DESCRIPTIONS[votes.setup.query_source]}."
            f"{_describe_uncounted(results)}"
        )
    )
    _show_strengths(votes, catalogue, results, titles)
    _show_pairs(votes, catalogue, results, titles)
    _show_trust(results)
    _show_divided(votes, catalogue, results, titles)
    st.download_button(
        "Every answer, CSV",
        lambda: to_csv(tabulate_answers(votes)),
        f"vote-{votes.name}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _describe_uncounted(results: Results) -> str:
    """Return which answers are not counted, and why."""
    count = results.control.votes
    if not count:
        return ""
    return (
        f" Not counted: {format_count(count, 'control question', 'control questions')}, with the "
        "same results on both sides (see Can it be trusted?)."
    )


def _show_strengths(
    votes: Votes, catalogue: Catalogue, results: Results, titles: dict[str, str]
) -> None:
    order = list(votes.setup.methods)
    # no order but that of the ranks, and none among equal ranks
    strengths = sorted(results.strengths, key=lambda one: (one.rank, order.index(one.method)))
    has_ranks = len({strength.rank for strength in strengths}) > 1
    labels = {
        one.method: f"{one.rank}. {titles[one.method]}" if has_ranks else titles[one.method]
        for one in strengths
    }
    clusters = f"the {results.people:,} people"
    if results.of_catalogue:
        clusters += " and the queries together"
    show_heading(
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
            f"pairs (Holm 1979). With fewer than {MIN_PEOPLE} people there are no ranks.",
            "Simulated votes between equal methods name a winner in at most 5 % of cases.",
        ],
    )
    lines = [
        Line(
            labels[strength.method],
            strength.score.mean,
            strength.score.low,
            strength.score.high,
            get_colour(catalogue, strength.method),
        )
        for strength in strengths
    ]
    spec = make_forest(lines, metric="Score", number=".1%", reference=("Average strength", 0.5))
    shares = [f"{labels[one.method]} {verdict.format_share(one.score)}" for one in strengths]
    st.vega_lite_chart(None, spec, width="stretch", alt="; ".join(shares))
    st.caption(
        escape(
            " · ".join(
                f"{labels[strength.method]}: {verdict.format_share(strength.score)}"
                for strength in strengths
            )
        )
    )


def _show_pairs(
    votes: Votes, catalogue: Catalogue, results: Results, titles: dict[str, str]
) -> None:
    metric_text, proxy_by_pair = _compare_with_metrics(votes, catalogue, results)
    facts = [
        "**The share** of a method is that of the answers that chose a side, with a 95 % interval "
        "as above; p is that of a true share of one half, corrected for the number of pairs.",
        "**The same row** by both methods, the same products in the same order, is never asked.",
    ]
    if metric_text:
        facts.append(
            f"**Accuracy** says {metric_text}, of these indexes, with the p of its test, "
            "corrected by Holm. A category is only a proxy of similarity: it agrees with "
            "people where both show the same method to be better."
        )
    show_heading("Pair by pair", "pairs", _describe_agreement(list(proxy_by_pair.values())), facts)
    show_tallies(
        url.widget_key("tallies"),
        [
            Tally(
                titles[outcome.one],
                titles[outcome.other],
                get_colour(catalogue, outcome.one),
                get_colour(catalogue, outcome.other),
                outcome.wins,
                outcome.good,
                outcome.bad,
                outcome.losses,
                verdict.describe_outcome(outcome, titles) + ".",
                _describe_proxy(proxy_by_pair[outcome.one, outcome.other], titles)
                if (outcome.one, outcome.other) in proxy_by_pair
                else "",
            )
            for outcome in results.outcomes
        ],
    )
    if not proxy_by_pair:
        st.caption("Accuracy has no figures of these pairs by the indexes that were voted on.")


def _compare_with_metrics(
    votes: Votes, catalogue: Catalogue, results: Results
) -> tuple[str, dict[tuple[str, str], Proxy]]:
    try:
        metric_text, rows = compare_with_metrics(
            votes.setup, results.outcomes, get_metrics(catalogue)
        )
    except SimilarityError:
        return "", {}
    return metric_text, {(row.one, row.other): row for row in rows}


def _describe_agreement(proxies: list[Proxy]) -> str:
    """Return on how many pairs the metrics agree with people."""
    if not proxies:
        return ""
    counts = Counter(proxy.verdict for proxy in proxies)
    return (
        f"**Does Accuracy agree with people?** Of {format_count(len(proxies), 'pair', 'pairs')} it "
        f"agrees on {counts['agrees']}, contradicts on {counts['contradicts']}, and of "
        f"{counts['open']} one or the other shows no difference."
    )


def _describe_proxy(proxy: Proxy, titles: dict[str, str]) -> str:
    difference = proxy.difference
    return (
        f"Accuracy, {difference.metric}, {titles[proxy.one]} less {titles[proxy.other]}: "
        f"{format_figure(difference.estimate)}, {format_p(difference.corrected_p)}. It "
        f"{VERDICTS[proxy.verdict]}."
    )


def _show_trust(results: Results) -> None:
    show_heading(
        "Can it be trusted?",
        "trust",
        "",
        [
            f"**Controls**: one question in {CONTROL_INTERVAL} shows one method's results twice, "
            "in "
            "another order. Choosing a side there means following the side, the order, or chance.",
            "**Krippendorff's alpha** is 1 where people agree on every query, and 0 where they "
            "agree no more than by chance; answers are taken as four kinds without an order. "
            "Its interval is a jackknife as above.",
            "**Without one participant**: a handful of votes can turn a ranking "
            "(arXiv:2508.11847).",
        ],
    )
    lines = verdict.describe_control(results.control, results.left_share)
    if results.agreement:
        alpha = results.agreement
        lines.append(
            f"People agree with Krippendorff's alpha {format_figure(alpha.alpha)}, over "
            f"{format_count(alpha.units, 'pair of rows', 'pairs of rows')} that several were "
            f"asked, n {alpha.votes:,}."
        )
    else:
        lines.append("No two people were asked the same yet, or all said the same.")
    lines.append(verdict.describe_sensitivity(results.sensitivity))
    st.markdown("\n".join(f"- {escape(line)}" for line in lines))


def _show_divided(
    votes: Votes, catalogue: Catalogue, results: Results, titles: dict[str, str]
) -> None:
    if not results.divided_queries:
        return
    show_heading(
        "What divided people",
        "divided",
        "Queries on which people chose different sides, the most evenly divided first. **A click "
        "opens one on Compare.**",
        ["Of at most six queries and pairs, those with the most answers against the majority."],
    )
    products = catalogue.products
    rows: list[Row] = []
    queries: list[tuple[Query, str]] = []
    for i, divided in enumerate(results.divided_queries):
        number = votes.setup.queries.index(divided.query)
        groups = []
        for key, count in ((divided.one, divided.wins), (divided.other, divided.losses)):
            available = [
                product for product in votes.setup.rows[key][number] if product in products.index
            ]
            label = f"{titles[key]}, preferred by {count}"
            groups.append(Group(label, make_cells(catalogue.name, products, available)))
        query: Cell | None = None
        title = f"“{divided.query.value}”"
        if divided.query.kind == "product" and divided.query.value in products.index:
            (query,) = make_cells(catalogue.name, products, [divided.query.value])
            title = query.title
        rows.append(Row(str(i), title, groups, query))
        queries.append((divided.query, f"{divided.one},{divided.other}"))

    def handle_pick(_: str, row: str) -> None:
        query, pair = queries[int(row)]
        request_compare(query.value, pair, query.kind)

    show_rows("divided", rows, handle_pick)


def tabulate_answers(votes: Votes) -> pd.DataFrame:
    """Return every answer, for export; a control has the same method on both sides."""

    def format_time(time: float) -> str:
        return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")

    queries = votes.setup.queries
    return pd.DataFrame(
        [
            {
                "participant": vote.participant,
                "question": vote.number,
                "query": queries[vote.query].kind,
                "value": queries[vote.query].value,
                "left": vote.left,
                "right": vote.right,
                "answer": vote.answer,
                "control": vote.is_control,
                "shuffled": vote.shuffled,
                "asked": format_time(vote.asked_at),
                "answered": format_time(vote.answered_at),
            }
            for vote in votes.list_votes()
        ]
    )
