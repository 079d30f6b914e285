"""Distort pictures: rotate, crop, darken, add noise, replace the background and so on.

An amount is a whole number in the perturbation's unit; 0 leaves the picture unchanged, to the last
bit. Random perturbations are seeded, so the same picture and amounts give the same result.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial, reduce

import numpy as np
from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from similarity.pictures.ground import find_white_ground, select_connected_to_border
from similarity.pictures.thumbnails import shrink

REVISION = "1"  # results measured with another revision are measured again
SIDE = 640  # px: larger pictures are shrunk to this before they are changed
SEED = 0
PERCENT = "\u00a0%"  # a non-breaking space
EDGE = 5  # px: width of the seam in which a product's edge blends into its background
SHADOW = 0.05  # of the longer side: distance from white within which pixels can be a shadow,
DARKEST, GREYEST = 170, 12  # if they are no darker and no more coloured than this, of 255

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Perturbation:
    """One way to distort a picture.

    A user can choose any of `amounts`, which contains 0; a build measures `measured_amounts`. If
    amounts are kinds and not degrees, `kinds` names them, starting at 0. `label` precedes an amount
    in descriptions: "rotated by 10°". `applies_to` tells whether a picture can be distorted in this
    way.
    """

    key: str  # stored in URLs and files
    title: str
    label: str
    unit: str
    amounts: Sequence[int]
    measured_amounts: Sequence[int]
    apply: Callable[[Image.Image, int], Image.Image]
    kinds: Sequence[str] = ()
    applies_to: Callable[[Image.Image], bool] = lambda _: True

    def format_amount(self, amount: int) -> str:
        """Return an amount with its unit, or the name of its kind."""
        if self.kinds:
            return self.kinds[amount]
        sign = "+" if amount > 0 > min(self.amounts) else ""
        return f"{sign}{amount}{self.unit}".replace("-", "−")


def perturb(picture: Image.Image, amounts: Mapping[str, int]) -> Image.Image:
    """Return an RGB picture distorted by the given amounts, in the order of PERTURBATIONS.

    Returns the picture itself if all amounts are 0; otherwise its longer side is at most SIDE
    pixels.
    """
    active = {key: amount for key, amount in amounts.items() if amount}
    if not active:
        return picture
    changed = shrink(picture, SIDE)
    for key, perturbation in PERTURBATIONS.items():
        if key in active and perturbation.applies_to(changed):
            changed = perturbation.apply(changed, active[key])
    return changed


def compute_border_colour(picture: Image.Image) -> Colour:
    """Return the median colour of a picture's border, which fills areas that become empty."""
    pixels = np.asarray(picture)
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    red, green, blue = np.median(edges, axis=0).astype(int).tolist()
    return red, green, blue


def rotate(picture: Image.Image, degrees: int) -> Image.Image:
    """Rotate a picture counter-clockwise about its centre.

    Multiples of 90° are lossless. Other angles keep the frame, which cuts off the corners.
    """
    ground, is_right_angle = compute_border_colour(picture), degrees % 90 == 0
    return picture.rotate(
        degrees, Image.Resampling.BICUBIC, expand=is_right_angle, fillcolor=ground
    )


def shift(picture: Image.Image, pixels: int) -> Image.Image:
    """Shift a picture to the right."""
    canvas = Image.new("RGB", picture.size, compute_border_colour(picture))
    canvas.paste(picture, (pixels, 0))
    return canvas


