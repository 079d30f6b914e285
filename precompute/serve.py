"""`python -m precompute.serve CATALOGUE PORT`: open the app, and build a catalogue behind it.

The app shows the build's progress, and the catalogue as soon as it can be searched. Stopping this
command stops both; run it again to resume the build. It imports no library, so that both start at
once.
"""

import os
import signal
import sys
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from types import FrameType

PROJECT = Path(__file__).parents[1]
STOP_TIMEOUT = 10  # s for a process to end


def main() -> int:
    """Run the command; return the app's exit code, or that of a build that failed."""
    catalogue, port = sys.argv[1:]
    signal.signal(signal.SIGTERM, _exit)
    python_m = [sys.executable, "-m"]
    app = Popen([*python_m, "streamlit", "run", str(PROJECT / "app.py"), "--server.port", port])
    # progress bars would overwrite the app's output
    environment = os.environ | {"TERM": "dumb"}
    build = Popen([*python_m, "precompute", "--catalogue", catalogue], env=environment, cwd=PROJECT)
    try:
        while True:
            process, status = os.wait()
            code = os.waitstatus_to_exitcode(status)
            if process == app.pid or (code and not _has_catalogue()):
                return code
    except KeyboardInterrupt:
        return 130
    finally:
        for process_to_stop, stop_signal in ((app, signal.SIGTERM), (build, signal.SIGINT)):
            _stop(process_to_stop, stop_signal)


def _has_catalogue() -> bool:
    """Return whether the app has a catalogue to show."""
    folder = os.environ.get("SIMILARITY_CATALOGUES") or PROJECT / "assets" / "catalogues"
    return any(Path(folder).glob("*/catalogue.json"))


def _exit(*_: int | FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)


def _stop(process: Popen[bytes], stop_signal: int) -> None:
    process.send_signal(stop_signal)  # without effect on a process that has ended
    try:
        process.wait(STOP_TIMEOUT)
    except TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
