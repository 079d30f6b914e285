"""Tensors from files of others: safetensors, or torch files of which no part is ever run."""

import pickletools
import zipfile
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from similarity.errors import SimilarityError


class Inert:
    """Stands for any class that a checkpoint names: it takes everything and does nothing.

    Checkpoints of Lightning before 1.5 hold hyper-parameters and the states of callbacks as objects
    of classes that are of no use here.
    """

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __setstate__(self, _: Any) -> None: ...


def read_tensors(path: Path) -> dict[str, Any]:
    """The tensors of a safetensors file, of a torch state dict or of a Lightning checkpoint.

    Raises SimilarityError for a torch file that could run code, and any exception if the file is
    none of these.
    """
    with path.open("rb") as file:
        start = file.read(9)
    if start[8:9] == b"{":  # the length of a JSON header, and the header
        from safetensors.torch import load_file

        return load_file(path)
    content = read_checkpoint(path)
    content = content.get("state_dict", content) if isinstance(content, Mapping) else {}
    tensors = {str(name): value for name, value in content.items() if hasattr(value, "shape")}
    if not tensors:
        raise SimilarityError("it holds no tensors")
    return tensors


def read_checkpoint(path: Path) -> Any:
    """What torch.save wrote, by torch's own restricted reader (`weights_only`).

    That reader refuses every class it does not know; those that a checkpoint names are given to it
    as `Inert`, so that nothing of what is named is imported or called.
    """
    import torch

    known = torch.serialization._weights_only_unpickler._get_allowed_globals()
    stand_ins: list[Any] = [
        (_stand_in(name), name) for name in sorted(_named(path)) if name not in known
    ]
    try:
        with torch.serialization.safe_globals(stand_ins):
            return torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:  # whose advice is to switch the safety off
        raise SimilarityError("it holds objects that could run code, and is not opened") from error


def _stand_in(name: str) -> type:
    """An inert class for a name; the one of Lightning's that is filled as a dict is a dict."""
    return dict if name.endswith(".AttributeDict") else type("Inert", (Inert,), {})


def _named(path: Path) -> set[str]:
    """Every class and function that the pickles in a torch file name, found without running them.

    A file is a zip archive with one pickle, or, before torch 1.6, four pickles on end.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            inner = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
            with archive.open(inner) as pickle:
                return _globals(pickle)
    with path.open("rb") as file:
        return set().union(*(_globals(file) for _ in range(4)))


def _globals(pickle: Any) -> set[str]:
    return {
        ".".join(argument.split(" ", 1))
        for code, argument, _ in pickletools.genops(pickle)
        if code.name == "GLOBAL" and isinstance(argument, str)
    }
