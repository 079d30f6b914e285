"""The strength of each method in a vote, its interval, and the resulting ranks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from similarity.measures.metrics.schema import assign_ranks
from similarity.statistics.clusters import PRIOR, Numbers, Share, jackknife, share_interval
from similarity.statistics.intervals import Values
from similarity.votes.answers import GOOD, Answers
from similarity.votes.davidson import compute_scores, fit_strengths


@dataclass(frozen=True)
class Strength:
    """A method's score against one of mean strength, and its rank."""

    method: str
    score: Share
    rank: int


@dataclass(frozen=True)
class Sensitivity:
    """How the order changes without any one participant.

    `first` counts the participants without whom another method comes first, `order` those without
    whom the order changes.
    """

    people: int
    first: int
    order: int


def rank_methods(
    methods: list[str],
    answers: Answers,
    clusters: Sequence[Numbers],
    is_better: Callable[[str, str], bool],
) -> tuple[list[Strength], Sensitivity | None]:
    """Return the methods, best first, and the sensitivity of their order to single participants.

    `clusters` number the votes' people (n,) and optionally their queries. `is_better` tells whether
    people significantly prefer one method to another.
    """
    pair_numbers = [(methods.index(one), methods.index(other)) for one, other in answers.pairs]
    counts = [_merge_ties(answers.count_by_cluster(cluster)) for cluster in clusters]
    total = counts[0].sum(0)
    # one vote of each kind less, or one more where there is none
    single_changes = np.eye(total.size).reshape(-1, *total.shape) * np.where(total > 0, -1, 1)
    sets = np.concatenate(
        [
            total[None],
            *(total - cluster_counts for cluster_counts in counts),
            total + single_changes,
        ]
    )
    all_scores = compute_scores(*fit_strengths(sets, pair_numbers, len(methods)))
    (estimates,), *scores_without, scores_changed = np.split(
        all_scores, np.cumsum([1, *map(len, counts)])
    )
    spread = jackknife(estimates, scores_without, scores_changed, total.ravel(), PRIOR)
    shares = [
        share_interval(*map(float, row))
        for row in zip(estimates, estimates, spread.variance, spread.freedom, strict=True)
    ]
    order = np.argsort(-estimates, kind="stable")
    ranks = assign_ranks([methods[i] for i in order], is_better)
    strengths = [Strength(key, shares[methods.index(key)], rank) for key, rank in ranks.items()]
    if len(scores_without[0]) < 2:
        return strengths, None
    orders_without = np.argsort(-scores_without[0], axis=1, kind="stable")
    sensitivity = Sensitivity(
        len(orders_without),
        int((orders_without[:, 0] != order[0]).sum()),
        int((orders_without != order).any(1).sum()),
    )
    return strengths, sensitivity


def _merge_ties(counts: Values) -> Values:
    """Merge both kinds of ties: (…, 4) gives (…, 3)."""
    return np.concatenate([counts[..., :GOOD], counts[..., GOOD:].sum(-1, keepdims=True)], -1)
