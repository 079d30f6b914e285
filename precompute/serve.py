"""`python -m precompute.serve CATALOGUE PORT NAME`: open the app, and build a catalogue behind it.

CATALOGUE and NAME are the options of `python -m precompute`; empty ones are not set. A catalogue
that is built is only opened. The app shows the build's progress, and the catalogue as soon as it
can be searched. Stopping this command stops both; run it again to resume the build. It imports no
large library, so that both start at once.
"""

import os
import signal
import sys
import time
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from types import FrameType

from precompute.names import choose_name, find_origin
from similarity.errors import SimilarityError
from similarity.store.generations import CURRENT
from similarity.store.paths import get_catalogues_folder
from similarity.store.progress import is_unfinished

PROJECT = Path(__file__).parents[1]
DEFAULT_PORT = "8501"
POLL_INTERVAL = 0.2  # s
STOP_TIMEOUT = 10  # s for a process to end


def main() -> int:
    """Run the command; return the app's exit code, or that of a build that failed."""
    catalogue, port, requested_name = sys.argv[1:]
    root = get_catalogues_folder()
    try:
        name, _ = choose_name(find_origin(catalogue, root), requested_name, root)
    except SimilarityError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    command = ["streamlit", "run", str(PROJECT / "app.py"), "--server.port", port or DEFAULT_PORT]
    environment = os.environ | {"SIMILARITY_CATALOGUE": name}
    if (root / name / CURRENT).is_file() and not is_unfinished(root / name):
        os.execve(sys.executable, [sys.executable, "-m", *command], environment)
    signal.signal(signal.SIGTERM, _exit)
    python_m = [sys.executable, "-m"]
    app = Popen([*python_m, *command], env=environment)
    options = [f"--catalogue={catalogue}", f"--name={requested_name}"]
    # progress bars would overwrite the app's output
    environment |= {"TERM": "dumb"}
    build = Popen([*python_m, "precompute", *options], env=environment)
    try:
        while True:
            if (code := app.poll()) is not None:
                return code
            if (code := build.poll()) and not _has_catalogue():
                return code
            time.sleep(POLL_INTERVAL)
    except KeyboardInterrupt:
        return 130
    finally:
        for process_to_stop, stop_signal in ((app, signal.SIGTERM), (build, signal.SIGINT)):
            _stop(process_to_stop, stop_signal)


def _has_catalogue() -> bool:
    """Return whether the app has a catalogue to show."""
    return any(get_catalogues_folder().glob(f"*/{CURRENT}"))


def _exit(*_: int | FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)


def _stop(process: Popen[bytes], stop_signal: int) -> None:
    if sys.platform == "win32":  # it has no such signals
        process.terminate()
    else:
        process.send_signal(stop_signal)  # without effect on a process that has ended
    try:
        process.wait(STOP_TIMEOUT)
    except TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
