"""How strong each method of a vote is, how sure that is, and which ranks that allows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from similarity.measures.metrics.schema import shared_ranks
from similarity.statistics.clusters import PRIOR, Numbers, Share, jackknife, share_interval
from similarity.statistics.intervals import Values
from similarity.votes.answers import GOOD, Answers
from similarity.votes.davidson import fit, scores


@dataclass(frozen=True)
class Strength:
    """What a method gets against one of mean strength, and its rank."""

    method: str
    score: Share
    rank: int


@dataclass(frozen=True)
class Dropped:
    """What becomes of the order without any one participant.

    `first` counts the people without whom another method comes first, `order` those without whom
    the order is another.
    """

    people: int
    first: int
    order: int


def rank_methods(
    methods: list[str],
    answers: Answers,
    clusters: Sequence[Numbers],
    better: Callable[[str, str], bool],
) -> tuple[list[Strength], Dropped | None]:
    """Return the methods, best first, and what becomes of their order without one participant.

    `clusters` number the answers' people, (n,), and perhaps their queries. `better` says whether
    people are shown to prefer one method to another.
    """
    places = [(methods.index(one), methods.index(other)) for one, other in answers.pairs]
    counts = [_ties_joined(answers.count_by(each)) for each in clusters]
    every = counts[0].sum(0)
    # one answer of each sort less, or more where there is none
    single = np.eye(every.size).reshape(-1, *every.shape) * np.where(every > 0, -1, 1)
    sets = np.concatenate([every[None], *(every - each for each in counts), every + single])
    fitted = scores(*fit(sets, places, len(methods)))
    (estimates,), *without, changed = np.split(fitted, np.cumsum([1, *map(len, counts)]))
    spread = jackknife(estimates, without, changed, every.ravel(), PRIOR)
    shares = [
        share_interval(*map(float, row))
        for row in zip(estimates, estimates, spread.variance, spread.freedom, strict=True)
    ]
    order = np.argsort(-estimates, kind="stable")
    ranks = shared_ranks([methods[i] for i in order], better)
    strengths = [Strength(key, shares[methods.index(key)], rank) for key, rank in ranks.items()]
    if len(without[0]) < 2:
        return strengths, None
    others = np.argsort(-without[0], axis=1, kind="stable")
    dropped = Dropped(
        len(others), int((others[:, 0] != order[0]).sum()), int((others != order).any(1).sum())
    )
    return strengths, dropped


def _ties_joined(counts: Values) -> Values:
    """Both kinds of ties as one: (…, 4) gives (…, 3)."""
    return np.concatenate([counts[..., :GOOD], counts[..., GOOD:].sum(-1, keepdims=True)], -1)
