"""Find the files of a folder that may be pictures."""

import os
from pathlib import Path
from typing import NamedTuple

METADATA = ("metadata.csv", "metadata.parquet")


class Skipped(NamedTuple):
    """A file that was not read, and why."""

    path: str
    reason: str


def list_files(source: Path) -> tuple[list[str], list[Skipped]]:
    """Return the sorted relative paths ('/' between folders) of files that may be pictures.

    Hidden files and folders and the metadata table are ignored. Also returns what was skipped:
    links to folders, which can form a circle or leave the source, links to files outside of it, and
    unreadable folders.
    """
    paths: list[str] = []
    skipped: list[Skipped] = []

    def handle_error(error: OSError) -> None:
        path = Path(os.fsdecode(error.filename)).relative_to(source).as_posix()
        skipped.append(Skipped(path, f"the folder can't be read: {error.strerror}"))

    root = source.resolve()
    for folder, folders, files in os.walk(source, onerror=handle_error):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in (*folders, *files):
            full_path = Path(folder, name)
            path = full_path.relative_to(source).as_posix()
            if name.startswith(".") or path in METADATA:
                continue
            if full_path.is_symlink() and name in folders:
                skipped.append(Skipped(path, "a link to a folder is not followed"))
            elif full_path.is_symlink() and not is_inside(full_path, root):
                skipped.append(
                    Skipped(path, "a link to a file outside of the folder is not followed")
                )
            elif name not in folders:
                paths.append(path)
    return sorted(paths), [Skipped(escape_path(path), reason) for path, reason in sorted(skipped)]


def is_inside(link: Path, root: Path) -> bool:
    """Return whether a link leads into a folder, or nowhere."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):  # broken or circular: reading it raises the error
        return True
    return target.is_relative_to(root)


def escape_path(path: str) -> str:
    """Return a path as UTF-8, with other bytes escaped."""
    return path.encode("utf-8", "backslashreplace").decode()
