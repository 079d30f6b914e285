"""Reading pictures that come from outside: any usual format in, a plain RGB picture out."""

import io
import stat
import threading
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

# Decoders of FORMATS, and MPO's, which is a JPEG's with several pictures. Pillow would import them
# when the first picture is opened, by several threads at once, and would go on without a format
# whose import failed in one of them.
from PIL import (  # noqa: F401  # isort: skip
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TgaImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from similarity.errors import SimilarityError
from similarity.loading import load_once

# Decoders that only read pixels. Left out on purpose: formats that run other programs (EPS) or
# fetch other files, and those that no shop has.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "ICO", "PPM", "TGA")
MAX_PIXELS = 64_000_000  # an 8,000 x 8,000 picture; decoded it takes about 200 MB
TOO_LARGE = f"more than {MAX_PIXELS // 1_000_000} million pixels"
LARGE = 16_000_000  # pixels of a picture that no other as large is decoded beside: for memory
MAX_SIDE = 20_000  # px
MAX_ASPECT = 50  # of the longer side to the shorter one: beyond it there is nothing to compare
MAX_BYTES = 200_000_000
MAX_UPLOAD = 25_000_000  # bytes of a visitor's picture: .streamlit/config.toml says so too
WHITE = 238  # of 255, in all three colours: what counts as a white ground
THUMBNAIL_SIDE = 320  # px: sharp in a 160 px cell on a screen with two pixels a point

_one_at_a_time = threading.Lock()


def read_bytes(path: Path) -> bytes:
    """The content of a regular file; the file is closed again when this returns.

    Raises SimilarityError for what is no regular file, is empty, too large or can't be read.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SimilarityError("not a regular file")
        if status.st_size == 0:
            raise SimilarityError("the file is empty")
        if status.st_size > MAX_BYTES:
            raise SimilarityError(f"the file is larger than {MAX_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise SimilarityError(f"the file can't be read: {error.strerror or error}") from error
    except ValueError as error:  # a path with a zero byte
        raise SimilarityError(f"the file can't be read: {error}") from error


def read_picture(content: bytes) -> Image.Image:
    """Decode a picture into RGB, upright, on white where it is transparent, its first frame.

    Raises SimilarityError with the reason when the bytes are no usable picture.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns about odd metadata and large pictures; the limit below decides.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                width, height = picture.size
                check_size(width, height)
                with _one_at_a_time if width * height > LARGE else nullcontext():
                    return to_rgb(ImageOps.exif_transpose(picture))
    except UnidentifiedImageError as error:
        raise SimilarityError("not a picture, or of a kind that is not read here") from error
    except Image.DecompressionBombError as error:  # Pillow's own limit, about three times ours
        raise SimilarityError(f"it is {TOO_LARGE}") from error
    except SimilarityError:
        raise
    except Exception as error:  # Pillow's decoders raise almost anything on hostile bytes
        raise SimilarityError(f"damaged: {str(error) or type(error).__name__}") from error


def check_size(width: int, height: int) -> None:
    """Raises SimilarityError for a picture that is too large or too narrow, before it is decoded.

    Decoders need memory by the longer side as well as by the area: 59 KB of PNG that unfold to
    63,000,000 x 1 pixels took 1.3 GB.
    """
    if width * height > MAX_PIXELS:
        raise SimilarityError(f"{width} x {height} is {TOO_LARGE}")
    if max(width, height) > MAX_SIDE:
        raise SimilarityError(f"{width} x {height} is more than {MAX_SIDE:,} pixels on a side")
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise SimilarityError(f"{width} x {height} is more than {MAX_ASPECT} times as long as wide")


def read_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels, upright, of a picture that was read before: its header alone.

    Raises SimilarityError if it is too large or too narrow by now.
    """
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        width, height = picture.size
        check_size(width, height)
        # Pillow gives a TIFF's size as it is when upright already.
        upright = picture.format == "TIFF"
        turned = picture.getexif().get(ExifTags.Base.Orientation) in (5, 6, 7, 8) and not upright
    return (height, width) if turned else (width, height)


def as_rgb(picture: Image.Image | Path | bytes) -> Image.Image:
    """A picture that is opened, a file's path or a file's content, made RGB and upright.

    Raises SimilarityError with the reason when it is no usable picture.
    """
    if isinstance(picture, Path):
        return read_picture(read_bytes(picture))
    if isinstance(picture, bytes):
        return read_picture(picture)
    if not isinstance(picture, Image.Image):
        kind = type(picture).__name__
        raise SimilarityError(f"A picture is a PIL image, a pathlib.Path or bytes, not {kind}.")
    if 0 in picture.size:
        raise SimilarityError("The picture has no pixels.")
    try:
        return to_rgb(ImageOps.exif_transpose(picture))
    except Exception as error:  # opened is not decoded: Pillow may find the damage only now
        raise SimilarityError(f"damaged: {str(error) or type(error).__name__}") from error


def to_rgb(picture: Image.Image) -> Image.Image:
    """RGB from any of Pillow's modes; transparency is laid onto white, as shops show it."""
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        picture = _eight_bits(picture)
    if picture.mode == "La":  # the one mode with alpha that Pillow can't turn into RGBA at once
        picture = picture.convert("LA")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture).convert("RGB")
    return picture.convert("RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits scaled to 8; Pillow's own conversion would clip it to white."""
    values = np.asarray(picture).astype(np.float32)
    if picture.mode.startswith("I;16"):
        white = 65_535
        values[values == picture.info.get("transparency")] = white
    else:  # no file says what white is: the least of the usual levels that nothing exceeds
        usual = (1, 255, 65_535) if picture.mode == "F" else (255, 65_535)
        highest = values[np.isfinite(values)].max(initial=0)
        white = next((level for level in usual if highest <= level), 2**31 - 1)
    scaled = np.nan_to_num(values / white * 255.0, posinf=255.0, neginf=0.0)
    return Image.fromarray(np.rint(np.clip(scaled, 0, 255)).astype(np.uint8))


def shrunk(
    picture: Image.Image, side: int, by: Image.Resampling = Image.Resampling.LANCZOS
) -> Image.Image:
    """The whole picture, its longer side at most `side` pixels."""
    small = picture.copy()
    small.thumbnail((side, side), by, reducing_gap=3.0)
    return small


def thumbnail(picture: Image.Image) -> bytes:
    """The whole picture as WebP, its longer side at most THUMBNAIL_SIDE pixels.

    Of a photograph it takes as long as all else that a build does but for the networks, so filter
    and effort are the quickest of which no difference is seen.
    """
    out = io.BytesIO()
    small = shrunk(picture, THUMBNAIL_SIDE, Image.Resampling.HAMMING)
    small.save(out, "WEBP", quality=86, method=1)
    return out.getvalue()


@load_once()
def _label() -> Callable[..., tuple[npt.NDArray[np.int32], int]]:
    from scipy import ndimage  # half a second, which what never looks at grounds need not wait for

    return ndimage.label


def white_ground(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which pixels of a picture (height, width, 3) are white that is connected to its border."""
    red, green, blue = np.moveaxis(pixels >= WHITE, -1, 0)  # as .all(-1), several times as fast
    return from_border(red & green & blue)


def from_border(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Those flags (height, width) that are connected to the border by others."""
    regions, count = _label()(flags)
    reached = np.zeros(count + 1, np.bool_)
    for side in (regions[0], regions[-1], regions[:, 0], regions[:, -1]):
        reached[side] = True
    reached[0] = False  # what is no flag
    return reached[regions]
