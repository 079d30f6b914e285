"""Find out what a catalogue is built from, and what it is called."""

from dataclasses import dataclass
from pathlib import Path

from similarity.errors import SimilarityError
from similarity.store.paths import NAME, find_source, find_title, make_name, parse_path

NAMED = ("demo", "digikala", "clothing")  # the keys of SOURCES, which take a second to import
MAX_TITLE = 100  # characters


@dataclass(frozen=True)
class Origin:
    """What a catalogue is built from.

    `source` is the key of a named source, or the path of a folder or an archive; `path` is that
    path, and `title` what the catalogue is called by default.
    """

    source: str
    title: str
    path: Path | None = None


def find_origin(text: str, root: Path) -> Origin:
    """Return the origin that a user means: a named source, a path, or a catalogue in `root`.

    An empty text means the demo.
    """
    text = text.strip() or NAMED[0]
    if text in NAMED:
        return Origin(text, text)
    path = parse_path(text) or Path()
    if not path.exists() and NAME.fullmatch(text) and (source := find_source(root / text)):
        return find_origin(source, root)
    path = path.resolve()
    return Origin(str(path), path.stem if path.is_file() else path.name, path)


def choose_name(origin: Origin, title: str, root: Path) -> tuple[str, str]:
    """Return the name and the title of the catalogue to build in `root`.

    Without a title it is the catalogue that was built from the same origin before, or a new one
    that is called like its folder, with a number if another one has that name. Raises
    SimilarityError for a title that is a path.
    """
    title = " ".join(title.split())
    if title:
        if "/" in title or "\\" in title or len(title) > MAX_TITLE:
            raise SimilarityError(
                f"'{title}' can't be a catalogue's name. Use up to {MAX_TITLE} characters without "
                "slashes; --to chooses the folder."
            )
        return make_name(title), title
    base = make_name(origin.title)
    built = [folder.name for folder in root.glob("*/") if find_source(folder) == origin.source]
    if built:
        name = base if base in built else min(built)
        return name, find_title(root / name)
    name, number = base, 1
    while find_source(root / name) is not None:
        number += 1
        name = f"{base}-{number}"
    parent = f" ({origin.path.parent.name})" if origin.path and number > 1 else ""
    return name, f"{origin.title}{parent}"
