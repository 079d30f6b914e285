"""The terminal commands that messages name.

Errors carry a `Remedy`. The command line and the pages call `explain_error`, which adds the
command.
"""

import shlex
from collections.abc import Callable, Iterable
from pathlib import Path

from similarity.catalogue import Catalogue
from similarity.errors import Kind, Remedy, remedies_of
from similarity.indexes import INDEXES
from similarity.methods import METHODS
from similarity.store.generations import GENERATIONS
from similarity.store.paths import catalogues_folder, source_of

PRECOMPUTE = "python -m precompute"
TRAIN = f"{PRECOMPUTE}.train"
OWN = f"{PRECOMPUTE} --catalogue FOLDER"
INSTALL = "make clean install"  # all packages anew, mostly from pip's cache
INSTALL_MILVUS = "python3 -m install --scale"
OPEN_TO_NETWORK = "STREAMLIT_SERVER_ADDRESS=0.0.0.0 make demo"


def explain_error(error: BaseException) -> str:
    """Return what is wrong and the commands that help, as sentences."""
    parts = [str(error)]
    for remedy in remedies_of(error):
        parts[-1] = parts[-1].rstrip(".") + "."
        parts.append(SENTENCES[remedy.kind](remedy))
    return " ".join(parts)


def build_command(catalogue: Catalogue, methods: Iterable[str] = ()) -> str:
    """The command that builds a catalogue's indexes of some methods, or of all if none is given."""
    return _build(catalogue.folder, catalogue.source, methods)


def fetch_command(methods: Iterable[str]) -> str:
    """The command that gets methods' weights, and those of the methods whose pictures they need."""
    return f"{PRECOMPUTE} fetch {' '.join(methods)}"


def train_command(kind: str, catalogue: str, out: str) -> str:
    """The command that trains a method on a catalogue's pictures."""
    return shlex.join([*TRAIN.split(), kind, "--catalogue", catalogue, "--out", out])


def _build(folder: Path, source: str, methods: Iterable[str]) -> str:
    folder = folder.absolute()
    command = [*PRECOMPUTE.split(), "--catalogue", source]
    if source != folder.name:  # one that has a name is called by it
        command += ["--name", folder.name]
    if folder.parent.resolve() != catalogues_folder().resolve():
        command += ["--to", str(folder.parent)]
    keys = ",".join(methods)
    return shlex.join(command + (["--methods", keys] if keys else []))


def _repair(folder: Path) -> str:
    """The command that builds a catalogue anew that can't be opened, from what can be read of it.

    Where nothing tells its source, FOLDER stands in for that.
    """
    source = source_of(folder) or ("demo" if folder.absolute().name == "demo" else "FOLDER")
    places = [folder / "methods", *folder.glob(f"{GENERATIONS}/*/{INDEXES}")]
    return _build(
        folder, source, [key for key in METHODS if any((place / key).is_dir() for place in places)]
    )


def _first(remedy: Remedy) -> str:
    was_built = (remedy.folder / GENERATIONS).is_dir()
    return f"Build one: {_repair(remedy.folder) if was_built else f'{PRECOMPUTE} --catalogue demo'}"


def _fetch(remedy: Remedy) -> str:
    copies = " ".join(f"--weights {key}=PATH" for key in remedy.methods)
    return f"Get them: {fetch_command(remedy.methods)}, or name a copy by {copies}."


SENTENCES: dict[Kind, Callable[[Remedy], str]] = {
    "build": lambda r: f"Build it: {_build(r.folder, r.source, r.methods)}",
    "rebuild": lambda r: f"Build it again: {_build(r.folder, r.source, r.methods)}",
    "repair": lambda r: f"Build it again: {_repair(r.folder)}",
    "first": _first,
    "other": lambda r: f"Build one: {OWN}",
    "fetch": _fetch,
    "refetch": lambda r: f"Get others: {fetch_command(r.methods)}",
    "install": lambda r: f"Install it: {INSTALL}",
    "name": lambda r: "Choose another --name.",
    "place": lambda r: "Choose another --name or --to.",
    "weights": lambda r: f"Give the file another name: --weights NAME={r.file}",
    "precision": lambda r: "Leave --precision out.",
    "milvus": lambda r: f"Install them: {INSTALL_MILVUS}",
}
