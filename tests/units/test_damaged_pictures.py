"""What every browser shows is read: damage costs metadata, or a little of the picture."""

import io
import re
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from similarity.errors import SimilarityError
from similarity.pictures.formats import describe_format
from similarity.pictures.limits import MAX_PIXELS
from similarity.pictures.read import read_picture, read_size, read_with_note
from tests.units import profiles
from tests.units.conftest import png
from tests.units.drawing import draw, encode

SIZE = (240, 160)
GREY = 128


def make_photograph() -> Image.Image:
    """A picture with noise, so that its bytes are spread evenly over its rows."""
    noise = np.random.default_rng(3).normal(0, 8, (SIZE[1], SIZE[0], 3))
    return Image.fromarray((np.asarray(draw(7, SIZE)) + noise).clip(0, 255).astype(np.uint8))


PHOTOGRAPH = make_photograph()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def exif(*entries: bytes) -> bytes:
    """EXIF with entries of 12 bytes."""
    return (
        b"Exif\0\0II*\0"
        + struct.pack("<IH", 8, len(entries))
        + b"".join(entries)
        + struct.pack("<I", 0)
    )


ROTATED = struct.pack("<HHIHH", 0x112, 3, 1, 6, 0)
PNG = encode(PHOTOGRAPH)
JPEG = encode(PHOTOGRAPH, "JPEG", quality=92)


def in_png(*chunks: bytes) -> bytes:
    return PNG[:33] + b"".join(chunks) + PNG[33:]


def in_jpeg(*segments: bytes) -> bytes:
    return (
        JPEG[:2] + b"".join(s[:2] + struct.pack(">H", len(s)) + s[2:] for s in segments) + JPEG[2:]
    )


@pytest.mark.parametrize(
    "content",
    [
        JPEG[:-2],
        JPEG[:-1],
        JPEG + b"what a camera appended" * 9,
        in_jpeg(b"\xff\xe2MPF\0II*\0 nonsense"),
        in_jpeg(b"\xff\xedPhotoshop 3.0\0008BIM\x04\x04\0\0\xff\xff\xff\xff"),
        in_jpeg(b"\xff\xe1Exif\0\0"),
        in_jpeg(b"\xff\xe1Exif\0\0II*\0\xff\xff\xff\xff"),
        in_png(chunk(b"zTXt", b"prompt\0\0" + zlib.compress(b"x" * 1_500_000))),
        in_png(chunk(b"zTXt", b"prompt\0\0" + zlib.compress(b"x" * 30_000_000))),
        in_png(*[chunk(b"zTXt", b"p\0\0" + zlib.compress(b"x" * 9_000_000))] * 9),
        in_png(chunk(b"iTXt", b"no end")),
        in_png(chunk(b"eXIf", b"garbage")),
        in_png(chunk(b"tEXt", b"a\0b")[:-4] + b"\0\0\0\0"),
        in_png(chunk(b"pHYs", b"")),
        PNG[:-12],
        PNG[:-6],
        encode(PHOTOGRAPH, "WEBP", lossless=True, exif=b"Exif\0\0" + b"x" * 300)[:-40],
    ],
    ids=[
        *("JPEG without end", "half an end", "appended", "MPF", "Photoshop", "no EXIF", "EXIF"),
        *("text", "long text", "many texts", "iTXt", "eXIf", "sum", "pHYs", "no IEND", "half IEND"),
        "WebP metadata",
    ],
)
def test_damage_beside_the_pixels_changes_none_of_them(content: bytes) -> None:
    whole = JPEG if content.startswith(b"\xff\xd8") else PNG
    picture, note = read_with_note(content)
    assert np.array_equal(np.asarray(picture), np.asarray(read_picture(whole)))
    assert read_size(content) == SIZE
    assert "missing" not in note


