"""`python -m precompute.serve CATALOGUE PORT`: open the app, and build a catalogue behind it.

The app shows how far the build is, and the catalogue as soon as it can be searched. Stopping this
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
PATIENT = 10  # s for a process to end


def main() -> int:
    """Run the command; returns the app's exit code, or that of a build that leaves nothing."""
    catalogue, port = sys.argv[1:]
    signal.signal(signal.SIGTERM, _end)
    run = [sys.executable, "-m"]
    app = Popen([*run, "streamlit", "run", str(PROJECT / "app.py"), "--server.port", port])
    # its bars would draw over what the app prints
    quiet = os.environ | {"TERM": "dumb"}
    build = Popen([*run, "precompute", "--catalogue", catalogue], env=quiet, cwd=PROJECT)
    try:
        while True:
            process, status = os.wait()
            code = os.waitstatus_to_exitcode(status)
            if process == app.pid or (code and not _anything_built()):
                return code
    except KeyboardInterrupt:
        return 130
    finally:
        for each, by in ((app, signal.SIGTERM), (build, signal.SIGINT)):
            _stop(each, by)


def _anything_built() -> bool:
    """Whether the app has a catalogue to show."""
    folder = os.environ.get("SIMILARITY_CATALOGUES") or PROJECT / "assets" / "catalogues"
    return any(Path(folder).glob("*/catalogue.json"))


def _end(*_: int | FrameType | None) -> None:
    sys.exit(128 + signal.SIGTERM)


def _stop(process: Popen[bytes], by: int) -> None:
    process.send_signal(by)  # nothing happens to one that has ended
    try:
        process.wait(PATIENT)
    except TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
