"""Methods that are files: weights which `python -m precompute.train` wrote, read without trust.

A file is safetensors. Its header holds a JSON record of what the method is, and a checksum of the
tensors; the method's key is the file's name, its revision the checksum of the whole file.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from similarity.errors import Remedy, SimilarityError, reason_of
from similarity.methods import colours, lit, lite0, simclr
from similarity.methods.base import Backbone, Embedder, Method

FOLDER = Path(__file__).parents[2] / "assets" / "weights"
SUFFIX = ".safetensors"
FORMAT = 2
KEY = re.compile(r"[a-z][a-z0-9_-]{0,31}")
LARGEST = 500_000_000  # bytes
FAMILIES = {"simclr": "Metric learning", "lit": "Image-text"}
PAPERS = {  # the year and place of what a trained file follows
    "simclr": (2020, "https://arxiv.org/abs/2002.05709"),
    "lit": (2021, "https://arxiv.org/abs/2111.07991"),
}
MODULES = {"simclr": simclr, "lit": lit}
WORDS = {"simclr": "SimCLR", "lit": "LiT"}  # of a key, as they are written in a title

Tensors = dict[str, npt.NDArray[Any]]
T = TypeVar("T")


def write_trained(path: Path, kind: str, facts: Mapping[str, Any], tensors: Tensors) -> None:
    """Write a trained method: `facts` are its summary, weights line, licence and settings."""
    from safetensors.numpy import save

    tensors = {name: np.ascontiguousarray(values) for name, values in tensors.items()}
    architecture = MODULES[kind].ARCHITECTURE
    record = {"format": FORMAT, "kind": kind, "architecture": architecture, **facts}
    header = {"method": json.dumps(record), "checksum": _checksum(tensors)}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(save(tensors, metadata=header))
    unfinished.replace(path)


def read_method(path: Path, key: str = "") -> Method:
    """The method that a trained file is, with its name as key unless another is given.

    Raises SimilarityError if it can't be one.
    """
    key = key or path.stem
    if not KEY.fullmatch(key) or path.suffix != SUFFIX:
        raise SimilarityError(
            f"'{path}' can't be the method '{key}': name it like my_simclr{SUFFIX}, in a-z, 0-9, "
            "'_' and '-'."
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
        module = MODULES[facts["kind"]]
        if facts["architecture"] != module.ARCHITECTURE:
            raise SimilarityError(
                f"'{path}' is of the architecture {facts['architecture']!r}, and this version has "
                f"{module.ARCHITECTURE!r}: train it again."
            )
        checksum = hashlib.sha256(content).hexdigest()[:16]
        return Method(
            key=key,
            title=title(key),
            summary=str(facts["summary"]),
            weights=str(facts["weights"]),
            licence=str(facts["licence"]),
            family=FAMILIES[facts["kind"]],
            revision=f"{module.ARCHITECTURE}-{checksum}",
            dim=module.DIM,
            answers_text=facts["kind"] == "lit",
            knows_colours=facts["kind"] == "lit",  # it is trained with a histogram of them
            labels=str(facts.get("labels", "")),
            year=PAPERS[facts["kind"]][0],
            parameters=module.PARAMETERS,
            source=PAPERS[facts["kind"]][1],
            load=partial(load_trained, path),
            backbone=_backbone(path, facts, checksum),
            preprocessing=(lambda: colours.colours) if facts["kind"] == "lit" else None,
        )
    except SimilarityError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError(
            f"'{path}' is no file that a training wrote "
            f"({type(error).__name__}: {error}). Remove it, or train it again."
        ) from error


def title(key: str) -> str:
    """How a person would write a key: 'simclr_small' is 'SimCLR small'."""
    first, *others = re.split("[_-]+", key.strip("_-"))
    return " ".join([WORDS.get(first, first.capitalize()), *others])


def install(path: Path, key: str) -> None:
    """Copy a trained file to where it is a method of that key from now on.

    Raises SimilarityError if it can't be a method, or if another file has its name there.
    """
    given = read_method(path, key)
    given.load()
    if given.backbone:
        given.backbone.module()
    place = FOLDER / f"{key}{SUFFIX}"
    if not place.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_name(place.name + ".part")
        shutil.copyfile(path, unfinished)
        unfinished.replace(place)
    elif read_method(place).revision != given.revision:
        raise SimilarityError(
            f"'{place}' is another file of that name. Remove that one if nobody needs it.",
            Remedy("weights", file=path),
        )


def load_trained(path: Path) -> Embedder:
    """The loaded method of a trained file. Raises SimilarityError if its content is damaged."""
    return opened(path, lambda tensors, facts: MODULES[facts["kind"]].load(tensors, facts))


def _backbone(path: Path, facts: Mapping[str, Any], checksum: str) -> Backbone:
    """The network that a trained file's vectors are made from."""
    if facts["kind"] == "lit":
        return lite0.BACKBONE
    encoder = partial(opened, path, lambda tensors, _: simclr.trained(tensors))
    return simclr.backbone(f"{simclr.ARCHITECTURE}-{checksum}", int(facts["side"]), encoder)


def opened(path: Path, make: Callable[[Tensors, Mapping[str, Any]], T]) -> T:
    """What is made of a trained file's tensors and facts. Raises SimilarityError if it can't be."""
    from safetensors.numpy import load

    try:
        content = path.read_bytes()
        header, tensors = _header(content), load(content)
        if _checksum(tensors) != header["checksum"]:
            raise ValueError("its content is not what was written")
        return make(tensors, json.loads(header["method"]))
    except Exception as error:  # torch and safetensors raise many kinds on foreign weights
        raise SimilarityError(
            f"The weights '{path}' can't be used: {reason_of(error)}. Fetch or train them again."
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
