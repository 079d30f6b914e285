"""The list of a generation's files: a hash for each path, as `sha256sum -c` reads it."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from similarity.errors import SimilarityError

HASH = 64  # characters; two spaces stand between it and the path
UNSAFE = (b"/.", b"//", b"/\n", b"  /", b"  .", b"  \n")  # where a path may lead out of its folder


def file_hash(path: Path) -> str:
    """A file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sums_text(sums: Mapping[str, str]) -> bytes:
    """The content of the list, from paths and hashes."""
    return "".join(f"{found}  {path}\n" for path, found in sorted(sums.items())).encode()


class Sums:
    """Hashes by path, from the content of a list.

    A million products have a million thumbnails, so nothing is made of a line before it is asked
    for: lines are in the order of their paths, and one is found among them by bisection. Where
    they are not in order, some are not found.
    """

    def __init__(self, content: bytes, name: str) -> None:
        """Raises SimilarityError if a path may lead out of its folder; `name` is the list's."""
        self._content = content if content.endswith(b"\n") or not content else content + b"\n"
        for unsafe in UNSAFE:
            if (found := self._content.find(unsafe)) >= 0:
                path = self._path(self._content.rfind(b"\n", 0, found) + 1)
                raise SimilarityError(
                    f"{name} lists {path.decode(errors='replace')!r}, which is not in its folder"
                )

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self.get(path) is not None

    def __getitem__(self, path: str) -> str:
        if (found := self.get(path)) is None:
            raise KeyError(path)
        return found

    def get(self, path: str) -> str | None:
        """The hash of a path, None if it is not listed."""
        wanted = path.encode(errors="replace")
        start = self._first(wanted)
        if self._path(start) != wanted:
            return None
        return self._content[start : start + HASH].decode(errors="replace")

    def below(self, start: str) -> Iterator[str]:
        """The listed paths that start so, in their order."""
        wanted = start.encode(errors="replace")
        place = self._first(wanted)
        while (path := self._path(place)) and path.startswith(wanted):
            yield path.decode(errors="replace")
            place += HASH + 2 + len(path) + 1

    def whole(self) -> dict[str, str]:
        """All of them."""
        lines = self._content.decode(errors="replace").splitlines()
        return {line[HASH + 2 :]: line[:HASH] for line in lines}

    def _path(self, start: int) -> bytes:
        """The path in the line that starts there."""
        return self._content[start + HASH + 2 : self._content.find(b"\n", start)]

    def _first(self, wanted: bytes) -> int:
        """Where the first line starts whose path is not before the wanted one."""
        low, high = 0, len(self._content)  # it starts in between, or at the end
        while low < high:
            start = self._content.rfind(b"\n", low, (low + high) // 2) + 1 or low
            if self._path(start) < wanted:
                low = self._content.find(b"\n", start) + 1
            else:
                high = start
        return low
