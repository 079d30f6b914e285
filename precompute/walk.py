"""Find the files of a folder that may be pictures."""

import os
from pathlib import Path
from typing import NamedTuple

METADATA = ("metadata.csv", "metadata.parquet")


class Skipped(NamedTuple):
    path: str
    reason: str


def list_files(source: Path) -> tuple[list[str], list[Skipped]]:
    """Relative paths ('/' between folders) of all files that may be pictures, sorted.

    Hidden files and folders and the metadata table are left out. Beside them stands what was left
    out otherwise: links to folders, which can lead round in a circle or out of the source, links
    to files outside of it, and folders that can't be read.
    """
    found: list[str] = []
    left: list[Skipped] = []

    def unreadable(error: OSError) -> None:
        path = Path(os.fsdecode(error.filename)).relative_to(source).as_posix()
        left.append(Skipped(path, f"the folder can't be read: {error.strerror}"))

    root = source.resolve()
    for place, folders, files in os.walk(source, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in (*folders, *files):
            whole = Path(place, name)
            path = whole.relative_to(source).as_posix()
            if name.startswith(".") or path in METADATA:
                continue
            if whole.is_symlink() and name in folders:
                left.append(Skipped(path, "a link to a folder is not followed"))
            elif whole.is_symlink() and not leads_into(whole, root):
                left.append(Skipped(path, "a link to a file outside of the folder is not followed"))
            elif name not in folders:
                found.append(path)
    return sorted(found), [Skipped(shown(path), reason) for path, reason in sorted(left)]


def leads_into(link: Path, root: Path) -> bool:
    """Whether a link leads into a folder, or nowhere at all."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):  # broken, or a circle: reading it says so
        return True
    return target.is_relative_to(root)


def shown(path: str) -> str:
    """A path as UTF-8, whatever bytes it has."""
    return path.encode("utf-8", "backslashreplace").decode()
