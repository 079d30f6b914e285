"""One finding's grids as a PNG, for slides and messages."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from similarity.errors import SimilarityError, get_reason
from similarity.findings.boards import Boards
from similarity.findings.content import Grid
from similarity.findings.finding import Finding
from similarity.findings.report.pictures import shrink_pictures

FOLDER = Path(__file__).parent
COLUMNS, CELL, GAP = 4, 110, 8  # pictures in a row; px
MARGIN, HEAD, TITLE = 28, 58, 64  # px
SCALE = 2
MAX_TITLE, MAX_NAME = 110, 34  # characters that fit


def draw_grids(boards: Boards, finding: Finding) -> bytes:
    """Return a finding's grids side by side under its title, as PNG.

    Raises SimilarityError if it has none.
    """
    grids = finding.content.grids
    if not grids:
        raise SimilarityError("This finding has no grids. Export the report instead.")
    import vl_convert

    pictures = shrink_pictures(boards.read_pictures(finding.number), 1)
    try:
        return vl_convert.svg_to_png(_write_svg(finding, pictures), scale=SCALE)
    except ValueError as error:
        raise SimilarityError(f"The grids can't be drawn: {get_reason(error)}.") from error


def _write_svg(finding: Finding, pictures: Mapping[str, str]) -> str:
    grids = finding.content.grids
    rows = max(-(-len(grid.results) // COLUMNS) for grid in grids) or 1
    width = COLUMNS * (CELL + GAP) - GAP
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True)
    return environment.get_template("grids.svg").render(
        title=_shorten(finding.title, MAX_TITLE if len(grids) > 1 else MAX_NAME),
        grids=[_place(grid, i, width) for i, grid in enumerate(grids)],
        pictures=pictures,
        width=len(grids) * (width + MARGIN) + MARGIN,
        height=TITLE + HEAD + rows * (CELL + GAP) + MARGIN,
        grid_width=width,
        cell=CELL,
        head=HEAD,
        top=TITLE,
    )


def _place(grid: Grid, number: int, width: int) -> dict[str, object]:
    """Return a grid with the places of its pictures, in px from its corner."""
    return {
        "title": _shorten(grid.title, MAX_NAME),
        "note": _shorten(grid.note or grid.message, MAX_NAME),
        "colour": grid.colour,
        "x": MARGIN + number * (width + MARGIN),
        "results": [
            (result, (i % COLUMNS) * (CELL + GAP), HEAD + (i // COLUMNS) * (CELL + GAP))
            for i, result in enumerate(grid.results)
        ],
    }


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
