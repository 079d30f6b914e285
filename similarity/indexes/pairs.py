"""How near random pairs are, which a score can be compared with: 0.9 is much in one space only."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

Kind = Literal["pictures", "words"]  # two products; a product and another one's words
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class RandomPairs:
    """Cosines of random pairs by one method, in rising order: float32 (n,).

    These are the n quantiles of the sample themselves. `of` is a hash of what was paired.
    """

    cosines: npt.NDArray[np.float32]
    of: str

    def share_below(self, cosine: float) -> float | None:
        """How many of the pairs are less near than this, from 0 to 1; None if there are no pairs.

        Pairs that are equally near are not less near.
        """
        below = np.searchsorted(self.cosines, np.float32(cosine), side="left")
        return int(below) / len(self.cosines) if len(self.cosines) else None


def write_pairs(folder: Path, pairs: Mapping[Kind, RandomPairs]) -> dict[str, Any]:
    """Write a file for each kind; returns what the manifest has to say of them."""
    for kind, found in pairs.items():
        np.save(folder / _file(kind), found.cosines)
    return {kind: {"n": len(found.cosines), "of": found.of} for kind, found in pairs.items()}


def read_pairs(read: Callable[[str], bytes], listed: Any) -> dict[Kind, RandomPairs]:
    """What `write_pairs` wrote and returned. Raises any exception unless it is just that."""
    pairs: dict[Kind, RandomPairs] = {}
    for kind in KINDS:
        count, of = listed[kind]["n"], str(listed[kind]["of"])
        cosines = np.load(io.BytesIO(read(_file(kind))), allow_pickle=False)
        if cosines.shape != (count,) or cosines.dtype != np.float32:
            raise ValueError(f"{_file(kind)} holds {cosines.shape} of {cosines.dtype}")
        if not np.isfinite(cosines).all() or (np.diff(cosines) < 0).any():
            raise ValueError(f"{_file(kind)} holds no numbers in rising order")
        pairs[kind] = RandomPairs(cosines, of)
    return pairs


def is_pairs(name: str) -> bool:
    """Whether a file of an index is one that `write_pairs` wrote."""
    return name in map(_file, KINDS)


def _file(kind: Kind) -> str:
    return f"pairs-{kind}.npy"
