"""Turn the values of a table into text: missing ones empty, decimal commas as points."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time

# What pandas writes and reads for a missing value, https://pandas.pydata.org/docs/user_guide/io.html,
# the errors of Excel, and what databases export.
MISSING = frozenset(
    (
        *("#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN"),
        *("<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", "NaT"),
        *("#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"),
        *("\\N", "(null)", "(blank)", "undefined", "-", "--", "—"),
    )
)
NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:[.\u00a0\u202f ]\d{3})+)(?:,(?P<decimals>\d+))?")
THOUSANDS = 3  # digits after a comma that may be one of thousands


def make_text(value: object) -> str:
    """Return a value of any type as text without surrounding spaces; missing ones are empty."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, datetime):
        return str(value.date() if value.time() == time() else value)
    return str(value).strip()


def is_nested(values: Sequence[object]) -> bool:
    """Return whether a column has lists, objects or bytes, which are no text."""
    return any(isinstance(value, list | dict | tuple | set | bytes) for value in values)


def clear_missing(texts: Sequence[str]) -> tuple[list[str], Counter[str]]:
    """Return texts without the words for missing values, and how often there was each."""
    words = Counter(text for text in texts if text in MISSING)
    return ["" if text in words else text for text in texts], words


def replace_decimal_commas(texts: Sequence[str], are_sure: bool) -> list[str] | None:
    """Return numbers with decimal points, or None unless all texts are numbers with commas.

    1,234 may be more than a thousand: with three digits after every comma, commas are only decimal
    if that is sure, because another character separates the values of the table.
    """
    matches = [NUMBER.fullmatch(text) for text in texts if text]
    decimals = [match["decimals"] for match in matches if match and match["decimals"]]
    if not decimals or not all(matches):
        return None
    if not are_sure and all(len(digits) == THOUSANDS for digits in decimals):
        return None
    return [re.sub(r"[.\u00a0\u202f ]", "", text).replace(",", ".") for text in texts]
