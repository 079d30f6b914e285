"""Vectors of an unfinished build, kept on disk as they are made, so that nothing is made twice."""

import os
from pathlib import Path

import numpy as np

from similarity.errors import SimilarityError, Unavailable
from similarity.indexes import (
    IDS,
    Rows,
    VectorIndex,
    fingerprint,
    index_class,
    index_place,
    open_index,
)
from similarity.methods import Method
from similarity.store.generations import Generation

ID_LENGTH = 21  # bytes of a line of ids: 20 hexadecimal digits and a line feed


class UnfinishedRows:
    """Stored rows by product id, appended a batch at a time and safe against any interruption.

    A batch counts when both its rows and its ids are written; what is left of a torn one is cut
    off when the files are opened again.
    """

    def __init__(self, folder: Path, method: Method) -> None:
        self._type = np.dtype(index_class(method).row_type)
        self._dim = method.dim
        folder.mkdir(parents=True, exist_ok=True)
        self._rows, self._ids = folder / "rows.bin", folder / "ids.txt"
        self._rows.touch()
        self._ids.touch()
        row_bytes = self._dim * self._type.itemsize
        whole = min(self._rows.stat().st_size // row_bytes, self._ids.stat().st_size // ID_LENGTH)
        for path, size in ((self._rows, row_bytes), (self._ids, ID_LENGTH)):
            with path.open("r+b") as file:
                file.truncate(whole * size)
        ids = self._ids.read_text(encoding="ascii").split()
        self.positions = {product: i for i, product in enumerate(ids)}

    def append(self, ids: list[str], rows: Rows) -> None:
        """Add the rows (n, dim) of n products."""
        with self._rows.open("ab") as file:
            file.write(np.ascontiguousarray(rows, self._type).data)
            file.flush()
            os.fsync(file.fileno())  # an id on disk must never stand for a row that is not
        with self._ids.open("a", encoding="ascii") as file:
            file.writelines(f"{product}\n" for product in ids)
        for product in ids:
            self.positions[product] = len(self.positions)

    def read(self) -> Rows:
        """All rows (n, dim), mapped from disk."""
        if not self.positions:
            return np.empty((0, self._dim), self._type)
        return np.memmap(self._rows, self._type, "r", shape=(len(self.positions), self._dim))


def finished(old: Generation | None, method: Method) -> tuple[list[str], VectorIndex | None]:
    """Ids of an index that was built before and the index; none if it can't be trusted wholly.

    Raises Unavailable if its vectors are where they can't be reached now.
    """
    if old is None:
        return [], None
    part = old.part(index_place(method, old.sums))
    try:
        for name in part.names():
            old.verify(f"{part.path}/{name}")
        ids = part.read(IDS).decode().split()
        return ids, open_index(part, method, fingerprint(ids))
    except Unavailable as error:
        raise Unavailable(
            f"{error} The vectors of {method.title} are there: to embed all pictures anew instead, "
            "give another --name."
        ) from error
    except (ValueError, SimilarityError):
        return [], None
