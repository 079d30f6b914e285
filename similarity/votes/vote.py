"""What a vote is: what is asked, what may be answered, and what people said."""

from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass as checked

from similarity.measures.files import STRICT

FORMAT = 1
QUESTION = "Which row would you rather show a customer?"
LONGEST_QUESTION = 140  # characters
LEAST_K, MOST_K = 4, 8  # products of a row
LEAST_QUERIES, MOST_QUERIES = 5, 200
MOST_METHODS = 6

Pair = tuple[str, str]  # keys of methods, in the vote's order
Answer = Literal["left", "right", "good", "bad"]  # the last two: both are
Chosen = Literal["random", "differ", "words"]  # how a host chose the queries
ANSWERS = get_args(Answer)
CHOSEN = get_args(Chosen)


@checked(frozen=True, config=STRICT)
class Query:
    """What both rows answer: a product, by its id, or words."""

    kind: Literal["product", "text"]
    value: str


@checked(frozen=True, config=STRICT)
class Setup:
    """A vote as its host made it; nothing of it changes afterwards.

    `rows` are each method's answers, by key: the ids of k products for each of the queries, best
    first. They are kept, so that a vote goes on over the same rows whatever is built meanwhile;
    `stamps` say which vectors gave them. `made` is a time, s since 1970.
    """

    format: int
    catalogue: str
    question: str
    k: int
    chosen: Chosen
    queries: list[Query]
    rows: dict[str, list[list[str]]]
    stamps: dict[str, str]
    seed: int
    made: float

    @property
    def methods(self) -> list[str]:
        """Keys, in the order of their families."""
        return list(self.rows)

    def products(self) -> set[str]:
        """Every product that is shown, or asked for."""
        shown = {one for some in self.rows.values() for row in some for one in row}
        return shown | {query.value for query in self.queries if query.kind == "product"}

    def askable(self) -> dict[Pair, list[int]]:
        """The queries, by their numbers, to which each two methods answer with other rows.

        The same products in the same order are the same row: of such nobody is asked.
        """
        numbers = range(len(self.queries))
        return {
            (one, other): [i for i in numbers if self.rows[one][i] != self.rows[other][i]]
            for one, other in combinations(self.methods, 2)
        }

    def check(self) -> None:
        """Raises ValueError unless every row is there."""
        rows = [row for some in self.rows.values() for row in some]
        whole = all(len(some) == len(self.queries) for some in self.rows.values())
        if (
            not whole
            or len(self.rows) < 2
            or not self.queries
            or self.rows.keys() != self.stamps.keys()
            or any(len(row) != self.k or len(set(row)) != self.k for row in rows)
        ):
            raise ValueError("its rows are not those of a vote")


@dataclass(frozen=True)
class Shown:
    """What a participant sees: no word of the methods.

    `number` counts this participant's questions from 1; `answered` is how many they have answered,
    and `undoable` whether the last of these can be taken back.
    """

    number: int
    query: Query
    left: list[str]
    right: list[str]
    answered: int
    undoable: bool


@dataclass(frozen=True)
class Cast:
    """An answered question. In a control left and right are the same method's row, and `shuffled`
    says on which side its order was changed."""

    participant: str
    number: int
    query: int
    left: str
    right: str
    shuffled: Literal["", "left", "right"]
    answer: Answer
    asked: float  # s since 1970
    answered: float

    @property
    def is_control(self) -> bool:
        """Whether it is."""
        return self.left == self.right


setups = TypeAdapter(Setup)
