"""Which question comes next: balanced over all participants, and never to be foreseen.

Two methods are asked about as often as any other two, a query as often as any other, and each
method of a pair stands on either side equally often.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from random import Random
from typing import Literal, NamedTuple

from similarity.votes.vote import Pair

EVERY = 20  # questions, of which one is a control
BIAS = 2 / 3  # Efron 1971's coin: the side that was used less comes up so often


class Question(NamedTuple):
    """A query, by its number, and which method's row stands where.

    A control has the same method on both sides; on the side `shuffled` its row stands in the order
    `places`.
    """

    query: int
    left: str
    right: str
    shuffled: Literal["", "left", "right"] = ""
    places: tuple[int, ...] = ()


def is_control(seed: int, participant: str, number: int) -> bool:
    """Whether a participant's question is a control: one of each EVERY, drawn for each person."""
    block, place = divmod(number - 1, EVERY)
    return Random(f"{seed}/{participant}/{block}").randrange(EVERY) == place


def next_question(
    askable: Mapping[Pair, Collection[int]],
    asked: Mapping[Question, int],
    own: Sequence[Question],
    rng: Random,
) -> Question | None:
    """The next question of a participant, who was asked their `own`; None at the end.

    `asked` says how often each question was asked of anybody. The pair that was asked least often,
    of that the query that this person has seen least and others have been asked least; chance
    decides between equals. The side is drawn by a biased coin (Efron 1971,
    doi:10.1093/biomet/58.3.403), which balances without a pattern to be guessed.
    """
    done = {(_pair(askable, question), question.query) for question in own}
    left = {
        pair: [query for query in queries if (pair, query) not in done]
        for pair, queries in askable.items()
    }
    pairs = [pair for pair, queries in left.items() if queries]
    if not pairs:
        return None
    of_pair: Counter[Pair | None] = Counter()
    for question, times in asked.items():
        of_pair[_pair(askable, question)] += times
    mine = Counter(_pair(askable, question) for question in own)
    one, other = min(pairs, key=lambda pair: (of_pair[pair], mine[pair], rng.random()))
    often: Counter[int] = Counter()
    lead = 0
    for question, times in asked.items():
        if {question.left, question.right} == {one, other}:
            often[question.query] += times
            lead += times if question.left == one else -times
    seen = Counter(question.query for question in own)
    query = min(left[one, other], key=lambda query: (seen[query], often[query], rng.random()))
    chance = 0.5 if lead == 0 else BIAS if lead < 0 else 1 - BIAS
    if rng.random() < chance:
        return Question(query, one, other)
    return Question(query, other, one)


def next_control(
    methods: Sequence[str],
    queries: int,
    k: int,
    asked: Mapping[Question, int],
    own: Sequence[Question],
    rng: Random,
) -> Question:
    """A method's row beside itself in another order; methods take turns, and chance the side."""
    controls: Counter[str] = Counter()
    for question, times in asked.items():
        if question.left == question.right:
            controls[question.left] += times
    method = min(methods, key=lambda key: (controls[key], rng.random()))
    seen = Counter(question.query for question in own)
    query = min(range(queries), key=lambda query: (seen[query], rng.random()))
    places = list(range(k))
    while places == sorted(places):
        rng.shuffle(places)
    side: Literal["left", "right"] = "left" if rng.random() < 0.5 else "right"
    return Question(query, method, method, side, tuple(places))


def _pair(askable: Mapping[Pair, Collection[int]], question: Question) -> Pair | None:
    """The pair of a question in the vote's order; None of a control."""
    for pair in ((question.left, question.right), (question.right, question.left)):
        if pair in askable:
            return pair
    return None
