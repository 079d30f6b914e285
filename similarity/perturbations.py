"""Ways to spoil a picture: turned, cropped, dark, noisy, on another ground, by so much of each.

An amount is a whole number of the perturbation's unit. 0 leaves a picture as it is, to the last
bit. Where chance decides it is seeded: the same picture and amounts give the same again.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial, reduce

import numpy as np
from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from similarity.pictures import from_border, shrunk, white_ground

REVISION = "1"  # of what is done to pictures: figures of another are measured again
SIDE = 640  # px: a larger picture is shrunk to that before it is changed
SEED = 0
PERCENT = "\u00a0%"  # no line ends between a number and its unit
EDGE = 5  # px: so wide is the seam in which a product's edge is mixed with its ground
SHADOW = 0.05  # of the longer side: so near to the white ground lie shadows on it,
DARKEST, GREYEST = 170, 12  # which are no darker and no more coloured than this, of 255

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Perturbation:
    """One way to change a picture.

    `amounts` can be chosen, 0 among them; `measured` of them are what a build measures. Where they
    are kinds, not degrees, `kinds` names all from 0 on. A picture is "`done` so much". Those that
    it can't be done to don't `fit`.
    """

    key: str  # in addresses and files
    title: str
    done: str
    unit: str
    amounts: Sequence[int]
    measured: Sequence[int]
    apply: Callable[[Image.Image, int], Image.Image]
    kinds: Sequence[str] = ()
    fits: Callable[[Image.Image], bool] = lambda _: True

    def said(self, amount: int) -> str:
        """An amount with its unit, or the kind that it stands for."""
        if self.kinds:
            return self.kinds[amount]
        sign = "+" if amount > 0 > min(self.amounts) else ""
        return f"{sign}{amount}{self.unit}".replace("-", "−")


def perturbed(picture: Image.Image, amounts: Mapping[str, int]) -> Image.Image:
    """An RGB picture changed by amounts of the perturbations that are named, in their order.

    The picture itself where all amounts are 0; else its longer side is SIDE pixels at most.
    """
    chosen = {key: amount for key, amount in amounts.items() if amount}
    if not chosen:
        return picture
    changed = shrunk(picture, SIDE)
    for key, perturbation in PERTURBATIONS.items():
        if key in chosen and perturbation.fits(changed):
            changed = perturbation.apply(changed, chosen[key])
    return changed


def border_colour(picture: Image.Image) -> Colour:
    """The median colour of a picture's border: what comes in where it is moved."""
    pixels = np.asarray(picture)
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    red, green, blue = np.median(edges, axis=0).astype(int).tolist()
    return red, green, blue


def turned(picture: Image.Image, degrees: int) -> Image.Image:
    """Turned to the left about its middle.

    By right angles without a loss; otherwise in the same frame, which cuts its corners off.
    """
    ground, whole = border_colour(picture), degrees % 90 == 0
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=whole, fillcolor=ground)


def shifted(picture: Image.Image, pixels: int) -> Image.Image:
    """Moved to the right."""
    made = Image.new("RGB", picture.size, border_colour(picture))
    made.paste(picture, (pixels, 0))
    return made