@pytest.mark.parametrize(
    "entry",
    [
        struct.pack("<HHIf", 0x10F, 11, 1, 1.5),  # a text that is a float
        struct.pack("<HHIi", 0x100, 9, 1, -5),  # a width below zero
        struct.pack("<HHII", 0x8769, 4, 1, 2**31),  # a directory outside of the file
    ],
)
def test_a_picture_with_odd_metadata_is_turned_upright(entry: bytes) -> None:
    content = encode(PHOTOGRAPH, "JPEG", quality=92, exif=exif(ROTATED, entry))
    picture, note = read_with_note(content)
    assert picture.size == read_size(content) == SIZE[::-1]
    assert not note


def test_a_large_profile_is_used_and_a_larger_one_costs_only_itself() -> None:
    profile = profiles.make_rgb_profile()
    for size, note_start in ((3_000_000, ""), (30_000_000, "the file is damaged, but")):
        packed = zlib.compress(profile + bytes(size))
        content = in_png(chunk(b"iCCP", b"icc\0\0" + packed))
        picture, note = read_with_note(content)
        assert note.startswith(note_start) if note_start else not note
        is_changed = bool((np.asarray(picture) != np.asarray(PHOTOGRAPH)).any())
        assert is_changed == (not note_start)


def cut(content: bytes, share: float) -> bytes:
    return content[: round(len(content) * (1 - share))]


FILES = {
    "JPEG": JPEG,
    "JPEG 4:4:4": encode(PHOTOGRAPH, "JPEG", quality=92, subsampling=0),
    "PNG": PNG,
    "PNG interlaced": b"",  # made below
    "WebP": encode(PHOTOGRAPH, "WEBP", quality=90),
    "WebP lossless": encode(PHOTOGRAPH, "WEBP", lossless=True),
    "BMP": encode(PHOTOGRAPH, "BMP"),
    "TIFF": encode(PHOTOGRAPH, "TIFF"),
    "PPM": encode(PHOTOGRAPH, "PPM"),
}


def interlace(picture: Image.Image) -> bytes:
    """A PNG file in seven passes, none of them filtered."""
    pixels, rows = np.asarray(picture), b""
    for left, top, right, down in PASSES:
        for row in pixels[top::down, left::right]:
            rows += b"\0" + row.tobytes()
    head = struct.pack(">IIBBBBB", *picture.size, 8, 2, 0, 0, 1)
    packed = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + packed


PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
PASSES.append((0, 1, 1, 2))
FILES["PNG interlaced"] = interlace(PHOTOGRAPH)


@pytest.mark.parametrize("kind", FILES)
def test_a_little_that_is_missing_is_grey_and_noted(kind: str) -> None:
    whole = np.asarray(read_picture(FILES[kind]), int)
    content = cut(FILES[kind], 0.03)
    picture, note = read_with_note(content)
    pixels = np.asarray(picture, int)
    is_grey = (pixels == GREY).all(axis=2)
    share = is_grey.mean()
    assert 0.005 < share < 0.12
    assert note == f"incomplete: {share:.0%} of it is missing and shown grey"
    blocks = 16 if "JPEG" in kind or "WebP" in kind else 0
    near_grey = np.pad(is_grey, blocks)
    for axis in (0, 1):  # what surrounds a missing block may be smoothed
        near_grey = sum(
            (np.roll(near_grey, step, axis) for step in range(-blocks, blocks + 1)), near_grey
        )
    near_grey = near_grey[
        blocks : near_grey.shape[0] - blocks, blocks : near_grey.shape[1] - blocks
    ]
    assert np.array_equal(pixels[~near_grey], whole[~near_grey]), "the rest is what it was"
    assert read_size(content) == SIZE


@pytest.mark.parametrize("kind", FILES)
def test_a_picture_that_lacks_much_is_refused(kind: str) -> None:
    for share in (0.2, 0.5):
        with pytest.raises(SimilarityError, match=r"incomplete: about|pixels can't"):
            read_picture(cut(FILES[kind], share))


