"""How long the installation takes, beside that of an earlier commit.

    python -m benchmarks.install_time COMMIT [--rounds 2]

Each round installs what `make demo` needed at COMMIT (pip with its requirements.txt) and what it
needs now, in new environments, one after the other. A round before fills pip's cache and does not
count.
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


def install_then(folder: Path, commit: str) -> None:
    """Install as the Makefile of `commit` did."""
    listing = folder / "requirements.txt"
    shown = ["git", "show", f"{commit}:requirements.txt"]
    listing.write_bytes(subprocess.run(shown, cwd=PROJECT, capture_output=True, check=True).stdout)
    subprocess.run([sys.executable, "-m", "venv", str(folder / ".venv")], check=True)
    pip = [str(folder / ".venv" / "bin" / "pip"), "install", "-q", "--no-compile"]
    subprocess.run([*pip, "-r", str(listing)], check=True, stderr=subprocess.DEVNULL)


def install_now(folder: Path) -> None:
    """Install as `make demo` does."""
    shutil.copytree(PROJECT / "install", folder / "install")
    shutil.copy(PROJECT / "requirements.txt", folder)
    command = [sys.executable, "-m", "install"]
    subprocess.run(command, cwd=folder, check=True, stderr=subprocess.DEVNULL)


def main() -> None:
    """Print seconds and bytes of both, and the ratio of the medians."""
    parser = argparse.ArgumentParser("python -m benchmarks.install_time", description=__doc__)
    parser.add_argument("commit")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    ways = {"then": lambda folder: install_then(folder, options.commit), "now": install_now}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(options.rounds + 1):
        for name, install in ways.items():
            with tempfile.TemporaryDirectory() as folder:
                started = time.perf_counter()
                install(Path(folder))
                os.sync()  # what is not on the disk yet would slow down the next
                took = time.perf_counter() - started
                files = [path for path in Path(folder).rglob("*") if path.is_file()]
                size = sum(path.lstat().st_size for path in files)
            print(f"{name}: {took:.0f} s, {size / 1e9:.2f} GB", flush=True)
            if number:
                seconds[name].append(took)
    print(f"now / then: {median(seconds['now']) / median(seconds['then']):.2f}")


if __name__ == "__main__":
    main()
