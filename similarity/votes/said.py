"""A vote's results in words: composed from the figures, and never stronger than they are."""

from collections.abc import Mapping

from similarity.measures.metrics import Figure
from similarity.measures.verdict import listed
from similarity.votes.results import Control, Dropped, Missing, Outcome, Results

FAR = 10_000  # answers that nobody will wait for


def percent(figure: Figure) -> str:
    """A share with its interval."""
    mean, low, high = (f"{100 * x:.0f} %" for x in (figure.mean, figure.low, figure.high))
    return f"{mean} [{low}, {high}]"


def answers(count: int) -> str:
    """So many answers."""
    return f"{count:,} {'answer' if count == 1 else 'answers'}"


def headline(found: Results, titles: Mapping[str, str]) -> list[str]:
    """Who comes first, if that can be shown, and what is missing to show it if not."""
    first = [one for one in found.strengths if one.rank == 1]
    names = [titles[one.method] for one in first]
    said = []
    if len(first) == 1:
        said.append(f"{names[0]} is preferred to every other method.")
    elif len(first) < len(found.strengths):
        rest = [titles[one.method] for one in found.strengths if one.rank > 1]
        said.append(f"{listed(names)} come first: no order can be shown among them.")
        said.append(f"After them: {listed(rest)}.")
    else:
        said.append(f"No order can be shown {'between' if len(names) == 2 else 'among'} ")
        said[-1] += f"{listed(names)}."
    if found.people == 1:
        said.append("One person alone says nothing of others.")
    return [*said, missing(found.missing, titles)]


def missing(found: Missing, titles: Mapping[str, str]) -> str:
    """How many answers are missing until the leading pair is clear."""
    pair = f"{titles[found.one]} and {titles[found.other]}"
    if found.pair == 0:
        return f"Between the first two, {pair}, the answers alone show which is preferred."
    if found.pair is None or found.total is None:
        return f"Between the first two, {pair}, the answers are level: no number is in sight."
    if found.total > FAR:
        return f"Between the first two, {pair}, more than {FAR:,} answers are missing."
    return (
        f"At the present rate {found.pair:,} more about the first two, {pair}, would show which is "
        f"preferred: {answers(found.total)} in all, since other pairs are asked too."
    )


def outcome(found: Outcome, titles: Mapping[str, str]) -> str:
    """One pair's share, and what was not asked."""
    said = "nobody chose a side"
    if found.share is not None:
        chose = "that chose a side" if found.decided != 1 else "answer that chose a side"
        said = f"{titles[found.one]}: {percent(found.share)} of {found.decided:,} {chose}"
    if found.identical:
        queries = "query has" if found.identical == 1 else "queries have"
        said += f". {found.identical:,} {queries} the same row by both, and {_is(found)} not asked"
    return said


def _is(found: Outcome) -> str:
    return "is" if found.identical == 1 else "are"


def control(found: Control, sided: Figure | None) -> list[str]:
    """What side and order decide."""
    said = []
    if sided is not None:
        said.append(f"The left was chosen by {percent(sided)} of all who chose a side.")
    if not found.votes:
        return [*said, "No control was answered yet."]
    if found.left is None or found.ordered is None:
        return [*said, f"In {found.votes:,} controls nobody chose a side, as it should be."]
    return [
        *said,
        f"In {found.votes:,} controls, the same row in two orders, {found.decided:,} chose a side: "
        f"{percent(found.left)} the left, and {percent(found.ordered)} the method's own order. "
        "50 % would be chance.",
    ]


def dropped(found: Dropped | None) -> str:
    """Whether any one person turns the order."""
    if found is None:
        return "There is one participant alone."
    if not found.order:
        return f"Without any one of the {found.people:,} participants the order stays as it is."
    if not found.first:
        return (
            f"Without any one of the {found.people:,} participants the first stays first; without "
            f"one of {found.order:,} of them the order behind it changes."
        )
    return (
        f"One participant can turn it: without one of {found.first:,} of {found.people:,} another "
        "method comes first."
    )
