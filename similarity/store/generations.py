"""A built catalogue on disk: generations, each whole, of which one small file names the present.

    catalogue.json                names the present generation and the hash of its list
    generations/<n>/SHA256SUMS    the list: a hash for every other file, as `sha256sum -c` reads it
    generations/<n>/...           the table, the thumbnails, the indexes, whatever is built

A build writes the next generation beside the present one, complete and synced, and then replaces
`catalogue.json`. Who reads keys on that file alone and holds a shared lock on the generation's
folder, so it sees the old one or the new one, never a mixture, for as long as it likes. A build
removes every generation that is not the present one and that nobody holds.

What is verified when: opening checks `catalogue.json` and the list; a file that is read whole is
hashed as it is read, from the one time that it is opened; what is read in parts (the rows of
`pixels`) is checked by `python -m precompute check`, which reads everything, and by every build.
No link below the catalogue's folder is followed.
"""

import fcntl
import hashlib
import json
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

from similarity.errors import SimilarityError
from similarity.store.sums import Sums

FORMAT = 2  # of the whole folder; another one is refused, never guessed at
CURRENT = "catalogue.json"
GENERATIONS = "generations"
SUMS = "SHA256SUMS"
LARGEST_POINTER = 100_000  # bytes
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe must not block


def pointer(number: int, sums: bytes, source: str) -> bytes:
    """The content of `catalogue.json` for a generation with that list.

    What the catalogue was built from stands here too, for the day when nothing else can be read.
    """
    return _pointer(number, hashlib.sha256(sums).hexdigest(), source)


def _pointer(number: int, sums: str, source: str) -> bytes:
    facts = {"format": FORMAT, "generation": number, "list": sums, "source": source}
    return (json.dumps(facts, indent=1) + "\n").encode()


def read_pointer(folder: Path) -> bytes:
    """What `catalogue.json` holds now: it changes exactly when another generation is published.

    Raises OSError: FileNotFoundError if there is none, others if it is no plain file.
    """
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with _open(top, CURRENT) as file:
            return file.read(LARGEST_POINTER)
    finally:
        os.close(top)


class Generation:
    """The present generation of a catalogue, held open until this object is let go."""

    def __init__(self, folder: Path, assumed: bytes = b"") -> None:
        """Raises SimilarityError that names what does not fit, OSError as read_pointer does.

        `assumed` stands in for the content of `catalogue.json` when a build wants to use what is
        left of a catalogue in which that is damaged.
        """
        self._folder = -1
        self.pointer = b""
        while True:
            seen, self.pointer = self.pointer, assumed or read_pointer(folder)
            self.number, expected, self.source = _parse_pointer(self.pointer)
            try:
                held = _hold(folder, str(self.number))
            except OSError as error:
                # Replaced and removed since catalogue.json was read, or really not there.
                if seen == self.pointer:
                    raise SimilarityError(
                        f"generation {self.number} can't be read ({error.strerror})"
                    ) from error
                continue
            if assumed or read_pointer(folder) == self.pointer:
                break
            os.close(held)
        self._folder = held
        self.place = folder / GENERATIONS / str(self.number)
        with self._opened(SUMS) as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != expected:
            raise SimilarityError(f"{SUMS} is not the list that {CURRENT} names")
        self.sums = Sums(content, SUMS)

    def close(self) -> None:
        """Let go of it: nothing is opened any more, and a build may remove it."""
        if self._folder >= 0:
            os.close(self._folder)
            self._folder = -1

    def __del__(self) -> None:
        self.close()

    def open(self, path: str) -> BufferedReader:
        """A listed file as it stands, for what is read in parts. Raises SimilarityError."""
        if path not in self.sums:
            raise SimilarityError(f"{path} is missing in its list")
        return self._opened(path)

    def read(self, path: str) -> bytes:
        """The whole content of a listed file. Raises SimilarityError if it was changed."""
        with self.open(path) as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != self.sums[path]:
            raise SimilarityError(f"{path} is not the file that was written")
        return content

    def verify(self, path: str) -> None:
        """Read a listed file of any size. Raises SimilarityError if it was changed."""
        with self.open(path) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != self.sums[path]:
                raise SimilarityError(f"{path} is not the file that was written")

    def intact(self, path: str) -> bool:
        """Whether a file is listed and is the one that was written."""
        try:
            self.verify(path)
        except SimilarityError:
            return False
        return True

    def has(self, path: str) -> bool:
        """Whether a file is listed and there, changed or not."""
        try:
            self.open(path).close()
        except SimilarityError:
            return False
        return True

    def part(self, path: str) -> "Part":
        """The files of one folder."""
        return Part(self, path)

    def _opened(self, path: str) -> BufferedReader:
        try:
            return _open(self._folder, path)
        except OSError as error:
            raise SimilarityError(f"{path} can't be read ({error.strerror})") from error


@dataclass(frozen=True)
class Part:
    """One folder of a generation, its files by their names."""

    generation: Generation
    path: str

    def names(self) -> list[str]:
        """Of the files that are listed."""
        start = self.path + "/"
        return [path.removeprefix(start) for path in self.generation.sums.below(start)]

    def open(self, name: str) -> BufferedReader:
        """As Generation.open."""
        return self.generation.open(f"{self.path}/{name}")

    def read(self, name: str) -> bytes:
        """As Generation.read."""
        return self.generation.read(f"{self.path}/{name}")


def _hold(folder: Path, number: str) -> int:
    """The generation's folder with a shared lock on it. BlockingIOError while it is removed."""
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        held = _descend(top, (GENERATIONS, number))
    finally:
        os.close(top)
    try:
        fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BaseException:
        os.close(held)
        raise
    return held


def _descend(start: int, names: Iterable[str]) -> int:
    """Open a folder step by step, so that no step is a link."""
    folder = os.dup(start)
    for name in names:
        try:
            inner = os.open(name, FOLDER, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    return folder


def _open(start: int, path: str) -> BufferedReader:
    """A regular file below a folder, no step to it being a link. Raises OSError."""
    *folders, name = path.split("/")
    folder = _descend(start, folders)
    try:
        file = os.open(name, FILE, dir_fd=folder)
    finally:
        os.close(folder)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(0, "no regular file")
    return os.fdopen(file, "rb")


def _parse_pointer(content: bytes) -> tuple[int, str, str]:
    """Number, hash of the list, source. Raises SimilarityError unless it is as it is written."""
    try:
        facts: Any = json.loads(content)
        found = facts["format"]
        if found == FORMAT:
            number, sums, source = facts["generation"], facts["list"], facts["source"]
            texts = isinstance(sums, str) and isinstance(source, str)
            if type(number) is int and texts and content == _pointer(number, sums, source):
                return number, sums, source
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError(f"{CURRENT} is damaged ({type(error).__name__}: {error})") from error
    if found != FORMAT:
        raise SimilarityError(f"its format is {found!r}, not {FORMAT}")
    raise SimilarityError(f"{CURRENT} is not the file that was written")
