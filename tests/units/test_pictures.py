"""Reading pictures from outside: every usual kind is read right."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from similarity.pictures.read import load_rgb, read_picture, read_size
from similarity.pictures.thumbnails import THUMBNAIL_SIDE, make_thumbnail
from tests.units.conftest import png
from tests.units.drawing import encode

RED, WHITE = (255, 0, 0), (255, 255, 255)


def turned(orientation: int, kind: str) -> bytes:
    """A picture, white with a red top left quarter, that is stored as EXIF says."""
    upright = Image.new("RGB", (64, 32), "white")
    upright.paste(RED, (0, 0, 32, 16))
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return encode(stored, kind, exif=exif)


def near(picture: Image.Image, place: tuple[int, int], colour: tuple[int, ...]) -> bool:
    """Whether a pixel has about that colour; lossy formats move it a little."""
    x, y = place
    return bool(np.abs(np.asarray(picture, int)[y, x] - colour).max() <= 6)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 10))
def test_a_picture_is_turned_upright_as_its_exif_says(orientation: int, kind: str) -> None:
    content = turned(orientation, kind)
    picture = read_picture(content)
    assert picture.size == (64, 32)
    assert near(picture, (8, 8), RED)
    assert all(near(picture, place, WHITE) for place in [(56, 8), (8, 24), (56, 24)])
    assert read_size(content) == (64, 32), "the size from the header alone is the same"


def test_an_orientation_that_is_not_a_number_is_ignored() -> None:
    content = turned(1, "JPEG")
    number = b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x01"
    assert number in content
    odd = content.replace(number, b"\x01\x12\x00\x02\x00\x00\x00\x02a\x00")
    assert read_picture(odd).size == read_size(odd) == (64, 32)


def palette_with_transparency() -> bytes:
    picture = Image.new("P", (8, 8), 0)
    picture.putpalette([0, 0, 255, 255, 0, 0])
    picture.paste(1, (0, 0, 8, 4))
    return encode(picture, transparency=0)


@pytest.mark.parametrize(
    ("content", "top", "bottom"),
    [
        (encode(Image.new("RGBA", (8, 8), (9, 9, 9, 0))), WHITE, WHITE),
        (encode(Image.new("RGBA", (8, 8), (0, 0, 0, 128))), (127,) * 3, (127,) * 3),
        (encode(Image.new("LA", (8, 8), (0, 128))), (127,) * 3, (127,) * 3),
        (encode(Image.new("L", (8, 8), 70), transparency=70), WHITE, WHITE),
        (encode(Image.new("1", (8, 8), 0), transparency=0), WHITE, WHITE),
        (encode(Image.new("RGB", (8, 8), (1, 2, 3)), transparency=(1, 2, 3)), WHITE, WHITE),
        (palette_with_transparency(), RED, WHITE),
        (encode(Image.new("I;16", (8, 8), 300), transparency=300), WHITE, WHITE),
        (png((1, 2), 16, 4, struct.pack(">xHHxHH", 0, 65535, 0, 0)), (0, 0, 0), WHITE),
        (encode(Image.new("RGBA", (8, 8), (9, 9, 9, 0)), "WEBP", lossless=True), WHITE, WHITE),
    ],
    ids=["RGBA", "half", "LA", "L", "1", "RGB", "palette", "grey16", "LA16", "WebP"],
)
def test_transparent_pictures_are_put_on_white(
    content: bytes, top: tuple[int, ...], bottom: tuple[int, ...]
) -> None:
    picture = read_picture(content)
    assert picture.mode == "RGB"
    assert near(picture, (0, 0), top)
    assert near(picture, (0, picture.height - 1), bottom)


@pytest.mark.parametrize(("mode", "half"), [("RGBa", (64, 0, 0, 128)), ("La", (64, 128))])
def test_premultiplied_alpha_is_put_on_white(mode: str, half: tuple[int, ...]) -> None:
    picture = load_rgb(Image.frombytes(mode, (2, 2), bytes(half) * 4))
    expected = (191, 127, 127) if mode == "RGBa" else (191, 191, 191)
    assert near(picture, (0, 0), expected)


def tiff(values: np.ndarray) -> bytes:
    return encode(Image.fromarray(values), "TIFF")


def grey(value: float, dtype: type) -> np.ndarray:
    return np.array([[0, value, 0], [0, 0, value]], dtype)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (encode(Image.fromarray(grey(32768, np.uint16))), 128),
        (encode(Image.fromarray(grey(200, np.uint16))), 1),
        (tiff(grey(32768, np.uint16)), 128),
        (tiff(grey(32768, np.int32)), 128),
        (tiff(grey(100, np.int32)), 100),
        (tiff(grey(2**30, np.int32)), 128),
        (tiff(grey(0.5, np.float32)), 128),
        (tiff(grey(128, np.float32)), 128),
        (tiff(grey(32768, np.float32)), 128),
        (tiff(np.array([[0, 0.5, np.nan], [np.inf, -np.inf, 0]], np.float32)), 128),
        (encode(Image.new("L", (3, 2), 77)), 77),
        (encode(Image.new("1", (3, 2), 1)), 255),
    ],
    ids=[
        "png16",
        "dark16",
        "tiff16",
        "I16",
        "I8",
        "I32",
        "F1",
        "F255",
        "F65535",
        "broken",
        "L",
        "1",
    ],
)
def test_grey_of_any_depth_keeps_its_brightness(content: bytes, expected: int) -> None:
    assert near(read_picture(content), (1, 0), (expected,) * 3)


def test_colours_of_sixteen_bits_keep_their_brightness() -> None:
    content = png((1, 1), 16, 2, struct.pack(">xHHH", 32768, 65535, 0))
    assert near(read_picture(content), (0, 0), (128, 255, 0))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (encode(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", quality=95), RED),
        (encode(Image.new("RGB", (8, 8), RED).quantize(4)), RED),
        (encode(Image.new("RGB", (8, 8), RED), "JPEG", progressive=True), RED),
        *((encode(Image.new("RGB", (16, 16), RED), kind), RED) for kind in ["BMP", "TIFF", "AVIF"]),
    ],
    ids=["CMYK", "palette", "progressive", "BMP", "TIFF", "AVIF"],
)
def test_every_usual_kind_shows_its_colour(content: bytes, expected: tuple[int, ...]) -> None:
    assert near(read_picture(content), (2, 2), expected)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_its_first_frame(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    content = encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    assert Image.open(io.BytesIO(content)).n_frames == 2  # type: ignore[attr-defined]
    assert near(read_picture(content), (2, 2), RED)


def test_a_picture_may_be_an_image_a_path_or_bytes(tmp_path: Path) -> None:
    content = turned(6, "PNG")
    (tmp_path / "a.png").write_bytes(content)
    sources: list[Image.Image | Path | bytes] = [
        content,
        tmp_path / "a.png",
        Image.open(io.BytesIO(content)),
    ]
    first, *others = [np.asarray(load_rgb(picture)) for picture in sources]
    assert first.shape == (32, 64, 3)
    assert all(np.array_equal(first, other) for other in others)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1000, 500), (THUMBNAIL_SIDE, THUMBNAIL_SIDE // 2)),
        ((300, 900), (round(THUMBNAIL_SIDE / 3), THUMBNAIL_SIDE)),
        ((60, 40), (60, 40)),
        ((5000, 3), (THUMBNAIL_SIDE, 1)),
    ],
)
def test_a_thumbnail_shows_the_whole_picture(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    picture = Image.new("RGB", size, "white")
    picture.paste(RED, (size[0] // 2, 0, *size))
    small = Image.open(io.BytesIO(make_thumbnail(picture)))
    assert (small.format, small.size) == ("WEBP", expected)
    assert near(small, (2, expected[1] // 2), WHITE)
    assert near(small, (expected[0] - 3, expected[1] // 2), RED)
    assert picture.size == size, "the picture itself is left as it was"
