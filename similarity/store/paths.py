"""Where catalogues are stored, and the paths of files within each."""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

from anyascii import anyascii

from similarity.store.generations import CURRENT, GENERATIONS

FACTS = "facts.json"
TABLE = "products.parquet"
SKIPPED = "skipped.csv"
DUPLICATES = "duplicates.csv"
THUMBNAILS = "thumbs"

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
PRODUCT_ID = re.compile(r"[0-9a-f]{20}")


def parse_path(text: str | None) -> Path | None:
    """Return the path that an option or an environment variable means, with ~ for a home.

    An empty text means the same as none. Every option and variable with a path is read by this.
    """
    if not text or not text.strip():
        return None
    try:
        return Path(text).expanduser()
    except RuntimeError:  # ~ and a user that doesn't exist, or one without a home
        return Path(text)


def get_catalogues_folder() -> Path:
    """Return the folder of built catalogues: $SIMILARITY_CATALOGUES, or assets/catalogues."""
    folder = parse_path(os.environ.get("SIMILARITY_CATALOGUES"))
    return folder or Path(__file__).parents[2] / "assets" / "catalogues"


def make_name(title: str) -> str:
    """Return a catalogue's name from its title in any script: what NAME allows.

    A catalogue's name is that of its folder, and part of addresses.
    """
    latin = title if title.isascii() else anyascii(title)
    name = re.sub(r"[^a-z0-9_-]+", "-", latin.lower()).strip("-_")[:64].strip("-_")
    return name or "catalogue"


def find_catalogue(text: str) -> str | None:
    """Return the name of the catalogue that a text means, or None.

    The text is its name, its title, or what it was built from: a named source or a path.
    """
    root = get_catalogues_folder()
    if not text.strip():
        return None
    if NAME.fullmatch(text) and (root / text).is_dir():
        return text
    path = parse_path(text)
    sources = (text, str(path.resolve()) if path else text)
    folders = sorted(root.glob("*/")) if root.is_dir() else []
    named = (folder.name for folder in folders if find_source(folder) in sources)
    by_title = make_name(text)
    is_title = not re.search(r"[/\\]", text) and (root / by_title).is_dir()
    return next(named, by_title if is_title else None)


def compute_product_id(content: bytes) -> str:
    """Return the first 80 bits of the content's SHA-256, so equal pictures are one product."""
    return hashlib.sha256(content).hexdigest()[:20]


def get_thumbnail_path(product: str) -> str:
    """Return a thumbnail's path within a generation, spread over 256 folders."""
    return f"{THUMBNAILS}/{product[:2]}/{product}.webp"


def find_source(folder: Path) -> str | None:
    """Return what a catalogue was built from, even if it can't be opened, or None if unknown."""
    return _find_fact(folder, "source")


def find_title(folder: Path) -> str:
    """Return what a catalogue is called, even if it can't be opened."""
    return choose_title(_find_fact(folder, "title") or "", folder.name)


def choose_title(title: str, name: str) -> str:
    """Return a stored title, or the name of a catalogue whose folder was renamed since."""
    base = make_name(title.partition(" (")[0])
    is_of_name = make_name(title) == name or re.fullmatch(rf"{re.escape(base)}(-\d+)?", name)
    return title if title and is_of_name else name


def _find_fact(folder: Path, name: str) -> str | None:
    """Return a text among the facts of a catalogue.

    Looks at the facts of the current generation first, then at `catalogue.json`, then at the facts
    of other generations, whose newest may belong to an unfinished build.
    """
    pointer = _read_json(folder / CURRENT)  # in format 1 this file held all facts
    numbers = [p.name for p in folder.glob(f"{GENERATIONS}/*") if p.name.isdecimal()]
    paths = [
        folder / GENERATIONS / number / FACTS for number in sorted(numbers, key=int, reverse=True)
    ]
    current_paths = [p for p in paths if p.parent.name == str(pointer.get("generation"))]
    for facts in (*map(_read_json, current_paths), pointer, *map(_read_json, paths)):
        value = facts.get(name)
        if isinstance(value, str) and value and "\0" not in value:
            return value
    return None


def _read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file, or an empty one if it can't be read."""
    try:
        value = json.loads(path.read_bytes())
    except Exception:  # a damaged file may raise anything
        return {}
    return value if isinstance(value, dict) else {}
