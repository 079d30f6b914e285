"""What products are called, and their attributes as people read them."""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from similarity.display.text import truncate
from similarity.store.table import NOTE, RESERVED_COLUMNS

ProductRow = Mapping[Any, Any]  # a product's attributes by column

HIDDEN_COLUMNS = {*RESERVED_COLUMNS, "caption"}  # not listed as attributes
MAX_VALUE = 120  # characters of an attribute; the table has all of it
NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})\.\d+")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?")


def get_name(row: ProductRow) -> str:
    """Return a product's caption, or its category, or its file's name."""
    return truncate(row.get("caption") or row["category"] or Path(row["path"]).name)


def get_attributes(row: ProductRow) -> dict[str, str]:
    """Return a product's attributes for display, by column, the category first."""
    texts = {"category": row["category"], **{str(name): text for name, text in row.items()}}
    attributes = {
        name: truncate(format_value(text), MAX_VALUE)
        for name, text in texts.items()
        if name not in HIDDEN_COLUMNS and isinstance(text, str) and text
    }
    return attributes | ({"identical files": str(row["copies"])} if row["copies"] > 1 else {})


def describe_attributes(row: ProductRow) -> str:
    """Return a product's attributes in one line, without its name, and what is wrong with it."""
    texts = [
        f"{name}: {text}" for name, text in get_attributes(row).items() if text != get_name(row)
    ]
    if note := row.get(NOTE):
        texts.append(f"damaged picture: {note}")
    return " · ".join(texts)


def get_leaf(category: str) -> str:
    """Return the last part of a category such as 'Apparel > Shoes', as it is said in a sentence."""
    return category.rpartition(" > ")[2].strip() or category


def list_differences(attributes: Mapping[str, str], query: Mapping[str, str]) -> list[str]:
    """Return the attributes that differ from the query's, with their columns."""
    return [f"{name}: {text}" for name, text in attributes.items() if query.get(name) != text]


def format_value(text: str) -> str:
    """Return a value for display: 16.0 as 16, 3.14159265 as 3.1416, 2024-01-05 as 5 Jan 2024.

    Whole numbers stay as they are, because they may be numbers of articles.
    """
    if NUMBER.fullmatch(text):
        return f"{float(text):.4f}".rstrip("0").rstrip(".")
    if DATE.fullmatch(text):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:  # such as month 13
            return text
        day = f"{moment.day} {moment:%b %Y}"
        return day if (moment.hour, moment.minute) == (0, 0) else f"{day}, {moment:%H:%M}"
    return text
