"""Report how far a running build of a catalogue is.

A build locks a file in the catalogue's folder and writes its progress into it. The file is emptied
when everything is built, so text in an unlocked file means that a build was stopped.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass as checked

from similarity.store.folders import FILE
from similarity.store.locks import is_locked_alone

Step = Callable[[str, int, int], None]  # activity, number done, total number

LOCK = ".lock"
SIZE = 512  # bytes: a fixed size, so that readers never see the end of an older text
LONGEST = 100  # characters of the activity


@checked(frozen=True, config=ConfigDict(strict=True, extra="forbid", allow_inf_nan=False))
class Progress:
    """What a build is doing, how much of it is done, and the seconds left.

    `total` is 0 and `left` is None if unknown.
    """

    doing: str
    done: int = 0
    total: int = 0
    left: float | None = None


_adapter = TypeAdapter(Progress)
UNKNOWN = Progress("Building")


def write_progress(lock: int, progress: Progress) -> None:
    """Replace the text of an opened lock file. Errors such as a full disk are ignored."""
    content = _adapter.dump_json(progress)
    if len(content) > SIZE:
        content = _adapter.dump_json(UNKNOWN)
    with suppress(OSError):
        os.lseek(lock, 0, os.SEEK_SET)
        os.write(lock, content.ljust(SIZE))


def clear_progress(lock: int) -> None:
    """Empty an opened lock file, which marks the build as finished."""
    os.ftruncate(lock, 0)


def read_progress(folder: Path) -> Progress | None:
    """Return the progress of the running build in a catalogue's folder, or None."""
    path = folder / LOCK
    try:
        lock = os.open(path, FILE)
    except OSError:
        return None
    try:
        return _read(lock) if is_locked_alone(path, lock) else None
    except OSError:  # it can't be known
        return None
    finally:
        os.close(lock)


def is_unfinished(folder: Path) -> bool:
    """Return whether a build in a catalogue's folder is running or was stopped early."""
    try:
        return (folder / LOCK).lstat().st_size > 0
    except OSError:
        return False


def _read(lock: int) -> Progress:
    try:
        progress = _adapter.validate_json(os.read(lock, SIZE))
    except (ValueError, OSError):  # nothing written yet, or written by someone else
        return UNKNOWN
    is_valid = 0 <= progress.done <= progress.total and (
        progress.left is None or progress.left >= 0
    )
    return progress if is_valid and 0 < len(progress.doing) <= LONGEST else UNKNOWN
