"""Texts, counts and sizes as pages and reports write them."""

MAX_TEXT = 300  # characters of a text on a page; exports contain all of it


def truncate(text: str, length: int = MAX_TEXT) -> str:
    """Shorten a text that is too long to display."""
    return text if len(text) <= length else text[: length - 1] + "…"


def format_count(count: int, one: str, many: str) -> str:
    """Return a number with the noun in singular or plural."""
    return f"{count:,} {one if count == 1 else many}"


def format_megabytes(size: int) -> str:
    """Return a number of bytes in megabytes."""
    return f"{size / 1e6:,.0f} MB" if size >= 1e6 else "under 1 MB"
