"""Measure the time of the installation, next to that of an earlier commit.

    python -m benchmarks.install_time COMMIT [--rounds 2]

Each round installs what `make demo` needed at COMMIT (pip with its requirements.txt) and what it
needs now, in new environments, one after the other. A round before them fills pip's cache and does
not count.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

PROJECT = Path(__file__).parents[1]


def install_commit(folder: Path, commit: str) -> None:
    """Install as the Makefile of `commit` did."""
    listing = folder / "requirements.txt"
    command = ["git", "show", f"{commit}:requirements.txt"]
    listing.write_bytes(
        subprocess.run(command, cwd=PROJECT, capture_output=True, check=True).stdout
    )
    subprocess.run([sys.executable, "-m", "venv", str(folder / ".venv")], check=True)
    pip = [str(folder / ".venv" / "bin" / "pip"), "install", "-q", "--no-compile"]
    subprocess.run([*pip, "-r", str(listing)], check=True, stderr=subprocess.DEVNULL)


def install_current(folder: Path) -> None:
    """Install as `make demo` does."""
    shutil.copytree(PROJECT / "install", folder / "install")
    shutil.copy(PROJECT / "requirements.txt", folder)
    command = [sys.executable, "-m", "install"]
    subprocess.run(command, cwd=folder, check=True, stderr=subprocess.DEVNULL)


def main() -> None:
    """Print the seconds and bytes of both, and the ratio of the medians."""
    parser = argparse.ArgumentParser("python -m benchmarks.install_time", description=__doc__)
    parser.add_argument("commit")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    ways = {"then": lambda folder: install_commit(folder, options.commit), "now": install_current}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(options.rounds + 1):
        for name, install in ways.items():
            with tempfile.TemporaryDirectory() as folder:
                started = time.perf_counter()
                install(Path(folder))
                os.sync()  # pending writes would slow down the next installation
                duration = time.perf_counter() - started
                files = [path for path in Path(folder).rglob("*") if path.is_file()]
                size = sum(path.lstat().st_size for path in files)
            print(f"{name}: {duration:.0f} s, {size / 1e9:.2f} GB", flush=True)
            if number:
                seconds[name].append(duration)
    print(f"now / then: {median(seconds['now']) / median(seconds['then']):.2f}")


if __name__ == "__main__":
    main()
