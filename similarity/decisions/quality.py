"""One figure for several criteria: their weighted mean, with an interval that covers it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from similarity.decisions.criteria import Criterion
from similarity.measures.metrics.schema import Difference, Figure
from similarity.statistics.intervals import Z
from similarity.statistics.significance import LEVEL


@dataclass(frozen=True)
class Quality:
    """Methods compared by criteria with weights that sum to 1."""

    criteria: Sequence[Criterion]
    weights: Sequence[float]
    methods: Sequence[str]  # that have a fair figure for each criterion

    def get_figure(self, method: str) -> Figure:
        """Return the weighted mean of a method's figures.

        Several criteria are often measured with the same queries, so that their errors go together.
        The interval is as wide as if they went together completely: it covers the truth at least as
        often as those of the criteria.
        """
        return self._add(
            [each.aspect.table.figures[method][each.aspect.metric] for each in self.criteria]
        )

    def has_figures(self, method: str) -> bool:
        """Return whether a method has a figure for each criterion, fair or not."""
        return all(each.get_figure(method) for each in self.criteria)

    def get_difference(self, one: str, other: str) -> Figure | None:
        """Return the difference of two methods, with an interval as in `get_figure`.

        None if a criterion doesn't compare the two.
        """
        differences = self._list_differences(one, other)
        return self._add([each.estimate for each in differences]) if differences else None

    def is_better(self, one: str, other: str) -> bool:
        """Return whether a method is shown to be better than another.

        For one criterion this is its own test. For several, the interval of the difference has to
        stay above 0 when it is widened for the number of pairs (Bonferroni).
        """
        differences = self._list_differences(one, other)
        if not differences:
            return False
        if len(differences) == 1:
            return differences[0].is_significant and differences[0].estimate.mean > 0
        total = self._add([each.estimate for each in differences])
        pairs = len(self.methods) * (len(self.methods) - 1) / 2
        factor = NormalDist().inv_cdf(1 - LEVEL / 2 / pairs) / Z
        return total.mean - factor * (total.mean - total.low) > 0

    def list_leaders(self) -> list[str]:
        """Return the best method by its mean, and those not shown to be worse, best first."""
        order = sorted(self.methods, key=lambda key: -self.get_figure(key).mean)
        return order[:1] + [key for key in order[1:] if not self.is_better(order[0], key)]

    def _list_differences(self, one: str, other: str) -> list[Difference]:
        differences = [
            each.aspect.table.get_difference(one, other, each.aspect.metric)
            for each in self.criteria
        ]
        present = [each for each in differences if each]
        return present if len(present) == len(differences) else []

    def _add(self, figures: Sequence[Figure]) -> Figure:
        return Figure(
            *(
                sum(weight * value for weight, value in zip(self.weights, values, strict=True))
                for values in zip(
                    *((each.mean, each.low, each.high) for each in figures), strict=True
                )
            )
        )


def weigh_criteria(
    criteria: Sequence[Criterion],
    weights: Mapping[str, int],
    methods: Sequence[str],
    labels: Mapping[str, str],
) -> Quality:
    """Return the quality of those methods that have a fair figure for each weighted criterion.

    `labels` name the product labels that a method was trained with.
    """
    weighted = [each for each in criteria if weights.get(each.key)]
    total = sum(weights[each.key] for each in weighted)
    return Quality(
        weighted,
        [weights[each.key] / total for each in weighted],
        [key for key in methods if all(is_fair(each, key, labels) for each in weighted)],
    )


def is_fair(criterion: Criterion, method: str, labels: Mapping[str, str]) -> bool:
    """Return whether a method has a figure that can be compared with others."""
    aspect = criterion.aspect
    return method in aspect.table.figures and not (aspect.uses_labels and labels.get(method))
