"""A vote's results in words: composed from the figures, and never stronger than they are."""

from collections.abc import Mapping

from similarity.measures.metrics.verdict import listed, p_value
from similarity.statistics.clusters import Share
from similarity.votes.plan import EACH, POWER, PREFERENCE, plan
from similarity.votes.results import LEAST_PEOPLE, Control, Dropped, Outcome, Results

PLAN_FIRST = "Decide on these numbers first: stopping once the result pleases proves nothing."


def percent(share: Share) -> str:
    """A share with its interval."""
    mean, low, high = map(format_percent, (share.mean, share.low, share.high))
    return f"{mean} [{low}, {high}]"


def format_percent(share: float) -> str:
    """A share in whole percent."""
    return f"{100 * share:.0f} %"


def headline(found: Results, titles: Mapping[str, str]) -> list[str]:
    """Who comes first, if that can be shown, for what that holds, and what else to know."""
    if found.people < LEAST_PEOPLE:
        return [f"Too few voters for a ranking ({LEAST_PEOPLE} needed)."]
    first = [one.method for one in found.strengths if one.rank == 1]
    rest = [titles[one.method] for one in found.strengths if one.rank > 1]
    names = [titles[key] for key in first]
    said = []
    if len(first) == 1:
        said.append(f"People prefer {names[0]} to {listed(rest)}.")
    else:
        said.append(f"Too close to call: {listed(names)}.")
    if len(first) > 1 and rest:
        each = "both" if len(first) == 2 else "all of them"
        said.append(f"People prefer {each} to {listed(rest)}.")
    if len(first) > 2 and found.between(first[0], first[-1]).ahead > 0:
        said.append(f"But people prefer {names[0]} to {names[-1]}.")
    if any(outcome.ahead for outcome in found.outcomes):
        said.append(describe_scope(found.of_catalogue))
    one, other = (strength.method for strength in found.strengths[:2])
    direct = found.between(one, other)
    if direct.ahead < 0:
        one, other, direct = other, one, direct.turned()
    if direct.ahead:
        assert direct.share is not None, "one of them is ahead"
        said.append(
            f"Asked about {titles[one]} and {titles[other]}, {percent(direct.share)} of "
            f"{direct.decided:,} that chose a side prefer {titles[one]}."
        )
    else:
        asked = sum(outcome.votes > 0 for outcome in found.outcomes)
        said.append(f"{describe_plan(plan(asked, found.of_catalogue))} {PLAN_FIRST}")
    return said


def describe_scope(of_catalogue: bool) -> str:
    """What results hold for."""
    if of_catalogue:
        return "This holds for the whole catalogue, and for people like those who voted."
    return "This holds for these queries alone, and for people like those who voted."


def describe_plan(needed: tuple[int, int | None]) -> str:
    """How many people and queries a vote needs."""
    people, queries = needed
    asked = f"{queries:,} queries and " if queries else ""
    return (
        f"A vote with {asked}{people:,} people who answer {EACH} questions each shows a preference "
        f"of {format_percent(PREFERENCE)} in {format_percent(POWER)} of cases."
    )


def outcome(found: Outcome, titles: Mapping[str, str]) -> str:
    """One pair's share, and what was not asked."""
    said = "nobody chose a side"
    if found.share is not None:
        chose = "that chose a side" if found.decided != 1 else "answer that chose a side"
        said = f"{titles[found.one]}: {percent(found.share)} of {found.decided:,} {chose}"
        said += f", {p_value(found.corrected)}"
    if found.identical:
        queries = "query has" if found.identical == 1 else "queries have"
        said += f". {found.identical:,} {queries} the same row by both, and {_is(found)} not asked"
    return said


def _is(found: Outcome) -> str:
    return "is" if found.identical == 1 else "are"


def control(found: Control, sided: Share | None) -> list[str]:
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
