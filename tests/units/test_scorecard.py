"""The scorecard's sentences claim a lead only over methods that are compared fairly."""

from similarity.measures.metrics.schema import Table
from similarity.measures.scorecard import Aspect, describe_leaders
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
