"""Which limits a method breaks, and in which words."""

from similarity.decisions.costs import Costs
from similarity.decisions.question import Question
from similarity.methods import Method

UNKNOWN = "its {} was not measured"
LIMIT_TITLES = {  # of limits, in sentences
    "licence": "licences",
    "languages": "languages",
    "milliseconds": "the time of a search",
    "rate": "the pictures a second",
    "machines": "the number of machines",
    "megabytes": "memory",
    "euros": "the euros a month",
}


def list_broken_limits(question: Question, method: Method, costs: Costs) -> dict[str, str]:
    """Return the limits that a method breaks, each with the reason."""
    checks = {
        "licence": _check_licence(question, method),
        "languages": _check_languages(question, method),
        "milliseconds": _check(costs.milliseconds, question.milliseconds, "speed", "ms a search"),
        "machines": _check_machines(question, costs),
        "megabytes": _check(costs.megabytes, question.megabytes, "size", "MB"),
        "euros": _check_euros(question, costs),
    }
    if question.rate is not None and costs.rate is None:
        checks["rate"] = UNKNOWN.format("speed")
    return {name: reason for name, reason in checks.items() if reason}


def _check_licence(question: Question, method: Method) -> str:
    if question.licence == "any" or method.terms == "permissive":
        return ""
    if method.terms == "unknown":
        return "its licence is not known to allow that"
    return "its licence has conditions" if question.licence == "permissive" else ""


def _check_languages(question: Question, method: Method) -> str:
    if question.languages == "none":
        return ""
    if not method.answers_text:
        return "it can't search by text"
    return (
        "it reads English only" if question.languages == "several" and method.languages < 2 else ""
    )


def _check(value: float | None, limit: float | None, name: str, unit: str) -> str:
    if limit is None:
        return ""
    if value is None:
        return UNKNOWN.format(name)
    return f"{format_cost(value)} {unit}, more than {format_cost(limit)}" if value > limit else ""


def _check_machines(question: Question, costs: Costs) -> str:
    limit = question.machines if question.machines is not None else question.rate and 1
    if limit is None or question.rate is None or costs.machines is None:
        return ""
    if costs.machines <= limit:
        return ""
    return (
        f"{format_cost(question.rate)} pictures a second take {costs.machines:,} machines, more "
        f"than {limit:,.0f}"
    )


def _check_euros(question: Question, costs: Costs) -> str:
    if question.euros is None:
        return ""
    if costs.euros is None and question.machine_price is None and question.memory_price is None:
        return ""  # the page asks for prices
    return _check(costs.euros, question.euros, "speed", "euros a month")


def format_cost(value: float) -> str:
    """Return a cost with as many digits as matter."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
