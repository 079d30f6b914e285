"""A vote's results in words: composed from the figures, and never stronger than they are."""

from collections.abc import Mapping

from similarity.measures.metrics import Figure
from similarity.measures.verdict import listed
from similarity.votes.results import LEAST_PEOPLE, Control, Dropped, Outcome, Results

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
        between = "between" if len(names) == 2 else "among"
        said.append(f"{listed(names)} come first: no order can be shown {between} them.")
        said.append(f"After them: {listed(rest)}.")
    else:
        said.append(f"No order can be shown {'between' if len(names) == 2 else 'among'} ")
        said[-1] += f"{listed(names)}."
    if len(first) > 2 and first[0].score.low > first[-1].score.high:
        said.append(f"But {names[0]} is shown to be preferred to {names[-1]}.")
    if found.people < LEAST_PEOPLE:
        said = [f"Fewer than {LEAST_PEOPLE} participants say nothing of others: no order is shown."]
    return [*said, missing(found, titles)]


def missing(found: Results, titles: Mapping[str, str]) -> str:
    """How many answers are missing until the leading pair is clear, or what they say of it."""
    of = found.missing
    direct = found.between(of.one, of.other)
    pair = f"Asked directly about the first two, {titles[of.one]} and {titles[of.other]},"
    if direct.ahead:
        better, share = (
            (of.one, direct.share) if direct.ahead > 0 else (of.other, direct.turned().share)
        )
        assert share is not None, "one of them is ahead"
        return (
            f"{pair} people prefer {titles[better]}: {percent(share)} of {direct.decided:,} that "
            "chose a side."
        )
    if direct.leading:
        return f"{pair} the {direct.people} who answered agree, but they are too few."
    if of.pair is None or of.total is None:
        return f"{pair} people are level: no number of answers is in sight that would decide."
    if of.total > FAR:
        return f"{pair} people differ so little that more than {FAR:,} answers are missing."
    return (
        f"{pair} {of.pair:,} more at the present rate would show whom people prefer: "
        f"{answers(of.total)} in all, since other pairs are asked too."
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
        return [*said, f"{_controls(found)}: nobody chose a side, as it should be."]
    return [
        *said,
        f"{_controls(found)}, the same row in two orders: {found.decided:,} chose a side, "
        f"{percent(found.left)} the left, and {percent(found.ordered)} the method's own order. "
        "50 % would be chance.",
    ]


def _controls(found: Control) -> str:
    return f"{found.votes:,} {'control' if found.votes == 1 else 'controls'}"


def dropped(found: Dropped | None) -> str:
    """Whether any one person turns the order."""
    if found is None:
        return "There is one participant alone."
    if not found.order:
        return f"Without any one of the {found.people:,} participants the order stays as it is."
    if not found.first:
        return (
            f"Without any one of the {found.people:,} participants the first stays first; the "
            f"order behind it would change without {_one_of(found.order)}."
        )
    return (
        f"One participant can turn it: of {found.people:,}, another method would come first "
        f"without {_one_of(found.first)}."
    )


def _one_of(count: int) -> str:
    return "one of them" if count == 1 else f"any one of {count:,} of them"
