"""Make the requirements files from pyproject.toml: `make pins`.

Versions that a file already has stay the same. Delete their lines first to get newer ones.
"""

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1]
BASE = "requirements.txt"
GROUPS = {"requirements-dev.txt": "dev", "requirements-scale.txt": "scale"}
FILES = (BASE, *GROUPS)


def compute_fingerprint() -> str:
    """Return a hash of what decides the versions in pyproject.toml: 64 hexadecimal digits."""
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    project = settings["project"]
    parts = [
        project["requires-python"],
        project["dependencies"],
        settings["dependency-groups"],
        settings["tool"]["uv"],
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def make_header() -> str:
    """Return the line that every requirements file starts with."""
    return f"# made by `make pins` from pyproject.toml {compute_fingerprint()}\n"


def compile_file(name: str) -> None:
    """Write one requirements file. Raises subprocess.CalledProcessError if uv finds no versions."""
    path = PROJECT / name
    options = ["--universal", "--no-header", "--no-annotate", "--python-version", "3.11"]
    options += ["--fork-strategy", "fewest", "--quiet", "--output-file", name]
    if name in GROUPS:
        options += ["--group", GROUPS[name], "--constraint", BASE]
    subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", *options],
        cwd=PROJECT,
        check=True,
    )
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    if name in GROUPS:  # lists only what the base lacks
        base = (PROJECT / BASE).read_text(encoding="utf-8").splitlines(keepends=True)
        lines = [line for line in lines if line not in base]
    path.write_text(make_header() + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    for filename in FILES:
        compile_file(filename)
