"""Votes over made-up rows, and simulated participants who answer them."""

from collections.abc import Sequence
from random import Random

import numpy as np

from similarity.measures.files import compute_fingerprint
from similarity.votes.database import create_vote
from similarity.votes.store import Votes
from similarity.votes.vote import FORMAT, Answer, Query, Setup

K = 4


def make_setup(methods: Sequence[str], queries: int = 30, same_rows: Sequence[int] = ()) -> Setup:
    """Return a vote on methods with different results, except for the queries in `same_rows`."""

    def row(method: int, query: int) -> list[str]:
        who = 0 if query in same_rows else method
        return [compute_fingerprint([str(who), str(query), str(i)])[:20] for i in range(K)]

    return Setup(
        format=FORMAT,
        catalogue="demo",
        question="Which?",
        k=K,
        query_source="random",
        queries=[Query("product", f"{i:020x}") for i in range(queries)],
        rows={key: [row(m, q) for q in range(queries)] for m, key in enumerate(methods)},
        stamps=dict.fromkeys(methods, "0"),
        seed=7,
        created=0.0,
    )


def make_votes(
    methods: Sequence[str], queries: int = 30, same_rows: Sequence[int] = ()
) -> tuple[Votes, str]:
    """Save such a vote; return it and its host's token."""
    name, token = create_vote(make_setup(methods, queries, same_rows))
    return Votes(name), token


def make_participant_id(number: int) -> str:
    """Return a participant's id."""
    return f"{number:032x}"


def make_sampler(
    setup: Setup, strengths: dict[str, float], ties: float, rng: np.random.Generator
) -> "Sampler":
    """Return answers by Davidson's model, from the logarithms of strengths."""
    return Sampler(setup, strengths, ties, rng)


class Sampler:
    """Draws answers to two rows from the strengths of their methods."""

    def __init__(
        self, setup: Setup, strengths: dict[str, float], ties: float, rng: np.random.Generator
    ) -> None:
        self.method_of_row = {tuple(row): key for key, rows in setup.rows.items() for row in rows}
        self.strengths, self.ties, self.rng = strengths, ties, rng

    def __call__(self, left: list[str], right: list[str]) -> Answer:
        one, other = (
            self.strengths[self.method_of_row.get(tuple(row), "?")] for row in (left, right)
        )
        logits = np.array([one, other, self.ties + (one + other) / 2])
        chances = np.exp(logits) / np.exp(logits).sum()
        drawn = self.rng.choice(3, p=chances)
        tie: Answer = "good" if self.rng.random() < 0.5 else "bad"
        return ("left", "right", tie)[drawn]


def simulate_answers(votes: Votes, people: int, each: int, answer: Sampler, seed: int = 0) -> None:
    """Let participants take turns until each has answered so many questions."""
    rng = Random(seed)
    for _ in range(each):
        for i in range(people):
            question = votes.get_question(make_participant_id(i), rng)
            assert question
            votes.record_answer(
                make_participant_id(i), question.number, answer(question.left, question.right), rng
            )
