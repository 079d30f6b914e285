"""Ask golden queries again, and say whether the results have changed by more than chance."""

from dataclasses import dataclass

import numpy as np

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.handover.golden import Golden, compute_ndcg, compute_share, read_rows
from similarity.measures.metrics.schema import Figure
from similarity.measures.metrics.verdict import format_figure
from similarity.methods import Method
from similarity.parts import Kind, Term
from similarity.statistics.intervals import compute_interval


@dataclass(frozen=True)
class Change:
    """The mean change of a figure over n queries with its 95 % interval.

    `name` says which figure. `missing` queries can't be asked any more.
    """

    name: str
    before: float
    now: float
    estimate: Figure
    n: int
    missing: int

    @property
    def is_certain(self) -> bool:
        """Whether the interval excludes zero."""
        return self.estimate.low > 0 or self.estimate.high < 0

    def describe(self) -> str:
        """Return the change in a line."""
        line = (
            f"{self.name}: {self.before:.3f} before, {self.now:.3f} now, change "
            f"{format_figure(self.estimate, 3)}, n {self.n:,}"
        )
        if self.missing:
            line += f"; {self.missing:,} can't be asked any more"
        return f"{line}. {'Changed' if self.is_certain else 'No change shown'}."


def replay(catalogue: Catalogue, method: Method, golden: Golden) -> list[Change]:
    """Return the changes since golden queries were written.

    Neighbours: the share of the stored results that the catalogue's index finds. Judgments:
    nDCG@10. Raises SimilarityError if no query can be asked any more.
    """
    changes = []
    kinds: list[tuple[str, Kind]] = [("neighbours", "product"), ("texts", "text")]
    for name, kind in kinds:
        stored = getattr(golden, name)
        if kind == "text" and not (method.answers_text and method.has_model):
            continue
        askable = [each for each in stored if kind == "text" or _has(catalogue, each.query)]
        if not askable:
            continue
        rows = read_rows(catalogue, method, kind, [each.query for each in askable])
        now = [
            compute_share(catalogue, method, kind, each.query, row, each.products)
            for each, row in zip(askable, rows, strict=True)
        ]
        title = "Same neighbours" if kind == "product" else "Same results for texts"
        before = np.array([each.share for each in askable])
        changes.append(_compare(title, before, np.array(now), len(stored) - len(askable)))
    changes += _replay_judged(catalogue, method, golden)
    if not changes:
        raise SimilarityError("None of the golden queries can be asked any more. Hand over again.")
    return changes


def _replay_judged(catalogue: Catalogue, method: Method, golden: Golden) -> list[Change]:
    before, now, missing = [], [], 0
    for kind in ("product", "text"):
        judged = [each for each in golden.judged if each.kind == kind]
        askable = [each for each in judged if kind == "text" or _has(catalogue, each.query)]
        missing += len(judged) - len(askable)
        if kind == "text" and not (method.answers_text and method.has_model):
            continue
        queries = [Term("text" if kind == "text" else "product", each.query) for each in askable]
        now += compute_ndcg(catalogue, method, queries, [each.grades for each in askable])
        before += [each.ndcg for each in askable]
    if not before:
        return []
    return [_compare("nDCG@10 by judgments", np.array(before), np.array(now), missing)]


def _has(catalogue: Catalogue, product: str) -> bool:
    return product in catalogue.products.index


def _compare(name: str, before: np.ndarray, now: np.ndarray, missing: int) -> Change:
    change = now - before
    estimate = Figure(float(change.mean()), *compute_interval(change))
    return Change(name, float(before.mean()), float(now.mean()), estimate, len(change), missing)
