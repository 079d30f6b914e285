"""Generations of a built catalogue on disk, and the file that names the current one.

    catalogue.json                names the current generation and the hash of its file list
    generations/<n>/SHA256SUMS    the file list: a hash per file, readable by `sha256sum -c`
    generations/<n>/...           the table, the thumbnails, the indexes and the measures

A build writes a new generation next to the current one, complete and synced to disk, and then
replaces `catalogue.json`. Readers depend on that file alone and hold a shared lock on the folder of
their generation, so they see either the old or the new generation, never a mixture. A build removes
generations that are neither current nor locked. On systems and disks without such locks it leaves
the previous generation to the next build.

Opening a catalogue verifies `catalogue.json` and the file list. Files that are read whole are
hashed as they are read. Files that are read in parts (the rows of `pixels`) are verified by every
build and by `python -m precompute check`. Links below the catalogue's folder are never followed.
"""

import hashlib
import json
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

from similarity.errors import SimilarityError
from similarity.store.folders import Folder
from similarity.store.sums import Sums

FORMAT = 2  # of the whole folder; other formats are refused
CURRENT = "catalogue.json"
GENERATIONS = "generations"
SUMS = "SHA256SUMS"
LARGEST_POINTER = 100_000  # bytes


def make_pointer(number: int, sums: bytes, source: str) -> bytes:
    """Return the content of `catalogue.json` for a generation with this file list.

    It names the catalogue's source as well, so that a damaged catalogue can still be rebuilt.
    """
    return _format_pointer(number, hashlib.sha256(sums).hexdigest(), source)


def _format_pointer(number: int, sums: str, source: str) -> bytes:
    facts = {"format": FORMAT, "generation": number, "list": sums, "source": source}
    return (json.dumps(facts, indent=1) + "\n").encode()


def read_pointer(folder: Path) -> bytes:
    """Return the content of `catalogue.json`, which changes whenever a generation is published.

    Raises FileNotFoundError if there is none, and another OSError if it is not a regular file.
    """
    opened = Folder(folder)
    try:
        with opened.open(CURRENT) as file:
            return file.read(LARGEST_POINTER)
    finally:
        opened.close()


class Generation:
    """The current generation of a catalogue, locked until this object is closed.

    `is_locked` is false on systems and disks without locks: builds may remove what is read here.
    """

    def __init__(self, folder: Path, assumed_pointer: bytes = b"") -> None:
        """Open and lock the current generation of the catalogue in `folder`.

        `assumed_pointer` replaces the content of `catalogue.json`, for builds that reuse what is
        left of a catalogue in which that file is damaged. Raises SimilarityError that names what is
        wrong, and OSError as `read_pointer` does.
        """
        self._opened: Folder | None = None
        self.pointer = b""
        while True:
            previous, self.pointer = self.pointer, assumed_pointer or read_pointer(folder)
            self.number, expected, self.source = _parse_pointer(self.pointer)
            try:
                opened, self.is_locked = _open_and_lock(folder, str(self.number))
            except OSError as error:
                # Either it was replaced and removed since catalogue.json was read, or it is
                # missing.
                if previous == self.pointer:
                    raise SimilarityError(
                        f"generation {self.number} can't be read ({error.strerror})"
                    ) from error
                continue
            if assumed_pointer or read_pointer(folder) == self.pointer:
                break
            opened.close()
        self._opened = opened
        self.folder = folder / GENERATIONS / str(self.number)
        with self._open_file(SUMS) as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != expected:
            raise SimilarityError(f"{SUMS} doesn't match its hash in {CURRENT}")
        self.sums = Sums(content, SUMS)

    def close(self) -> None:
        """Release the lock. Nothing can be opened any more, and a build may remove the files."""
        if self._opened:
            self._opened.close()
            self._opened = None

    def __del__(self) -> None:
        self.close()

    def open(self, path: str) -> BufferedReader:
        """Open a listed file without verifying it, to read it in parts. Raises SimilarityError."""
        if path not in self.sums:
            raise SimilarityError(f"{path} is missing from the file list")
        return self._open_file(path)

    def read(self, path: str) -> bytes:
        """Return the content of a listed file. Raises SimilarityError if it has changed."""
        with self.open(path) as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != self.sums[path]:
            raise SimilarityError(f"{path} has changed since it was written")
        return content

    def verify(self, path: str) -> None:
        """Verify the hash of a listed file of any size.

        Raises SimilarityError if it has changed.
        """
        with self.open(path) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != self.sums[path]:
                raise SimilarityError(f"{path} has changed since it was written")

    def is_intact(self, path: str) -> bool:
        """Return whether a file is listed and unchanged."""
        try:
            self.verify(path)
        except SimilarityError:
            return False
        return True

    def is_readable(self, path: str) -> bool:
        """Return whether a file is listed and can be opened, changed or not."""
        try:
            self.open(path).close()
        except SimilarityError:
            return False
        return True

    def folder_files(self, path: str) -> "FolderFiles":
        """Return the files of one folder."""
        return FolderFiles(self, path)

    def _open_file(self, path: str) -> BufferedReader:
        try:
            if self._opened is None:
                raise OSError(0, "the catalogue was closed")
            return self._opened.open(path)
        except OSError as error:
            raise SimilarityError(f"{path} can't be read ({error.strerror})") from error


@dataclass(frozen=True)
class FolderFiles:
    """The files of one folder of a generation, by name."""

    generation: Generation
    path: str

    def list_names(self) -> list[str]:
        """Return the names of the listed files."""
        prefix = self.path + "/"
        return [path.removeprefix(prefix) for path in self.generation.sums.list_paths(prefix)]

    def open(self, name: str) -> BufferedReader:
        """Open a file as `Generation.open` does."""
        return self.generation.open(f"{self.path}/{name}")

    def read(self, name: str) -> bytes:
        """Read a file as `Generation.read` does."""
        return self.generation.read(f"{self.path}/{name}")


def _open_and_lock(folder: Path, number: str) -> tuple[Folder, bool]:
    """Return a generation's folder, and whether it has a shared lock.

    Raises BlockingIOError while the folder is being removed.
    """
    opened = Folder(folder, (GENERATIONS, number))
    try:
        return opened, opened.lock()
    except BaseException:
        opened.close()
        raise


def _parse_pointer(content: bytes) -> tuple[int, str, str]:
    """Return a pointer's generation number, hash of the file list, and source.

    Raises SimilarityError unless it is exactly as it was written.
    """
    try:
        facts: Any = json.loads(content)
        version = facts["format"]
        if version == FORMAT:
            number, sums, source = facts["generation"], facts["list"], facts["source"]
            texts = isinstance(sums, str) and isinstance(source, str)
            if type(number) is int and texts and content == _format_pointer(number, sums, source):
                return number, sums, source
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError(f"{CURRENT} is damaged ({type(error).__name__}: {error})") from error
    if version != FORMAT:
        raise SimilarityError(f"its format is {version!r}, not {FORMAT}")
    raise SimilarityError(f"{CURRENT} has changed since it was written")
