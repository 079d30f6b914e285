"""The terminal commands that messages suggest.

Errors carry a `Remedy`. The command line and the pages call `explain_error`, which adds the
command.
"""

import shlex
from collections.abc import Callable, Iterable
from pathlib import Path

from similarity.catalogue import Catalogue
from similarity.errors import Kind, Remedy, get_remedies
from similarity.indexes import INDEXES
from similarity.methods import METHODS
from similarity.store.generations import GENERATIONS
from similarity.store.paths import find_source, get_catalogues_folder

PRECOMPUTE = "python -m precompute"
TRAIN = f"{PRECOMPUTE}.train"
BUILD_ANY = f"{PRECOMPUTE} --catalogue FOLDER"
INSTALL = "make clean install"  # reinstall all packages, mostly from pip's cache
INSTALL_MILVUS = "python3 -m install --scale"
OPEN_TO_NETWORK = "STREAMLIT_SERVER_ADDRESS=0.0.0.0 make demo"


def explain_error(error: BaseException) -> str:
    """Return an error's message followed by the commands that fix it."""
    parts = [str(error)]
    for remedy in get_remedies(error):
        parts[-1] = parts[-1].rstrip(".") + "."
        parts.append(SENTENCES[remedy.kind](remedy))
    return " ".join(parts)


def format_build_command(catalogue: Catalogue, methods: Iterable[str] = ()) -> str:
    """Return the command that builds indexes of a catalogue, for all methods if none are given."""
    registry = catalogue.registry
    arguments = [registry[key].argument if key in registry else key for key in methods]
    return _format_build(catalogue.folder, catalogue.source, arguments)


def format_fetch_command(methods: Iterable[str]) -> str:
    """Return the command that fetches the weights of methods and of the methods they depend on."""
    return f"{PRECOMPUTE} fetch {' '.join(methods)}"


def format_train_command(kind: str, catalogue: str, out: str) -> str:
    """Return the command that trains a method on a catalogue's pictures."""
    return shlex.join([*TRAIN.split(), kind, "--catalogue", catalogue, "--out", out])


def _format_build(folder: Path, source: str, methods: Iterable[str]) -> str:
    folder = folder.absolute()
    command = [*PRECOMPUTE.split(), "--catalogue", source]
    if source != folder.name:  # a catalogue is named after its source by default
        command += ["--name", folder.name]
    if folder.parent.resolve() != get_catalogues_folder().resolve():
        command += ["--to", str(folder.parent)]
    keys = ",".join(methods)
    return shlex.join(command + (["--methods", keys] if keys else []))


def _format_repair(folder: Path) -> str:
    """Return the command that rebuilds a catalogue that can't be opened.

    The source is read from what is left of the catalogue; FOLDER stands in for an unknown source.
    """
    source = find_source(folder) or ("demo" if folder.absolute().name == "demo" else "FOLDER")
    folders = [folder / "methods", *folder.glob(f"{GENERATIONS}/*/{INDEXES}")]
    return _format_build(
        folder,
        source,
        [key for key in METHODS if any((folder / key).is_dir() for folder in folders)],
    )


def _suggest_first_build(remedy: Remedy) -> str:
    built_before = (remedy.folder / GENERATIONS).is_dir()
    first = f"{PRECOMPUTE} --catalogue demo"
    return f"Build one: {_format_repair(remedy.folder) if built_before else first}"


def _suggest_fetch(remedy: Remedy) -> str:
    copies = " ".join(f"--weights {key}=PATH" for key in remedy.methods)
    return f"Get them: {format_fetch_command(remedy.methods)}, or name a copy by {copies}."


SENTENCES: dict[Kind, Callable[[Remedy], str]] = {
    "build": lambda r: f"Build it: {_format_build(r.folder, r.source, r.methods)}",
    "rebuild": lambda r: f"Build it again: {_format_build(r.folder, r.source, r.methods)}",
    "repair": lambda r: f"Build it again: {_format_repair(r.folder)}",
    "first": _suggest_first_build,
    "other": lambda r: f"Build one: {BUILD_ANY}",
    "fetch": _suggest_fetch,
    "refetch": lambda r: f"Get others: {format_fetch_command(r.methods)}",
    "fetch_model": lambda r: f"Get it: {shlex.join([*PRECOMPUTE.split(), 'fetch', *r.methods])}",
    "install": lambda r: f"Install it: {INSTALL}",
    "name": lambda r: "Choose another --name.",
    "place": lambda r: "Choose another --name or --to.",
    "weights": lambda r: f"Give the file another name: --weights NAME={r.file}",
    "precision": lambda r: "Leave --precision out.",
    "milvus": lambda r: f"Install them: {INSTALL_MILVUS}",
}