def test_a_progressive_picture_may_lack_its_finest_details() -> None:
    whole = encode(PHOTOGRAPH, "JPEG", quality=92, progressive=True)
    picture, note = read_with_note(cut(whole, 0.02))
    difference = np.abs(np.asarray(picture, int) - np.asarray(read_picture(whole), int))
    assert note == "the end of the file is missing, and with it the finest details"
    assert difference.mean() < 2
    for share in (0.15, 0.5, 0.8):
        with pytest.raises(SimilarityError, match="incomplete"):
            read_picture(cut(whole, share))


def test_a_file_that_ends_in_zeros_was_not_received_completely() -> None:
    size = len(JPEG)
    picture, note = read_with_note(cut(JPEG, 0.03).ljust(size, b"\0"))
    assert note.startswith("incomplete")
    assert np.asarray(picture)[-1, -1].tolist() == [GREY] * 3
    with pytest.raises(SimilarityError, match="incomplete"):
        read_picture(cut(JPEG, 0.5).ljust(size, b"\0"))


def test_a_damaged_row_of_a_png_file_is_missing_and_not_black() -> None:
    damaged = bytearray(PNG)
    damaged[-60] ^= 0xFF  # close to the end of the packed rows
    picture, note = read_with_note(bytes(damaged))
    assert note.startswith("incomplete")
    assert np.asarray(picture)[-1, -1].tolist() == [GREY] * 3


def test_a_picture_larger_than_memory_allows_is_decoded_smaller_if_its_format_can() -> None:
    size = (12_000, 9_000)
    content = encode(Image.new("L", size, 90), "JPEG")
    picture = read_picture(content)
    assert picture.size == (6_000, 4_500)
    assert picture.getpixel((9, 9)) == (90, 90, 90)
    assert read_size(content) == size, "the table has its true size"
    progressive = encode(Image.new("L", (9_000, 9_000)), "JPEG", progressive=True)
    for other in (png(size, 8, 2), progressive):
        with pytest.raises(SimilarityError, match=f"more than {MAX_PIXELS // 1_000_000} million"):
            read_picture(other)


def test_a_completed_file_is_bounded_too() -> None:
    bomb = png((60_000, 1_000), 8, 2, b"")
    with pytest.raises(SimilarityError, match="pixels on a side"):
        read_picture(bomb[:-4])


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"8BPS\0\1", "a Photoshop document"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
        (b"\xff\x0a\xfa\x7f", "a JPEG XL picture"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "a video"),
        (b"\0\0\0\x18ftypcrx \0\0\0\0", "a raw photograph"),
        (b"<?xml version='1.0'?>\n<!-- drawn -->\n<svg xmlns='http://www.w3.org/'/>", "an SVG"),
        (b"<!DOCTYPE html>\n<title>404 Not found</title>", "a web page"),
        (b"PK\x03\x04\x14\0", "a zip archive"),
    ],
)
def test_a_format_that_is_not_read_is_called_by_its_name(content: bytes, name: str) -> None:
    with pytest.raises(SimilarityError, match=f"it is {name}.*, which is not read. Export it as"):
        read_picture(content + bytes(200))


def test_no_message_has_the_names_of_a_library() -> None:
    contents = [cut(content, share) for content in FILES.values() for share in (0.1, 0.6, 0.99)]
    contents += [PNG.replace(b"IHDR", b"IHDX"), b"GIF89a", b"BM" + bytes(40), b"II*\0" + bytes(9)]
    messages = []
    for content in contents:
        with suppress(SimilarityError):
            messages.append(read_with_note(content).note)
            continue
        with pytest.raises(SimilarityError) as error:
            read_picture(content)
        messages.append(str(error.value))
    assert not re.search("Plugin|MAX_|LOAD_|<|tile|buffer|processed", "".join(messages))
    assert PngImagePlugin.MAX_TEXT_CHUNK < 64_000_000


def test_a_readable_format_has_no_other_name() -> None:
    for content in FILES.values():
        assert not describe_format(content)
        assert Image.open(io.BytesIO(content)).size == SIZE
