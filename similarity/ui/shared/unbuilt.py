"""The commands that add methods which are not built yet."""

from collections.abc import Sequence

from similarity.catalogue import Catalogue
from similarity.commands import format_build_command, format_fetch_command
from similarity.methods import METHODS


def format_commands(catalogue: Catalogue, keys: Sequence[str]) -> str:
    """Return the commands that build these methods, one per line, fetching weights first."""
    published = [key for key in keys if METHODS[key].published]
    lines = [format_fetch_command(published)] if published else []
    return "\n".join([*lines, format_build_command(catalogue, keys)])
