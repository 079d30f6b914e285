"""Write files atomically."""

import threading
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that readers see either all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # a name per thread: two threads may write the thumbnail of files with the same content
    temporary = path.with_name(f"{path.name}.{threading.get_ident()}.part")
    temporary.write_bytes(content)
    temporary.replace(path)
