"""The catalogue's colours: twelve names, their shades, and which second colours suit them."""

import colorsys
import random
from dataclasses import dataclass

# Bases are far enough apart that the jitter below never turns one colour into another.
_BASES = {
    "black": "#2a2a2d",
    "white": "#f5f5f3",
    "grey": "#8b8d91",
    "silver": "#c3c7cc",
    "red": "#c9202c",
    "pink": "#f08fb4",
    "orange": "#f57f1c",
    "yellow": "#f3c922",
    "green": "#2f9150",
    "blue": "#2a62bd",
    "purple": "#7a3fa3",
    "brown": "#7b4a2a",
}
_NEUTRAL = ("black", "white", "grey", "silver")

ALL = tuple(_BASES)
NO_SILVER = tuple(name for name in ALL if name != "silver")

_HARMONY = {
    "black": ("white", "grey", "red", "yellow"),
    "white": ("blue", "red", "black", "green", "pink"),
    "grey": ("white", "black", "yellow", "pink"),
    "silver": ("black", "white", "blue"),
    "red": ("white", "black", "yellow"),
    "pink": ("white", "red", "grey"),
    "orange": ("white", "blue", "grey"),
    "yellow": ("white", "grey", "blue"),
    "green": ("white", "yellow", "brown"),
    "blue": ("white", "yellow", "orange"),
    "purple": ("white", "yellow", "pink"),
    "brown": ("white", "yellow", "green"),
}


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _written(channels: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(255 * min(max(c, 0.0), 1.0)):02x}" for c in channels)


def mix(one: str, other: str, share: float) -> str:
    """`one` with `share` (0 to 1) of `other` stirred in; colours as '#rrggbb'."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return _written(tuple(a + (b - a) * share for a, b in pairs))


@dataclass(frozen=True)
class Paint:
    """A colour and the shades a drawing needs of it, all '#rrggbb'."""

    name: str
    base: str
    light: str
    dark: str
    edge: str


def shades(name: str, base: str) -> Paint:
    """The paint for a base colour; white gets a grey edge, to be seen on a white page."""
    brightness = sum(_channels(base)) / 3
    if brightness > 0.9:
        return Paint(name, base, "#ffffff", "#989ea7", "#adb2ba")
    if brightness > 0.7 and max(_channels(base)) - min(_channels(base)) < 0.1:  # silver
        return Paint(name, base, "#f7f9fb", "#5f656e", "#80868f")
    if brightness < 0.25:
        return Paint(name, base, mix(base, "#ffffff", 0.38), mix(base, "#000000", 0.75), "#0d0d0f")
    hue, _, saturation = colorsys.rgb_to_hls(*_channels(base))
    # Shade on orange and yellow is warm and not too deep, or they would pass for brown and olive.
    warm = 0.04 < hue < 0.2 and brightness > 0.4
    depth, turn = (0.31, -0.016) if warm else (0.16, 0.0)
    deep = _written(colorsys.hls_to_rgb(hue + turn, depth, saturation * 0.8))
    return Paint(name, base, mix(base, "#ffffff", 0.6), deep, mix(base, deep, 0.62))


def jittered(name: str, rng: random.Random) -> Paint:
    """The named colour as one product wears it: a few per cent off in hue and lightness."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(_BASES[name]))
    if name not in _NEUTRAL:
        hue = (hue + rng.uniform(-0.010, 0.010)) % 1.0
        saturation = min(saturation * rng.uniform(0.9, 1.1), 1.0)
    lightness += rng.uniform(-0.012, 0.012) if name in _NEUTRAL else rng.uniform(-0.025, 0.025)
    return shades(name, _written(colorsys.hls_to_rgb(hue, lightness, saturation)))


def second_for(paint: Paint, rng: random.Random) -> Paint:
    """A colour to go with `paint` in its pattern: white, or a harmonising one."""
    return jittered(rng.choice(_HARMONY[paint.name]), rng)
