"""Votes over made-up rows, and people who answer them."""

from collections.abc import Sequence
from random import Random

import numpy as np

from similarity.measures.files import fingerprint
from similarity.votes.database import create
from similarity.votes.store import Votes
from similarity.votes.vote import FORMAT, Answer, Query, Setup

K = 4


def setup_of(methods: Sequence[str], queries: int = 30, alike: Sequence[int] = ()) -> Setup:
    """A vote whose methods answer with products of their own, and alike to some queries."""

    def row(method: int, query: int) -> list[str]:
        who = 0 if query in alike else method
        return [fingerprint([str(who), str(query), str(i)])[:20] for i in range(K)]

    return Setup(
        format=FORMAT,
        catalogue="demo",
        question="Which?",
        k=K,
        chosen="random",
        queries=[Query("product", f"{i:020x}") for i in range(queries)],
        rows={key: [row(m, q) for q in range(queries)] for m, key in enumerate(methods)},
        stamps=dict.fromkeys(methods, "0"),
        seed=7,
        made=0.0,
    )


def made(methods: Sequence[str], queries: int = 30, alike: Sequence[int] = ()) -> tuple[Votes, str]:
    """The same, kept, and its host's token."""
    name, token = create(setup_of(methods, queries, alike))
    return Votes(name), token


def person(number: int) -> str:
    """A participant's id."""
    return f"{number:032x}"


def preferring(
    setup: Setup, strengths: dict[str, float], ties: float, rng: np.random.Generator
) -> "Sampler":
    """Answers as Davidson's model has them, by logarithms of strengths."""
    return Sampler(setup, strengths, ties, rng)


class Sampler:
    """Draws an answer to two rows from the strengths of the methods that they are of."""

    def __init__(
        self, setup: Setup, strengths: dict[str, float], ties: float, rng: np.random.Generator
    ) -> None:
        self.whose = {tuple(row): key for key, rows in setup.rows.items() for row in rows}
        self.strengths, self.ties, self.rng = strengths, ties, rng

    def __call__(self, left: list[str], right: list[str]) -> Answer:
        one, other = (self.strengths[self.whose.get(tuple(row), "?")] for row in (left, right))
        logits = np.array([one, other, self.ties + (one + other) / 2])
        chances = np.exp(logits) / np.exp(logits).sum()
        drawn = self.rng.choice(3, p=chances)
        tie: Answer = "good" if self.rng.random() < 0.5 else "bad"
        return ("left", "right", tie)[drawn]


def let_vote(votes: Votes, people: int, each: int, answer: Sampler, seed: int = 0) -> None:
    """People who take turns and answer so many questions each."""
    rng = Random(seed)
    for _ in range(each):
        for i in range(people):
            shown = votes.current(person(i), rng)
            assert shown
            votes.answer(person(i), shown.number, answer(shown.left, shown.right), rng)
