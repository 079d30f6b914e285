"""Write a catalogue's next generation, and make it the present one in a single step.

`generations` says what is on disk and what a reader may rely on.
"""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from similarity.errors import Remedy, SimilarityError
from similarity.store.generations import (
    CURRENT,
    FOLDER,
    GENERATIONS,
    SUMS,
    Generation,
    pointer,
)
from similarity.store.progress import LOCK, UNKNOWN, clear_progress, write_progress
from similarity.store.sums import sums_text

PATIENT = 1.0  # s: an app that asks for the progress holds the lock for a moment
UNFINISHED = CURRENT + ".part"
# What format 1 kept in the catalogue's folder itself.
FORMER = ("methods", "thumbs", "products.parquet", "skipped.csv", "duplicates.csv")


@contextmanager
def locked(folder: Path) -> Iterator[int]:
    """Only one build of a catalogue at a time. Yields the opened file of its progress.

    Leaving it without an exception says there that everything is built: see store.progress.
    Raises SimilarityError if another build is running, or if the folder is not a catalogue's.
    """
    ours = (folder / CURRENT, folder / LOCK)
    if folder.is_dir() and any(folder.iterdir()) and not any(os.path.lexists(p) for p in ours):
        raise SimilarityError(f"'{folder}' holds something else than a catalogue.", Remedy("place"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        lock = os.open(folder / LOCK, flags, 0o644)
    except OSError as error:
        raise SimilarityError(
            f"'{folder / LOCK}' can't be used ({error.strerror}): remove it."
        ) from error
    try:
        if not _acquire(lock):
            raise SimilarityError(
                f"Another build of '{folder.name}' is running: wait for it, or stop it."
            )
        write_progress(lock, UNKNOWN)
        yield lock
        clear_progress(lock)
    finally:
        os.close(lock)


def _acquire(lock: int) -> bool:
    """Lock an opened file; returns whether it was free within PATIENT seconds."""
    give_up = time.monotonic() + PATIENT
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > give_up:
                return False
            time.sleep(PATIENT / 20)


def present(folder: Path) -> Generation | None:
    """The generation to build on: the present one, or none if there is none.

    Where its name or its list is damaged it is the newest that can be read, since nothing is taken
    from it unless it has the hash that is listed for it.
    """
    with suppress(SimilarityError, OSError):
        return Generation(folder)
    for place in sorted(_numbered(folder), key=lambda p: -int(p.name)):
        with suppress(SimilarityError, OSError, ValueError):
            assumed = pointer(int(place.name), (place / SUMS).read_bytes(), source="")
            return Generation(folder, assumed)
    return None


class Staging:
    """The next generation of a catalogue whose folder is locked.

    It has the number after the present one's, so that a build which was killed left its own there:
    that is cleared. Files come from the present generation, linked, or are new.
    """

    def __init__(self, folder: Path, old: Generation | None) -> None:
        self.top, self._old = folder, old
        numbers = [int(place.name) for place in _numbered(folder)]
        self.number = 1 + (old.number if old else max(numbers, default=0))
        self.folder = folder / GENERATIONS / str(self.number)
        self._sums: dict[str, str] = {}
        self._new: list[Path] = []
        remove(self.folder)
        self.folder.mkdir(parents=True)

    def __contains__(self, path: str) -> bool:
        return path in self._sums

    def link(self, path: str) -> None:
        """Take a file over from the present generation, as its list says that it is."""
        assert self._old is not None, f"{path} can't come from nowhere"
        _link(self._old.place / path, self._place(path))
        self._sums[path] = self._old.sums[path]

    def share(self, path: str, other: str) -> None:
        """Keep a staged file once on the disk where it has the content of another staged one."""
        if self._sums[path] == self._sums[other]:
            place = self.folder / path
            place.unlink()
            _link(self.folder / other, place)

    def add(self, path: str, content: bytes) -> None:
        """A small file; one that has not changed is linked."""
        found = hashlib.sha256(content).hexdigest()
        if self._old and self._old.sums.get(path) == found and self._old.intact(path):
            self.link(path)
            return
        place = self._place(path)
        place.write_bytes(content)
        self._sums[path] = found
        self._new.append(place)

    def add_file(self, path: str, source: Path) -> None:
        """A file that lies elsewhere on the same disk."""
        _link(source, self._place(path))
        self.seal(path)

    def seal(self, path: str) -> None:
        """A file, or all files of a folder, that were written to their place below `folder`."""
        place = self.folder / path
        files = [p for p in place.rglob("*") if p.is_file()] if place.is_dir() else [place]
        for found in files:
            with found.open("rb") as file:
                hashed = hashlib.file_digest(file, "sha256").hexdigest()
            self._sums[found.relative_to(self.folder).as_posix()] = hashed
            self._new.append(found)

    def publish(self, source: str) -> Path:
        """Make it the present generation, unless nothing has changed; returns that one's folder."""
        old = self._old
        if old and not self._new and (self._sums, source) == (old.sums.whole(), old.source):
            remove(self.folder)
            return old.place
        sums = sums_text(self._sums)
        (self.folder / SUMS).write_bytes(sums)
        for file in (*self._new, self.folder / SUMS):
            _sync(file)
        for folder, *_ in os.walk(self.folder):
            _sync(Path(folder))
        _sync(self.folder.parent)
        _sync(self.top)
        unfinished = self.top / UNFINISHED
        remove(unfinished)
        unfinished.write_bytes(pointer(self.number, sums, source))
        _sync(unfinished)
        unfinished.replace(self.top / CURRENT)  # from here on it is the present one
        _sync(self.top)
        return self.folder

    def _place(self, path: str) -> Path:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        return place


def take_over(staging: Staging, old: Generation, left_out: tuple[str, ...]) -> None:
    """Link every file of a former generation that is there and not staged yet.

    Skips those whose paths begin with one of `left_out`.
    """
    for path in old.sums.below(""):
        if path not in staging and not path.startswith(left_out) and old.has(path):
            staging.link(path)


def clear_unused(folder: Path) -> bool:
    """Remove generations that are not the present one and that nobody reads, and format 1's files.

    A reader holds a shared lock on its generation's folder; where that lock can't be had alone,
    somebody reads, and a later build removes it. Returns whether only the present one is left.
    """
    alone = True
    remove(folder / UNFINISHED)
    try:
        keep = str(Generation(folder).number)
    except FileNotFoundError:
        keep = ""  # nothing was ever published
    except (SimilarityError, OSError):
        return False  # what is there is damaged: it goes when the next one is published
    for place in _numbered(folder):
        if place.name != keep:
            held = os.open(place, FOLDER)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(place)
            except BlockingIOError:
                alone = False
                continue
            finally:
                os.close(held)
    for name in FORMER:
        remove(folder / name)
    return alone


def _numbered(folder: Path) -> list[Path]:
    """The folders of all generations there are, whole or not."""
    places = (folder / GENERATIONS).glob("*")
    return [p for p in places if p.name.isdecimal() and p.is_dir() and not p.is_symlink()]


def remove(place: Path) -> None:
    """Delete a file, a link or a whole folder, if it is there."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _link(source: Path, place: Path) -> None:
    """The same file at a second place, a copy on a disk that knows no links."""
    try:
        os.link(source, place, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        shutil.copyfile(source, place, follow_symlinks=False)


def _sync(place: Path) -> None:
    """Have a file's content, or a folder's entries, on the disk before going on."""
    opened = os.open(place, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
