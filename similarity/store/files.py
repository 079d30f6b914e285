"""Files that are there whole or not at all."""

import threading
from pathlib import Path


def write_whole(place: Path, content: bytes) -> None:
    """Write a file so that it is either there whole or not at all."""
    place.parent.mkdir(parents=True, exist_ok=True)
    # a name of its own: two threads may write the thumbnail of two files with the same content
    unfinished = place.with_name(f"{place.name}.{threading.get_ident()}.part")
    unfinished.write_bytes(content)
    unfinished.replace(place)
