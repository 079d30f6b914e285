"""The numbers of a pixel are a colour only by its profile: it is read as the colour it has."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from similarity.pictures.read import read_picture, read_size, read_with_note
from similarity.pictures.thumbnails import make_thumbnail
from tests.units import profiles
from tests.units.drawing import encode

RED = (200, 30, 40)
WIDE_RED = profiles.to_wide(RED)
WIDE, INKS = profiles.make_rgb_profile(), profiles.make_ink_profile()
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def flat(mode: str, value: object) -> Image.Image:
    return Image.new(mode, (64, 64), value)  # type: ignore[arg-type]


def is_near(picture: Image.Image, colour: tuple[int, ...], levels: int = 4) -> bool:
    return bool(np.abs(np.asarray(picture, int) - colour).max() <= levels)


def translate_red(profile: bytes, mode: str) -> Image.Image:
    """RED in another space, by the library that reads it."""
    target = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    picture = ImageCms.profileToProfile(
        flat("RGB", RED), SRGB, target, ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode=mode
    )
    assert picture is not None
    return picture


def make_palette() -> Image.Image:
    picture = flat("P", 0)
    picture.putpalette(WIDE_RED)
    return picture


LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


@pytest.mark.parametrize(
    "content",
    [
        encode(flat("RGB", RED)),
        encode(flat("RGB", RED), icc_profile=SRGB.tobytes()),
        encode(flat("RGB", WIDE_RED), icc_profile=WIDE),
        encode(flat("RGB", WIDE_RED), "JPEG", quality=98, icc_profile=WIDE),
        encode(flat("RGB", WIDE_RED), "WEBP", lossless=True, icc_profile=WIDE),
        encode(flat("RGB", WIDE_RED), "TIFF", icc_profile=WIDE),
        encode(flat("RGB", WIDE_RED), "AVIF", quality=95, icc_profile=WIDE),
        encode(make_palette(), icc_profile=WIDE),
        encode(flat("RGBA", (*WIDE_RED, 255)), icc_profile=WIDE),
        encode(translate_red(LAB, "LAB"), "TIFF"),
        encode(translate_red(LAB, "LAB"), "TIFF", icc_profile=LAB),
    ],
    ids=["none", "sRGB", "PNG", "JPEG", "WebP", "TIFF", "AVIF", "palette", "RGBA", "Lab", "LabICC"],
)
def test_a_red_is_the_same_in_every_colour_space(content: bytes) -> None:
    picture, note = read_with_note(content)
    assert is_near(picture, RED)
    assert not note
    thumbnail = make_thumbnail(picture)
    assert is_near(read_picture(thumbnail), RED, levels=8)
    assert "icc_profile" not in Image.open(io.BytesIO(thumbnail)).info, "browsers take it as sRGB"


@pytest.mark.parametrize("inks", [(0, 1, 1, 0), (1, 0, 0, 0), (0, 0, 0, 0), (0, 1, 0, 0)])
def test_inks_are_read_by_their_profile(inks: tuple[int, ...]) -> None:
    linear = profiles.compute_ink(np.array(inks, float))
    expected = 255 * np.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055
    )
    full = tuple(255 * ink for ink in inks)
    content = encode(flat("CMYK", full), "TIFF", icc_profile=INKS)
    assert is_near(read_picture(content), tuple(expected), levels=6)


def test_inks_without_a_profile_are_multiplied() -> None:
    cyan, magenta, yellow, black = inks = (30, 200, 100, 60)
    expected = [255 * (1 - ink / 255) * (1 - black / 255) for ink in (cyan, magenta, yellow)]
    assert is_near(read_picture(encode(flat("CMYK", inks), "TIFF")), tuple(map(round, expected)), 1)


def test_grey_is_read_by_its_gamma() -> None:
    content = encode(flat("L", 128), icc_profile=profiles.make_grey_profile(1.0))
    assert is_near(read_picture(content), (188,) * 3), "half of the light is 188 in sRGB"
    with_alpha = encode(flat("LA", (128, 255)), icc_profile=profiles.make_grey_profile(1.0))
    assert is_near(read_picture(with_alpha), (188,) * 3)


def test_a_grey_picture_may_have_a_profile_of_three_colours() -> None:
    linear_in_wide = (128 / 255) ** profiles.GAMMA
    expected = 255 * (1.055 * linear_in_wide ** (1 / 2.4) - 0.055)
    picture, note = read_with_note(encode(flat("L", 128), icc_profile=WIDE))
    assert is_near(picture, (round(expected),) * 3)
    assert not note


@pytest.mark.parametrize(
    "profile",
    [b"no profile", b"", WIDE[:200], INKS, WIDE[:16] + b"ABCD" + WIDE[20:]],
    ids=["words", "empty", "cut", "inks", "unknown space"],
)
def test_a_useless_profile_costs_a_note_and_nothing_else(profile: bytes) -> None:
    content = encode(flat("RGB", RED), icc_profile=profile)
    picture, note = read_with_note(content)
    assert is_near(picture, RED, levels=0)
    assert note.startswith("its colour profile is damaged") == bool(profile)


def test_numbers_of_an_srgb_picture_are_left_as_they_are() -> None:
    steps = np.linspace(0, 255, 16).round().astype(np.uint8)
    colours = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(64, 64, 3)
    content = encode(Image.fromarray(colours), icc_profile=SRGB.tobytes())
    assert np.array_equal(np.asarray(read_picture(content)), colours)


def test_a_photograph_of_a_phone_is_read_upright_in_its_colours() -> None:
    """phone.heic is white with a red quarter, stored turned, with the profile of `profiles`."""
    content = (Path(__file__).parent / "phone.heic").read_bytes()
    picture, note = read_with_note(content)
    assert picture.size == read_size(content) == (96, 64)
    assert is_near(picture.crop((4, 4, 44, 28)), RED)
    assert is_near(picture.crop((52, 36, 96, 64)), (255, 255, 255))
    assert not note
