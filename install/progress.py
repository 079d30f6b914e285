"""Run pip, show how far it is, and say what went wrong."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

PAUSE = 0.2  # seconds between two looks
SELDOM = 15  # seconds between two lines where they can't be overwritten
FILE = re.compile(r"^ *(?:Downloading|Using cached|Processing) +(\S+)(?: \(([\d.]+) ([kMG]?B)\))?")
PART = re.compile(r"^Progress (\d+) of (\d+)$")
UNITS = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}
NO_SPACE = ("No space left on device", "Disk quota exceeded")
NO_NETWORK = (
    "Temporary failure in name resolution",
    "Name or service not known",
    "nodename nor servname",
    "Failed to establish a new connection",
    "Network is unreachable",
    "Connection refused",
    "Connection aborted",
    "Read timed out",
    "timed out",
    "ProxyError",
    "SSLError",
)


class InstallError(Exception):
    """Something can't be installed; the text says why, and what to do."""


class StatusLine:
    """One line on the terminal that is overwritten, or a new one now and then in a log."""

    def __init__(self) -> None:
        self.last, self.width = 0.0, 0

    def show(self, text: str) -> None:
        """Show this text now, or leave it out of a log that had one a few seconds ago."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{text.ljust(self.width)}")
            self.width = len(text)
        elif time.monotonic() - self.last >= SELDOM:
            sys.stderr.write(f"{text}\n")
            self.last = time.monotonic()
        sys.stderr.flush()

    def close(self) -> None:
        """End the line, so that other text follows below it."""
        if self.width:
            sys.stderr.write("\n")
            self.width = 0


def run_pip(command: list[str], log: Path, count: int, size: float) -> None:
    """Run a pip command that installs `count` packages, `size` bytes to download, beside `log`.

    `log` is a file in the environment, for what pip prints. Raises InstallError, and
    KeyboardInterrupt after Ctrl-C.
    """
    line, started = StatusLine(), time.monotonic()
    with log.open("w", encoding="utf-8") as out:
        pip = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        while pip.poll() is None:
            printed = log.read_text(encoding="utf-8", errors="replace")
            complete = len(list(log.parent.glob("lib/python*/site-packages/*.dist-info/INSTALLER")))
            seconds = time.monotonic() - started
            line.show(describe(printed, count, size, seconds, complete))
            time.sleep(PAUSE)
    except KeyboardInterrupt:
        pip.terminate()
        pip.wait()
        raise
    finally:
        line.close()
    if pip.returncode:
        raise InstallError(explain(log.read_text(encoding="utf-8", errors="replace"), log))


def describe(printed: str, count: int, size: float, seconds: float, complete: int) -> str:
    """Return how far pip is, by what it printed so far and how many packages are complete.

    Such as 'Fetching package 12 of 118: torch-2.14.1, 210 of 530 MB, about 3 min left'.
    """
    lines = printed.splitlines()
    if any(line.startswith("Installing collected packages") for line in lines):
        return f"Unpacking package {min(complete + 1, count)} of {count}"
    files = [match for match in map(FILE.match, lines) if match]
    if not files:
        return "Asking the package index"
    amounts = [float(f[2]) * UNITS[f[3]] if f[2] else 0.0 for f in files]
    name, done, part = files[-1][1].split("/")[-1], sum(amounts[:-1]), ""
    progress = PART.match(lines[-1])
    if progress and int(progress[2]):
        done += int(progress[1])
        part = f", {int(progress[1]) / 1e6:,.0f} of {int(progress[2]) / 1e6:,.0f} MB"
    left = ""
    if done > 20e6 and seconds > 5 and all(amounts):
        left = f", about {max(1, round((size - done) / done * seconds / 60))} min left"
    text = f"Fetching package {len(files)} of {count}: {'-'.join(name.split('-')[:2])}{part}"
    return text + left


def explain(printed: str, log: Path) -> str:
    """Return why pip failed and what to do, by what it printed."""
    if any(sign in printed for sign in NO_SPACE):
        return (
            "There is no space left on the disk. Free some, or let pip use another one: "
            "TMPDIR=/a/larger/disk. Then run the same command again; it resumes."
        )
    if any(sign in printed for sign in NO_NETWORK):
        return (
            "The package index can't be reached. Check the network and the proxy settings "
            "(HTTPS_PROXY, PIP_INDEX_URL), then run the same command again; it resumes."
        )
    errors = [line for line in printed.splitlines() if line.startswith("ERROR:")]
    last = errors[0] if errors else "pip failed."
    return f"{last}\nAll that pip printed is in {log}. Run the same command again; it resumes."
