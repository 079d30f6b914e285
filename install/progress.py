"""Run pip, show its progress, and explain failures."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

POLL_INTERVAL = 0.2  # s
LOG_INTERVAL = 15  # s between lines where they can't be overwritten
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
    """Something can't be installed. The message says why, and what to do."""


class StatusLine:
    """A line on the terminal that is overwritten, or an occasional new line in a log."""

    def __init__(self) -> None:
        self.last, self.width = 0.0, 0

    def show(self, text: str) -> None:
        """Show a text, unless a log had one a few seconds ago."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{text.ljust(self.width)}")
            self.width = len(text)
        elif time.monotonic() - self.last >= LOG_INTERVAL:
            sys.stderr.write(f"{text}\n")
            self.last = time.monotonic()
        sys.stderr.flush()

    def close(self) -> None:
        """End the line, so that other text follows below it."""
        if self.width:
            sys.stderr.write("\n")
            self.width = 0


def run_pip(command: list[str], log: Path, count: int, size: float) -> None:
    """Run a pip command that installs `count` packages with a download of `size` bytes.

    `log` is a file in the environment for pip's output. Raises InstallError, and KeyboardInterrupt
    after Ctrl-C.
    """
    line, started = StatusLine(), time.monotonic()
    with log.open("w", encoding="utf-8") as out:
        pip = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        while pip.poll() is None:
            output = log.read_text(encoding="utf-8", errors="replace")
            complete = len(list(log.parent.glob("lib/python*/site-packages/*.dist-info/INSTALLER")))
            seconds = time.monotonic() - started
            line.show(describe_progress(output, count, size, seconds, complete))
            time.sleep(POLL_INTERVAL)
    except KeyboardInterrupt:
        pip.terminate()
        pip.wait()
        raise
    finally:
        line.close()
    if pip.returncode:
        raise InstallError(explain_failure(log.read_text(encoding="utf-8", errors="replace"), log))


def describe_progress(output: str, count: int, size: float, seconds: float, complete: int) -> str:
    """Describe pip's progress by its output so far and the number of complete packages.

    For example 'Fetching package 12 of 118: torch-2.14.1, 210 of 530 MB, about 3 min left'.
    """
    lines = output.splitlines()
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


def explain_failure(output: str, log: Path) -> str:
    """Return why pip failed and what to do, by its output."""
    if any(sign in output for sign in NO_SPACE):
        return (
            "There is no space left on the disk. Free some, or let pip use another one: "
            "TMPDIR=/a/larger/disk. Then run the same command again; it resumes."
        )
    if any(sign in output for sign in NO_NETWORK):
        return (
            "The package index can't be reached. Check the network and the proxy settings "
            "(HTTPS_PROXY, PIP_INDEX_URL), then run the same command again; it resumes."
        )
    errors = [line for line in output.splitlines() if line.startswith("ERROR:")]
    message = errors[0] if errors else "pip failed."
    return f"{message}\npip's full output is in {log}. Run the same command again; it resumes."
