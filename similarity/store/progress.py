"""How far a running build of a catalogue is.

A build holds a lock on a file in the catalogue's folder and says in that file what it is doing. The
file is emptied once everything is built, so that text without a lock is that of a build which was
stopped.
"""

import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as checked

Step = Callable[[str, int, int], None]  # what is being done, how many are done, of how many

LOCK = ".lock"
SIZE = 512  # bytes of the file: always as many, so that nobody reads the end of an older text
LONGEST = 100  # characters of what is being done
_FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@checked(frozen=True, config=ConfigDict(strict=True, extra="forbid", allow_inf_nan=False))
class Progress:
    """What a build is doing, how much of it is done, and the seconds it will still take.

    `total` is 0 and `left` is None where they aren't known.
    """

    doing: str
    done: int = 0
    total: int = 0
    left: float | None = None


_adapter = TypeAdapter(Progress)
UNKNOWN = Progress("Building")


def write_progress(lock: int, progress: Progress) -> None:
    """Replace the text of an opened lock file. A disk without space left stops no build."""
    content = _adapter.dump_json(progress)
    if len(content) > SIZE:
        content = _adapter.dump_json(UNKNOWN)
    with suppress(OSError):
        os.pwrite(lock, content.ljust(SIZE), 0)


def clear_progress(lock: int) -> None:
    """Say in an opened lock file that everything is built."""
    os.ftruncate(lock, 0)


def read_progress(folder: Path) -> Progress | None:
    """What the build of a catalogue's folder is doing now; None if none is running."""
    try:
        lock = os.open(folder / LOCK, os.O_RDONLY | _FLAGS)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        return _read(lock)
    finally:
        os.close(lock)


def is_unfinished(folder: Path) -> bool:
    """Whether a build of a catalogue's folder is running or was stopped before its end."""
    try:
        return (folder / LOCK).lstat().st_size > 0
    except OSError:
        return False


def _read(lock: int) -> Progress:
    try:
        found = _adapter.validate_json(os.pread(lock, SIZE, 0))
    except (ValueError, OSError):  # nothing was written yet, or anything by anybody
        return UNKNOWN
    sound = 0 <= found.done <= found.total and (found.left is None or found.left >= 0)
    return found if sound and 0 < len(found.doing) <= LONGEST else UNKNOWN
