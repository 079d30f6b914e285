"""Builds that only embed, and how long they take."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from harness.published import WRITERS
from precompute.build import build
from similarity import METHODS
from similarity.inference import Precision
from similarity.methods import Method
from similarity.methods.weights import bind
from similarity.store.publish import locked


def true_size(key: str, folder: Path) -> Method:
    """A method; a published one with random weights, which are written to the folder."""
    method = METHODS[key]
    return bind(method, str(WRITERS[key](folder / key))) if method.published else method


def copies(pictures: list[Path], folder: Path) -> Path:
    """A folder with copies of the pictures."""
    folder.mkdir(parents=True)
    for number, path in enumerate(pictures):
        (folder / f"{number:06}{path.suffix}").write_bytes(path.read_bytes())
    return folder


def timed(work: Callable[..., object], *given: Any) -> float:
    start = time.perf_counter()
    work(*given)
    return time.perf_counter() - start


def each(encode: Callable[[str], object], paths: list[str]) -> None:
    for path in paths:
        encode(path)


def built(source: Path, folder: Path, methods: list[Method], precision: Precision) -> None:
    with locked(folder):
        build(source, str(source), folder, methods, lambda *_: None, precision=precision)


def spread(values: Any, digits: int = 1) -> str:
    """The mean, and the least and the largest."""
    mean, low, high = np.mean(values), np.min(values), np.max(values)
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
