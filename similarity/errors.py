"""The exceptions that users see: one class, and one kind of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal[
    "build",
    "rebuild",
    "repair",
    "first",
    "other",
    "fetch",
    "refetch",
    "install",
    "milvus",
    "name",
    "place",
    "weights",
    "precision",
]


@dataclass(frozen=True)
class Remedy:
    """Which command helps, and for what: `similarity.commands` has the words of each kind.

    `folder` is a catalogue's, `source` is what that was built from, and `methods` are the keys of
    the methods that the command is for; `file` is one of weights.
    """

    kind: Kind
    folder: Path = Path()
    source: str = ""
    methods: tuple[str, ...] = ()
    file: Path = Path()


class SimilarityError(Exception):
    """Something a person can put right: the message says what is wrong.

    `remedies` are the commands that help, in their order, where there are any.
    `similarity.commands.explain_error` turns both into sentences.
    """

    def __init__(self, message: str, *remedies: Remedy) -> None:
        super().__init__(message)
        self.remedies = remedies


class Unavailable(SimilarityError):
    """What is asked for is all right, but can't be reached now: to build it again is no remedy."""


def remedies_of(error: BaseException) -> tuple[Remedy, ...]:
    """Return the remedies of an exception: none, unless it is a SimilarityError."""
    return error.remedies if isinstance(error, SimilarityError) else ()


def reason_of(error: Exception) -> str:
    """What a library's exception says, in its first line; its kind where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
