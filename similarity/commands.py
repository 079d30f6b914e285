"""The commands of the terminal that build a catalogue."""

import shlex
from collections.abc import Iterable
from pathlib import Path

from similarity.indexes import INDEXES
from similarity.methods import METHODS
from similarity.store.generations import GENERATIONS
from similarity.store.paths import catalogues_folder, source_of


def build_command(folder: Path, source: str, methods: Iterable[str]) -> str:
    """The command that builds a catalogue's indexes of some methods anew, or of all if none."""
    folder = folder.absolute()
    command = ["python", "-m", "precompute", "--catalogue", source]
    if source != folder.name:  # one that has a name is called by it
        command += ["--name", folder.name]
    if folder.parent.resolve() != catalogues_folder().resolve():
        command += ["--to", str(folder.parent)]
    keys = ",".join(methods)
    return shlex.join(command + (["--methods", keys] if keys else []))


def repair_command(folder: Path) -> str:
    """The command that builds a catalogue anew that can't be opened, from what can be read of it.

    Where nothing tells its source, FOLDER stands in for that.
    """
    source = source_of(folder) or ("demo" if folder.absolute().name == "demo" else "FOLDER")
    places = [folder / "methods", *folder.glob(f"{GENERATIONS}/*/{INDEXES}")]
    return build_command(
        folder, source, [key for key in METHODS if any((place / key).is_dir() for place in places)]
    )
