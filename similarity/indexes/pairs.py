"""Cosines of random pairs, a reference for scores.

A cosine of 0.9 means different things for different methods.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

# of two products, or of a product and another product's caption
Kind = Literal["pictures", "words"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class RandomPairs:
    """Cosines of random pairs by one method, in ascending order: float32 (n,).

    `source_hash` identifies the data that was paired.
    """

    cosines: npt.NDArray[np.float32]
    source_hash: str

    def share_below(self, cosine: float) -> float | None:
        """Return the share of pairs with a lower cosine, from 0 to 1, or None without pairs."""
        below = np.searchsorted(self.cosines, np.float32(cosine), side="left")
        return int(below) / len(self.cosines) if len(self.cosines) else None


def write_pairs(folder: Path, pairs: Mapping[Kind, RandomPairs]) -> dict[str, Any]:
    """Write a file for each kind; return what the manifest states about them."""
    for kind, sample in pairs.items():
        np.save(folder / _get_file_name(kind), sample.cosines)
    return {
        kind: {"n": len(sample.cosines), "of": sample.source_hash} for kind, sample in pairs.items()
    }


def read_pairs(read: Callable[[str], bytes], facts: Any) -> dict[Kind, RandomPairs]:
    """Read what `write_pairs` wrote and returned. Raises any exception for anything else."""
    pairs: dict[Kind, RandomPairs] = {}
    for kind in KINDS:
        count, source_hash = facts[kind]["n"], str(facts[kind]["of"])
        cosines = np.load(io.BytesIO(read(_get_file_name(kind))), allow_pickle=False)
        if cosines.shape != (count,) or cosines.dtype != np.float32:
            raise ValueError(f"{_get_file_name(kind)} holds {cosines.shape} of {cosines.dtype}")
        if not np.isfinite(cosines).all() or (np.diff(cosines) < 0).any():
            raise ValueError(f"{_get_file_name(kind)} is not a list of numbers in ascending order")
        pairs[kind] = RandomPairs(cosines, source_hash)
    return pairs


def is_pairs(name: str) -> bool:
    """Return whether a file of an index was written by `write_pairs`."""
    return name in map(_get_file_name, KINDS)


def _get_file_name(kind: Kind) -> str:
    return f"pairs-{kind}.npy"
