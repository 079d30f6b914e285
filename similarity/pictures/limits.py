"""How large a picture may be."""

from similarity.errors import SimilarityError

MAX_PIXELS = 64_000_000  # 8,000 x 8,000 pixels, about 200 MB when decoded
TOO_LARGE = f"more than {MAX_PIXELS // 1_000_000} million pixels"
LARGE = 16_000_000  # pixels: pictures this large are decoded one at a time, to limit memory
MAX_SIDE = 20_000  # px
MAX_ASPECT = 50  # longer side to shorter side
MAX_BYTES = 200_000_000
# Bytes of a text or a colour profile in a PNG file. Profiles of printers have some megabytes, and
# pictures that were generated have their prompts.
MAX_TEXT = 16_000_000
MAX_UPLOAD = 25_000_000  # bytes of an uploaded picture; .streamlit/config.toml has the same limit


def validate_size(width: int, height: int, is_reducible: bool = False) -> None:
    """Raise SimilarityError for a picture that is too large or too narrow, before it is decoded.

    The limits apply to the longer side as well as to the area, because decoders need memory for
    both: a PNG file of 59 KB that decodes to 63,000,000 x 1 pixels took 1.3 GB. A reducible one can
    be decoded at a smaller size.
    """
    if width * height > MAX_PIXELS and not is_reducible:
        raise SimilarityError(f"{width} x {height} is {TOO_LARGE}")
    if max(width, height) > MAX_SIDE:
        raise SimilarityError(f"{width} x {height} is more than {MAX_SIDE:,} pixels on a side")
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise SimilarityError(f"{width} x {height} is more than {MAX_ASPECT} times as long as wide")
