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
MIN_PAIRS = 200  # for a percentage: at 90 %, its standard error is then 2 %
ROUNDING = 1e-6  # the same two vectors, compared in another order, differ by less


@dataclass(frozen=True)
class RandomPairs:
    """Cosines of random pairs by one method, in ascending order: float32 (n,).

    `source_hash` identifies the data that was paired.
    """

    cosines: npt.NDArray[np.float32]
    source_hash: str

    def share_at_most(self, cosine: float) -> float | None:
        """Return the share of pairs whose cosine is at most this one, from 0 to 1.

        Pairs of pictures that are equal to the method are as near as can be, so ties count. Returns
        None for fewer than MIN_PAIRS pairs, which say too little.
        """
        if len(self.cosines) < MIN_PAIRS:
            return None
        position = np.searchsorted(self.cosines, np.float32(cosine + ROUNDING), side="right")
        return int(position) / len(self.cosines)


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
