"""Archives such as are fetched or given, and the command that builds from them."""

import io
import zipfile
from pathlib import Path
from typing import Any

from precompute.__main__ import main
from tests.units.drawing import draw, encode

WRAPPER = "clothing-dataset-small-36364be"


def build(name: str, *more: str) -> int:
    return main(["--catalogue", name, "--methods", "tiny", *more])


def zipped(members: dict[str, bytes], **options: Any) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def photographs(count: int = 4) -> dict[str, bytes]:
    """What GitHub's archive of the clothing dataset is like."""
    names = ["train/dress", "train/hat", "test/hat", "validation/hat"]
    return {f"{WRAPPER}/LICENSE": b"CC0", f"{WRAPPER}/README.md": b"words"} | {
        f"{WRAPPER}/{names[i % 4]}/{i}.png": encode(draw(i)) for i in range(count)
    }


def write_archive(tmp_path: Path, content: bytes) -> str:
    """The archive as a file that the user has."""
    place = tmp_path / "given.zip"
    place.write_bytes(content)
    return str(place)
