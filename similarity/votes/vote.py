"""The records of a vote: its setup, its questions and the votes cast."""

from dataclasses import dataclass
from itertools import combinations
from typing import Annotated, Literal, get_args

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass as checked

from similarity.measures.files import STRICT, stored_as

FORMAT = 1
QUESTION = "Which row would you rather show a customer?"
MAX_QUESTION = 140  # characters
MIN_K, MAX_K = 4, 8  # products in a row
MIN_QUERIES, MAX_QUERIES = 5, 200
MAX_METHODS = 6

Pair = tuple[str, str]  # keys of methods, in the vote's order
Answer = Literal["left", "right", "good", "bad"]  # "good" and "bad" are said of both rows
QuerySource = Literal["random", "differ", "words"]  # how the host chose the queries
ANSWERS = get_args(Answer)
QUERY_SOURCES = get_args(QuerySource)


@checked(frozen=True, config=STRICT)
class Query:
    """What both rows are results of: a product, by its id, or a text."""

    kind: Literal["product", "text"]
    value: str


@checked(frozen=True, config=STRICT)
class Setup:
    """A vote as its host created it; it never changes.

    `rows` are each method's results by key: the ids of k products per query, best first. They are
    stored so that the rows stay the same whatever is built meanwhile; `stamps` identify the
    vectors. `created` is in seconds since 1970.
    """

    format: int
    catalogue: str
    question: str
    k: int
    query_source: Annotated[QuerySource, stored_as("chosen")]
    queries: list[Query]
    rows: dict[str, list[list[str]]]
    stamps: dict[str, str]
    seed: int
    created: Annotated[float, stored_as("made")]

    @property
    def methods(self) -> list[str]:
        """Keys of the methods, in the order of their families."""
        return list(self.rows)

    def list_products(self) -> set[str]:
        """Return every product that is shown or used as a query."""
        result_products = {
            product for method_rows in self.rows.values() for row in method_rows for product in row
        }
        return result_products | {query.value for query in self.queries if query.kind == "product"}

    def list_askable(self) -> dict[Pair, list[int]]:
        """Return the numbers of the queries for which two methods give different rows, by pair.

        Rows with the same products in the same order are never asked about.
        """
        numbers = range(len(self.queries))
        return {
            (one, other): [i for i in numbers if self.rows[one][i] != self.rows[other][i]]
            for one, other in combinations(self.methods, 2)
        }

    def validate(self) -> None:
        """Raise ValueError unless all rows are complete."""
        rows = [row for method_rows in self.rows.values() for row in method_rows]
        is_complete = all(
            len(method_rows) == len(self.queries) for method_rows in self.rows.values()
        )
        if (
            not is_complete
            or len(self.rows) < 2
            or not self.queries
            or self.rows.keys() != self.stamps.keys()
            or any(len(row) != self.k or len(set(row)) != self.k for row in rows)
        ):
            raise ValueError("its rows are incomplete")


@dataclass(frozen=True)
class PresentedQuestion:
    """What a participant sees, without the methods.

    `number` counts the participant's questions from 1, `answer_count` how many they have answered;
    `can_undo` tells whether the last answer can be taken back.
    """

    number: int
    query: Query
    left: list[str]
    right: list[str]
    answer_count: int
    can_undo: bool


@dataclass(frozen=True)
class CastVote:
    """An answered question.

    In a control, left and right are the same method, and `shuffled` names the side whose order was
    changed.
    """

    participant: str
    number: int
    query: int
    left: str
    right: str
    shuffled: Literal["", "left", "right"]
    answer: Answer
    asked_at: float  # s since 1970
    answered_at: float

    @property
    def is_control(self) -> bool:
        """Whether it is a control question."""
        return self.left == self.right


setups = TypeAdapter(Setup)