def _zoom(picture: Image.Image, percent: int) -> Image.Image:
    """Enlarge a picture within its frame, or shrink it and fill the rest with background."""
    width, height = picture.size
    factor = 1 + percent / 100
    across, down = max(1, round(width * factor)), max(1, round(height * factor))
    scaled = picture.resize((across, down), Image.Resampling.BICUBIC)
    canvas = Image.new("RGB", picture.size, compute_border_colour(picture))
    canvas.paste(scaled, ((width - across) // 2, (height - down) // 2))
    return canvas


def _crop(picture: Image.Image, percent: int) -> Image.Image:
    """Cut a percentage of the width off at the right, and of the height at the bottom."""
    width, height = picture.size
    remaining = 1 - percent / 100
    return picture.crop((0, 0, max(1, round(width * remaining)), max(1, round(height * remaining))))


def _shift(picture: Image.Image, percent: int) -> Image.Image:
    return shift(picture, round(picture.width * percent / 100))


def _rotate_hues(picture: Image.Image, degrees: int) -> Image.Image:
    """Rotate every hue on the colour circle."""
    hue, saturation, value = picture.convert("HSV").split()
    offset = round(degrees / 360 * 256)
    rotated = hue.point([(level + offset) % 256 for level in range(256)])
    return Image.merge("HSV", (rotated, saturation, value)).convert("RGB")


def _make_enhancement(
    enhancer: Callable[[Image.Image], ImageEnhance._Enhance], sign: int
) -> Callable[..., Image.Image]:
    def apply(picture: Image.Image, percent: int) -> Image.Image:
        return enhancer(picture).enhance(1 + sign * percent / 100)

    return apply


def _blur(picture: Image.Image, percent: int) -> Image.Image:
    """Apply a Gaussian blur whose standard deviation is a percentage of the longer side."""
    return picture.filter(ImageFilter.GaussianBlur(max(picture.size) * percent / 100))


def _add_noise(picture: Image.Image, levels: int) -> Image.Image:
    """Add Gaussian noise with this standard deviation, of 255 levels, to every channel."""
    pixels = np.asarray(picture)
    noise = np.random.default_rng(SEED).standard_normal(pixels.shape, np.float32)
    return Image.fromarray((pixels + levels * noise).round().clip(0, 255).astype(np.uint8))


def _compress(picture: Image.Image, lost: int) -> Image.Image:
    """Encode as JPEG with quality 100 minus `lost`, and decode again."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=100 - lost)
    return Image.open(out).convert("RGB")


# ---- backgrounds


def _draw_colour(colour: Colour, width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width, height), colour)


def _draw_gradient(width: int, height: int) -> Image.Image:
    """Draw a wall lit from above."""
    levels = np.linspace(1.0, 0.35, height)[:, None, None] * np.array([246, 226, 196])
    return Image.fromarray(np.broadcast_to(levels, (height, width, 3)).astype(np.uint8))


def _draw_carpet(width: int, height: int) -> Image.Image:
    """Draw a woven carpet in brown and sand: a diamond pattern, threads and wool."""
    side = max(width, height)
    down, across = np.mgrid[:height, :width] / side
    diamonds = np.abs((8 * (across + down)) % 1 - 0.5) + np.abs((8 * (across - down)) % 1 - 0.5)
    threads = 0.08 * np.sin(across * 2 * np.pi * 80) * np.sin(down * 2 * np.pi * 80)
    wool = 0.07 * np.random.default_rng(SEED).standard_normal((height, width))
    share = (diamonds + threads + wool).clip(0, 1)[..., None]
    mixed = share * np.array([196, 168, 124]) + (1 - share) * np.array([118, 62, 44])
    return Image.fromarray(mixed.astype(np.uint8))


GROUNDS: dict[str, Callable[[int, int], Image.Image]] = {
    "light grey": partial(_draw_colour, (205, 205, 205)),
    "blue": partial(_draw_colour, (96, 142, 196)),
    "lit wall": _draw_gradient,
    "carpet": _draw_carpet,
}
_get_ground = lru_cache(maxsize=8)(lambda name, size: GROUNDS[name](*size))


def has_white_ground(picture: Image.Image) -> bool:
    """Return whether a picture has white at its border that a background can replace."""
    return 0.05 < find_white_ground(np.asarray(shrink(picture, SIDE))).mean() < 0.98


def _replace_ground(picture: Image.Image, kind: int) -> Image.Image:
    """Replace the white that is connected to the border with another background.

    The picture is multiplied with the background where its edge blends into white and where its
    shadow falls on it. White inside the product stays.
    """
    ground = _get_ground(list(GROUNDS)[kind - 1], picture.size)
    pixels = np.asarray(picture)
    white = Image.fromarray(255 * find_white_ground(pixels).astype(np.uint8))
    near_white = np.asarray(white.filter(ImageFilter.BoxBlur(SHADOW * max(picture.size)))) > 0
    levels = list(np.moveaxis(pixels, -1, 0))
    lowest, highest = reduce(np.minimum, levels), reduce(np.maximum, levels)
    is_pale = (lowest >= DARKEST) & (highest - lowest <= GREYEST)
    shadow = select_connected_to_border(is_pale | np.asarray(white, bool)) & near_white
    edge = np.asarray(white.filter(ImageFilter.MaxFilter(EDGE))) > 0
    mask = Image.fromarray(255 * (shadow | edge).astype(np.uint8))
    return Image.composite(ImageChops.multiply(picture, ground), picture, mask)


def _list_steps(start: int, stop: int, step: int) -> tuple[int, ...]:
    return tuple(range(start, stop + 1, step))


# Applied in this order: first the background, then the camera's changes, so that the background
# moves along with the product.
PERTURBATIONS: dict[str, Perturbation] = {
    each.key: each
    for each in (
        Perturbation(
            "turn", "Rotation", "rotated by", "°", _list_steps(0, 180, 5), (10, 30, 90, 180), rotate
        ),
        Perturbation(
            "flip",
            "Flip",
            "flipped",
            "",
            (0, 1, 2),
            (1,),
            lambda picture, kind: (ImageOps.mirror, ImageOps.flip)[kind - 1](picture),
            kinds=("unchanged", "left to right", "top to bottom"),
        ),
        Perturbation(
            "zoom", "Zoom", "zoomed by", PERCENT, _list_steps(-70, 150, 10), (-50, 100), _zoom
        ),
        Perturbation("crop", "Crop", "cropped by", PERCENT, _list_steps(0, 60, 5), (15, 40), _crop),
        Perturbation(
            "shift", "Shift", "shifted by", PERCENT, _list_steps(0, 50, 5), (10, 30), _shift
        ),
        Perturbation(
            "ground",
            "Background",
            "on",
            "",
            _list_steps(0, len(GROUNDS), 1),
            (2, 4),
            _replace_ground,
            kinds=("unchanged", *GROUNDS),
            applies_to=has_white_ground,
        ),
        Perturbation(
            "hue",
            "Hue",
            "with hues rotated by",
            "°",
            _list_steps(0, 180, 15),
            (45, 180),
            _rotate_hues,
        ),
        Perturbation(
            "grey",
            "Grey",
            "desaturated by",
            PERCENT,
            _list_steps(0, 100, 10),
            (100,),
            _make_enhancement(ImageEnhance.Color, -1),
        ),
        Perturbation(
            "brightness",
            "Brightness",
            "with brightness changed by",
            PERCENT,
            _list_steps(-80, 100, 10),
            (-60, 60),
            _make_enhancement(ImageEnhance.Brightness, 1),
        ),
        Perturbation(
            "contrast",
            "Contrast",
            "with contrast changed by",
            PERCENT,
            _list_steps(-80, 100, 10),
            (-60,),
            _make_enhancement(ImageEnhance.Contrast, 1),
        ),
        Perturbation("blur", "Blur", "blurred by", PERCENT, _list_steps(0, 8, 1), (1, 3), _blur),
        Perturbation(
            "noise",
            "Noise",
            "with noise of",
            "\u00a0levels",
            _list_steps(0, 100, 5),
            (50,),
            _add_noise,
        ),
        Perturbation(
            "jpeg",
            "JPEG loss",
            "compressed as JPEG with a loss of",
            "",
            (0, 10, 30, 50, 70, 80, 90, 95, 99),
            (90,),
            _compress,
        ),
    )
}

CUSTOMER_PHOTO = "A customer's photo"
# Combinations that occur together in practice.
SCENES: dict[str, Mapping[str, int]] = {
    CUSTOMER_PHOTO: {
        "turn": 10, "zoom": -20, "shift": 10, "ground": 4, "brightness": -30, "blur": 1, "jpeg": 50,
    },
    "A scan": {"turn": 5, "grey": 100, "contrast": 20, "jpeg": 70},
    "Upside down": {"turn": 180},
    "A dark shop": {"ground": 3, "brightness": -60, "noise": 25, "blur": 1},
    "A tiny thumbnail": {"blur": 2, "jpeg": 90},
}  # fmt: skip


def describe_amounts(amounts: Mapping[str, int]) -> str:
    """Describe amounts: 'rotated by 180°, blurred by 1 %'."""
    return ", ".join(
        f"{PERTURBATIONS[key].label} {PERTURBATIONS[key].format_amount(amount)}"
        for key, amount in amounts.items()
    )


def parse_amounts(text: str) -> dict[str, int]:
    """Return the amounts that are not 0 in a text such as "rotation:180,jpeg:90".

    Amounts that can't be chosen become the nearest one that can; other parts are ignored.
    """
    amounts = {}
    for part in text.split(","):
        key, _, amount = part.partition(":")
        number = amount.removeprefix("-")
        if key in PERTURBATIONS and number.isascii() and number.isdigit() and len(number) < 9:
            available = np.array(PERTURBATIONS[key].amounts)
            amounts[key] = int(available[np.abs(available - int(amount)).argmin()])
    return {key: amounts[key] for key in PERTURBATIONS if amounts.get(key)}
