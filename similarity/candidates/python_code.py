"""Methods in Python code: a file, or an installed package.

Code runs only if the person at the terminal named it, for a build in `--methods`, for the app in
$SIMILARITY_METHODS. A catalogue names a file only by its hash: what runs is the file that was named
here, never one that a catalogue points to.
"""

import hashlib
import os
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from PIL import Image

from similarity.candidates.library_model import LibraryModel
from similarity.errors import SimilarityError, get_reason
from similarity.methods.base import Vectors
from similarity.methods.candidate import Candidate
from similarity.store.paths import parse_path

VARIABLE = "SIMILARITY_METHODS"  # environment variable: files and plugins, separated by commas
GROUP = "similarity.methods"  # of entry points
FACTS = ("TITLE", "SUMMARY", "WEIGHTS", "LICENCE", "SOURCE", "YEAR", "TRAINING_LABELS")
PLUGIN = "plugin:"

_permitted: set[str] = set()
_lock = threading.Lock()  # code of users isn't expected to be safe between threads


def permit(text: str) -> None:
    """Let this process run a Python file or a plugin that the user named, without its name."""
    _permitted.add(text)


def find_code(text: str) -> tuple[str, str]:
    """Return the location and the hash of a Python file or a plugin, without running it.

    Raises SimilarityError if it isn't here.
    """
    if text.startswith(PLUGIN):
        entry = _find_plugin(text.removeprefix(PLUGIN))
        assert entry.dist is not None, "an installed package has a distribution"
        identity = f"{entry.dist.name} {entry.dist.version} {entry.value}"
        return entry.dist.name, hashlib.sha256(identity.encode()).hexdigest()
    path = parse_path(text) or Path()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SimilarityError(f"There is no file '{text}'.") from error
    return str(path.resolve()), hashlib.sha256(content).hexdigest()


def load(candidate: Candidate) -> LibraryModel:
    """Run the code that a method was built with, if this process may run it.

    Raises SimilarityError if it may not, or if the code fails.
    """
    for text in (*_permitted, *_read_variable()):
        if _is_code_of(candidate, text):
            return load_module(text)[1]
    raise SimilarityError(
        f"'{candidate.title}' is Python code, which this app only runs if it is started with it: "
        f"{VARIABLE}={candidate.specification}. The file must be the one that the index was built "
        "with."
    )


def _is_code_of(candidate: Candidate, text: str) -> bool:
    try:
        return find_code(text)[1] == candidate.sha256
    except SimilarityError:  # it isn't here
        return False


def load_module(text: str) -> tuple[ModuleType, LibraryModel]:
    """Run a Python file or import a plugin, and load its method.

    Raises SimilarityError if it raises anything or defines no method.
    """
    with _lock:
        module = _call(text, lambda: _import(text))
        if not callable(getattr(module, "load", None)):
            raise SimilarityError(f"'{text}' defines no function load().")
        loaded = _call(text, module.load)
    if not callable(getattr(loaded, "embed_images", None)):
        raise SimilarityError(f"load() in '{text}' must return an object with embed_images.")
    embed_texts = getattr(loaded, "embed_texts", None)

    def embed(pictures: Sequence[Image.Image]) -> Vectors:
        copies = [picture.copy() for picture in pictures]
        return _embed(text, loaded.embed_images, copies)

    return module, LibraryModel(
        None,
        embed,
        embed_texts=(lambda texts: _embed(text, embed_texts, list(texts))) if embed_texts else None,
    )


def read_facts(module: ModuleType) -> dict[str, Any]:
    """Return the facts that a module states as constants, in lower case."""
    facts = {name.lower(): getattr(module, name) for name in FACTS if hasattr(module, name)}
    for name, value in facts.items():
        if not isinstance(value, int if name == "year" else str):
            raise SimilarityError(f"{name.upper()} is {type(value).__name__}, not text or a year.")
    return facts


def _embed(text: str, embed: Callable[[Any], Any], values: list[Any]) -> Vectors:
    with _lock:
        vectors = _call(text, lambda: np.asarray(embed(values), np.float32))
    if vectors.ndim != 2 or len(vectors) != len(values):
        raise SimilarityError(
            f"'{text}' returned an array of shape {vectors.shape} for {len(values)} inputs, not "
            f"({len(values)}, dim)."
        )
    return vectors


def _call(text: str, function: Callable[[], Any]) -> Any:
    """Return what a user's function returns. Raises SimilarityError with what it raises."""
    try:
        return function()
    except Exception as error:  # it may raise anything
        raise SimilarityError(
            f"'{text}' raised {type(error).__name__}: {get_reason(error)}"
        ) from error
    except SystemExit as error:
        raise SimilarityError(f"'{text}' ended the program.") from error


def _import(text: str) -> ModuleType:
    if text.startswith(PLUGIN):
        return _find_plugin(text.removeprefix(PLUGIN)).load()
    path = Path(find_code(text)[0])
    name = f"similarity_candidate_{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # dataclasses look their module up
    # what is hashed, not what an earlier import left in __pycache__
    exec(compile(path.read_bytes(), path, "exec"), module.__dict__)
    return module


def _find_plugin(name: str) -> EntryPoint:
    entries = tuple(entry_points(group=GROUP, name=name))
    if len(entries) != 1:
        available = ", ".join(sorted({entry.name for entry in entry_points(group=GROUP)}))
        raise SimilarityError(
            f"{len(entries)} installed packages offer a method '{name}'. Offered are: "
            f"{available or 'none'}."
        )
    return entries[0]


def _read_variable() -> list[str]:
    texts = [text.strip() for text in os.environ.get(VARIABLE, "").split(",")]
    return [text.partition("=")[2] or text for text in texts if text]
