"""Where catalogues are stored, and the paths of files within each."""

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

from similarity.store.generations import CURRENT, GENERATIONS

FACTS = "facts.json"
TABLE = "products.parquet"
SKIPPED = "skipped.csv"
DUPLICATES = "duplicates.csv"
THUMBNAILS = "thumbs"

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
PRODUCT_ID = re.compile(r"[0-9a-f]{20}")


def get_catalogues_folder() -> Path:
    """Return the folder of built catalogues: $SIMILARITY_CATALOGUES, or assets/catalogues."""
    folder = os.environ.get("SIMILARITY_CATALOGUES")
    return Path(folder) if folder else Path(__file__).parents[2] / "assets" / "catalogues"


def compute_product_id(content: bytes) -> str:
    """Return the first 80 bits of the content's SHA-256, so equal pictures are one product."""
    return hashlib.sha256(content).hexdigest()[:20]


def get_thumbnail_path(product: str) -> str:
    """Return a thumbnail's path within a generation, spread over 256 folders."""
    return f"{THUMBNAILS}/{product[:2]}/{product}.webp"


def find_source(folder: Path) -> str | None:
    """Return what a catalogue was built from, even if it can't be opened, or None if unknown.

    Looks at the facts of the current generation first, then at `catalogue.json`, then at the facts
    of other generations, whose newest may belong to an unfinished build.
    """
    pointer = _read_json(folder / CURRENT)  # in format 1 this file held all facts
    numbers = [p.name for p in folder.glob(f"{GENERATIONS}/*") if p.name.isdecimal()]
    paths = [folder / GENERATIONS / name / FACTS for name in sorted(numbers, key=int, reverse=True)]
    current_paths = [p for p in paths if p.parent.name == str(pointer.get("generation"))]
    for facts in (*map(_read_json, current_paths), pointer, *map(_read_json, paths)):
        source = facts.get("source")
        if isinstance(source, str) and source and "\0" not in source:
            return source
    return None


def _read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file, or an empty one if it can't be read."""
    try:
        value = json.loads(path.read_bytes())
    except Exception:  # a damaged file may raise anything
        return {}
    return value if isinstance(value, dict) else {}
