"""The list of a generation's files: a hash for each path, readable by `sha256sum -c`."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from similarity.errors import SimilarityError

HASH = 64  # characters; two spaces separate it from the path
UNSAFE = (
    b"/.",
    b"//",
    b"/\n",
    b"  /",
    b"  .",
    b"  \n",
)  # patterns of paths that may leave the folder


def compute_file_hash(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def format_sums(sums: Mapping[str, str]) -> bytes:
    """Return the content of a file list, from hashes by path."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(sums.items())).encode()


class Sums:
    """Hashes by path, read from the content of a file list.

    A catalogue of a million products has a million thumbnails, so lines are only parsed on demand:
    they are sorted by path and found by bisection. Paths may not be found in an unsorted list.
    """

    def __init__(self, content: bytes, name: str) -> None:
        """Wrap the content of the file list called `name`.

        Raises SimilarityError if a path may leave the folder.
        """
        self._content = content if content.endswith(b"\n") or not content else content + b"\n"
        for unsafe in UNSAFE:
            if (position := self._content.find(unsafe)) >= 0:
                path = self._read_path(self._content.rfind(b"\n", 0, position) + 1)
                raise SimilarityError(
                    f"{name} lists {path.decode(errors='replace')!r}, which is not in its folder"
                )

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self.get(path) is not None

    def __getitem__(self, path: str) -> str:
        if (digest := self.get(path)) is None:
            raise KeyError(path)
        return digest

    def get(self, path: str) -> str | None:
        """Return the hash of a path, or None if it is not listed."""
        target = path.encode(errors="replace")
        start = self._find_first_line(target)
        if self._read_path(start) != target:
            return None
        return self._content[start : start + HASH].decode(errors="replace")

    def list_paths(self, prefix: str) -> Iterator[str]:
        """Yield the listed paths that start with a prefix, in order."""
        target = prefix.encode(errors="replace")
        position = self._find_first_line(target)
        while (path := self._read_path(position)) and path.startswith(target):
            yield path.decode(errors="replace")
            position += HASH + 2 + len(path) + 1

    def to_dict(self) -> dict[str, str]:
        """Return all hashes by path."""
        lines = self._content.decode(errors="replace").splitlines()
        return {line[HASH + 2 :]: line[:HASH] for line in lines}

    def _read_path(self, start: int) -> bytes:
        """Return the path in the line that starts at this position."""
        return self._content[start + HASH + 2 : self._content.find(b"\n", start)]

    def _find_first_line(self, target: bytes) -> int:
        """Return where the first line starts whose path doesn't sort before `target`."""
        low, high = 0, len(self._content)  # the line starts in between, or at the end
        while low < high:
            start = self._content.rfind(b"\n", low, (low + high) // 2) + 1 or low
            if self._read_path(start) < target:
                low = self._content.find(b"\n", start) + 1
            else:
                high = start
        return low
