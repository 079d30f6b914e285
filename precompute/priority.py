"""Give other processes the cores first."""

import os
from contextlib import suppress
from pathlib import Path

NICENESS = 15
THREADS = Path("/proc/self/task")  # on Linux each thread has a priority of its own


def lower_priority() -> None:
    """Lower the priority of this process, of all its threads, for as long as it lives."""
    threads = [int(place.name) for place in THREADS.glob("*")] or [0]
    for thread in threads:
        with suppress(OSError):  # it has ended, or had a lower one before
            os.setpriority(os.PRIO_PROCESS, thread, NICENESS)
