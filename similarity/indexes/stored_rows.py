"""Rows in a file that are read by position, so that memory holds none of them."""

import os
import threading
from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np

from similarity.filters import Selection
from similarity.indexes.base import Positions, Rows

HEADER_START = np.lib.format.magic(1, 0)
BLOCK_BYTES = 8_000_000  # bytes of rows per block
SPARSE = 0.03  # share of selected rows below which reading them one by one is faster than all
_seek_lock = threading.Lock()
NOWAIT = getattr(os, "RWF_NOWAIT", 0)  # read only what is cached; available on Linux only


class StoredRows:
    """The rows of a .npy file written by `write_rows`: (count, dim).

    They are read by position, not memory-mapped, because mapped pages would count as this process's
    memory.
    """

    def __init__(
        self, file: BufferedReader, name: str, count: int, dim: int, dtype: type[np.generic]
    ) -> None:
        """Open the rows. The file may be closed afterwards.

        Raises ValueError unless the file has exactly this shape and type.
        """
        self.count, self._dim, self._type = count, dim, np.dtype(dtype)
        self._row_bytes = dim * self._type.itemsize  # of a row
        if file.read(len(HEADER_START)) != HEADER_START:
            raise ValueError(f"{name} is not an array")
        shape, fortran, stored_type = np.lib.format.read_array_header_1_0(file)
        self._offset = file.tell()
        size = os.fstat(file.fileno()).st_size - self._offset
        if (shape, fortran, stored_type, size) != (
            (count, dim),
            False,
            self._type,
            count * self._row_bytes,
        ):
            raise ValueError(f"{name} holds {shape} of {stored_type} in {size} bytes")
        self._file = os.dup(file.fileno())

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)

    def read(self, positions: Positions) -> Rows:
        """Return the rows of some products: (n, dim). Raises IndexError outside of 0 .. count - 1.

        Cached rows are read at once. The operating system is told about all others before they are
        read, so that it can fetch them together.
        """
        numbers = positions.tolist()
        if numbers and not 0 <= min(numbers) <= max(numbers) < self.count:
            raise IndexError(positions)
        rows = np.empty((len(positions), self._dim), self._type)
        buffer = rows.reshape(-1).view(np.uint8).data
        uncached = []
        file, size = self._file, self._row_bytes
        for index, position in enumerate(numbers):
            target = buffer[index * size : (index + 1) * size]
            offset = self._offset + position * size
            try:
                is_cached = NOWAIT and os.preadv(file, (target,), offset, NOWAIT) == size
            except OSError:  # not cached, or not supported by the file system
                is_cached = False
            if not is_cached:
                uncached.append((target, offset))
                if NOWAIT:
                    os.posix_fadvise(file, offset, size, os.POSIX_FADV_WILLNEED)
        for target, offset in uncached:
            _read_at(file, target, offset)
        return rows

    def iterate_blocks(self) -> Iterator[tuple[int, Rows]]:
        """Yield all rows in order, in blocks, each with the position of its first row.

        The next block overwrites the previous one.
        """
        step = max(1, BLOCK_BYTES // self._row_bytes)
        buffer = np.empty((step, self._dim), self._type)
        for start in range(0, self.count, step):
            rows = buffer[: self.count - start]
            target = rows.reshape(-1).view(np.uint8).data
            _read_at(self._file, target, self._offset + start * self._row_bytes)
            yield start, rows

    def iterate_selected(self, among: Selection | None) -> Iterator[tuple[Positions, Rows]]:
        """Yield the selected rows in order, or all, in blocks with their positions.

        The next block may overwrite the previous one.
        """
        if among is not None and among.share < SPARSE:
            step = max(1, BLOCK_BYTES // self._row_bytes)
            for start in range(0, len(among.positions), step):
                positions = among.positions[start : start + step]
                yield positions, self.read(positions)
            return
        for start, rows in self.iterate_blocks():
            positions = np.arange(start, start + len(rows))
            if among is None:
                yield positions, rows
            else:
                is_selected = among.mask[start : start + len(rows)]
                yield positions[is_selected], rows[is_selected]


def _read_at(file: int, target: memoryview, offset: int) -> None:
    """Fill a buffer from a position of an opened file. Raises OSError if the file is shorter."""
    if hasattr(os, "preadv"):
        size = os.preadv(file, (target,), offset)
    else:  # Windows: the position belongs to the file, which threads share
        with _seek_lock:
            os.lseek(file, offset, os.SEEK_SET)
            content = os.read(file, len(target))
        size = len(content)
        target[:size] = content
    if size != len(target):
        raise OSError("the rows end too early")


def write_rows(
    path: Path, count: int, dim: int, dtype: type[np.generic], blocks: Iterable[Rows]
) -> Iterator[Rows]:
    """Write blocks of rows (n, dim), `count` in all, and yield each after it is written."""
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
