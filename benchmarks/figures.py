"""List the figures of the docs whose code has changed since they were measured.

    python -m benchmarks.figures

A paragraph below each measured table says when, at which commit, on which machine and by which
command it was measured. The code of a benchmark is all that it imports; of one that starts the app
also every page.
"""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import grimp
from rich.console import Console
from rich.table import Table

PROJECT = Path(__file__).parents[1]
PACKAGES = ("benchmarks", "drawing", "harness", "install", "pages", "precompute", "similarity")
APP = "harness.app"  # starts the app in a process of its own
APP_FOLDERS = ("app.py", "pages", "similarity")
MEASURED = re.compile(
    r"Measured (?P<date>\d{4}-\d\d-\d\d) at (?P<commit>[0-9a-f]{7,40}), (?P<machine>[^:]+), "
    r"n (?P<n>[^:]+): `python -m (?P<module>benchmarks\.\w+)(?P<options>[^`]*)`\."
)


class Measured(NamedTuple):
    """When and how the figures of a table were measured."""

    date: str
    commit: str
    machine: str
    n: str
    module: str
    options: str

    @property
    def command(self) -> str:
        """The command without the interpreter."""
        return f"{self.module}{self.options}"


def list_measured(text: str) -> list[Measured]:
    """Return what a page says about its measured tables, in their order."""
    return [Measured(**match.groupdict()) for match in MEASURED.finditer(" ".join(text.split()))]


def list_code(graph: grimp.ImportGraph, module: str) -> list[str]:
    """Return the files and folders that a benchmark measures, relative to the project."""
    modules = {module, *graph.find_upstream_modules(module)}
    files = {path for name in modules for path in _list_paths(name)}
    return sorted(files | (set(APP_FOLDERS) if APP in modules else set()))


def count_changes(project: Path, commit: str, paths: Sequence[str]) -> int | None:
    """Return how many files have changed since a commit, or None if the commit is not here."""
    command = ["git", "-C", str(project), "diff", "--name-only", commit, "--", *paths]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if result.returncode else len(result.stdout.splitlines())


def _list_paths(module: str) -> list[str]:
    path = module.replace(".", "/")
    candidates = [f"{path}.py", f"{path}/__init__.py", f"{path}/__main__.py"]
    return [each for each in candidates if (PROJECT / each).exists()]


def main() -> None:
    """Print a table of all measured figures, those with the most changes first."""
    graph = grimp.build_graph(*PACKAGES)
    rows = []
    for page in sorted([PROJECT / "README.md", *PROJECT.glob("docs/*.md")]):
        for measured in list_measured(page.read_text(encoding="utf-8")):
            changes = count_changes(PROJECT, measured.commit, list_code(graph, measured.module))
            rows.append((page.name, measured, changes))
    table = Table("page", "command", "measured", "changed files", title="Figures of the docs")
    for page_name, measured, changes in sorted(rows, key=lambda row: -(row[2] or 0)):
        since = "unknown commit" if changes is None else str(changes) if changes else "current"
        table.add_row(page_name, measured.command, f"{measured.date} {measured.commit}", since)
    Console().print(table)


if __name__ == "__main__":
    main()
