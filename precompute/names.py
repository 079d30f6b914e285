"""Names of catalogues."""

import re
from pathlib import Path

from similarity.errors import SimilarityError


def slug(folder: Path) -> str:
    """A catalogue's name made from its folder's."""
    name = re.sub(r"[^a-z0-9_-]+", "-", folder.expanduser().resolve().name.lower()).strip("-_")[:64]
    if not name:
        raise SimilarityError(f"'{folder}' gives no name: choose one by --name, or by --out.")
    return name
