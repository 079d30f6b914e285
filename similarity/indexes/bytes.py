"""Exact inner products of rows of bytes."""

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from similarity.indexes.base import Rows
from similarity.loading import find_imported

PART = 16_384  # numbers: they stay in the cache, and sums of their products fit into 32 bits
# Less 128, bytes are from -128 to 127, and their products 2^14 at most: sums of so many are whole
# numbers below 2^24, which single precision holds, or below 2^31.
SINGLE, WHOLE = 1024, 16_384
MIDDLE = 128

Dots = npt.NDArray[np.int64]


def dots(rows: Rows, others: Rows) -> Dots:
    """Of rows with others, one by one: (n, dim) with (n, dim) or (dim,) gives (n,).

    Bytes times bytes, summed as whole numbers: one thread is enough. A BLAS call on so little
    waits for its other threads wherever the machine has more to do.
    """
    total = np.zeros(len(rows), np.int64)
    for start in range(0, rows.shape[1], PART):
        part = np.s_[..., start : start + PART]
        products = np.multiply(rows[part], others[part], dtype=np.uint16)
        total += products.sum(1, dtype=np.uint32)
    return total


def cross(rows: Rows, others: Rows) -> Dots:
    """Of all rows with all others: (n, dim), (m, dim) -> (n, m).

    With the processor's own instructions for bytes where a loaded torch knows them, ten times as
    fast as in double precision; else in single precision, twice as fast. All give the same numbers.
    """
    torch, found = _torch(), np.zeros((len(rows), len(others)), np.int64)
    step = WHOLE if torch else SINGLE
    for start in range(0, rows.shape[1], step):
        one, other = (_centred(each[:, start : start + step]) for each in (rows, others))
        if torch:
            found += torch._int_mm(torch.from_numpy(one), torch.from_numpy(other).T).numpy()
        else:
            found += (one.astype(np.float32) @ other.astype(np.float32).T).astype(np.int64)
    sums = rows.sum(1, dtype=np.int64)[:, None] + others.sum(1, dtype=np.int64)
    return found + MIDDLE * sums - MIDDLE**2 * rows.shape[1]


def _centred(rows: Rows) -> npt.NDArray[np.int8]:
    """Less 128."""
    return (rows ^ np.uint8(MIDDLE)).view(np.int8)


def _torch() -> Any:
    """torch, if it is loaded already and this processor multiplies bytes natively."""
    torch = find_imported("torch")
    return torch if torch and _native(torch) else None


@cache
def _native(torch: Any) -> bool:
    able = torch.cpu.get_capabilities()
    return any(able.get(name) for name in ("avx512_vnni", "avx_vnni", "amx_int8"))
