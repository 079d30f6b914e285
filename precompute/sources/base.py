"""What a source is, and how its pictures come into a catalogue's folder."""

import csv
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rich.console import Console

from precompute.progress import Steps, say
from precompute.sources.files import Files, opened
from precompute.walk import METADATA
from similarity.errors import SimilarityError
from similarity.store.publish import remove

TABLE = METADATA[0]
DOWNLOAD = "download"
LONGEST = 60  # characters of a name: 240 bytes at most, and a file system takes 255

Get = Callable[[Path], Path]  # fetches the archive into a folder, returns its place


@dataclass(frozen=True)
class Source(ABC):
    """A catalogue that has a name, and how its pictures are had."""

    key: str
    version: int  # raise it whenever other pictures or attributes come of it than before
    about: str  # in a few words

    @abstractmethod
    def prepare(self, folder: Path, given: Path | None, console: Console) -> Callable[[], None]:
        """What puts the pictures and their table into `folder`; asked before anything is written.

        `given` is what a user has already and wants them taken from. Both raise SimilarityError
        where that can't be; what is returned goes on where it was interrupted.
        """


@dataclass(frozen=True)
class Published(Source):
    """Pictures in an archive that somebody else publishes."""

    connect: Callable[[Console], Get]  # raises SimilarityError where it can't be had
    # of a file's path in the archive: its path in the folder of pictures and its attributes, or
    # nothing for what is no product's
    place: Callable[[PurePosixPath], tuple[str, dict[str, str]] | None]
    layout: str  # what `place` expects, in words

    def prepare(self, folder: Path, given: Path | None, console: Console) -> Callable[[], None]:
        if given and given.resolve().is_relative_to(folder.parent.resolve()):
            raise SimilarityError(f"'{given}' is in the catalogue's own folder: move it elsewhere.")
        get = None if given else self.connect(console)
        download, work = folder.parent / DOWNLOAD, folder.with_name(folder.name + ".part")

        def provide() -> None:
            archive = get(download) if get else given
            assert archive is not None
            remove(work)
            try:
                with opened(archive) as files, Steps(console) as step:
                    left = _copy(self, files, work, lambda d, t: step("Unpacking", d, t))
            except SimilarityError as error:
                remove(work)
                if given:
                    raise
                remove(download)
                raise SimilarityError(f"{error} It is deleted: fetch it again later.") from error
            if left:
                said = f"{len(left)} files can't be read and are left out, such as {left[0]}."
                say(console, said)
            remove(folder)
            work.rename(folder)
            remove(download)

        return provide


def _copy(
    source: Published, files: Files, folder: Path, progress: Callable[[int, int], None]
) -> list[str]:
    """Write a source's pictures and their table; returns which files can't be read, and why."""
    rows: dict[str, dict[str, str]] = {}
    left = []
    for done, path in enumerate(files.paths, 1):
        placed = source.place(PurePosixPath(path))
        if placed is not None:
            target = _free(placed[0], rows)
            if why := files.copy(path, folder / target):
                left.append(f"{path}: {why}")
            else:
                rows[target] = placed[1]
        progress(done, len(files.paths))
    if not rows:
        raise SimilarityError(f"'{files.place}' is not {source.key}: that holds {source.layout}.")
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(["path", *next(iter(rows.values()))])
        writer.writerows([target, *told.values()] for target, told in rows.items())
    return left


def _free(wanted: str, taken: dict[str, dict[str, str]]) -> str:
    """A path that no other file has, its names cut to what a file system takes."""
    *folders, name = (part[-LONGEST:].lstrip(".") for part in wanted.split("/"))
    target, number = "/".join([*folders, name]), 1
    while target in taken or target in METADATA:
        number += 1
        target = "/".join([*folders, f"{number}-{name}"])
    return target
