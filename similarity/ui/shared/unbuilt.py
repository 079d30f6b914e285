"""The commands that get methods which are known but not built here."""

from collections.abc import Sequence

from similarity.catalogue import Catalogue
from similarity.commands import build_command, fetch_command
from similarity.methods import METHODS


def build_lines(catalogue: Catalogue, keys: Sequence[str]) -> str:
    """What to type to have these methods here, a command a line: published ones are fetched."""
    fetch = [key for key in keys if METHODS[key].published]
    lines = [fetch_command(fetch)] if fetch else []
    return "\n".join([*lines, build_command(catalogue, keys)])
