"""Pictures that can't be used: each is refused quickly and with its reason."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from similarity.errors import SimilarityError
from similarity.pictures.limits import MAX_BYTES
from similarity.pictures.read import load_rgb, read_bytes, read_picture, read_size
from tests.units.conftest import png
from tests.units.drawing import draw, encode

GOOD = encode(draw(1, (300, 200)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (GOOD[: len(GOOD) // 2], "incomplete: about 55% of it is missing"),
        (encode(draw(1, (300, 200)), "JPEG")[:2000], "incomplete: about 49% of it is missing"),
        (b"these are words, not a picture\n" * 20, "not a picture"),
        (b"", "not a picture"),
        (b"\0" * 5000, "not a picture"),
        (
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
            "a PostScript drawing, which is not",
        ),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing, which is not"),
        (png((9_000, 9_000), 8, 2), "9000 x 9000 is more than 64 million pixels"),
        (png((100_000, 100_000), 8, 2), "more than 64 million pixels"),
        (png((2**31 - 1, 2**31 - 1), 8, 2), "more than 64 million pixels"),
        (png((0, 0), 8, 2), "damaged: its pixels"),
    ],
    ids=[
        "png",
        "jpeg",
        "text",
        "empty",
        "zeros",
        "EPS",
        "SVG",
        "large",
        "larger",
        "largest",
        "none",
    ],
)
def test_a_bad_picture_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(SimilarityError, match=reason):
        read_picture(content)


def test_only_regular_readable_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.jpg")  # opening it to read would wait for ever
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "broken.jpg").symlink_to(tmp_path / "nothing")
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    with (tmp_path / "huge.jpg").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    for name, reason in {
        ".": "not a regular file",
        "fifo.jpg": "not a regular file",
        "empty.jpg": "is empty",
        "broken.jpg": "can't be read: No such file",
        "loop.jpg": "can't be read: Too many levels",
        "huge.jpg": "larger than 200 MB",
        "a\0b.jpg": "can't be read",
    }.items():
        with pytest.raises(SimilarityError, match=reason):
            read_bytes(tmp_path / name)


@pytest.mark.parametrize(
    "picture", ["photo.jpg", None, Image.new("RGB", (0, 5)), Image.open(io.BytesIO(GOOD[:600]))]
)
def test_a_value_that_is_not_a_picture_is_a_clear_error(picture: Any) -> None:
    with pytest.raises(SimilarityError, match=r"pathlib\.Path|no pixels|damaged"):
        load_rgb(picture)


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ((63_000_000, 1), "more than 20,000 pixels on a side"),
        ((1, 20_001), "more than 20,000 pixels on a side"),
        ((5_100, 100), "more than 50 times as long as wide"),
        ((100, 5_100), "more than 50 times as long as wide"),
    ],
)
def test_a_picture_too_long_is_refused_before_it_is_decoded(
    size: tuple[int, int], reason: str
) -> None:
    content = png(size, 1, 0, b"no rows at all")  # decoding it would say that it is damaged
    with pytest.raises(SimilarityError, match=reason):
        read_picture(content)
    with pytest.raises(SimilarityError, match=reason):
        read_size(content)


def test_a_picture_just_within_the_limits_is_read() -> None:
    assert read_picture(encode(Image.new("L", (20_000, 400)))).size == (20_000, 400)
