"""What a method costs for a shop, from what was measured on one machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from similarity.decisions.question import Cost, Question
from similarity.measures.metrics.schema import Metrics
from similarity.methods import Method

GIGABYTE = 1000.0  # megabytes


@dataclass(frozen=True)
class Costs:
    """What a method costs; None where it was not measured or no price was entered.

    `megabytes` are for all products. `milliseconds` are those of a search by a new picture: to
    embed it, and to search. `rate` is pictures a second on one machine, and `machines` how many
    machines embed as many as asked for.
    """

    megabytes: float | None
    milliseconds: float | None
    rate: float | None
    machines: int | None
    euros: float | None

    def get(self, cost: Cost) -> float | None:
        """Return one of the costs."""
        return {
            "megabytes": self.megabytes,
            "milliseconds": self.milliseconds,
            "euros": self.euros,
        }[cost]


def compute_costs(question: Question, method: Method, metrics: Metrics | None) -> Costs:
    """Return what a method costs under the assumptions of a question.

    Memory and machines grow in proportion to products and pictures.
    """
    measured = metrics.costs.get(method.key) if metrics else None
    if metrics is None or measured is None:
        return Costs(None, None, None, None, None)
    # in a database, vectors are as large as they are in memory
    size = measured.size if measured.size is not None else 4.0 * method.dim
    megabytes = size * (question.products or metrics.products) / 1e6
    rate = measured.rate
    milliseconds = 1000 / rate + measured.median if rate else None
    machines = ceil(question.rate / rate) if rate and question.rate else 1 if rate else None
    return Costs(megabytes, milliseconds, rate, machines, _sum(question, megabytes, machines))


def _sum(question: Question, megabytes: float, machines: int | None) -> float | None:
    """Return euros a month; None if no price was entered, or if machines aren't known."""
    if question.machine_price is None and question.memory_price is None:
        return None
    total = megabytes / GIGABYTE * (question.memory_price or 0)
    if question.machine_price is None:
        return total
    return None if machines is None else total + machines * question.machine_price


def select_costs(costs: Mapping[str, Costs], cost: Cost) -> dict[str, float]:
    """Return one of the costs by method, where it is known."""
    values = {key: each.get(cost) for key, each in costs.items()}
    return {key: value for key, value in values.items() if value is not None}
