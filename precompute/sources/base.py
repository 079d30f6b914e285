"""Named sources of pictures, and how their pictures get into a catalogue's folder."""

import csv
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rich.console import Console

from precompute.progress import Steps, print_line
from precompute.sources.files import SourceFiles, open_files
from precompute.walk import METADATA
from similarity.errors import SimilarityError
from similarity.store.publish import remove

TABLE = METADATA[0]
DOWNLOAD = "download"
MAX_NAME = 60  # characters of a name: up to 240 bytes, and file systems allow 255

Get = Callable[[Path], Path]  # downloads the archive into a folder, and returns its path


@dataclass(frozen=True)
class Source(ABC):
    """A named catalogue, and how to get its pictures."""

    key: str
    version: str  # changes whenever the pictures or attributes do
    about: str  # in a few words

    @abstractmethod
    def prepare(
        self, folder: Path, local_source: Path | None, console: Console
    ) -> Callable[[], None]:
        """Return a function that puts the pictures and their table into `folder`.

        `local_source` is an archive or folder to take them from. Nothing is written before the
        function is called; it resumes after an interruption. Both raise SimilarityError.
        """


@dataclass(frozen=True)
class Published(Source):
    """Pictures in an archive that somebody else publishes."""

    connect: Callable[[Console], Get]  # raises SimilarityError if the archive isn't available
    # maps a file's path in the archive to its path among the pictures and its attributes, or to
    # None for other files
    get_target: Callable[[PurePosixPath], tuple[str, dict[str, str]] | None]
    layout: str  # what `get_target` expects, in words

    def prepare(
        self, folder: Path, local_source: Path | None, console: Console
    ) -> Callable[[], None]:
        if local_source and local_source.resolve().is_relative_to(folder.parent.resolve()):
            raise SimilarityError(
                f"'{local_source}' is in the catalogue's own folder. Move it elsewhere."
            )
        fetch = None if local_source else self.connect(console)
        download, work = folder.parent / DOWNLOAD, folder.with_name(folder.name + ".part")

        def unpack() -> None:
            archive = fetch(download) if fetch else local_source
            assert archive is not None
            remove(work)
            try:
                with open_files(archive) as files, Steps(console) as step:
                    unreadable = _copy_pictures(
                        self, files, work, lambda done, total: step("Unpacking", done, total)
                    )
            except SimilarityError as error:
                remove(work)
                if local_source:
                    raise
                remove(download)
                raise SimilarityError(
                    f"{error} The file was deleted. Fetch it again later."
                ) from error
            if unreadable:
                print_line(
                    console,
                    f"{len(unreadable)} files can't be read and are skipped, for example "
                    f"{unreadable[0]}.",
                )
            remove(folder)
            work.rename(folder)
            remove(download)

        return unpack


def _copy_pictures(
    source: Published, files: SourceFiles, folder: Path, report: Callable[[int, int], None]
) -> list[str]:
    """Write a source's pictures and their table; return which files can't be read, and why."""
    rows: dict[str, dict[str, str]] = {}
    unreadable = []
    for done, path in enumerate(files.paths, 1):
        entry = source.get_target(PurePosixPath(path))
        if entry is not None:
            target = _choose_free_path(entry[0], rows)
            if reason := files.copy(path, folder / target):
                unreadable.append(f"{path}: {reason}")
            else:
                rows[target] = entry[1]
        report(done, len(files.paths))
    if not rows:
        raise SimilarityError(f"'{files.place}' is not {source.key}, which has {source.layout}.")
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(["path", *next(iter(rows.values()))])
        writer.writerows([target, *attributes.values()] for target, attributes in rows.items())
    return unreadable


def _choose_free_path(path: str, used: dict[str, dict[str, str]]) -> str:
    """Return a path that no other file has, with names that a file system accepts."""
    *folders, name = (part[-MAX_NAME:].lstrip(".") for part in path.split("/"))
    target, number = "/".join([*folders, name]), 1
    while target in used or target in METADATA:
        number += 1
        target = "/".join([*folders, f"{number}-{name}"])
    return target
