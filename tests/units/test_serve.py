"""`make demo`: the app is opened at once, and a catalogue built behind it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from similarity.store.progress import is_unfinished, read_progress
from tests.conftest import PROJECT
from tests.units.drawing import write_pictures

Serving = subprocess.Popen[bytes]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def wait_until(is_so: object, serving: Serving) -> None:
    end = time.monotonic() + 120
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < end
        assert serving.poll() is None
        time.sleep(0.05)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def serving(tmp_path: Path, port: int) -> Iterator[Serving]:
    """The command in a process group of its own, as a shell starts it."""
    source = write_pictures(tmp_path / "shop", 300)
    command = [sys.executable, "-m", "precompute.serve", str(source), str(port), "My shop"]
    environment = os.environ | {"SIMILARITY_CATALOGUES": str(tmp_path / "built")}
    with subprocess.Popen(command, cwd=PROJECT, env=environment, process_group=0) as started:
        yield started
        if started.poll() is None:
            os.killpg(started.pid, signal.SIGKILL)


@pytest.mark.parametrize("ended_by", ["Ctrl-C", "SIGTERM"])
def test_what_ends_the_command_ends_the_app_and_the_build(
    ended_by: str, serving: Serving, port: int, tmp_path: Path
) -> None:
    folder = tmp_path / "built" / "my-shop"
    wait_until(lambda: answers(port) and read_progress(folder), serving)
    if ended_by == "Ctrl-C":
        os.killpg(serving.pid, signal.SIGINT)  # a terminal tells all processes of the group
    else:
        serving.terminate()
    serving.wait(60)
    assert not answers(port)
    assert read_progress(folder) is None
    assert is_unfinished(folder)


def test_a_build_that_leaves_nothing_ends_the_app(tmp_path: Path, port: int) -> None:
    (tmp_path / "empty").mkdir()
    command = [sys.executable, "-m", "precompute.serve", str(tmp_path / "empty"), str(port), ""]
    environment = os.environ | {"SIMILARITY_CATALOGUES": str(tmp_path / "built")}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "There is no usable picture in" in done.stderr
    assert not answers(port)
