"""Rows kept in a file and read by position, so that memory holds none of them."""

import os
from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np

from similarity.indexes.base import Positions, Rows

HEADER_START = np.lib.format.magic(1, 0)
AT_ONCE = 8_000_000  # bytes of rows that are read one after another
NOWAIT = getattr(os, "RWF_NOWAIT", 0)  # only what is cached; Linux alone has it


class StoredRows:
    """The rows of a .npy file that `written` wrote: (count, dim).

    They are read by position, not mapped: mapped pages would count as this process's memory.
    """

    def __init__(
        self, file: BufferedReader, name: str, count: int, dim: int, dtype: type[np.generic]
    ) -> None:
        """Raises ValueError unless the file holds just that. The file may be closed afterwards."""
        self.count, self._dim, self._type = count, dim, np.dtype(dtype)
        self._bytes = dim * self._type.itemsize  # of a row
        if file.read(len(HEADER_START)) != HEADER_START:
            raise ValueError(f"{name} is no array")
        shape, fortran, found = np.lib.format.read_array_header_1_0(file)
        self._offset = file.tell()
        size = os.fstat(file.fileno()).st_size - self._offset
        if (shape, fortran, found, size) != ((count, dim), False, self._type, count * self._bytes):
            raise ValueError(f"{name} holds {shape} of {found} in {size} bytes")
        self._file = os.dup(file.fileno())

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)

    def read(self, positions: Positions) -> Rows:
        """The rows of some products: (n, dim). Raises IndexError outside of 0 .. count - 1.

        Those that are in the page cache are read at once. Of the others the system is told first
        which they are, so that a disk fetches them together, not each after the one before it.
        """
        numbers = positions.tolist()
        if numbers and not 0 <= min(numbers) <= max(numbers) < self.count:
            raise IndexError(positions)
        rows = np.empty((len(positions), self._dim), self._type)
        whole = rows.reshape(-1).view(np.uint8).data
        later = []
        file, size = self._file, self._bytes
        for number, position in enumerate(numbers):
            part = whole[number * size : (number + 1) * size]
            place = self._offset + position * size
            try:
                cached = NOWAIT and os.preadv(file, (part,), place, NOWAIT) == size
            except OSError:  # not cached, or a file system that can't tell
                cached = False
            if not cached:
                later.append((part, place))
                if NOWAIT:
                    os.posix_fadvise(file, place, size, os.POSIX_FADV_WILLNEED)
        for part, place in later:
            if os.preadv(file, (part,), place) != size:
                raise OSError("the rows end too early")
        return rows

    def blocks(self) -> Iterator[tuple[int, Rows]]:
        """All rows in their order, a few at a time, each time with the first one's position.

        What was given before is overwritten.
        """
        step = max(1, AT_ONCE // self._bytes)
        room = np.empty((step, self._dim), self._type)
        for start in range(0, self.count, step):
            rows = room[: self.count - start]
            parts = [rows.reshape(-1).view(np.uint8).data]
            if os.preadv(self._file, parts, self._offset + start * self._bytes) != rows.nbytes:
                raise OSError("the rows end too early")
            yield start, rows


def written(
    path: Path, count: int, dim: int, dtype: type[np.generic], blocks: Iterable[Rows]
) -> Iterator[Rows]:
    """Write blocks of rows (n, dim), `count` in all, as they are taken; gives each when it is."""
    with path.open("wb") as file:
        header: dict[str, Any] = {
            "descr": np.lib.format.dtype_to_descr(np.dtype(dtype)),
            "fortran_order": False,
            "shape": (count, dim),
        }
        np.lib.format.write_array_header_1_0(file, header)
        for block in blocks:
            file.write(np.ascontiguousarray(block, dtype).data)
            yield block
