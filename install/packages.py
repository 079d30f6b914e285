"""The packages to install, their sources and their sizes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[1]
BASE = "requirements.txt"
GROUPS = {"dev": "tests, screenshots and benchmarks", "scale": "catalogues in Milvus"}
CPU_INDEX = "https://download.pytorch.org/whl/cpu"  # PyTorch's own index, for its CPU build
TORCH = ("torch", "torchvision")  # packages in that index
GPU_ONLY = ("nvidia-", "cuda-", "triton")  # prefixes of packages for NVIDIA cards


class Size(NamedTuple):
    """Bytes of the packages in requirements.txt."""

    download: float
    disk: float


# Measured by `python -m benchmarks.install_size`; docs/installing.md has the details.
SIZES = {"linux": Size(3.2e9, 5.9e9), "linux-cpu": Size(0.7e9, 2.0e9), "darwin": Size(0.5e9, 1.5e9)}


def list_files(groups: list[str]) -> list[Path]:
    """Return the requirements files: requirements.txt, and one for each of these groups."""
    return [PROJECT / name for name in (BASE, *(f"requirements-{group}.txt" for group in groups))]


def read_pins(groups: list[str]) -> list[str]:
    """Return the pins of these groups and of requirements.txt, such as 'numpy==2.4.6'.

    Groups may share packages, which are listed once.
    """
    lines = [line for path in list_files(groups) for line in path.read_text("utf-8").splitlines()]
    return [line for line in dict.fromkeys(lines) if line and not line.startswith("#")]


def select_pins(pins: list[str], cpu: bool) -> list[str]:
    """Leave out the packages for NVIDIA cards if `cpu`."""
    return [pin for pin in pins if not (cpu and pin.startswith(GPU_ONLY))]


def get_name(pin: str) -> str:
    """Return the name of the package that a pin is for."""
    return pin.split("==")[0]


def make_pip_commands(python: Path, pins: list[str], cpu: bool, listing: Path) -> list[list[str]]:
    """Return the commands that install these pins; the last reads them from the file `listing`.

    The pins are complete, so pip must neither look for dependencies nor add any: see
    exclude-dependencies in pyproject.toml. Bytecode is written when a module is first imported.
    """
    pip = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    pip += ["--no-deps", "--no-compile"]
    commands = [[*pip, *(pin for pin in pins if get_name(pin) == "pip")]]
    pip += ["--progress-bar", "raw"]  # not supported by older versions of pip
    if cpu and sys.platform == "linux":  # elsewhere PyPI has the CPU build
        torch = [pin for pin in pins if get_name(pin) in TORCH]
        commands.append([*pip, "--index-url", CPU_INDEX, *torch])
    return [*commands, [*pip, "--requirement", str(listing)]]


def get_size(cpu: bool) -> Size:
    """Return about how large the packages in requirements.txt are on this machine."""
    return SIZES["darwin" if sys.platform == "darwin" else "linux-cpu" if cpu else "linux"]
