"""Heat maps: a tile for each pair of a column and a line, with its figure."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

STEEP = 4  # columns that fit beside each other with level headings


def heat(
    rows: pd.DataFrame,
    *,
    across: str,
    down: str,
    value: str,
    columns: Sequence[str],
    lines: Sequence[str],
    tips: Sequence[alt.Tooltip],
    row: int,
    top: float = 1,
    digits: int = 2,
    write: bool = True,
) -> alt.LayerChart | alt.FacetChart:
    """`rows` has a row for each tile, and `across`, `down` and `value` name columns of it.

    `columns` and `lines` are their texts in order; tiles are `row` pixels high, and the darkest
    has the value `top`. Figures are written with so many digits, if they are.
    """
    plain = {"domain": False, "ticks": False, "labelLimit": 140, "labelOverlap": False}
    angle = -35 if len(columns) > STEEP else 0
    base = alt.Chart(rows).encode(
        alt.X(
            f"{across}:N",
            sort=list(columns),
            title=None,
            axis=alt.Axis(orient="top", labelAngle=angle, **plain),  # type: ignore[arg-type]
        ),
        alt.Y(f"{down}:N", sort=list(lines), title=None, axis=alt.Axis(**plain)),  # type: ignore[arg-type]
        tooltip=list(tips),
    )
    scale = alt.Scale(scheme="blues", domain=[0, top])
    tiles = base.mark_rect(cornerRadius=3).encode(alt.Color(f"{value}:Q", scale=scale, legend=None))
    height = row * len(lines) + 90
    if not write:
        return alt.layer(tiles).properties(height=height)
    text = base.mark_text(fontSize=12).encode(
        alt.Text(f"{value}:Q", format=f".{digits}f"),
        color=alt.condition(
            f"datum['{value}'] > {0.55 * top}", alt.value("white"), alt.value("#10151f")
        ),
    )
    return (tiles + text).properties(height=height)
