"""A build leaves the cores to others."""

import subprocess
import sys

from precompute.priority import NICENESS
from tests.units.conftest import PROJECT

SCRIPT = """
import os, threading
from precompute.priority import lower_priority
asked, told = threading.Event(), []
def wait():
    asked.wait()
    told.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
before = threading.Thread(target=wait)
before.start()
lower_priority()
after = threading.Thread(target=wait)
after.start()
asked.set()
before.join(), after.join()
print(os.getpriority(os.PRIO_PROCESS, 0), *told)
"""


def test_all_threads_of_the_process_have_a_low_priority() -> None:
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    priorities = [int(each) for each in done.stdout.split()]
    assert len(priorities) == 3
    assert min(priorities) >= NICENESS
