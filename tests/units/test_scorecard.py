"""The scorecard's sentences claim a lead only over methods that are compared fairly."""

from hypothesis import given
from hypothesis import strategies as st

from similarity.measures.metrics.schema import FORMAT, Cost, Metrics, Table
from similarity.measures.scorecard import Aspect, describe_leaders
from similarity.measures.summary import MAX_WORDS, count_words, summarise
from tests.units.planting import planted

TITLES = {"a": "Alpha", "b": "Beta", "c": "Gamma"}
CLEAR, TIED, ALL_TIED = planted(0, 0.9, 0.7, 0.5), planted(3, 0.9, 0.9, 0.5), planted(1, 0.8, 0.8)


def make_aspect(name: str, table: Table, *, uses_labels: bool = True) -> Aspect:
    return Aspect(name.capitalize(), name, "in the top 10", "", table, "P@1", uses_labels)


def describe(*aspects: Aspect, labelled: str = "") -> str:
    return " ".join(describe_leaders(aspects, TITLES, dict.fromkeys(labelled, "captions")))


def test_a_method_leads_for_what_it_is_significantly_best_at() -> None:
    share = f"{100 * CLEAR.figures['a']['P@1'].mean:.0f} %"
    assert describe(make_aspect("colour", CLEAR), make_aspect("pattern", CLEAR)) == (
        f"Alpha leads for colour ({share}) and pattern ({share})."
    )


def test_methods_that_may_all_be_best_are_too_close_to_call() -> None:
    leaders = [TITLES[key] for key in TIED.list_leaders("P@1")]
    assert sorted(leaders) == ["Alpha", "Beta"]
    assert describe(make_aspect("colour", TIED)) == (
        f"Too close to call: colour ({leaders[0]} and {leaders[1]})."
    )


def test_a_method_that_was_trained_on_the_labels_leads_for_nothing_that_uses_them() -> None:
    share = f"{100 * CLEAR.figures['b']['P@1'].mean:.0f} %"
    assert describe(make_aspect("colour", CLEAR), labelled="a") == (
        f"Beta leads for colour ({share})."
    )
    photos = make_aspect("customer photos", CLEAR, uses_labels=False)
    assert describe(photos, labelled="a").startswith("Alpha leads for customer photos")


def test_one_method_that_saw_no_labels_is_not_a_comparison() -> None:
    table = planted(0, 0.9, 0.7)
    values = [f"{100 * table.figures[key]['P@1'].mean:.0f} %" for key in "ab"]
    assert describe(make_aspect("text search", table), labelled="a") == (
        f"No fair comparison: text search (Alpha* {values[0]}, Beta {values[1]})."
    )
    assert describe(make_aspect("text search", planted(0, 0.9))) == "", "a single method"


def test_leading_is_never_said_where_the_best_is_not_significantly_better() -> None:
    assert "leads" not in describe(make_aspect("colour", ALL_TIED))
    assert "leads" not in describe(make_aspect("colour", TIED))


def make_metrics(*, size: float = 5202.0) -> Metrics:
    """Metrics of the three methods with costs, of no attributes."""
    rates = {"a": 40.0, "b": 2000.0, "c": 300.0}
    costs = {
        key: Cost("flat", rate, 100, 1.0, 2.0, size * (1 + (key == "c")), None)
        for key, rate in rates.items()
    }
    return Metrics(
        format=FORMAT,
        catalogue="",
        products_hash="",
        methods=dict.fromkeys(TITLES, ""),
        indexes={},
        queries=1500,
        products=9000,
        groups=1400,
        depth=10,
        queries_with_duplicates=0,
        duplicate_pairs=0,
        attributes=[],
        words="",
        texts=None,
        combined=None,
        no_match={},
        agreements=[],
        hubs={},
        costs=costs,
        machine="a machine",
    )


def test_the_summary_says_what_was_compared_who_leads_what_it_costs_and_what_is_not_known() -> None:
    aspects = [make_aspect("colour", CLEAR), make_aspect("pattern", TIED)]
    sentences = summarise(make_metrics(), aspects, TITLES, {})
    texts = [sentence.text for sentence in sentences]
    assert texts[0] == "3 methods were compared with 1,500 of 9,000 products as queries."
    assert texts[1:3] == describe_leaders(aspects, TITLES, {}), "no stronger than the tests"
    assert texts[3] == (
        "On this machine Beta embeds 2,000 pictures a second, Alpha 40; Alpha stores 5.2 KB a "
        "product, Gamma 10.4 KB."
    )
    assert texts[4].startswith("Not known: which results people would call similar.")
    assert [sentence.topic for sentence in sentences] == [
        *("methods", "scorecard", "scorecard", "costs", "judgments")
    ]


def test_judgments_replace_what_is_not_known() -> None:
    last = summarise(make_metrics(), [], TITLES, {}, judged="By judgments: Alpha is best")[-1]
    assert last == ("By judgments: Alpha is best.", "judgments")


@given(st.integers(0, 12), st.integers(1, 12))
def test_a_summary_has_at_most_120_words_and_counts_what_it_leaves_out(
    count: int, length: int
) -> None:
    titles = {key: " ".join([title] * length) for key, title in TITLES.items()}
    aspects = [make_aspect(f"aspect {i}", (CLEAR, TIED)[i % 2]) for i in range(count)]
    sentences = summarise(make_metrics(), aspects, titles, {})
    assert count_words(sentences) <= MAX_WORDS
    text = " ".join(sentence.text for sentence in sentences)
    named = sum(f"aspect {i} (" in text for i in range(count))
    if named < count and "in the table" in text:
        rest = count - named
        assert f"{rest} more {'figure is' if rest == 1 else 'figures are'} in the table." in text
