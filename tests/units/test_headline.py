"""What makes a result right, which results are wrong, and the sentence about them."""

import pandas as pd
import pytest

from similarity.display.criterion import (
    Criterion,
    find_named_values,
    make_criterion,
    mark_wrong,
)
from similarity.display.headline import MethodResult, compose_headline, describe_query
from similarity.display.plurals import is_plural, pluralise

PRODUCTS = pd.DataFrame(
    [
        ("sock", "white"),
        ("sock", "white"),
        ("sock", "red"),
        ("teddy bear", "white"),
        ("bear", "brown"),
        ("reading glasses", ""),
        ("", "red"),
    ],
    columns=["category", "colour"],
    index=[f"p{i}" for i in range(7)],
)
ATTRIBUTES = ["category", "colour"]
SOCKS = Criterion({"category": "sock"}, 40)
WHITE_SOCK = {"category": "sock", "colour": "white"}


def result(title: str, *rows: tuple[str, str]) -> MethodResult:
    records = [dict(zip(ATTRIBUTES, row, strict=True)) for row in rows]
    return MethodResult(title, records, sum(map(SOCKS.is_met, records)))


def test_the_query_itself_is_not_counted_and_without_right_products_nothing_is_wrong() -> None:
    assert make_criterion(PRODUCTS, {"category": "sock"}, ["p0"]) == Criterion(
        {"category": "sock"}, 2
    )
    assert make_criterion(PRODUCTS, {"category": "sock"}) == Criterion({"category": "sock"}, 3)
    assert make_criterion(PRODUCTS, {"category": "bear"}, ["p4"]) is None, "it is the only one"
    assert make_criterion(PRODUCTS, {"category": ""}, ["p6"]) is None
    assert make_criterion(PRODUCTS, {}) is None


def test_after_the_last_right_product_nothing_is_wrong() -> None:
    rows = [{"category": name} for name in ("sock", "cap", "sock", "cap", "cap")]
    two, three = (Criterion({"category": "sock"}, possible) for possible in (2, 3))
    assert mark_wrong(two, rows) == [False, True, False, False, False]
    assert mark_wrong(three, rows) == [False, True, False, True, True]


def test_a_product_without_a_value_is_neither_right_nor_wrong() -> None:
    rows = [{"category": "", "colour": "red"}, {"category": "sock", "colour": ""}]
    criterion = Criterion({"category": "sock", "colour": "red"}, 9)
    assert mark_wrong(criterion, rows) == [False, False]
    assert not any(map(criterion.is_met, rows))
    assert mark_wrong(criterion, [{"category": "", "colour": "blue"}]) == [True]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("red socks", {"category": "sock", "colour": "red"}),
        ("A White Sock!", {"category": "sock", "colour": "white"}),
        ("teddy bears", {"category": "teddy bear"}),
        ("two brown bears", {"category": "bear", "colour": "brown"}),
        ("reading glasses", {"category": "reading glasses"}),
        ("socket wrench", {}),
        ("a live elephant", {}),
        ("a sock without a pattern", {}),
        ("anything but not red", {}),
        ("", {}),
        ("<b>sock</b>", {"category": "sock"}),
    ],
)
def test_a_text_names_the_values_whose_words_it_has(text: str, values: dict[str, str]) -> None:
    assert find_named_values(text, PRODUCTS, ATTRIBUTES) == values


@pytest.mark.parametrize(
    ("noun", "plural"),
    [
        ("dress", "dresses"),
        ("wrist watch", "wrist watches"),
        ("Shoes", "Shoes"),
        ("t-shirt", "t-shirts"),
    ],
)
def test_plurals(noun: str, plural: str) -> None:
    assert pluralise(noun) == plural
    assert is_plural(plural)


def test_the_noun_of_a_criterion_has_its_adjectives_first() -> None:
    assert SOCKS.noun == "socks"
    assert Criterion({"colour": "white"}, 9).noun == "white products"
    assert Criterion({"category": "mug", "colour": "red"}, 9).noun == "red mugs"


def test_a_query_is_named_by_its_colour_and_category() -> None:
    assert describe_query(WHITE_SOCK) == "this white sock"
    assert describe_query({"category": "trousers", "colour": "red"}) == "these red trousers"
    assert describe_query({"colour": "red"}) == "this product"


def test_the_worst_method_is_explained_by_what_its_results_share_with_the_query() -> None:
    good = result("Good", *[("sock", "red")] * 12)
    poor = result("Pixels", ("sock", "white"), *[("cap", "white")] * 10, ("cap", "red"))
    assert compose_headline("this white sock", SOCKS, [poor, good], WHITE_SOCK) == (
        "For this white sock, Good finds 12 socks of 12, Pixels 1: 11 of its 12 are white."
    )


def test_otherwise_it_is_explained_by_the_category_that_it_finds_instead() -> None:
    good = result("Good", *[("sock", "red")] * 12)
    poor = result("SimCLR", *[("suitcase", "red")] * 8, *[("cap", "blue")] * 4)
    assert compose_headline("this white sock", SOCKS, [good, poor], WHITE_SOCK) == (
        "For this white sock, Good finds 12 socks of 12, SimCLR 0: 8 of its 12 are suitcases."
    )


def test_what_all_results_share_explains_nothing() -> None:
    good = result("Good", *[("sock", "white")] * 12)
    poor = result("Poor", *[(f"kind {i}", "white") for i in range(12)])
    assert compose_headline("this white sock", SOCKS, [good, poor], WHITE_SOCK) == (
        "For this white sock, Good finds 12 socks of 12, Poor 0."
    )


def test_methods_that_are_level_are_named_together_and_many_are_counted() -> None:
    twelve, caps = [("sock", "red")] * 12, [("cap", "red")] * 12
    for count, names in ((1, "A finds"), (2, "A and B find"), (3, "3 methods find")):
        level = [result("ABC"[i], *twelve) for i in range(count)]
        for results in (level, [*level, result("Z", *caps)]):
            headline = compose_headline("it", SOCKS, results, {})
            all_methods = (
                names.replace("3 methods", "all 3 methods") if len(results) == 3 else names
            )
            assert headline.startswith(
                f"For it, {names if len(results) > count else all_methods} 12 "
            )


def test_fewer_right_products_than_results_are_the_most_that_can_be_found() -> None:
    few = Criterion({"category": "sock"}, 2)
    best = result("A", *[("sock", "red")] * 2, ("cap", "red"))
    one = result("B", ("sock", "red"), ("cap", "red"), ("cap", "blue"))
    assert compose_headline("it", few, [best, one], {}).startswith(
        "For it, A finds both socks, B 1"
    )
    assert compose_headline("it", few, [one], {}) == "For it, B finds 1 of the 2 socks."
    caps = result("C", ("cap", "red"), ("cap", "red"), ("cap", "red"))
    assert compose_headline("it", few, [caps], {}) == "For it, C finds no socks."
    for possible, words in ((1, "the only sock"), (3, "all 3 socks")):
        criterion = Criterion({"category": "sock"}, possible)
        rows = [("sock", "red")] * possible + [("cap", "red")] * 3
        headline = compose_headline("it", criterion, [result("D", *rows)], {})
        assert headline == f"For it, D finds {words}."
    assert compose_headline("it", few, [], {}) == ""
