"""Write a catalogue's next generation and publish it in a single step.

`generations` defines what is on disk and what readers may rely on.
"""

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from similarity.errors import Remedy, SimilarityError
from similarity.store.generations import (
    CURRENT,
    GENERATIONS,
    SUMS,
    Generation,
    make_pointer,
)
from similarity.store.locks import MARKER, LockedError, lock_build, lock_folder_alone
from similarity.store.progress import LOCK, UNKNOWN, clear_progress, write_progress
from similarity.store.sums import format_sums

UNFINISHED = CURRENT + ".part"
# Files that format 1 kept in the catalogue's folder itself.
FORMAT_1_FILES = ("methods", "thumbs", "products.parquet", "skipped.csv", "duplicates.csv")


@contextmanager
def lock_catalogue(folder: Path) -> Iterator[int]:
    """Lock a catalogue so that only one build runs at a time. Yields the opened progress file.

    Leaving without an exception marks the build as finished, see store.progress. Raises
    SimilarityError if another build is running, or if the folder holds something else.
    """
    markers = (folder / CURRENT, folder / LOCK)
    if folder.is_dir() and any(folder.iterdir()) and not any(os.path.lexists(p) for p in markers):
        raise SimilarityError(f"'{folder}' is not empty and is not a catalogue.", Remedy("place"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LOCK
    try:
        no_link = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
        lock = os.open(path, os.O_RDWR | os.O_CREAT | no_link, 0o644)
    except OSError as error:
        raise SimilarityError(f"'{path}' can't be used ({error.strerror}). Remove it.") from error
    try:
        with lock_build(path, lock):
            write_progress(lock, UNKNOWN)
            yield lock
            clear_progress(lock)
    except LockedError as error:
        marker = path.with_name(MARKER)
        advice = f" If none is, delete '{marker}'." if marker.exists() else ""
        raise SimilarityError(
            f"Another build of '{folder.name}' is running. Wait for it to finish, or stop it."
            f"{advice}"
        ) from error
    finally:
        os.close(lock)


def open_base_generation(folder: Path) -> Generation | None:
    """Return the generation to build on: the current one, or None if there is none.

    If `catalogue.json` or the file list is damaged, it is the newest generation that can be read:
    its files are only reused if they match their hashes.
    """
    with suppress(SimilarityError, OSError):
        return Generation(folder)
    for generation_folder in sorted(_list_generations(folder), key=lambda p: -int(p.name)):
        with suppress(SimilarityError, OSError, ValueError):
            assumed_pointer = make_pointer(
                int(generation_folder.name), (generation_folder / SUMS).read_bytes(), source=""
            )
            return Generation(folder, assumed_pointer)
    return None


class Staging:
    """The next generation of a catalogue whose folder is locked.

    Its number follows the current generation's. What a killed build left under that number is
    removed. Files are new, or hard links to files of the current generation.
    """

    def __init__(self, folder: Path, base: Generation | None) -> None:
        self.catalogue_folder, self._old = folder, base
        numbers = [int(place.name) for place in _list_generations(folder)]
        self.number = 1 + (base.number if base else max(numbers, default=0))
        self.folder = folder / GENERATIONS / str(self.number)
        self._sums: dict[str, str] = {}
        self._new: list[Path] = []
        remove(self.folder)
        self.folder.mkdir(parents=True)

    def __contains__(self, path: str) -> bool:
        return path in self._sums

    def link(self, path: str) -> None:
        """Reuse a file of the base generation, with the hash in its list."""
        assert self._old is not None, f"{path} has no base generation"
        _link_or_copy(self._old.folder / path, self._make_path(path))
        self._sums[path] = self._old.sums[path]

    def share(self, path: str, other: str) -> None:
        """Store a staged file as a hard link to another staged file with the same content."""
        if self._sums[path] == self._sums[other]:
            target = self.folder / path
            target.unlink()
            _link_or_copy(self.folder / other, target)

    def add_bytes(self, path: str, content: bytes) -> None:
        """Write a small file, or link it if it hasn't changed."""
        digest = hashlib.sha256(content).hexdigest()
        if self._old and self._old.sums.get(path) == digest and self._old.is_intact(path):
            self.link(path)
            return
        target = self._make_path(path)
        target.write_bytes(content)
        self._sums[path] = digest
        self._new.append(target)

    def add_file(self, path: str, source: Path) -> None:
        """Add a file from elsewhere on the same disk."""
        _link_or_copy(source, self._make_path(path))
        self.record(path)

    def record(self, path: str) -> None:
        """Record the hashes of a file, or of all files in a folder, written below `folder`."""
        target = self.folder / path
        files = [p for p in target.rglob("*") if p.is_file()] if target.is_dir() else [target]
        for staged in files:
            with staged.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            self._sums[staged.relative_to(self.folder).as_posix()] = digest
            self._new.append(staged)

    def publish(self, source: str) -> Path:
        """Make this the current generation unless nothing changed; return the current folder."""
        old = self._old
        if old and not self._new and (self._sums, source) == (old.sums.to_dict(), old.source):
            remove(self.folder)
            return old.folder
        sums = format_sums(self._sums)
        (self.folder / SUMS).write_bytes(sums)
        for file in (*self._new, self.folder / SUMS):
            _sync(file)
        for folder, *_ in os.walk(self.folder):
            _sync(Path(folder))
        _sync(self.folder.parent)
        _sync(self.catalogue_folder)
        temporary = self.catalogue_folder / UNFINISHED
        remove(temporary)
        temporary.write_bytes(make_pointer(self.number, sums, source))
        _sync(temporary)
        temporary.replace(self.catalogue_folder / CURRENT)  # from here on it is the current one
        _sync(self.catalogue_folder)
        return self.folder

    def _make_path(self, path: str) -> Path:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        return target


def link_unchanged(staging: Staging, base: Generation, left_out: tuple[str, ...]) -> None:
    """Link every file of a generation that is readable and not staged yet.

    Skips paths that start with one of `left_out`.
    """
    for path in base.sums.list_paths(""):
        if path not in staging and not path.startswith(left_out) and base.is_readable(path):
            staging.link(path)


def remove_unused(folder: Path) -> bool:
    """Remove generations that are neither current nor in use, and the files of format 1.

    Readers hold a shared lock on their generation's folder; a locked generation is left to a later
    build. Where there are no such locks, the previous generation is. Returns whether only the
    current generation is left.
    """
    is_clean = True
    remove(folder / UNFINISHED)
    try:
        current = str(Generation(folder).number)
    except FileNotFoundError:
        current = ""  # nothing was published yet
    except (SimilarityError, OSError):
        return False  # the current one is damaged: keep everything until the next is published
    others = [place for place in _list_generations(folder) if place.name != current]
    older = [int(place.name) for place in others if current and int(place.name) < int(current)]
    for generation_folder in others:
        is_previous = int(generation_folder.name) == max(older, default=None)
        try:
            with lock_folder_alone(generation_folder) as is_alone:
                # None if there are no locks
                is_removable = not is_previous if is_alone is None else is_alone
                if is_removable:
                    remove(generation_folder)
        except PermissionError:  # on Windows, files that are open can't be removed
            is_removable = False
        is_clean &= is_removable
    for name in FORMAT_1_FILES:
        remove(folder / name)
    return is_clean


def _list_generations(folder: Path) -> list[Path]:
    """Return the folders of all generations, complete or not."""
    paths = (folder / GENERATIONS).glob("*")
    return [p for p in paths if p.name.isdecimal() and p.is_dir() and not p.is_symlink()]


def remove(path: Path) -> None:
    """Delete a file, a link or a folder with its content, if it exists."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _link_or_copy(source: Path, target: Path) -> None:
    """Hard-link a file, or copy it on a file system without hard links."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        shutil.copyfile(source, target, follow_symlinks=False)


def _sync(path: Path) -> None:
    """Flush a file's content, or a folder's entries, to the disk."""
    if sys.platform == "win32":  # it has no descriptors of folders, and needs writable files
        if path.is_dir():
            return
        descriptor = os.open(path, os.O_RDWR)
    else:
        descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
