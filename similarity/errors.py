"""The exceptions that users see."""

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
    "fetch_model",
    "install",
    "milvus",
    "name",
    "place",
    "weights",
    "precision",
]


@dataclass(frozen=True)
class Remedy:
    """What fixes an error: the kind of command, and the values that it needs.

    `similarity.commands` formats the command. `folder` is a catalogue's folder, `source` what the
    catalogue was built from, `methods` the keys of the methods to build or fetch, and `file` a file
    of weights.
    """

    kind: Kind
    folder: Path = Path()
    source: str = ""
    methods: tuple[str, ...] = ()
    file: Path = Path()


class SimilarityError(Exception):
    """An error that a user can fix. The message says what is wrong.

    `remedies` are the fixes, in the order in which to apply them.
    `similarity.commands.explain_error` turns both into sentences.
    """

    def __init__(self, message: str, *remedies: Remedy) -> None:
        super().__init__(message)
        self.remedies = remedies


class UnavailableError(SimilarityError):
    """Something valid can't be reached at the moment, such as a database that is down.

    Rebuilding doesn't help.
    """


def get_remedies(error: BaseException) -> tuple[Remedy, ...]:
    """Return an exception's remedies, or none if it is not a SimilarityError."""
    return error.remedies if isinstance(error, SimilarityError) else ()


def get_reason(error: Exception) -> str:
    """Return the first line of an exception's message, or its type if the message is empty."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
