"""Read untrusted archives and folders, and write their files under safe names.

An archive can name paths outside of its target folder, contain links that lead there, or unpack to
more than a disk holds. All of this is refused before anything is written.
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

from precompute.walk import is_service, list_files
from similarity.errors import SimilarityError, get_reason
from similarity.pictures.read import read_bytes

MAX_FILES = 100_000
MAX_BYTES = 20_000_000_000  # unpacked
MAX_RATIO = 50  # unpacked size to packed size; pictures are compressed already
MAX_DIRECTORY = 160 * MAX_FILES  # bytes of an archive's list of files: 46 for each, plus its name
CHUNK = 1 << 20
# others have no memory limit when unpacking
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

T = TypeVar("T")


@dataclass(frozen=True)
class SourceFiles:
    """The files of an archive or a folder: paths with / between folders, sorted.

    `copy` writes the file of a path to a target, and returns a reason if it skips the file. It
    raises SimilarityError if the archive is damaged, and OSError if the target can't be written.
    """

    place: Path
    paths: list[str]
    copy: Callable[[str, Path], str]


@contextmanager
def open_files(source: Path) -> Iterator[SourceFiles]:
    """Open a zip archive or a folder. Raises SimilarityError for anything else."""
    if source.is_dir():
        paths, skipped = list_files(source)
        reasons = dict(skipped)
        yield SourceFiles(
            source,
            [*paths, *reasons],
            lambda path, target: _copy_from_folder(source, reasons, path, target),
        )
    elif source.is_file():
        with (
            _BoundedFile(source) as file,
            _translate_errors(source, lambda: zipfile.ZipFile(file)) as archive,
        ):
            members = _validate_members(archive, source)
            yield SourceFiles(
                source,
                sorted(members),
                lambda path, target: _copy_from_archive(archive, members[path], target),
            )
    else:
        raise SimilarityError(f"There is no '{source}'. Give an archive or a folder with --from.")


def _translate_errors(path: Path, read: Callable[[], T]) -> T:
    """Call a function that reads an archive. Raises SimilarityError that says what is wrong."""
    try:
        return read()
    except SimilarityError:
        raise
    except Exception as error:  # zipfile and its decoders may raise anything on hostile bytes
        raise SimilarityError(
            f"'{path}' is not a complete zip archive: {get_reason(error)}. Download it again."
        ) from error


class _BoundedFile(FileIO):
    """A file that refuses to read more at once than the largest allowed list of files.

    zipfile reads an archive's whole list of files, and creates objects for it, before telling its
    length.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MAX_DIRECTORY:
            raise _make_count_error(Path(str(self.name)))
        return super().read(size)


def _make_count_error(path: Path) -> SimilarityError:
    return SimilarityError(f"'{path}' has more than {MAX_FILES:,} files and is not unpacked.")


def _validate_members(archive: zipfile.ZipFile, archive_path: Path) -> dict[str, zipfile.ZipInfo]:
    """Return the members that are files, by path. Raises SimilarityError for a hostile archive."""
    infos = archive.infolist()
    if len(infos) > MAX_FILES:
        raise _make_count_error(archive_path)
    size, packed_size = sum(info.file_size for info in infos), archive_path.stat().st_size
    if size > MAX_BYTES or size > MAX_RATIO * packed_size:
        raise SimilarityError(
            f"'{archive_path}' would unpack to {size / 1e6:,.0f} MB, {size / packed_size:,.0f} "
            f"times its size. The limits are {MAX_BYTES / 1e6:,.0f} MB and {MAX_RATIO} times."
        )
    members = {}
    for info in infos:
        path = info.filename.replace("\\", "/")  # as older programs write on Windows
        parts = PurePosixPath(path).parts
        mode = stat.S_IFMT(info.external_attr >> 16)
        reason = (
            "leads out of it"
            if path.startswith("/") or ".." in parts or re.match("[A-Za-z]:", path)
            else "is a link or a device"
            if mode not in (0, stat.S_IFREG, stat.S_IFDIR)
            else "is protected by a password"
            if info.flag_bits & 1
            else "uses an unsupported compression; unpack it and pass the folder with --from"
            if info.compress_type not in COMPRESSIONS
            else "occurs twice"
            if path in members
            else ""
        )
        if reason:
            raise SimilarityError(f"'{archive_path}' is not unpacked: '{path}' in it {reason}.")
        is_hidden = any(part.startswith(".") or is_service(part) for part in parts)
        if parts and not is_hidden and not path.endswith("/") and mode != stat.S_IFDIR:
            members[path] = info
    return members


def _copy_from_archive(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> str:
    archive_path = Path(str(archive.filename))
    target.parent.mkdir(parents=True, exist_ok=True)
    if info.file_size > shutil.disk_usage(target.parent).free:
        raise OSError(errno.ENOSPC, "There is no room to unpack it", str(target.parent))
    with (
        _translate_errors(archive_path, lambda: archive.open(info)) as content,
        target.open("xb") as out,
    ):
        # zipfile compares the CRC when it reaches the end
        while chunk := _translate_errors(archive_path, lambda: content.read(CHUNK)):
            out.write(chunk)
    return ""


def _copy_from_folder(folder: Path, reasons: dict[str, str], path: str, target: Path) -> str:
    try:
        content = b"" if path in reasons else read_bytes(folder / path)
    except SimilarityError as error:
        return str(error)
    if content:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            out.write(content)
    return reasons.get(path, "")
