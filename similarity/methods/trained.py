"""Methods that are files: weights which `python -m precompute.train` wrote, read without trust.

A file is safetensors. Its header holds a JSON record of what the method is, and a checksum of the
tensors; the method's key is the file's name, its revision the checksum of the whole file.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from similarity.errors import SimilarityError
from similarity.methods import lit, simclr
from similarity.methods.base import Embedder, Method

FOLDER = Path(__file__).parents[2] / "assets" / "weights"
SUFFIX = ".safetensors"
FORMAT = 1
KEY = re.compile(r"[a-z][a-z0-9_-]{0,31}")
LARGEST = 500_000_000  # bytes
FAMILIES = {"simclr": "Metric learning", "lit": "Image-text"}

Tensors = dict[str, npt.NDArray[Any]]


def write_trained(path: Path, kind: str, facts: Mapping[str, Any], tensors: Tensors) -> None:
    """Write a trained method: `facts` are its title, summary, weights, licence and settings."""
    from safetensors.numpy import save

    tensors = {name: np.ascontiguousarray(values) for name, values in tensors.items()}
    record = {"format": FORMAT, "kind": kind, **facts}
    header = {"method": json.dumps(record), "checksum": _checksum(tensors)}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(save(tensors, metadata=header))
    unfinished.replace(path)


def read_method(path: Path) -> Method:
    """The method that a trained file is. Raises SimilarityError if it can't be one."""
    if not KEY.fullmatch(path.stem) or path.suffix != SUFFIX:
        raise SimilarityError(
            f"'{path}' can't be a method: name it like my_simclr{SUFFIX}, in a-z, 0-9, '_' and '-'."
        )
    try:
        if path.stat().st_size > LARGEST:
            raise SimilarityError(f"'{path}' is larger than {LARGEST // 1_000_000} MB.")
        content = path.read_bytes()
        facts = json.loads(_header(content)["method"])
        if facts["format"] != FORMAT or facts["kind"] not in FAMILIES:
            raise SimilarityError(
                f"'{path}' is of format {facts['format']!r} and kind {facts['kind']!r}, which this "
                "version doesn't read: train it again."
            )
        return Method(
            key=path.stem,
            title=str(facts["title"]),
            summary=str(facts["summary"]),
            weights=str(facts["weights"]),
            licence=str(facts["licence"]),
            family=FAMILIES[facts["kind"]],
            revision=hashlib.sha256(content).hexdigest()[:16],
            dim=int(facts["dim"]),
            answers_text=facts["kind"] == "lit",
            knows_colours=facts["kind"] == "lit",  # it is trained with a histogram of them
            labels=str(facts.get("labels", "")),
            load=partial(load_trained, path),
        )
    except SimilarityError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError(
            f"'{path}' is no file that python -m precompute.train wrote "
            f"({type(error).__name__}: {error}). Remove it, or train it again."
        ) from error


def install(path: Path) -> Method:
    """Copy a trained file to where its method is found from now on; returns the method.

    Raises SimilarityError if it can't be a method, or if another file has its name there.
    """
    given = read_method(path)
    place = FOLDER / path.name
    if not place.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_name(place.name + ".part")
        shutil.copyfile(path, unfinished)
        unfinished.replace(place)
    elif read_method(place).revision != given.revision:
        raise SimilarityError(
            f"'{place}' is another file of that name: rename '{path}', or remove that one."
        )
    return read_method(place)


def load_trained(path: Path) -> Embedder:
    """The loaded method of a trained file. Raises SimilarityError if its content is damaged."""
    from safetensors.numpy import load

    try:
        content = path.read_bytes()
        header, tensors = _header(content), load(content)
        if _checksum(tensors) != header["checksum"]:
            raise ValueError("its content is not what was written")
        facts = json.loads(header["method"])
        loaders = {"simclr": simclr.load, "lit": lit.load}
        return loaders[facts["kind"]](tensors, facts)
    except Exception as error:  # torch and safetensors raise many kinds on foreign weights
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SimilarityError(
            f"The weights '{path}' can't be used: {reason}. Fetch or train them again."
        ) from error


def trained_methods() -> tuple[list[Method], list[str]]:
    """The methods of all trained files there are, and why other files are not among them."""
    found, refused = [], []
    for path in sorted(FOLDER.glob("*" + SUFFIX)):
        try:
            found.append(read_method(path))
        except SimilarityError as error:
            refused.append(str(error))
    return found, refused


def _header(content: bytes) -> dict[str, str]:
    """The metadata of a safetensors file, from its JSON header."""
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length])["__metadata__"]


def _checksum(tensors: Tensors) -> str:
    found = hashlib.sha256()
    for name in sorted(tensors):
        found.update(name.encode() + str(tensors[name].shape).encode() + tensors[name].tobytes())
    return found.hexdigest()
