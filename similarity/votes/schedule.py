"""Choose the next question: balanced over all participants, and unpredictable.

All pairs of methods are asked about equally often, as are all queries, and each method of a pair is
equally often on either side.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from random import Random
from typing import Literal, NamedTuple

from similarity.votes.vote import Pair

CONTROL_INTERVAL = 20  # one of this many questions is a control
COIN_BIAS = 2 / 3  # of Efron's coin (1971): how often the less used side comes up


class Question(NamedTuple):
    """A query by its number, and the methods whose rows are left and right.

    A control has the same method on both sides; the row on the side `shuffled` is in the order
    `order`.
    """

    query: int
    left: str
    right: str
    shuffled: Literal["", "left", "right"] = ""
    order: tuple[int, ...] = ()


def is_control(seed: int, participant: str, number: int) -> bool:
    """Return whether a participant's question is a control: one random one per CONTROL_INTERVAL."""
    block, position = divmod(number - 1, CONTROL_INTERVAL)
    return Random(f"{seed}/{participant}/{block}").randrange(CONTROL_INTERVAL) == position


def choose_question(
    askable: Mapping[Pair, Collection[int]],
    times_asked: Mapping[Question, int],
    own_questions: Sequence[Question],
    rng: Random,
) -> Question | None:
    """Choose a participant's next question, or None at the end.

    `times_asked` is how often each question was asked of anybody, `own_questions` what this
    participant was asked. Prefers the pair that was asked least often and, within it, the query
    that this person and then others have seen least; ties are broken at random. The side is drawn
    by a biased coin (Efron 1971, doi:10.1093/biomet/58.3.403), which balances without a predictable
    pattern.
    """
    own_pairs = {(_find_pair(askable, question), question.query) for question in own_questions}
    remaining = {
        pair: [query for query in queries if (pair, query) not in own_pairs]
        for pair, queries in askable.items()
    }
    pairs = [pair for pair, queries in remaining.items() if queries]
    if not pairs:
        return None
    pair_counts: Counter[Pair | None] = Counter()
    for question, times in times_asked.items():
        pair_counts[_find_pair(askable, question)] += times
    own_pair_counts = Counter(_find_pair(askable, question) for question in own_questions)
    one, other = min(
        pairs, key=lambda pair: (pair_counts[pair], own_pair_counts[pair], rng.random())
    )
    query_counts: Counter[int] = Counter()
    left_lead = 0
    for question, times in times_asked.items():
        if {question.left, question.right} == {one, other}:
            query_counts[question.query] += times
            left_lead += times if question.left == one else -times
    own_query_counts = Counter(question.query for question in own_questions)
    query = min(
        remaining[one, other],
        key=lambda query: (own_query_counts[query], query_counts[query], rng.random()),
    )
    probability = 0.5 if left_lead == 0 else COIN_BIAS if left_lead < 0 else 1 - COIN_BIAS
    if rng.random() < probability:
        return Question(query, one, other)
    return Question(query, other, one)


def choose_control(
    methods: Sequence[str],
    queries: int,
    k: int,
    times_asked: Mapping[Question, int],
    own_questions: Sequence[Question],
    rng: Random,
) -> Question:
    """Choose a method's row next to itself in another order.

    Methods alternate; sides are random.
    """
    control_counts: Counter[str] = Counter()
    for question, times in times_asked.items():
        if question.left == question.right:
            control_counts[question.left] += times
    method = min(methods, key=lambda key: (control_counts[key], rng.random()))
    own_query_counts = Counter(question.query for question in own_questions)
    query = min(range(queries), key=lambda query: (own_query_counts[query], rng.random()))
    order = list(range(k))
    while order == sorted(order):
        rng.shuffle(order)
    side: Literal["left", "right"] = "left" if rng.random() < 0.5 else "right"
    return Question(query, method, method, side, tuple(order))


def _find_pair(askable: Mapping[Pair, Collection[int]], question: Question) -> Pair | None:
    """Return the pair of a question in the vote's order, or None for a control."""
    for pair in ((question.left, question.right), (question.right, question.left)):
        if pair in askable:
            return pair
    return None
