"""The patterns, drawn over a region of the picture in its units (200 x 200).

Drawn outright rather than as SVG <pattern> tiles, which cost four times as much to render. Each
starts from the origin's grid, so that it runs on from one part of a product to the next.
"""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .palette import Paint, mix


@dataclass(frozen=True)
class Cloth:
    """What a pattern is drawn with: its repeat in units, the colours, dice, and the region."""

    size: float
    paint: Paint
    second: Paint
    rng: random.Random
    left: float
    top: float
    right: float
    bottom: float

    def rows(self, step: float) -> Iterator[float]:
        """The grid's heights in the region, from just above it."""
        return _grid(self.top, self.bottom, step)

    def columns(self, step: float) -> Iterator[float]:
        """The grid's places across the region, from just left of it."""
        return _grid(self.left, self.right, step)

    def across(self, step: float) -> str:
        """Horizontal lines through the region."""
        return "".join(f"M{self.left:.1f},{y:.1f}H{self.right:.1f}" for y in self.rows(step))

    def down(self, step: float) -> str:
        """Vertical lines through the region."""
        return "".join(f"M{x:.1f},{self.top:.1f}V{self.bottom:.1f}" for x in self.columns(step))


def _grid(start: float, stop: float, step: float) -> Iterator[float]:
    at = start // step * step
    while at < stop + step:
        yield at
        at += step


def _strokes(path: str, colour: str, width: float, opacity: float = 1) -> str:
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:.2f}"'
        f' stroke-opacity="{opacity}"/>'
    )


def _dots(places: list[tuple[float, float]], r: float, colour: str, opacity: float = 1) -> str:
    ring = f"a{r:.2f},{r:.2f} 0 1,1 {2 * r:.2f},0a{r:.2f},{r:.2f} 0 1,1 {-2 * r:.2f},0"
    path = "".join(f"M{x - r:.1f},{y:.1f}{ring}" for x, y in places)
    return f'<path d="{path}" fill="{colour}" fill-opacity="{opacity}"/>'


def _staggered(cloth: Cloth, step: float) -> list[tuple[float, float]]:
    """Points of a grid whose every other row is shifted by half a step."""
    rows = [(y, step / 2 * (round(y * 2 / step) % 2)) for y in cloth.rows(step / 2)]
    return [(x + shift, y) for y, shift in rows for x in cloth.columns(step)]


def _striped(cloth: Cloth) -> str:
    repeat = cloth.size * cloth.rng.choice((0.7, 1.0, 1.3))
    return _strokes(cloth.across(repeat), cloth.second.base, repeat * cloth.rng.uniform(0.27, 0.38))


def _checked(cloth: Cloth) -> str:
    repeat = cloth.size * cloth.rng.uniform(1.0, 1.4)
    bar = repeat * cloth.rng.uniform(0.24, 0.3)
    down, across = cloth.down(repeat), cloth.across(repeat)
    thin = f'<g transform="translate({repeat / 2:.1f},{repeat / 2:.1f})">'
    thin += _strokes(down + across, cloth.paint.dark, cloth.size * 0.07, 0.55) + "</g>"
    woven = mix(cloth.paint.base, cloth.second.base, 0.55)
    return _strokes(across, woven, bar) + _strokes(down, cloth.second.base, bar, 0.55) + thin


def _dotted(cloth: Cloth) -> str:
    repeat = cloth.size * cloth.rng.uniform(0.9, 1.3)
    radius = repeat * cloth.rng.uniform(0.16, 0.21)
    return _dots(_staggered(cloth, repeat), radius, cloth.second.base)


