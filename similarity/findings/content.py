"""What a page shows, as data: it is kept with a finding, presented, and written into reports."""

from dataclasses import field
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass as checked

from similarity.measures.files import STRICT


@checked(frozen=True, config=STRICT)
class Query:
    """What was searched for, such as "Similar to" and "red dress".

    `picture` is the id of its product or uploaded picture, empty without one.
    """

    lead: str
    text: str
    picture: str = ""


@checked(frozen=True, config=STRICT)
class Result:
    """A product in a grid; `rank` ends with = where scores are tied."""

    product: str
    name: str
    rank: str
    score: float
    is_wrong: bool = False
    is_weak: bool = False


@checked(frozen=True, config=STRICT)
class Grid:
    """A method's results; `note` says how many are right, `message` why there are none."""

    method: str
    title: str
    colour: str
    note: str = ""
    message: str = ""
    results: list[Result] = field(default_factory=list)


@checked(frozen=True, config=STRICT)
class Table:
    """A table of texts under a title."""

    title: str
    columns: list[str]
    rows: list[list[str]]


@checked(frozen=True, config=STRICT)
class Chart:
    """A chart in Vega-Lite, with what it says for those who can't see it.

    Charts of many points are drawn as pictures.
    """

    title: str
    alt: str
    spec: dict[str, Any]
    form: Literal["svg", "picture"] = "svg"


@checked(frozen=True, config=STRICT)
class Content:
    """What a page shows: conclusions, then grids, tables and charts, then notes."""

    title: str
    sentences: list[str] = field(default_factory=list)
    query: Query | None = None
    grids: list[Grid] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def list_products(self) -> list[str]:
        """Return the products and pictures that are shown, each once."""
        pictures = [self.query.picture] if self.query and self.query.picture else []
        pictures += [result.product for grid in self.grids for result in grid.results]
        return list(dict.fromkeys(pictures))


contents = TypeAdapter(Content)
