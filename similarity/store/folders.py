"""Open files below a folder without following links."""

import os
import stat
from collections.abc import Iterable
from io import BufferedReader
from pathlib import Path

from similarity.store.locks import lock_shared

# Windows has none of these, and no descriptors of folders
HAS_DESCRIPTORS = os.open in os.supports_dir_fd and hasattr(os, "O_DIRECTORY")
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _NO_LINK
JUNCTION = 0xA0000003  # Windows: IO_REPARSE_TAG_MOUNT_POINT
# O_NONBLOCK: opening a pipe must not block
FILE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | _NO_LINK


class Folder:
    """An opened folder: `names` is its path below `start`, on which no step may be a link.

    Where folders have descriptors, it can be read even after it was renamed or removed. Raises
    OSError if it can't be opened.
    """

    def __init__(self, start: Path, names: Iterable[str] = ()) -> None:
        self._descriptor = -1
        self._path = start
        if HAS_DESCRIPTORS:
            # the start may be a link, which the user made
            top = os.open(start, FOLDER & ~getattr(os, "O_NOFOLLOW", 0))
            self._descriptor = _open_inner(top, names)
            return
        if not stat.S_ISDIR(start.stat().st_mode):
            raise NotADirectoryError(0, "not a folder", str(start))
        self._path = _find_inner(start, names)

    def lock(self) -> bool:
        """Lock the folder for reading until it is closed; return whether such locks exist here.

        Raises BlockingIOError while it is being removed.
        """
        return self._descriptor >= 0 and lock_shared(self._descriptor)

    def open(self, path: str) -> BufferedReader:
        """Open a regular file below the folder. Raises OSError."""
        *folders, name = path.split("/")
        if self._descriptor < 0:
            return _open_regular(_find_inner(self._path, folders) / name)
        folder = _open_inner(os.dup(self._descriptor), folders)
        try:
            return _open_regular(name, folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Release the lock. Nothing can be opened any more."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _open_inner(start: int, names: Iterable[str]) -> int:
    """Open a nested folder one step at a time, so that no step follows a link; closes `start`."""
    folder = start
    for name in names:
        try:
            inner = os.open(name, FOLDER, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    return folder


def _find_inner(start: Path, names: Iterable[str]) -> Path:
    """Return the path of a nested folder. Raises OSError if a step is a link or no folder."""
    path = start
    for name in names:
        path = path / name
        if not stat.S_ISDIR(_read_status(path).st_mode):
            raise NotADirectoryError(0, "not a folder", str(path))
    return path


def _open_regular(path: str | Path, folder: int | None = None) -> BufferedReader:
    if folder is None:
        _read_status(Path(path))
    file = os.open(path, FILE, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(0, "not a regular file")
    return os.fdopen(file, "rb")


def _read_status(path: Path) -> os.stat_result:
    """Return a file's or folder's status. Raises OSError for a link, or a junction of Windows."""
    status = path.lstat()
    is_junction = getattr(status, "st_reparse_tag", 0) == JUNCTION
    if stat.S_ISLNK(status.st_mode) or is_junction:
        raise OSError(0, "a link", str(path))
    return status
