"""The files of an archive or a folder from outside: read, and written under names of our own.

An archive can name places outside of where it is unpacked, hold links that lead there, or unfold
to more than a disk holds. All this is refused before a byte is written.
"""

import errno
import re
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path, PurePosixPath
from typing import TypeVar

from precompute.walk import list_files
from similarity.errors import SimilarityError, reason_of
from similarity.pictures import read_bytes

MOST_FILES = 100_000
MOST_BYTES = 20_000_000_000  # unpacked
MOST_TIMES = 50  # as large unpacked as packed: pictures are packed already, and stay the same
DIRECTORY = 160 * MOST_FILES  # bytes of an archive's list of files: 46 for each and its name
CHUNK = 1 << 20
JUNK = "__MACOSX"
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others unfold in memory without a limit

T = TypeVar("T")


@dataclass(frozen=True)
class Files:
    """What is in an archive or a folder: paths with / between folders, sorted.

    `copy` writes the file of a path to a place, and returns why not if it is left out. It raises
    SimilarityError if the archive is damaged, OSError if the place can't be written.
    """

    place: Path
    paths: list[str]
    copy: Callable[[str, Path], str]


@contextmanager
def opened(place: Path) -> Iterator[Files]:
    """The files of a zip archive or a folder. Raises SimilarityError for anything else."""
    if place.is_dir():
        paths, left = list_files(place)
        known = dict(left)
        yield Files(place, [*paths, *known], lambda path, to: _from_folder(place, known, path, to))
    elif place.is_file():
        with _Bounded(place) as file, _reading(place, lambda: zipfile.ZipFile(file)) as archive:
            found = _checked(archive, place)
            yield Files(
                place, sorted(found), lambda path, to: _from_archive(archive, found[path], to)
            )
    else:
        raise SimilarityError(f"There is no '{place}': give an archive or a folder by --from.")


def _reading(place: Path, read: Callable[[], T]) -> T:
    """What reading an archive gives. Raises SimilarityError that says what is wrong with it."""
    try:
        return read()
    except SimilarityError:
        raise
    except Exception as error:  # zipfile and its decoders raise many kinds on hostile bytes
        raise SimilarityError(
            f"'{place}' is no whole zip archive: {reason_of(error)}. Get it again, or another way."
        ) from error


class _Bounded(FileIO):
    """A file of which no more is read at once than a list of files may have.

    zipfile reads that list as a whole, and makes objects of it, before it tells how long it is.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > DIRECTORY:
            raise _too_many(Path(str(self.name)))
        return super().read(size)


def _too_many(place: Path) -> SimilarityError:
    return SimilarityError(f"'{place}' holds more than {MOST_FILES:,} files: not unpacked.")


def _checked(archive: zipfile.ZipFile, place: Path) -> dict[str, zipfile.ZipInfo]:
    """The members that are files, by their paths. Raises SimilarityError for a hostile archive."""
    infos = archive.infolist()
    if len(infos) > MOST_FILES:
        raise _too_many(place)
    size, packed = sum(info.file_size for info in infos), place.stat().st_size
    if size > MOST_BYTES or size > MOST_TIMES * packed:
        raise SimilarityError(
            f"'{place}' would unfold to {size / 1e6:,.0f} MB, {size / packed:,.0f} times its "
            f"size; {MOST_BYTES / 1e6:,.0f} MB and {MOST_TIMES} times are allowed: not unpacked."
        )
    found = {}
    for info in infos:
        path = info.filename.replace("\\", "/")  # as older programs write on Windows
        parts = PurePosixPath(path).parts
        mode = stat.S_IFMT(info.external_attr >> 16)
        reason = (
            "leads out of it"
            if path.startswith("/") or ".." in parts or re.match("[A-Za-z]:", path)
            else "is a link or a device"
            if mode not in (0, stat.S_IFREG, stat.S_IFDIR)
            else "is locked by a password"
            if info.flag_bits & 1
            else "is packed by another program than zip; unpack it and give the folder by --from"
            if info.compress_type not in PACKED
            else "is there twice"
            if path in found
            else ""
        )
        if reason:
            raise SimilarityError(f"'{place}' is not unpacked: '{path}' in it {reason}.")
        hidden = any(part.startswith(".") or part == JUNK for part in parts)
        if parts and not hidden and not path.endswith("/") and mode != stat.S_IFDIR:
            found[path] = info
    return found


def _from_archive(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> str:
    place = Path(str(archive.filename))
    target.parent.mkdir(parents=True, exist_ok=True)
    if info.file_size > shutil.disk_usage(target.parent).free:
        raise OSError(errno.ENOSPC, "There is no room to unpack it", str(target.parent))
    with _reading(place, lambda: archive.open(info)) as content, target.open("xb") as out:
        # zipfile compares the CRC that the archive has for it as it comes to the end
        while chunk := _reading(place, lambda: content.read(CHUNK)):
            out.write(chunk)
    return ""


def _from_folder(folder: Path, left: dict[str, str], path: str, target: Path) -> str:
    try:
        content = b"" if path in left else read_bytes(folder / path)
    except SimilarityError as error:
        return str(error)
    if content:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            out.write(content)
    return left.get(path, "")
