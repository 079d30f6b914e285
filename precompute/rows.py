"""Vectors of an unfinished build, kept on disk as they are made, so that nothing is made twice."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from similarity.errors import SimilarityError
from similarity.flat_index import VECTORS
from similarity.index import IDS, index_class, read_manifest
from similarity.methods import Method

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

    def append(self, ids: list[str], rows: npt.NDArray[Any]) -> None:
        """Add the rows (n, dim) of n products."""
        with self._rows.open("ab") as file:
            file.write(np.ascontiguousarray(rows, self._type).data)
        with self._ids.open("a", encoding="ascii") as file:
            file.writelines(f"{product}\n" for product in ids)
        for product in ids:
            self.positions[product] = len(self.positions)

    def read(self) -> npt.NDArray[Any]:
        """All rows (n, dim), mapped from disk."""
        if not self.positions:
            return np.empty((0, self._dim), self._type)
        return np.memmap(self._rows, self._type, "r", shape=(len(self.positions), self._dim))


def finished_ids(folder: Path, method: Method) -> list[str]:
    """Ids of an index that was built before; none if it can't be trusted or is not there."""
    try:
        read_manifest(folder, method)
    except SimilarityError:
        return []
    return (folder / IDS).read_text(encoding="utf-8").split()


def read_finished(folder: Path) -> npt.NDArray[Any]:
    """All rows (n, dim) of an index that was built before, mapped from disk."""
    return np.load(folder / VECTORS, mmap_mode="r", allow_pickle=False)
