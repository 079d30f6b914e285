"""File locks, as far as the system and the disk have them.

Windows locks no folders, and many network disks have no locks at all. Readers do without then: see
`store.publish` for what builds do about it. Builds are guarded by a file that marks them.
"""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import SoftFileLock, Timeout, lock_descriptor, unlock_descriptor

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows has none
    fcntl = None

MARKER = ".building"  # on disks without locks: exists while a build runs
TIMEOUT = 1.0  # s: apps that look whether a build is running hold the lock for a moment
UNSUPPORTED = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP}


class LockedError(Exception):
    """Another process holds the lock."""


def lock_shared(descriptor: int) -> bool:
    """Lock an opened file or folder for reading; return whether such locks exist here.

    Raises BlockingIOError while another process holds the lock alone.
    """
    if fcntl is None:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return True
    except OSError as error:
        if error.errno in UNSUPPORTED:
            return False
        raise


def is_locked_alone(path: Path, descriptor: int) -> bool:
    """Return whether a process holds a file alone: `lock_build` does."""
    try:
        if fcntl is None:
            if not lock_descriptor(descriptor, blocking=False):
                return True
            unlock_descriptor(descriptor)
        elif lock_shared(descriptor):
            return False
    except BlockingIOError:
        return True
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
    return path.with_name(MARKER).exists()


@contextmanager
def lock_folder_alone(path: Path) -> Iterator[bool | None]:
    """Lock a folder for this process alone; yield whether that succeeded.

    Yields None where there are no locks of folders.
    """
    if fcntl is None or not hasattr(os, "O_DIRECTORY"):
        yield None
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        try:
            is_alone: bool | None = lock_descriptor(descriptor, blocking=False)
        except OSError as error:
            if error.errno not in UNSUPPORTED:
                raise
            is_alone = None
        yield is_alone
    finally:
        os.close(descriptor)


@contextmanager
def lock_build(path: Path, descriptor: int) -> Iterator[None]:
    """Lock the opened file at `path` for this process alone.

    Where the disk has no locks, a file next to it marks the build. Raises LockedError, after
    TIMEOUT, if another process holds the lock.
    """
    deadline = time.monotonic() + TIMEOUT
    try:
        while not lock_descriptor(descriptor, blocking=False):
            if time.monotonic() > deadline:
                raise LockedError
            time.sleep(TIMEOUT / 20)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
        try:
            with SoftFileLock(path.with_name(MARKER), timeout=TIMEOUT):
                yield
        except Timeout:
            raise LockedError from None
        return
    try:
        yield
    finally:
        unlock_descriptor(descriptor)
