"""Tables as files for spreadsheets."""

import pandas as pd

FORMULA_STARTS = "=+-@\t\r"  # spreadsheets would compute texts that start with these


def to_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV in which every text stays a text.

    It starts with a byte-order mark, without which Excel reads UTF-8 as another encoding.
    """
    escaped = table.copy()
    for name in escaped.select_dtypes(exclude="number"):
        escaped[name] = [
            f"'{text}" if isinstance(text, str) and text.startswith(tuple(FORMULA_STARTS)) else text
            for text in escaped[name]
        ]
    return "\ufeff" + escaped.to_csv(index=False)
