"""Set up .venv with what the project needs: `make demo` and `make test` call this."""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from install.packages import (
    BASE,
    GROUPS,
    PROJECT,
    Size,
    get_size,
    list_files,
    make_pip_commands,
    read_pins,
    select_pins,
)
from install.progress import InstallError, run_pip

SUPPORTED = (3, 11), (3, 13)  # the oldest and the newest Python, as in pyproject.toml
# in .venv: PyTorch's build, and hashes of the installed requirements files
STAMP = "installed.json"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code: 0, 1 for an error, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser("python3 -m install", description=__doc__)
    for group, purpose in GROUPS.items():
        parser.add_argument(f"--{group}", action="store_true", help=f"also what {purpose} need")
    parser.add_argument("--torch", default="", metavar="cpu", help="PyTorch's build without CUDA")
    parser.add_argument("--supported", action="store_true", help="only check this Python's version")
    options = parser.parse_args(arguments)
    if options.supported:
        return 0 if is_supported(sys.version_info[:2]) else 1
    groups = [group for group in GROUPS if getattr(options, group)]
    try:
        install(PROJECT / ".venv", groups, options.torch)
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. The same command resumes.", file=sys.stderr)
        return 130
    return 0


def is_supported(version: tuple[int, int]) -> bool:
    """Return whether the pinned packages exist for this version of Python."""
    return SUPPORTED[0] <= version <= SUPPORTED[1]


def install(venv: Path, groups: list[str], torch: str) -> None:
    """Bring `venv` up to date with the requirements files.

    Raises InstallError, and KeyboardInterrupt after Ctrl-C.
    """
    stamp = read_stamp(venv)
    build = torch or stamp.get("torch", "default")
    check_build(build, stamp)
    required = {path.name: compute_hash(path) for path in list_files(groups)}
    python = venv / "bin" / "python"
    if required.items() <= stamp.items() and python.exists():
        return
    check_python(sys.version_info[:2], python)
    cpu = build == "cpu"
    pins = select_pins(read_pins(groups), cpu)
    if BASE not in stamp:
        print_announcement(len(pins), get_size(cpu), cpu)
        check_space(venv, get_size(cpu))
    create_venv(venv, python)
    write_stamp(venv, stamp | {"torch": build})
    remove_incomplete(venv)
    listing = venv / "pins.txt"
    listing.write_text("\n".join(pins) + "\n", encoding="utf-8")
    for command in make_pip_commands(python, pins, cpu, listing):
        run_pip(command, venv / "install.log", len(pins), get_size(cpu).download)
    write_stamp(venv, stamp | {"torch": build} | required)


def check_build(build: str, stamp: dict[str, str]) -> None:
    """Raise InstallError for an unknown build of PyTorch, or if .venv has another one."""
    if build not in ("default", "cpu"):
        raise InstallError(f"There is no TORCH={build}. Leave it out, or give TORCH=cpu.")
    if stamp.get("torch", build) != build:
        raise InstallError(
            f".venv has PyTorch's {stamp['torch']} build. Run `make clean`, then the same command "
            "again."
        )


def check_python(version: tuple[int, int], python: Path) -> None:
    """Raise InstallError if this Python, or the one of an existing .venv, can't be used."""
    if not is_supported(version):
        oldest, newest = (".".join(map(str, version_pair)) for version_pair in SUPPORTED)
        raise InstallError(
            f"This is Python {version[0]}.{version[1]}; {oldest} to {newest} are supported. "
            "Install one of them, or name it: make demo PYTHON=/path/to/python3"
        )
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        raise InstallError(
            "This Python is for Intel processors, for which PyTorch has no build on macOS. On "
            "Apple silicon, install a Python for arm64; on an Intel Mac, use Linux in a virtual "
            "machine."
        )
    if python.is_symlink() and not python.exists():
        raise InstallError(
            ".venv belongs to a Python that is gone. Run `make clean`, then the same command again."
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        raise InstallError(
            f"This Python lacks the module {error.name}. On Debian and Ubuntu: "
            f"sudo apt install python{version[0]}.{version[1]}-venv"
        ) from error


def print_announcement(count: int, size: Size, cpu: bool) -> None:
    """Print what will be installed."""
    print(
        f"Setting up .venv: {count} packages, about {size.download / 1e9:.1f} GB to download and "
        f"{size.disk / 1e9:.1f} GB on disk. This takes a few minutes; Ctrl-C is safe.",
        file=sys.stderr,
    )
    if sys.platform == "linux" and not cpu and not has_nvidia_card():
        cpu_size = get_size(cpu=True)
        print(
            f"No NVIDIA card found: with TORCH=cpu it is {cpu_size.download / 1e9:.1f} GB to "
            f"download and {cpu_size.disk / 1e9:.1f} GB on disk.",
            file=sys.stderr,
        )


def has_nvidia_card() -> bool:
    """Return whether there is a driver for an NVIDIA card."""
    return Path("/proc/driver/nvidia/version").exists() or bool(shutil.which("nvidia-smi"))


def check_space(venv: Path, size: Size) -> None:
    """Raise InstallError if a disk lacks the space.

    pip keeps downloads in its cache, and a copy in the folder for temporary files until they are
    unpacked.
    """
    installed = sum(path.stat().st_size for path in venv.rglob("*") if path.is_file())
    bytes_by_disk: dict[int, float] = {}
    folders: dict[int, Path] = {}
    for folder, size_needed in (
        (venv.parent, max(0, size.disk - installed)),
        (Path(tempfile.gettempdir()), size.download),
        (Path.home(), size.download),
    ):
        disk = folder.stat().st_dev
        bytes_by_disk[disk] = bytes_by_disk.get(disk, 0) + size_needed
        folders.setdefault(disk, folder)
    for disk, folder in folders.items():
        free = shutil.disk_usage(folder).free
        if free < bytes_by_disk[disk]:
            raise InstallError(
                f"{bytes_by_disk[disk] / 1e9:.1f} GB are needed on the disk of {folder}, which has "
                f"{free / 1e9:.1f} GB free. Free some space, or let pip use another disk: TMPDIR "
                "and PIP_CACHE_DIR name its folders."
            )


def create_venv(venv: Path, python: Path) -> None:
    """Create the environment, unless it exists and has pip. Raises InstallError."""
    check = [str(python), "-m", "pip", "--version"]
    if python.exists() and not subprocess.run(check, capture_output=True, check=False).returncode:
        return
    result = subprocess.run(
        [sys.executable, "-m", "venv", str(venv)], capture_output=True, check=False
    )
    if result.returncode:
        raise InstallError(
            f".venv can't be created: {(result.stderr or result.stdout).decode().strip()}"
        )


def remove_incomplete(venv: Path) -> None:
    """Remove the records of incompletely installed packages, so that pip installs them again.

    pip writes the file INSTALLER once all files of a package are there.
    """
    for info in venv.glob("lib/python*/site-packages/*.dist-info"):
        if not (info / "INSTALLER").exists():
            shutil.rmtree(info)


def compute_hash(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_stamp(venv: Path) -> dict[str, str]:
    """Return what is recorded about an environment, or nothing."""
    try:
        stamp = json.loads((venv / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(venv: Path, stamp: dict[str, str]) -> None:
    """Record what is installed in an environment."""
    (venv / STAMP).write_text(json.dumps(stamp), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
