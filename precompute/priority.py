"""Give priority to other processes."""

import os
import sys
from contextlib import suppress
from pathlib import Path

import psutil

NICENESS = 15
THREADS_FOLDER = Path("/proc/self/task")  # on Linux each thread has its own priority


def lower_priority() -> None:
    """Lower the priority of all threads of this process, permanently."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        return
    threads = [int(path.name) for path in THREADS_FOLDER.glob("*")] or [0]
    for thread in threads:
        with suppress(OSError):  # the thread has ended, or already had a lower priority
            os.setpriority(os.PRIO_PROCESS, thread, NICENESS)