def _zoomed(picture: Image.Image, percent: int) -> Image.Image:
    """All that is seen larger, or smaller with more ground around it."""
    width, height = picture.size
    factor = 1 + percent / 100
    across, down = max(1, round(width * factor)), max(1, round(height * factor))
    scaled = picture.resize((across, down), Image.Resampling.BICUBIC)
    made = Image.new("RGB", picture.size, border_colour(picture))
    made.paste(scaled, ((width - across) // 2, (height - down) // 2))
    return made


def _cropped(picture: Image.Image, percent: int) -> Image.Image:
    """So much of the width cut off at the right, and of the height at the bottom."""
    width, height = picture.size
    kept = 1 - percent / 100
    return picture.crop((0, 0, max(1, round(width * kept)), max(1, round(height * kept))))


def _shifted(picture: Image.Image, percent: int) -> Image.Image:
    return shifted(picture, round(picture.width * percent / 100))


def _recoloured(picture: Image.Image, degrees: int) -> Image.Image:
    """Every hue turned on the circle of hues."""
    hue, saturation, value = picture.convert("HSV").split()
    by = round(degrees / 360 * 256)
    moved = hue.point([(level + by) % 256 for level in range(256)])
    return Image.merge("HSV", (moved, saturation, value)).convert("RGB")


def _enhanced(
    by: Callable[[Image.Image], ImageEnhance._Enhance], sign: int
) -> Callable[..., Image.Image]:
    def apply(picture: Image.Image, percent: int) -> Image.Image:
        return by(picture).enhance(1 + sign * percent / 100)

    return apply


def _blurred(picture: Image.Image, percent: int) -> Image.Image:
    """By a Gaussian whose deviation is so much of the longer side."""
    return picture.filter(ImageFilter.GaussianBlur(max(picture.size) * percent / 100))


def _noisy(picture: Image.Image, levels: int) -> Image.Image:
    """Gaussian noise of this deviation on each colour of each pixel, of 255 levels."""
    pixels = np.asarray(picture)
    noise = np.random.default_rng(SEED).standard_normal(pixels.shape, np.float32)
    return Image.fromarray((pixels + levels * noise).round().clip(0, 255).astype(np.uint8))


def _compressed(picture: Image.Image, lost: int) -> Image.Image:
    """Stored as a JPEG of the quality 100 less so much, and opened again."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=100 - lost)
    return Image.open(out).convert("RGB")


# ---- grounds


def _flat(colour: Colour, width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width, height), colour)


def _gradient(width: int, height: int) -> Image.Image:
    """A wall in the light of a lamp above it."""
    levels = np.linspace(1.0, 0.35, height)[:, None, None] * np.array([246, 226, 196])
    return Image.fromarray(np.broadcast_to(levels, (height, width, 3)).astype(np.uint8))


def _carpet(width: int, height: int) -> Image.Image:
    """A woven carpet in brown and sand: a diamond pattern, threads, and wool."""
    side = max(width, height)
    down, across = np.mgrid[:height, :width] / side
    diamonds = np.abs((8 * (across + down)) % 1 - 0.5) + np.abs((8 * (across - down)) % 1 - 0.5)
    threads = 0.08 * np.sin(across * 2 * np.pi * 80) * np.sin(down * 2 * np.pi * 80)
    wool = 0.07 * np.random.default_rng(SEED).standard_normal((height, width))
    share = (diamonds + threads + wool).clip(0, 1)[..., None]
    mixed = share * np.array([196, 168, 124]) + (1 - share) * np.array([118, 62, 44])
    return Image.fromarray(mixed.astype(np.uint8))


GROUNDS: dict[str, Callable[[int, int], Image.Image]] = {
    "light grey": partial(_flat, (205, 205, 205)),
    "blue": partial(_flat, (96, 142, 196)),
    "lit wall": _gradient,
    "carpet": _carpet,
}
_ground = lru_cache(maxsize=8)(lambda name, size: GROUNDS[name](*size))


def has_white_ground(picture: Image.Image) -> bool:
    """Whether there is white at the border that something else can take the place of."""
    return 0.05 < white_ground(np.asarray(shrunk(picture, SIDE))).mean() < 0.98


def _grounded(picture: Image.Image, kind: int) -> Image.Image:
    """The white that is connected to the border replaced by another ground.

    Where the product's edge is mixed with white, and where its shadow falls on it, the picture is
    multiplied with the ground instead. White that the product encloses stays.
    """
    ground = _ground(list(GROUNDS)[kind - 1], picture.size)
    pixels = np.asarray(picture)
    white = Image.fromarray(255 * white_ground(pixels).astype(np.uint8))
    around = np.asarray(white.filter(ImageFilter.BoxBlur(SHADOW * max(picture.size)))) > 0
    levels = list(np.moveaxis(pixels, -1, 0))
    lowest, highest = reduce(np.minimum, levels), reduce(np.maximum, levels)
    pale = (lowest >= DARKEST) & (highest - lowest <= GREYEST)
    shadow = from_border(pale | np.asarray(white, bool)) & around
    mixed = np.asarray(white.filter(ImageFilter.MaxFilter(EDGE))) > 0
    where = Image.fromarray(255 * (shadow | mixed).astype(np.uint8))
    return Image.composite(ImageChops.multiply(picture, ground), picture, where)


def _steps(start: int, stop: int, step: int) -> tuple[int, ...]:
    return tuple(range(start, stop + 1, step))


# In the order in which they are applied: the ground lies still while the camera moves, and what
# comes in white at the border becomes ground as well.
PERTURBATIONS: dict[str, Perturbation] = {
    each.key: each
    for each in (
        Perturbation(
            "turn", "Turn", "turned by", "°", _steps(0, 180, 5), (10, 30, 90, 180), turned
        ),
        Perturbation(
            "flip",
            "Flip",
            "flipped",
            "",
            (0, 1, 2),
            (1,),
            lambda picture, kind: (ImageOps.mirror, ImageOps.flip)[kind - 1](picture),
            kinds=("as it is", "left to right", "top to bottom"),
        ),
        Perturbation(
            "zoom", "Zoom", "zoomed by", PERCENT, _steps(-70, 150, 10), (-50, 100), _zoomed
        ),
        Perturbation("crop", "Crop", "cropped by", PERCENT, _steps(0, 60, 5), (15, 40), _cropped),
        Perturbation("shift", "Shift", "shifted by", PERCENT, _steps(0, 50, 5), (10, 30), _shifted),
        Perturbation(
            "ground",
            "Ground",
            "on",
            "",
            _steps(0, len(GROUNDS), 1),
            (2, 4),
            _grounded,
            kinds=("as it is", *GROUNDS),
            fits=has_white_ground,
        ),
        Perturbation(
            "hue", "Hue", "with hues turned by", "°", _steps(0, 180, 15), (45, 180), _recoloured
        ),
        Perturbation(
            "grey",
            "Grey",
            "greyed by",
            PERCENT,
            _steps(0, 100, 10),
            (100,),
            _enhanced(ImageEnhance.Color, -1),
        ),
        Perturbation(
            "brightness",
            "Brightness",
            "with brightness changed by",
            PERCENT,
            _steps(-80, 100, 10),
            (-60, 60),
            _enhanced(ImageEnhance.Brightness, 1),
        ),
        Perturbation(
            "contrast",
            "Contrast",
            "with contrast changed by",
            PERCENT,
            _steps(-80, 100, 10),
            (-60,),
            _enhanced(ImageEnhance.Contrast, 1),
        ),
        Perturbation("blur", "Blur", "blurred by", PERCENT, _steps(0, 8, 1), (1, 3), _blurred),
        Perturbation(
            "noise", "Noise", "with noise of", "\u00a0levels", _steps(0, 100, 5), (50,), _noisy
        ),
        Perturbation(
            "jpeg",
            "JPEG loss",
            "stored as JPEG with a loss of",
            "",
            (0, 10, 30, 50, 70, 80, 90, 95, 99),
            (90,),
            _compressed,
        ),
    )
}

# Several at once, as they come together.
SCENES: dict[str, Mapping[str, int]] = {
    "A customer's photo": {
        "turn": 10, "zoom": -20, "shift": 10, "ground": 4, "brightness": -30, "blur": 1, "jpeg": 50,
    },
    "A scan": {"turn": 5, "grey": 100, "contrast": 20, "jpeg": 70},
    "Upside down": {"turn": 180},
    "A dark shop": {"ground": 3, "brightness": -60, "noise": 25, "blur": 1},
    "A tiny thumbnail": {"blur": 2, "jpeg": 90},
}  # fmt: skip
