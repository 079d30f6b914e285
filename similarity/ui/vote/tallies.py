"""Bars of the votes on pairs of methods."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from similarity.ui.shared.component import register_component

_component = register_component(__file__)


@dataclass(frozen=True)
class Tally:
    """The votes on a pair: for `one`, both good, both bad, and for the `other`.

    The colours are those of the methods. `result_note` and `metrics_note` are notes on the result
    and on the metrics.
    """

    one: str
    other: str
    one_colour: str
    other_colour: str
    wins: int
    good: int
    bad: int
    losses: int
    result_note: str
    metrics_note: str = ""


def show_tallies(key: str, tallies: Sequence[Tally]) -> None:
    """Show one bar per pair."""
    _component(key=key, data={"tallies": [asdict(tally) for tally in tallies]})
