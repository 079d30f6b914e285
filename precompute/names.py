"""Names of catalogues."""

import re
from pathlib import Path

from similarity.errors import SimilarityError


def make_name(folder: Path) -> str:
    """Make a catalogue's name from that of its folder.

    Raises SimilarityError if nothing is left.
    """
    name = re.sub(r"[^a-z0-9_-]+", "-", folder.expanduser().resolve().name.lower()).strip("-_")[:64]
    if not name:
        raise SimilarityError(
            f"'{folder}' can't be made into a name. Choose one with --name or --out."
        )
    return name