def _floral(cloth: Cloth) -> str:
    repeat = cloth.size * 2
    reach = cloth.size * 0.8
    # A petal is one curve from the flower's heart and back; five of them, 72 degrees apart.
    petals = ""
    for i in range(5):
        grips = [math.radians(72 * i + lean) for lean in (-42, 42)]
        (x1, y1), (x2, y2) = [(reach * math.sin(t), -reach * math.cos(t)) for t in grips]
        petals += f"c{x1:.1f},{y1:.1f} {x2:.1f},{y2:.1f} 0,0"
    places = _staggered(cloth, repeat)
    flowers = "".join(f"M{x:.1f},{y:.1f}{petals}" for x, y in places)
    lobe = f"q{reach * 0.5:.1f},{-reach * 0.1:.1f} {reach * 0.7:.1f},{reach * 0.4:.1f}"
    lobe += f"q{-reach * 0.4:.1f},{reach * 0.1:.1f} {-reach * 0.7:.1f},{-reach * 0.4:.1f}"
    leaves = "".join(f"M{x + reach * 0.4:.1f},{y + reach * 0.35:.1f}{lobe}" for x, y in places)
    leaf = "#2f6b45" if cloth.paint.name != "green" else "#c4e0bb"
    heart = "#f3c922" if cloth.second.name != "yellow" else "#c9202c"
    return (
        f'<path d="{leaves}" fill="{leaf}"/><path d="{flowers}" fill="{cloth.second.base}"/>'
        + _dots(places, cloth.size * 0.12, heart)
        + _dots([(x + repeat / 2, y) for x, y in places], cloth.size * 0.1, cloth.second.base)
    )


def _zigzag(cloth: Cloth) -> str:
    width, height = cloth.size * 0.55, cloth.size * 1.2
    path = ""
    for y in cloth.rows(height):
        points = [
            f"{x:.1f},{y + height / 4 * (1 if round(x / width) % 2 else -1):.1f}"
            for x in cloth.columns(width)
        ]
        path += "M" + "L".join(points)
    return _strokes(path, cloth.second.base, cloth.size * 0.28)


def _quilted(cloth: Cloth) -> str:
    high = cloth.bottom - cloth.top
    seams = ""
    for x in _grid(cloth.left - high, cloth.right, cloth.size * 1.3):
        seams += f"M{x:.1f},{cloth.top:.1f}l{high:.1f},{high:.1f}"
        seams += f"M{x:.1f},{cloth.bottom:.1f}l{high:.1f},{-high:.1f}"
    lit = _strokes(seams, cloth.paint.light, 1.2, 0.6)
    return f'<g transform="translate(0.4,1.5)">{lit}</g>' + _strokes(
        seams, cloth.paint.dark, 1.3, 0.65
    )


def _ribbed(cloth: Cloth) -> str:
    ribs = cloth.down(cloth.size * 0.42)
    lit = _strokes(ribs, cloth.paint.light, 1.2, 0.4)
    return _strokes(ribs, cloth.paint.dark, 1.3, 0.5) + f'<g transform="translate(2,0)">{lit}</g>'


def _leather(cloth: Cloth) -> str:
    grain = {cloth.paint.dark: "", cloth.paint.light: ""}
    for y in cloth.rows(3.6):
        for x in cloth.columns(4.2):
            tone = cloth.paint.dark if cloth.rng.random() < 0.7 else cloth.paint.light
            x0, y0 = x + cloth.rng.uniform(-1.8, 1.8), y + cloth.rng.uniform(-1.5, 1.5)
            bend = cloth.rng.uniform(-1.2, 1.2)
            grain[tone] += f"M{x0:.1f},{y0:.1f}q1,{bend:.1f} 2,{bend / 2:.1f}"
    return "".join(_strokes(path, tone, 0.8, 0.45) for tone, path in grain.items())


def _hammered(cloth: Cloth) -> str:
    places = _staggered(cloth, cloth.size * 0.62)
    lower = [(x + 0.4, y + 1) for x, y in places]
    return _dots(lower, cloth.size * 0.17, cloth.paint.light, 0.6) + _dots(
        places, cloth.size * 0.16, cloth.paint.dark, 0.26
    )


def _wood_grain(cloth: Cloth) -> str:
    path = ""
    width = (cloth.right - cloth.left) / 3
    for y in cloth.rows(2.6):
        bend = cloth.rng.uniform(-2.4, 2.4)
        path += f"M{cloth.left:.1f},{y + bend / 3:.1f}c{width:.1f},{bend:.1f} {2 * width:.1f},"
        path += f"{-bend:.1f} {3 * width:.1f},0"
    return _strokes(path, cloth.paint.dark, 0.8, 0.42)


PATTERNS: dict[str, Callable[[Cloth], str]] = {
    "striped": _striped,
    "checked": _checked,
    "dotted": _dotted,
    "floral": _floral,
    "zigzag": _zigzag,
    "quilted": _quilted,
    "ribbed": _ribbed,
    "leather": _leather,
    "hammered": _hammered,
    "wood-grain": _wood_grain,
}
