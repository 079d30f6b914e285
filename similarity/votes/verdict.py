"""A vote's results in words, never stronger than the figures."""

from collections.abc import Mapping

from similarity.measures.metrics.verdict import format_p, join_names
from similarity.statistics.clusters import Share
from similarity.votes.plan import POWER, PREFERENCE, QUESTIONS_EACH, plan_vote
from similarity.votes.results import MIN_PEOPLE, Control, Outcome, Results, Sensitivity

PLAN_FIRST = (
    "Decide on these numbers first. Stopping as soon as you like the result proves nothing."
)


def format_share(share: Share) -> str:
    """Return a share with its interval."""
    mean, low, high = map(format_percent, (share.mean, share.low, share.high))
    return f"{mean} [{low}, {high}]"


def format_percent(share: float) -> str:
    """Return a share in whole percent."""
    return f"{100 * share:.0f} %"


def describe_result(results: Results, titles: Mapping[str, str]) -> list[str]:
    """Return who comes first if that is significant, what it applies to, and what else to know."""
    if results.people < MIN_PEOPLE:
        return [f"Too few voters for a ranking ({MIN_PEOPLE} needed)."]
    lead, *others = (strength.method for strength in results.strengths)
    behind = [key for key in others if results.get_outcome(lead, key).lead > 0]
    close = [key for key in (lead, *others) if key not in behind]
    sentences = []
    if len(close) > 1:
        sentences.append(f"Too close to call: {join_names([titles[key] for key in close])}.")
    if behind:
        preferred = titles[lead]
        if len(close) > 1 and all(
            results.get_outcome(one, other).lead > 0 for one in close for other in behind
        ):
            preferred = "both" if len(close) == 2 else "all of them"
        names = join_names([titles[key] for key in behind])
        sentences.append(f"People prefer {preferred} to {names}.")
    if any(outcome.lead for outcome in results.outcomes):
        sentences.append(describe_scope(results.of_catalogue))
    one, other = (strength.method for strength in results.strengths[:2])
    direct = results.get_outcome(one, other)
    if direct.lead < 0:
        one, other, direct = other, one, direct.reverse()
    if direct.lead:
        assert direct.share is not None, "one of them leads"
        sentences.append(
            f"Asked about {titles[one]} and {titles[other]}, {format_share(direct.share)} of "
            f"{direct.preferences:,} that chose a side prefer {titles[one]}."
        )
    else:
        asked_pairs = sum(outcome.votes > 0 for outcome in results.outcomes)
        sentences.append(
            f"{describe_plan(plan_vote(asked_pairs, results.of_catalogue))} {PLAN_FIRST}"
        )
    return sentences


def describe_scope(of_catalogue: bool) -> str:
    """Return what the results apply to."""
    if of_catalogue:
        return "This applies to the whole catalogue and to people like those who voted."
    return "This applies only to these queries and to people like those who voted."


def describe_plan(plan: tuple[int, int | None]) -> str:
    """Return how many people and queries a vote needs."""
    people, queries = plan
    prefix = f"{queries:,} queries and " if queries else ""
    return (
        f"A vote with {prefix}{people:,} people who answer {QUESTIONS_EACH} questions each shows "
        f"a preference of {format_percent(PREFERENCE)} in {format_percent(POWER)} of cases."
    )


def describe_outcome(result: Outcome, titles: Mapping[str, str]) -> str:
    """Return one pair's share, and what was not asked."""
    text = "nobody chose a side"
    if result.share is not None:
        voters = "that chose a side" if result.preferences != 1 else "answer that chose a side"
        text = (
            f"{titles[result.one]}: {format_share(result.share)} of {result.preferences:,} {voters}"
        )
        text += f", {format_p(result.corrected_p)}"
    if result.identical:
        queries = "query has" if result.identical == 1 else "queries have"
        text += f". {result.identical:,} {queries} the same row by both, so nobody was asked"
    return text


def describe_control(controls: Control, left_share: Share | None) -> list[str]:
    """Return how much side and order influence the votes."""
    sentences = []
    if left_share is not None:
        sentences.append(
            f"The left side was chosen by {format_share(left_share)} of all who chose a side."
        )
    if not controls.votes:
        return [*sentences, "No control questions were answered yet."]
    if controls.left_share is None or controls.original_share is None:
        return [*sentences, f"{_count_controls(controls)}: nobody chose a side, as it should be."]
    return [
        *sentences,
        f"{_count_controls(controls)}, the same row in two orders: {controls.preferences:,} chose "
        f"a side, {format_share(controls.left_share)} the left, and "
        f"{format_share(controls.original_share)} the method's own order. 50 % would be chance.",
    ]


def _count_controls(control: Control) -> str:
    return f"{control.votes:,} {'control' if control.votes == 1 else 'controls'}"


def describe_sensitivity(sensitivity: Sensitivity | None) -> str:
    """Return whether a single participant can change the order."""
    if sensitivity is None:
        return "There is only one participant."
    if not sensitivity.order:
        return (
            f"The order stays the same without any one of the {sensitivity.people:,} participants."
        )
    if not sensitivity.first:
        return (
            f"The first place stays the same without any one of the {sensitivity.people:,} "
            f"participants; the order behind it changes without "
            f"{_format_any_of(sensitivity.order)}."
        )
    return (
        f"A single participant can change the winner: of {sensitivity.people:,} participants, "
        f"another method comes first without {_format_any_of(sensitivity.first)}."
    )


def _format_any_of(count: int) -> str:
    return "one of them" if count == 1 else f"any one of {count:,} of them"
