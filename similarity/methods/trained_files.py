"""Methods that are files: weights written by `python -m precompute.train`, read as untrusted.

A file is in the safetensors format. Its header contains a JSON record that describes the method,
and a checksum of the tensors. The method's key is the file's name; its revision contains the
checksum of the whole file.
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

from similarity.errors import Remedy, SimilarityError, get_reason
from similarity.methods import colours, lit, lite0, minilm, simclr
from similarity.methods.base import Backbone, Embedder, Method
from similarity.methods.candidate import KEY
from similarity.methods.licences import read_terms

FOLDER = Path(__file__).parents[2] / "assets" / "weights"
SUFFIX = ".safetensors"
FORMAT = 2
MAX_BYTES = 500_000_000  # bytes
FAMILIES = {"simclr": "Metric learning", "lit": "Image-text"}
SUMMARIES = {
    "simclr": "Matches shape, whatever the crop or colour.",
    "lit": "Matches what a caption would say, including colours.",
}
PAPERS = {  # year and source of the paper that a trained file follows
    "simclr": (2020, "https://arxiv.org/abs/2002.05709"),
    "lit": (2021, "https://arxiv.org/abs/2111.07991"),
}
MODULES = {"simclr": simclr, "lit": lit}
TITLE_WORDS = {"simclr": "SimCLR", "lit": "LiT"}  # parts of keys as they are spelled in titles

Tensors = dict[str, npt.NDArray[Any]]
T = TypeVar("T")


def write_trained(path: Path, kind: str, facts: Mapping[str, Any], tensors: Tensors) -> None:
    """Write a trained method; `facts` are its weights line, licence and settings."""
    from safetensors.numpy import save

    tensors = {name: np.ascontiguousarray(values) for name, values in tensors.items()}
    architecture = MODULES[kind].ARCHITECTURE
    record = {"format": FORMAT, "kind": kind, "architecture": architecture, **facts}
    header = {"method": json.dumps(record), "checksum": _compute_checksum(tensors)}
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(save(tensors, metadata=header))
    temporary.replace(path)


def read_method(path: Path, key: str = "") -> Method:
    """Read the method in a trained file. Its key is the file's name unless given.

    Raises SimilarityError if the file is not a trained method.
    """
    key = key or path.stem
    if not KEY.fullmatch(key) or path.suffix != SUFFIX:
        raise SimilarityError(
            f"'{path}' can't be the method '{key}'. Use a name like my_simclr{SUFFIX}, with "
            "a-z, 0-9, '_' and '-'."
        )
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SimilarityError(f"'{path}' is larger than {MAX_BYTES // 1_000_000} MB.")
        content = path.read_bytes()
        facts = json.loads(_read_header(content)["method"])
        if facts["format"] != FORMAT or facts["kind"] not in FAMILIES:
            raise SimilarityError(
                f"'{path}' has format {facts['format']!r} and kind {facts['kind']!r}, which this "
                "version doesn't read. Train it again."
            )
        module = MODULES[facts["kind"]]
        if facts["architecture"] != module.ARCHITECTURE:
            raise SimilarityError(
                f"'{path}' has the architecture {facts['architecture']!r}, but this version uses "
                f"{module.ARCHITECTURE!r}. Train it again."
            )
        checksum = hashlib.sha256(content).hexdigest()[:16]
        return Method(
            key=key,
            title=format_title(key),
            summary=SUMMARIES[facts["kind"]],
            weights=str(facts["weights"]),
            licence=str(facts["licence"]),
            family=FAMILIES[facts["kind"]],
            revision=f"{module.ARCHITECTURE}-{checksum}",
            dim=module.DIM,
            answers_text=facts["kind"] == "lit",
            knows_colours=facts["kind"] == "lit",  # it is trained with a colour histogram
            training_labels=str(facts.get("labels", "")),
            terms=read_terms(str(facts["licence"])),
            build_head=partial(open_trained, path, lambda tensors, _: module.build_head(tensors)),
            build_texts=partial(
                open_trained, path, lambda tensors, _: minilm.build_texts(tensors["text_mean"])
            )
            if facts["kind"] == "lit"
            else None,
            year=PAPERS[facts["kind"]][0],
            parameters=module.PARAMETERS,
            source=PAPERS[facts["kind"]][1],
            load=partial(load_trained, path),
            backbone=_make_backbone(path, facts, checksum),
            make_preprocessing=(lambda: colours.compute_colours)
            if facts["kind"] == "lit"
            else None,
        )
    except SimilarityError:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError(
            f"'{path}' is not a file written by a training "
            f"({type(error).__name__}: {error}). Remove it, or train it again."
        ) from error


def format_title(key: str) -> str:
    """Return a key as a title: 'simclr_small' becomes 'SimCLR small'."""
    first, *others = re.split("[_-]+", key.strip("_-"))
    return " ".join([TITLE_WORDS.get(first, first.capitalize()), *others])


def install_trained(path: Path, key: str) -> None:
    """Copy a trained file to the folder of trained methods, under a key.

    Raises SimilarityError if it is not a trained method, or if another file has that name.
    """
    method = read_method(path, key)
    method.load()
    if method.backbone:
        method.backbone.build_module()
    target = FOLDER / f"{key}{SUFFIX}"
    if not target.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(target.name + ".part")
        shutil.copyfile(path, temporary)
        temporary.replace(target)
    elif read_method(target).revision != method.revision:
        raise SimilarityError(
            f"'{target}' is another file of that name. Remove it if nobody needs it.",
            Remedy("weights", file=path),
        )


def load_trained(path: Path) -> Embedder:
    """Load the method in a trained file. Raises SimilarityError if its content is damaged."""
    return open_trained(path, lambda tensors, facts: MODULES[facts["kind"]].load(tensors, facts))


def _make_backbone(path: Path, facts: Mapping[str, Any], checksum: str) -> Backbone:
    """Return the network that a trained file's vectors are computed from."""
    if facts["kind"] == "lit":
        return lite0.BACKBONE
    encoder = partial(open_trained, path, lambda tensors, _: simclr.load_encoder(tensors))
    return simclr.make_backbone(f"{simclr.ARCHITECTURE}-{checksum}", int(facts["side"]), encoder)


def open_trained(path: Path, build: Callable[[Tensors, Mapping[str, Any]], T]) -> T:
    """Build something from a trained file's tensors and facts.

    Raises SimilarityError if the file can't be read or doesn't fit.
    """
    from safetensors.numpy import load

    try:
        content = path.read_bytes()
        header, tensors = _read_header(content), load(content)
        if _compute_checksum(tensors) != header["checksum"]:
            raise ValueError("its content has changed since it was written")
        return build(tensors, json.loads(header["method"]))
    except Exception as error:  # torch and safetensors may raise anything on damaged weights
        raise SimilarityError(
            f"The weights '{path}' can't be used: {get_reason(error)}. Fetch or train them again."
        ) from error


def list_trained_methods() -> tuple[list[Method], list[str]]:
    """List the methods in trained files, and the errors of other files in the folder."""
    methods, refused = [], []
    for path in sorted(FOLDER.glob("*" + SUFFIX)):
        try:
            methods.append(read_method(path))
        except SimilarityError as error:
            refused.append(str(error))
    return methods, refused


def _read_header(content: bytes) -> dict[str, str]:
    """Return the metadata of a safetensors file, from its JSON header."""
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length])["__metadata__"]


def _compute_checksum(tensors: Tensors) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode() + str(tensors[name].shape).encode() + tensors[name].tobytes())
    return digest.hexdigest()
