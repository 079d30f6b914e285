"""Where catalogues are, and where each keeps what."""

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


def catalogues_folder() -> Path:
    """Where built catalogues are: SIMILARITY_CATALOGUES, or assets/catalogues of the project."""
    place = os.environ.get("SIMILARITY_CATALOGUES")
    return Path(place) if place else Path(__file__).parents[2] / "assets" / "catalogues"


def product_id(content: bytes) -> str:
    """The first 80 bits of the content's SHA-256: the same picture is the same product."""
    return hashlib.sha256(content).hexdigest()[:20]


def thumbnail_path(product: str) -> str:
    """Where a generation keeps a product's thumbnail; spread over 256 folders."""
    return f"{THUMBNAILS}/{product[:2]}/{product}.webp"


def source_of(folder: Path) -> str | None:
    """What a catalogue was built from, also if it can't be opened; None if nothing tells.

    The facts of the present generation come first, then what names that generation, then the facts
    of others: a newer one may be an unfinished build's.
    """
    present = _json(folder / CURRENT)  # in format 1 it was all there was
    numbers = [p.name for p in folder.glob(f"{GENERATIONS}/*") if p.name.isdecimal()]
    places = [
        folder / GENERATIONS / name / FACTS for name in sorted(numbers, key=int, reverse=True)
    ]
    own = [p for p in places if p.parent.name == str(present.get("generation"))]
    for told in (*map(_json, own), present, *map(_json, places)):
        source = told.get("source")
        if isinstance(source, str) and source and "\0" not in source:
            return source
    return None


def _json(place: Path) -> dict[str, Any]:
    """What a JSON file holds, nothing if it can't be read or holds no names."""
    try:
        found = json.loads(place.read_bytes())
    except Exception:  # a damaged file may raise anything
        return {}
    return found if isinstance(found, dict) else {}
