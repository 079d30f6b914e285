"""Find the files that the paths in a table mean."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

Fold = Callable[[str], str]


def tidy(path: str) -> str:
    """Return a path with composed letters, '/' between folders, and neither './' nor a host."""
    path = unicodedata.normalize("NFC", path.strip())
    if "://" in path:
        path = urlsplit(path).path.lstrip("/") if path.isprintable() else path
    path = re.sub(r"/(?:\./)*/*", "/", path.replace("\\", "/"))
    return path.removeprefix("./")


def _unquote(path: str) -> str:
    return tidy(unquote(tidy(path)))


def _fold_case(path: str) -> str:
    return _unquote(path).casefold()


def _drop_extension(path: str) -> str:
    path = _fold_case(path)
    return path.removesuffix(PurePosixPath(path).suffix)


# How a row may differ from its file, each with all before: what it is called, and what makes the
# row and the file equal.
WAYS: tuple[tuple[str, Fold, Fold], ...] = (
    ("as it is written", tidy, tidy),
    ("percent-encoded", _unquote, _unquote),
    ("in other letter case", _fold_case, _fold_case),
    ("without its extension", _fold_case, _drop_extension),
)
BY_END = "by the end of the path"


@dataclass(frozen=True)
class Matches:
    """Which file each row means, if any, and by which way, and what fits more than one file."""

    files: dict[str, str]  # by the value in the table
    ways: dict[str, str]  # of the same values
    ambiguous: list[str]

    def describe_ways(self) -> list[str]:
        """Return a sentence for each way in which rows differ from their files."""
        counts = Counter(self.ways.values())
        examples = {way: value for value, way in reversed(self.ways.items())}
        return [
            f"Rows that fit a file {way}: {count:,}, for example '{examples[way]}' for "
            f"'{self.files[examples[way]]}'."
            for way, count in counts.items()
            if way != WAYS[0][0]
        ]


class FileFinder:
    """Finds files by how a table names them, where that is unambiguous."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = list(paths)
        self._indexes: dict[Fold, dict[str, set[str]]] = {}
        self._ends: dict[Fold, dict[str, set[str]]] = {}

    def match(self, values: Iterable[str]) -> Matches:
        """Return the files of distinct values. The most literal way that fits any file decides.

        A file that two values mean belongs to the more literal one, or to neither.
        """
        paths = set(self._paths)
        candidates: dict[str, tuple[int, str, set[str]]] = {}
        for value in dict.fromkeys(value for value in values if value.strip()):
            if value in paths:
                candidates[value] = -1, WAYS[0][0], {value}
            elif found_files := self._find(value):
                candidates[value] = found_files
        ranks: dict[str, list[int]] = defaultdict(list)
        for rank, _, files in candidates.values():
            if len(files) == 1:
                ranks[next(iter(files))].append(rank)
        matched: dict[str, str] = {}
        ambiguous = []
        for value, (rank, _, files) in candidates.items():
            file = next(iter(files))
            rivals = ranks[file]
            if len(files) == 1 and rank == min(rivals) and rivals.count(rank) == 1:
                matched[value] = file
            else:
                ambiguous.append(value)
        return Matches(matched, {value: candidates[value][1] for value in matched}, ambiguous)

    def _find(self, value: str) -> tuple[int, str, set[str]] | None:
        """Return how literal a way is, its name, and the files that it leads to."""
        for rank, (name, fold, fold_file) in enumerate(WAYS):
            if files := self._get_index(fold_file).get(fold(value)):
                return rank, name, files
        for rank, (name, fold, fold_file) in enumerate(WAYS, len(WAYS)):
            key = fold(value)
            parts = key.split("/")
            longer = (
                self._get_index(fold_file).get("/".join(parts[start:]))
                for start in range(1, len(parts))
            )
            files = next(filter(None, longer), None) or self._get_ends(fold_file).get(key)
            if files:
                way = BY_END if name == WAYS[0][0] else f"{BY_END}, {name}"
                return rank, way, files
        return None

    def _get_index(self, fold: Fold) -> dict[str, set[str]]:
        """Return the files by their folded paths."""
        if fold not in self._indexes:
            index = self._indexes[fold] = defaultdict(set)
            for path in self._paths:
                index[fold(path)].add(path)
        return self._indexes[fold]

    def _get_ends(self, fold: Fold) -> dict[str, set[str]]:
        """Return the files by every end of their folded paths, without the first folders."""
        if fold not in self._ends:
            ends = self._ends[fold] = defaultdict(set)
            for path in self._paths:
                parts = fold(path).split("/")
                for start in range(1, len(parts)):
                    ends["/".join(parts[start:])].add(path)
        return self._ends[fold]
