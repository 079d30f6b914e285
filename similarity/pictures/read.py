"""Read untrusted pictures: any common format in, a plain sRGB picture out."""

import io
import stat
import threading
import warnings
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from similarity.errors import SimilarityError
from similarity.pictures.colour import convert_to_rgb
from similarity.pictures.damage import jpeg
from similarity.pictures.damage.complete import (
    FILLERS,
    MAX_MISSING,
    complete,
    compute_missing_data,
    find_missing,
)
from similarity.pictures.formats import FORMATS, READ, describe_format, is_readable_format
from similarity.pictures.limits import LARGE, MAX_BYTES, MAX_PIXELS, TOO_LARGE, validate_size

GREY = 128  # what missing pixels are shown as
DAMAGED = "the file is damaged, but the picture is complete"
BLURRED = "the end of the file is missing, and with it the finest details"
TURNS = {  # EXIF orientations, and what makes them upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_one_at_a_time = threading.Lock()
_one_damaged_at_a_time = threading.Lock()  # each is decoded twice


class Reading(NamedTuple):
    """A picture in sRGB, and what to know about how it was read, or an empty text."""

    picture: Image.Image
    note: str = ""


class _Stored(NamedTuple):
    """A picture in sRGB as it is stored, how to turn it upright, and a note."""

    picture: Image.Image
    turn: Image.Transpose | None
    note: str


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
    """Decode a picture to sRGB: upright, its first frame, with transparency on white.

    Raises SimilarityError with the reason if the bytes are not a usable picture.
    """
    return read_with_note(content).picture


def read_with_note(content: bytes) -> Reading:
    """Decode a picture as `read_picture`, and say what was wrong with it.

    Damage beside the pixels costs a note, and so does up to MAX_MISSING of missing data. Raises
    SimilarityError as `read_picture`.
    """
    with warnings.catch_warnings():
        # Pillow warns about odd metadata and large pictures; the limits below decide.
        warnings.simplefilter("ignore")
        try:
            stored = _decode(content)
        except SimilarityError:
            raise
        except Image.DecompressionBombError as error:  # Pillow's own limit, about three times ours
            raise SimilarityError(f"it is {TOO_LARGE}") from error
        except Exception as error:  # Pillow's decoders raise almost anything on hostile bytes
            with _one_damaged_at_a_time:
                stored = _decode_damaged(content, error)
    return Reading(_turn(stored.picture, stored.turn), stored.note)


def _decode(content: bytes) -> _Stored:
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        width, height = picture.size
        _prepare_size(picture)
        with _one_at_a_time if width * height > LARGE else nullcontext():
            picture.load()
            turn = TURNS.get(_find_orientation(picture))
            rgb, note = convert_to_rgb(picture)
            return _Stored(rgb, turn, note)


def _decode_damaged(content: bytes, error: Exception) -> _Stored:
    """Decode a picture that a strict decoder refuses, if little of it is missing.

    Raises SimilarityError otherwise.
    """
    try:
        first, second = (_decode(complete(content, filler)) for filler in FILLERS)
    except Exception:  # as for the picture itself
        raise _explain(content, error) from error
    pixels, other_pixels = np.array(first.picture), np.asarray(second.picture)
    is_missing = find_missing(content, pixels, other_pixels)
    if not is_missing.any():
        return first._replace(note=first.note or DAMAGED)
    area = float(is_missing.mean())
    missing = compute_missing_data(content, area)
    if missing > MAX_MISSING:
        raise SimilarityError(f"it is incomplete: about {area:.0%} of it is missing") from error
    if jpeg.is_progressive(content):
        return first._replace(note=BLURRED)
    pixels[is_missing] = GREY
    note = f"incomplete: {max(area, 0.01):.0%} of it is missing and shown grey"
    return _Stored(Image.fromarray(pixels), first.turn, note)


def _explain(content: bytes, error: Exception) -> SimilarityError:
    """Return the error of a file that can't be read, in words that aren't a library's."""
    if name := describe_format(content):
        return SimilarityError(f"it is {name}, which is not read. Export it as {READ}")
    if isinstance(error, UnidentifiedImageError) and not is_readable_format(content):
        return SimilarityError("it is not a picture, or its format is not supported")
    return SimilarityError("it is damaged: its pixels can't be decoded")


def _prepare_size(picture: Image.Image) -> None:
    """Raise SimilarityError for a picture that is too large, or let it be decoded smaller.

    A JPEG file can be decoded at a half, a quarter or an eighth of its size, in as little memory as
    a small one, unless it is progressive.
    """
    width, height = picture.size
    is_reducible = picture.format in ("JPEG", "MPO") and "progressive" not in picture.info
    validate_size(width, height, is_reducible)
    while picture.width * picture.height > MAX_PIXELS:
        width, height = (width + 1) // 2, (height + 1) // 2
        if not picture.draft(picture.mode, (width, height)):
            raise SimilarityError(f"{width} x {height} is {TOO_LARGE}")


def _turn(picture: Image.Image, turn: Image.Transpose | None) -> Image.Image:
    """Return a picture in upright position, without the metadata that would turn it again."""
    if turn is None:
        return picture
    upright = picture.transpose(turn)
    upright.info = {}
    return upright


def _find_orientation(picture: Image.Image) -> int:
    """Return the EXIF orientation from 1 to 8 of an opened picture; 1 if that can't be read."""
    try:
        orientation = picture.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # metadata may hold anything
        return 1
    return orientation if orientation in TURNS else 1


def read_size(content: bytes) -> tuple[int, int]:
    """Return width and height in pixels of a picture in upright position, from its header.

    Raises SimilarityError if it is not a picture, too large or too narrow.
    """
    try:
        return _read_header(content)
    except SimilarityError:
        raise
    except Exception as error:
        try:
            return _read_header(complete(content, FILLERS[0]))
        except Exception:
            raise _explain(content, error) from error


def _read_header(content: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        width, height = picture.size
        _prepare_size(picture)
        # Pillow reports the upright size of a TIFF file.
        is_upright = picture.format == "TIFF"
        is_rotated = _find_orientation(picture) in (5, 6, 7, 8) and not is_upright
    return (height, width) if is_rotated else (width, height)


def load_rgb(picture: Image.Image | Path | bytes) -> Image.Image:
    """Return a PIL image, or a picture given as a path or as bytes, in sRGB and upright.

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
        picture.load()
        turn = TURNS.get(_find_orientation(picture))
        rgb, _ = convert_to_rgb(picture)
        return _turn(rgb, turn)
    except Exception as error:  # Pillow decodes lazily and may find damage only now
        raise SimilarityError("it is damaged: its pixels can't be decoded") from error
