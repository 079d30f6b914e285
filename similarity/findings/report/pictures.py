"""Pictures small enough for a file with hundreds of them."""

import base64
import io
from collections.abc import Mapping

from PIL import Image

from similarity.pictures.thumbnails import shrink

# px of the longer side, by the number of pictures up to which a report stays below 5 MB
SIDES = {300: 224, 700: 160, 1200: 128}
SMALLEST = 96
QUALITY = 72


def choose_side(count: int) -> int:
    """Return the size of pictures in a report that has so many, in px of the longer side."""
    return next((side for limit, side in SIDES.items() if count <= limit), SMALLEST)


def shrink_pictures(pictures: Mapping[str, bytes], count: int) -> dict[str, str]:
    """Return WebP files as data URLs for a report with `count` pictures, by the same names.

    What isn't a WebP file is left out.
    """
    side, urls = choose_side(count), {}
    for name, content in pictures.items():
        try:
            with Image.open(io.BytesIO(content), formats=("WEBP",)) as picture:
                small = shrink(picture.convert("RGB"), side)
        except (OSError, ValueError, Image.DecompressionBombError):
            continue
        out = io.BytesIO()
        small.save(out, "WEBP", quality=QUALITY, method=2)
        urls[name] = make_url("image/webp", out.getvalue())
    return urls


def make_url(kind: str, content: bytes) -> str:
    """Return a data URL with the content of a file."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
