"""Two methods against each other, as a bar of all answers about them; one bar a pair."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from similarity.ui.shared.component import component

_tallies = component(__file__)


@dataclass(frozen=True)
class Tally:
    """How often `one` was preferred, both were good, both were bad, and the `other` was preferred;
    `below` says more, and `beside` what the proxy says."""

    one: str
    other: str
    wins: int
    good: int
    bad: int
    losses: int
    below: str
    beside: str = ""


def show_tallies(key: str, tallies: Sequence[Tally]) -> None:
    """Show them below each other."""
    _tallies(key=key, data={"tallies": [asdict(one) for one in tallies]})
