"""Filters in Milvus's expression language."""

import json
import sys

from similarity.filters import Clause, Condition, Filter

LARGEST = sys.float_info.max


def write_expression(filter: Filter) -> str | None:
    """Return a filter as an expression, or None if it can't be written safely.

    That is so for texts with characters that can't be printed: JSON's escapes for these may be read
    in another way. Quotation marks and backslashes are escaped in the same way everywhere.
    """
    texts = [clause.attribute for clause in filter]
    texts += [c for clause in filter for c in clause.conditions if isinstance(c, str)]
    if not all(text.isprintable() for text in texts):
        return None
    return " and ".join(map(_write_clause, filter))


def _write_clause(clause: Clause) -> str:
    alternatives = [_write_condition(clause.attribute, each) for each in clause.conditions]
    return f"{'not ' if clause.is_negated else ''}({' or '.join(alternatives)})"


def _write_condition(attribute: str, condition: Condition) -> str:
    name = json.dumps(attribute, ensure_ascii=False)
    if isinstance(condition, str):
        return f"attributes[{name}] == {json.dumps(condition, ensure_ascii=False)}"
    low, high = (max(-LARGEST, min(bound, LARGEST)) for bound in condition)
    return f"(numbers[{name}] >= {low!r} and numbers[{name}] <= {high!r})"
