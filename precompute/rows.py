"""Rows of an unfinished build, stored as they are computed so that nothing is computed twice."""

import os
from pathlib import Path

import numpy as np

from similarity.errors import SimilarityError, UnavailableError
from similarity.indexes import (
    IDS_FILE,
    Rows,
    VectorIndex,
    compute_fingerprint,
    find_index_folder,
    get_row_kind,
    open_index,
)
from similarity.methods import Method
from similarity.store.generations import Generation

ID_LENGTH = 21  # bytes per line of ids: 20 hexadecimal digits and a line feed


class UnfinishedRows:
    """Rows by product id, appended in batches and safe against interruption.

    A batch counts once both its rows and its ids are written; an incomplete one is cut off when the
    files are opened again.
    """

    def __init__(self, folder: Path, method: Method) -> None:
        self._type = np.dtype(get_row_kind(method).row_type)
        self._dim = method.dim
        folder.mkdir(parents=True, exist_ok=True)
        self._rows, self._ids = folder / "rows.bin", folder / "ids.txt"
        self._rows.touch()
        self._ids.touch()
        row_bytes = self._dim * self._type.itemsize
        complete = min(
            self._rows.stat().st_size // row_bytes, self._ids.stat().st_size // ID_LENGTH
        )
        for path, size in ((self._rows, row_bytes), (self._ids, ID_LENGTH)):
            with path.open("r+b") as file:
                file.truncate(complete * size)
        ids = self._ids.read_text(encoding="ascii").split()
        self.positions = {product: i for i, product in enumerate(ids)}

    def append(self, ids: list[str], rows: Rows) -> None:
        """Append the rows (n, dim) of n products."""
        with self._rows.open("ab") as file:
            file.write(np.ascontiguousarray(rows, self._type).data)
            file.flush()
            os.fsync(file.fileno())  # so that an id on disk never lacks its row
        with self._ids.open("a", encoding="ascii") as file:
            file.writelines(f"{product}\n" for product in ids)
        for product in ids:
            self.positions[product] = len(self.positions)

    def read(self) -> Rows:
        """Return all rows (n, dim), mapped from disk."""
        if not self.positions:
            return np.empty((0, self._dim), self._type)
        return np.memmap(self._rows, self._type, "r", shape=(len(self.positions), self._dim))


def open_finished(base: Generation | None, method: Method) -> tuple[list[str], VectorIndex | None]:
    """Return the ids and the index of an earlier build, or nothing unless all files are intact.

    Raises UnavailableError if its vectors can't be reached at the moment.
    """
    if base is None:
        return [], None
    index_files = base.folder_files(find_index_folder(method, base.sums))
    try:
        for name in index_files.list_names():
            base.verify(f"{index_files.path}/{name}")
        ids = index_files.read(IDS_FILE).decode().split()
        return ids, open_index(index_files, method, compute_fingerprint(ids))
    except UnavailableError as error:
        raise UnavailableError(
            f"{error} It has the vectors of {method.title}. To embed all pictures again instead, "
            "give another --name."
        ) from error
    except (ValueError, SimilarityError):
        return [], None
