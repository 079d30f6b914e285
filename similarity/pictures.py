"""Read untrusted pictures: any common format in, a plain RGB picture out."""

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

# Import the decoders of FORMATS, and of MPO (a JPEG with several pictures), up front. Pillow would
# import them when the first picture is opened, in several threads at once, and would silently do
# without a format whose import failed in one of them.
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

# Decoders that only read pixels. Excluded on purpose: formats that run other programs (EPS) or
# fetch other files, and rare ones.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "ICO", "PPM", "TGA")
MAX_PIXELS = 64_000_000  # 8,000 x 8,000 pixels, about 200 MB when decoded
TOO_LARGE = f"more than {MAX_PIXELS // 1_000_000} million pixels"
LARGE = 16_000_000  # pixels: pictures this large are decoded one at a time, to limit memory
MAX_SIDE = 20_000  # px
MAX_ASPECT = 50  # longer side to shorter side
MAX_BYTES = 200_000_000
MAX_UPLOAD = 25_000_000  # bytes of an uploaded picture; .streamlit/config.toml has the same limit
WHITE = 238  # of 255: lowest value of each channel in a white background
THUMBNAIL_SIDE = 320  # px: sharp in a 160 px cell on a screen with two pixels per point

_one_at_a_time = threading.Lock()


def read_bytes(path: Path) -> bytes:
    """Return the content of a regular file.

    Raises SimilarityError if it is not a regular file, is empty or too large, or can't be read.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SimilarityError("it is not a regular file")
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
    """Decode a picture to RGB: upright, its first frame, with transparency on white.

    Raises SimilarityError with the reason if the bytes are not a usable picture.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns about odd metadata and large pictures; the limits below decide.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                width, height = picture.size
                validate_size(width, height)
                with _one_at_a_time if width * height > LARGE else nullcontext():
                    return convert_to_rgb(ImageOps.exif_transpose(picture))
    except UnidentifiedImageError as error:
        raise SimilarityError("it is not a picture, or its format is not supported") from error
    except Image.DecompressionBombError as error:  # Pillow's own limit, about three times ours
        raise SimilarityError(f"it is {TOO_LARGE}") from error
    except SimilarityError:
        raise
    except Exception as error:  # Pillow's decoders raise almost anything on hostile bytes
        raise SimilarityError(f"it is damaged: {str(error) or type(error).__name__}") from error


def validate_size(width: int, height: int) -> None:
    """Raise SimilarityError for a picture that is too large or too narrow, before it is decoded.

    The limits apply to the longer side as well as to the area, because decoders need memory for
    both: a PNG file of 59 KB that decodes to 63,000,000 x 1 pixels took 1.3 GB.
    """
    if width * height > MAX_PIXELS:
        raise SimilarityError(f"{width} x {height} is {TOO_LARGE}")
    if max(width, height) > MAX_SIDE:
        raise SimilarityError(f"{width} x {height} is more than {MAX_SIDE:,} pixels on a side")
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise SimilarityError(f"{width} x {height} is more than {MAX_ASPECT} times as long as wide")


def read_size(content: bytes) -> tuple[int, int]:
    """Return width and height in pixels of a picture in upright position, from its header.

    Raises SimilarityError if it is too large or too narrow.
    """
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        width, height = picture.size
        validate_size(width, height)
        # Pillow reports the upright size of a TIFF file.
        is_upright = picture.format == "TIFF"
        is_rotated = (
            picture.getexif().get(ExifTags.Base.Orientation) in (5, 6, 7, 8) and not is_upright
        )
    return (height, width) if is_rotated else (width, height)


def load_rgb(picture: Image.Image | Path | bytes) -> Image.Image:
    """Return a PIL image, or a picture given as a path or as bytes, in RGB and upright.

    Raises SimilarityError with the reason if it is not a usable picture.
    """
    if isinstance(picture, Path):
        return read_picture(read_bytes(picture))
    if isinstance(picture, bytes):
        return read_picture(picture)
    if not isinstance(picture, Image.Image):
        type_name = type(picture).__name__
        raise SimilarityError(
            f"A picture is a PIL image, a pathlib.Path or bytes, not {type_name}."
        )
    if 0 in picture.size:
        raise SimilarityError("The picture has no pixels.")
    try:
        return convert_to_rgb(ImageOps.exif_transpose(picture))
    except Exception as error:  # Pillow decodes lazily and may find damage only now
        raise SimilarityError(f"it is damaged: {str(error) or type(error).__name__}") from error


def convert_to_rgb(picture: Image.Image) -> Image.Image:
    """Convert any of Pillow's modes to RGB, with transparency on white."""
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        picture = _convert_to_eight_bits(picture)
    if picture.mode == "La":  # the one mode with alpha that Pillow can't convert to RGBA directly
        picture = picture.convert("LA")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture).convert("RGB")
    return picture.convert("RGB")


def _convert_to_eight_bits(picture: Image.Image) -> Image.Image:
    """Scale grey values of 16 or 32 bits to 8; Pillow's own conversion would clip them to white."""
    values = np.asarray(picture).astype(np.float32)
    if picture.mode.startswith("I;16"):
        white = 65_535
        values[values == picture.info.get("transparency")] = white
    else:  # files don't state their white level: take the lowest common level that nothing exceeds
        usual = (1, 255, 65_535) if picture.mode == "F" else (255, 65_535)
        highest = values[np.isfinite(values)].max(initial=0)
        white = next((level for level in usual if highest <= level), 2**31 - 1)
    scaled = np.nan_to_num(values / white * 255.0, posinf=255.0, neginf=0.0)
    return Image.fromarray(np.rint(np.clip(scaled, 0, 255)).astype(np.uint8))


def shrink(
    picture: Image.Image, side: int, resampling: Image.Resampling = Image.Resampling.LANCZOS
) -> Image.Image:
    """Return a copy of a picture whose longer side is at most `side` pixels."""
    copy = picture.copy()
    copy.thumbnail((side, side), resampling, reducing_gap=3.0)
    return copy


def make_thumbnail(picture: Image.Image) -> bytes:
    """Return a picture as WebP whose longer side is at most THUMBNAIL_SIDE pixels.

    For photographs this takes as long as everything else in a build except the networks, so the
    filter and the effort are the fastest without a visible difference.
    """
    out = io.BytesIO()
    small = shrink(picture, THUMBNAIL_SIDE, Image.Resampling.HAMMING)
    small.save(out, "WEBP", quality=86, method=1)
    return out.getvalue()


@load_once()
def _load_label() -> Callable[..., tuple[npt.NDArray[np.int32], int]]:
    from scipy import ndimage  # half a second, which what never looks at grounds need not wait for

    return ndimage.label


def find_white_ground(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Return which pixels (height, width, 3) are white and connected to the border by white."""
    red, green, blue = np.moveaxis(
        pixels >= WHITE, -1, 0
    )  # same as .all(-1), several times as fast
    return select_connected_to_border(red & green & blue)


def select_connected_to_border(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the flags (height, width) that are connected to the border by other flags."""
    regions, count = _load_label()(flags)
    touches_border = np.zeros(count + 1, np.bool_)
    for side in (regions[0], regions[-1], regions[:, 0], regions[:, -1]):
        touches_border[side] = True
    touches_border[0] = False  # label 0 marks pixels without a flag
    return touches_border[regions]
