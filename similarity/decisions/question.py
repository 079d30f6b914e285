"""What somebody decides by: limits, prices, and what counts as good. A link holds all of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

Licence = Literal["any", "commercial", "permissive"]
Languages = Literal["none", "english", "several"]  # that methods have to read
Cost = Literal["megabytes", "milliseconds", "euros"]

MAX_WEIGHT = 5
MIN_NUMBER, MAX_NUMBER = 1e-6, 1e9  # of limits; prices may be 0
NUMBER = re.compile(r"\d{1,10}(\.\d{1,6})?")
LIMITS = ("milliseconds", "rate", "machines", "megabytes", "euros")  # a method may break them
PRICES = ("machine_price", "memory_price")
NUMBERS = (*LIMITS, "products", *PRICES)
LABELS = {  # of numbers, in messages
    "milliseconds": "milliseconds a search",
    "rate": "pictures a second",
    "machines": "machines",
    "megabytes": "megabytes",
    "euros": "euros a month",
    "products": "products",
    "machine_price": "price of a machine",
    "memory_price": "price of memory",
}
WHOLE = ("machines", "products")
NAMES = ("licence", "languages", "cost", "good", *NUMBERS)  # of the parameters in a link


@dataclass(frozen=True)
class Question:
    """The limits that a method has to keep, and the weights of what counts as good.

    None is no limit. `rate` is pictures a second on at most `machines` like the measured one.
    Memory and euros are for a number of `products`; None is as many as the catalogue has. Prices
    are euros a month: of a machine, and of a gigabyte of memory. `weights` are by criterion, from 0
    to MAX_WEIGHT; empty for the best evidence there is. `cost` is what quality is drawn against.
    """

    licence: Licence = "any"
    languages: Languages = "none"
    milliseconds: float | None = None
    rate: float | None = None
    machines: float | None = None
    megabytes: float | None = None
    euros: float | None = None
    products: float | None = None
    machine_price: float | None = None
    memory_price: float | None = None
    weights: Mapping[str, int] = field(default_factory=dict)
    cost: Cost = "megabytes"

    def list_limits(self) -> list[str]:
        """Return the names of the fields that methods can fail by."""
        limits = [name for name in LIMITS if getattr(self, name) is not None]
        if self.languages != "none":
            limits.insert(0, "languages")
        return ["licence", *limits] if self.licence != "any" else limits

    def relax(self, name: str) -> "Question":
        """Return the question without one limit."""
        default = Question()
        return replace(self, **{name: getattr(default, name)})


def read_question(parameters: Mapping[str, Sequence[str]]) -> tuple[Question, list[str]]:
    """Return the question in a link, and what is wrong with the parts that are left out."""
    values = {name: texts[-1].strip() for name, texts in parameters.items() if texts}
    fields: dict[str, object] = {}
    remarks = []
    for name, choices in (("licence", Licence), ("languages", Languages), ("cost", Cost)):
        if values.get(name):
            if values[name] in get_args(choices):
                fields[name] = values[name]
            else:
                remarks.append(
                    f"'{values[name][:40]}' is no {name}: choose {', '.join(get_args(choices))}."
                )
    for name in NUMBERS:
        if values.get(name):
            number = read_number(values[name], is_whole=name in WHOLE, is_price=name in PRICES)
            if number is None:
                label = f"{LABELS[name][0].upper()}{LABELS[name][1:]}"
                kind = "whole number" if name in WHOLE else "number"
                least = "of 0 or more" if name in PRICES else "above 0"
                remarks.append(f"{label}: write a {kind} {least} instead of '{values[name][:40]}'.")
            else:
                fields[name] = number
    weights = {}
    for text in parameters.get("good", ()):
        key, _, weight = text.rpartition(":")
        if key and weight.isascii() and weight.isdigit() and 0 <= int(weight[:3]) <= MAX_WEIGHT:
            weights[key] = int(weight)
        else:
            remarks.append(f"'{text[:40]}' is no weight: write a name, ':' and 0 to {MAX_WEIGHT}.")
    fields["weights"] = weights
    return Question(**fields), remarks  # type: ignore[arg-type]


def read_number(text: str, *, is_whole: bool = False, is_price: bool = False) -> float | None:
    """Return a number above 0, or for a price from 0; None for anything else."""
    if not NUMBER.fullmatch(text) or (is_whole and "." in text):
        return None
    number = float(text)
    return number if (number > 0 or is_price) and number <= MAX_NUMBER else None


def list_parameters(question: Question) -> dict[str, list[str]]:
    """Return the parameters of a link that `read_question` reads, without defaults."""
    default = Question()
    parameters = {
        name: [f"{value:.10g}" if isinstance(value, float | int) else str(value)]
        for name in NAMES
        if name != "good" and (value := getattr(question, name)) != getattr(default, name)
    }
    if question.weights:
        parameters["good"] = [f"{key}:{weight}" for key, weight in question.weights.items()]
    return parameters
