"""Builds that only embed, and their times."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from harness.published import WRITERS
from precompute.build import build
from precompute.scan import take_inventory
from similarity import METHODS
from similarity.inference import Precision
from similarity.methods import Method
from similarity.methods.weights import bind_available_weights
from similarity.store.publish import lock_catalogue


def bind_random_weights(key: str, folder: Path) -> Method:
    """Return a method; a published one has random weights, which are written to the folder."""
    method = METHODS[key]
    return (
        bind_available_weights(method, str(WRITERS[key](folder / key)))
        if method.published
        else method
    )


def copy_pictures(pictures: list[Path], folder: Path) -> Path:
    """Copy the pictures to a folder; return it."""
    folder.mkdir(parents=True)
    for number, path in enumerate(pictures):
        (folder / f"{number:06}{path.suffix}").write_bytes(path.read_bytes())
    return folder


def measure_seconds(work: Callable[..., object], *args: Any) -> float:
    """Return the seconds that a call takes."""
    start = time.perf_counter()
    work(*args)
    return time.perf_counter() - start


def encode_all(encode: Callable[[str], object], paths: list[str]) -> None:
    """Encode the pictures one after the other."""
    for path in paths:
        encode(path)


def build_indexes(source: Path, folder: Path, methods: list[Method], precision: Precision) -> None:
    """Build a catalogue's indexes, without measures."""
    with lock_catalogue(folder):
        build(
            take_inventory(source),
            str(source),
            source.name,
            folder,
            methods,
            lambda *_: None,
            precision=precision,
        )


def format_range(values: Any, digits: int = 1) -> str:
    """Return the mean, with the smallest and the largest value."""
    mean, low, high = np.mean(values), np.min(values), np.max(values)
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
