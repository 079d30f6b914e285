"""Read tensors from untrusted files: safetensors, or torch files without running their code."""

import pickletools
import zipfile
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from similarity.errors import SimilarityError


class InertObject:
    """A placeholder for any class that a checkpoint names: it accepts everything and does nothing.

    Checkpoints of Lightning before 1.5 contain hyper-parameters and callback states as objects of
    classes that are not needed here.
    """

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __setstate__(self, _: Any) -> None: ...


def read_tensors(path: Path) -> dict[str, Any]:
    """Read the tensors of a safetensors file, a torch state dict or a Lightning checkpoint.

    Raises SimilarityError for a torch file that could run code, and any exception for other files.
    """
    with path.open("rb") as file:
        head = file.read(9)
    if head[8:9] == b"{":  # a JSON header after its length
        from safetensors.torch import load_file

        return load_file(path)
    content = read_checkpoint(path)
    content = content.get("state_dict", content) if isinstance(content, Mapping) else {}
    tensors = {str(name): value for name, value in content.items() if hasattr(value, "shape")}
    if not tensors:
        raise SimilarityError("it contains no tensors")
    return tensors


def read_checkpoint(path: Path) -> Any:
    """Read a torch.save file with torch's own restricted reader (`weights_only`).

    The reader refuses every class that it doesn't know. Classes that a checkpoint names are
    replaced by `InertObject`, so nothing that the file names is imported or called.
    """
    import torch

    allowed = torch.serialization._weights_only_unpickler._get_allowed_globals()
    placeholders: list[Any] = [
        (_make_placeholder(name), name) for name in sorted(_list_names(path)) if name not in allowed
    ]
    try:
        with torch.serialization.safe_globals(placeholders):
            return torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:  # torch's message advises switching the safety off
        raise SimilarityError(
            "it contains objects that could run code, so it is not opened"
        ) from error


def _make_placeholder(name: str) -> type:
    """Return an inert class for a name, or dict for Lightning's class that is filled as a dict."""
    return dict if name.endswith(".AttributeDict") else type("Inert", (InertObject,), {})


def _list_names(path: Path) -> set[str]:
    """Return every class and function that the pickles in a torch file name, without running them.

    A file is a zip archive with one pickle or, before torch 1.6, a sequence of four pickles.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            inner = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
            with archive.open(inner) as pickle:
                return _list_globals(pickle)
    with path.open("rb") as file:
        return set().union(*(_list_globals(file) for _ in range(4)))


def _list_globals(pickle: Any) -> set[str]:
    return {
        ".".join(argument.split(" ", 1))
        for code, argument, _ in pickletools.genops(pickle)
        if code.name == "GLOBAL" and isinstance(argument, str)
    }
