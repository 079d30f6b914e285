"""A matrix of cosines with pictures as its headings, as a table that fits a phone."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from similarity.methods import Vectors
from similarity.ui.shared.component import register_component

_component = register_component(__file__)


@dataclass(frozen=True)
class Head:
    """The heading of a row or column: a text, a picture, or both."""

    text: str
    src: str = ""


def show_matrix(
    key: str,
    label: str,
    rows: Sequence[Head],
    columns: Sequence[Head],
    cosines: Vectors,
    scale: tuple[float, float],
) -> None:
    """Show cosines (rows, columns), coloured from the lower to the upper end of the scale.

    Cells on the diagonal are framed, and the largest of each row is bold. `label` names the table
    for screen readers.
    """
    low, high = scale
    shares = ((cosines - low) / max(high - low, 1e-6)).clip(0, 1)
    data = {
        "label": label,
        "rows": [asdict(row) for row in rows],
        "columns": [asdict(column) for column in columns],
        "values": [[f"{value:.2f}" for value in row] for row in cosines.round(2) + 0.0],
        "shares": shares.round(3).tolist(),
        "best": cosines.argmax(1).tolist(),
    }
    _component(key=key, data=data)
