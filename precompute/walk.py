"""Find the files of a folder that may be pictures."""

import os
from pathlib import Path
from typing import NamedTuple

# Names of the table of attributes, in lower case
METADATA = tuple(f"metadata{kind}" for kind in (".csv", ".tsv", ".parquet", ".xlsx", ".jsonl"))


# Folders that file servers and programs keep beside people's own, in lower case: of Synology, QNAP
# and other servers, Windows, macOS, Linux, and programs for photographs
SERVICE_FOLDERS = {
    *("@eadir", "@tmp", "@recycle", "@recently-snapshot", "@sharebin", "#recycle", "#snapshot"),
    *("$recycle.bin", "recycler", "system volume information", "__macosx", "lost+found"),
    *("ipod photo cache", "picasaoriginals", "__pycache__", "network trash folder"),
}
SERVICE_ENDS = (".lrdata", ".lrlibrary", ".aplibrary")  # previews of Lightroom and Aperture
SERVICE_FILES = {"thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "picasa.ini"}


class Skipped(NamedTuple):
    """A file that was not read, and why."""

    path: str
    reason: str


def list_files(source: Path) -> tuple[list[str], list[Skipped]]:
    """Return the sorted relative paths ('/' between folders) of files that may be pictures.

    Hidden files and folders and the metadata table are ignored. Also returns what was skipped:
    links to folders, which can form a circle or leave the source, links to files outside of it,
    unreadable folders, and folders of file servers and programs, each name once.
    """
    paths: list[str] = []
    skipped: list[Skipped] = []
    services: dict[str, list[str]] = {}  # their paths by name

    def handle_error(error: OSError) -> None:
        path = Path(os.fsdecode(error.filename)).relative_to(source).as_posix()
        skipped.append(Skipped(path, f"the folder can't be read: {error.strerror}"))

    root = source.resolve()
    for folder, folders, files in os.walk(source, onerror=handle_error):
        for name in filter(is_service, folders):
            path = Path(folder, name).relative_to(source).as_posix()
            services.setdefault(name, []).append(path)
        folders[:] = [n for n in folders if not n.startswith(".") and not is_service(n)]
        for name in folders:
            full_path = Path(folder, name)
            if full_path.is_symlink():
                path = full_path.relative_to(source).as_posix()
                skipped.append(Skipped(path, "a link to a folder is not followed"))
        for name in files:
            full_path = Path(folder, name)
            path = full_path.relative_to(source).as_posix()
            is_ignored = name.startswith(".") or name.casefold() in SERVICE_FILES
            if is_ignored or path.casefold() in METADATA:
                continue
            if full_path.is_symlink() and not is_inside(full_path, root):
                skipped.append(
                    Skipped(path, "a link to a file outside of the folder is not followed")
                )
            else:
                paths.append(path)
    for service_paths in services.values():
        count = f" ({len(service_paths):,} have this name)" if len(service_paths) > 1 else ""
        reason = f"folders of file servers and other programs are not read{count}"
        skipped.append(Skipped(min(service_paths), reason))
    return sorted(paths), [Skipped(escape_path(path), reason) for path, reason in sorted(skipped)]


def is_service(folder_name: str) -> bool:
    """Return whether a folder is one that a file server or a program keeps for itself."""
    name = folder_name.casefold()
    return name in SERVICE_FOLDERS or name.endswith(SERVICE_ENDS)


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
