"""Name the categories of products after their folders."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

# First folders that divide data for training and testing, and not by what is in the pictures
SPLITS = {"train", "training", "test", "testing", "val", "valid", "validation", "dev"}


def name_folders(folders: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Return a category for each folder, and notes on spellings that were made one.

    Folders are relative, with '/' between them, and may repeat. A category is the last part of its
    folder, or as many parts as it takes to tell it from others; a first part of SPLITS doesn't
    count. The root has none.
    """
    all_folders = list(folders)
    paths = {folder: _drop_split(folder) for folder in dict.fromkeys(all_folders)}
    spellings, notes = merge_spellings(paths[folder] for folder in all_folders)
    ends: dict[str, set[str]] = defaultdict(set)  # paths by each of their ends in lower case
    for path in spellings.values():
        for end in _list_ends(path):
            ends[end.casefold()].add(path)
    names = {
        path: next((end for end in _list_ends(path) if len(ends[end.casefold()]) == 1), path)
        for path in spellings.values()
    }
    return {folder: names[spellings[path]] for folder, path in paths.items()}, notes


def merge_spellings(texts: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Return the most frequent spelling of each text, and notes on texts that have several.

    Spellings differ in letter case, in spaces around a text or a part of it, or in how letters are
    composed.
    """
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        groups[_tidy(text).casefold()][text] += 1
    spellings: dict[str, str] = {}
    notes = []
    for group in groups.values():
        # capitals only if nobody writes it otherwise
        common = _tidy(max(group, key=lambda text: (group[text], not text.isupper())))
        spellings |= dict.fromkeys(group, common)
        if len({unicodedata.normalize("NFC", text) for text in group}) > 1:
            notes.append(f"{_join([*group])} are one category, '{common}'.")
    return spellings, notes


def _drop_split(folder: str) -> str:
    first, _, rest = folder.partition("/")
    return rest if rest and first.casefold() in SPLITS else folder


def _tidy(text: str) -> str:
    """Return a text with composed letters, without spaces around its parts."""
    return "/".join(part.strip() for part in unicodedata.normalize("NFC", text).split("/"))


def _list_ends(path: str) -> list[str]:
    """Return the ends of a path, the last part first and the whole path last."""
    parts = path.split("/")
    return ["/".join(parts[start:]) for start in range(len(parts) - 1, -1, -1)]


def _join(texts: Sequence[str]) -> str:
    quoted = [f"'{text}'" for text in texts]
    return ", ".join(quoted[:-1]) + f" and {quoted[-1]}"
