"""Tables as files for spreadsheets."""

import pandas as pd

FORMULAS = "=+-@\t\r"  # what a spreadsheet would compute instead of showing


def csv(table: pd.DataFrame) -> str:
    """A table as a file for spreadsheets, in which every text is a text."""
    safe = table.copy()
    for name in safe.select_dtypes(exclude="number"):
        safe[name] = [
            f"'{text}" if isinstance(text, str) and text.startswith(tuple(FORMULAS)) else text
            for text in safe[name]
        ]
    return safe.to_csv(index=False)
