"""A product picture in the making: parts with colour, pattern, light and shade, as SVG text.

Kinds call `Picture.part` with an outline; clip, pattern, shading and edge are the same for all.
Light comes from the upper left.
"""

import math
import random
import re

import resvg_py

from .outline import bounds, oval
from .palette import Paint, mix, shades
from .texture import PATTERNS, Cloth

SIDE = 224  # pixels
_CRISP = '<g shape-rendering="optimizeSpeed">'

_BALL = (0.0, 0.0, 0.0, 0.0)  # light from the middle outwards, in no direction

# name -> direction (x1, y1, x2, y2 in shares of the part) and stops (place, lightness, opacity)
_SHEENS: dict[str, tuple[tuple[float, float, float, float], list[tuple[float, int, float]]]] = {
    "cloth": ((0, 0, 1, 1), [(0, 1, 0.26), (0.45, 1, 0), (0.55, 0, 0), (1, 0, 0.3)]),
    "gloss": (
        (0, 0, 1, 0.5),
        [(0, 1, 0.1), (0.18, 1, 0.5), (0.32, 1, 0.08), (0.55, 0, 0), (1, 0, 0.45)],
    ),
    "round": (
        (0, 0, 1, 0),
        [(0, 0, 0.35), (0.14, 1, 0), (0.27, 1, 0.5), (0.42, 1, 0), (0.6, 0, 0), (1, 0, 0.55)],
    ),
    "metal": (
        (0, 0, 1, 0.45),
        [
            (0, 0, 0.25), (0.14, 1, 0.85), (0.3, 1, 0.1), (0.42, 0, 0.35),
            (0.56, 1, 0.75), (0.74, 0, 0.12), (0.9, 0, 0.55), (1, 1, 0.3),
        ],
    ),
    "ball": (_BALL, [(0, 1, 0.55), (0.4, 1, 0), (0.5, 0, 0), (1, 0, 0.7)]),
    "lacquer": (
        (0, 0, 1, 0.45),
        [
            (0, 0, 0.1), (0.16, 1, 0.6), (0.3, 1, 0.05), (0.44, 0, 0.16),
            (0.58, 1, 0.5), (0.74, 0, 0.05), (1, 0, 0.3),
        ],
    ),
}  # fmt: skip


def line(path: str, colour: str, width: float = 1, opacity: float = 1, dash: str = "") -> str:
    """A stroke along a path, width in units; dash as SVG writes it, e.g. '3 2'."""
    extra = f' stroke-dasharray="{dash}"' if dash else ""
    if width > 1.5:  # on thinner lines nobody sees it, and it costs a tenth of the time
        extra += ' stroke-linecap="round" stroke-linejoin="round"'
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"'
        f' stroke-opacity="{opacity}"{extra}/>'
    )


def soft_line(path: str, colour: str, width: float, opacity: float) -> str:
    """A stroke with soft sides. Stacked strokes: a blur filter costs ten times as much."""
    return "".join(line(path, colour, width * share, opacity / 3) for share in (1, 0.64, 0.3))


def area(path: str, colour: str, opacity: float = 1) -> str:
    """A flat filled figure; a second outline inside the first is a hole."""
    return f'<path d="{path}" fill="{colour}" fill-opacity="{opacity}" fill-rule="evenodd"/>'


class Picture:
    """One product: its colours, its pattern, its dice, and what has been drawn so far."""

    def __init__(self, rng: random.Random, paint: Paint, second: Paint, pattern: str) -> None:
        self.rng = rng
        self.paint = paint
        self.second = second
        self.pattern = pattern
        self.mirrored = rng.random() < 0.5
        self._repeat = rng.uniform(10, 14)  # the pattern's repeat, in units
        self._upright = pattern == "striped" and rng.random() < 0.35
        self._pattern_seed = rng.random()
        self._defs: dict[str, str] = {}
        self._drawn: list[str] = []

    def u(self, low: float, high: float) -> float:
        """A number between the two, this product's own."""
        return self.rng.uniform(low, high)

    def chance(self, share: float = 0.5) -> bool:
        """True for this share of the products."""
        return self.rng.random() < share

    @property
    def trim(self) -> str:
        """The fill of contrasting parts: the second colour on two-tone products, else none."""
        return self.second.base if self.pattern == "two-tone" else ""

    def add(self, *elements: str) -> None:
        """Draws finished elements on top of what is there."""
        self._drawn.extend(elements)

    def part(
        self,
        path: str,
        fill: str = "",
        *,
        sheen: str = "cloth",
        angle: float = 0,
        depth: float = 1,
        folds: str = "",
        inside: str = "",
        edge: float = 1,
    ) -> None:
        """Draws one closed part of the product.

        Without `fill` it gets the product's colour and pattern, turned by `angle` degrees.
        `depth` is how round it looks (0 is flat); `folds` are paths of soft creases; `inside`
        are elements cut off at the outline; `edge` is the width of its line.
        """
        paint = shades("", fill) if fill else self.paint
        if not fill and paint.name == "silver":
            sheen = "metal"
        elif sheen == "metal" and paint.name not in ("silver", ""):
            sheen = "lacquer"  # deep shade would turn orange to brown and yellow to olive
        if not fill and paint.name == "black" and sheen == "cloth":
            depth *= 1.3  # black swallows shade, so that folds need more of it
        clip = self._define(f'<clipPath id="@"><path d="{path}" clip-rule="evenodd"/></clipPath>')
        lean = 1.6 if self.mirrored else -1.6
        rim = f'<g transform="translate({lean},-1.6)">'
        rim += soft_line(path, paint.dark, 13, 0.5 * depth) + "</g>"
        creases = ""
        if folds:
            creases = soft_line(folds, paint.dark, 5.5, 0.38)
            creases += f'<g transform="translate({lean * 1.6},-1.6)">'
            creases += line(folds, paint.light, 2.6, 0.14) + line(folds, paint.light, 1.2, 0.14)
            creases += "</g>"
        pattern = "" if fill else self._patterned(path, angle)
        filled = area(path, f"url(#{self.sheen(sheen, paint, solid=not pattern)})")
        if pattern:
            filled = f"{area(path, paint.base)}</g>{pattern}{_CRISP}{filled}"
        # The clip smooths the outline, so what fills it is drawn without: half the time.
        self.add(
            f'<g clip-path="url(#{clip})">{_CRISP}{filled}',
            rim if depth else "",
            creases,
            "</g>",
            inside,
            "</g>",
            line(path, paint.edge, edge, 0.85) if edge else "",
        )

    def tube(self, path: str, width: float, fill: str = "") -> None:
        """Draws a round cord, rod or strap along an open path."""
        paint = shades("", fill) if fill else self.paint
        lean = width * (0.16 if self.mirrored else -0.16)
        self.add(
            line(path, paint.edge, width),
            line(path, paint.base, max(width - 1.4, 0.6)),
            f'<g transform="translate({-lean},{width * 0.16})">',
            line(path, paint.dark, width * 0.3, 0.3),
            f'</g><g transform="translate({lean},{-width * 0.16})">',
            line(path, paint.light, width * 0.28, 0.8),
            "</g>",
        )

    def bead(self, cx: float, cy: float, radius: float, fill: str = "") -> None:
        """Draws a small ball; cheaper than a part."""
        paint = shades("", fill) if fill else self.paint
        ball = oval(cx, cy, radius, radius)
        self.add(area(ball, f"url(#{self.sheen('ball', paint, solid=True)})"))
        self.add(line(ball, paint.edge, 0.8, 0.8))

    def shadow(self, y: float, rx: float, ry: float = 5, cx: float = 0) -> None:
        """A soft contact shadow on the ground; call it before the product's parts."""
        self.add(area(oval(cx, y, rx, ry), f"url(#{self.fading('#1b2028', 0.45)})"))

    def shine(self, cx: float, cy: float, rx: float, ry: float, opacity: float = 0.6) -> None:
        """A soft oval reflection."""
        self.add(area(oval(cx, cy, rx, ry), f"url(#{self.fading('#ffffff', opacity)})"))

    def glass(self, path: str, top: str, bottom: str, opacity: float) -> None:
        """A see-through sheet, from one colour at its top to another at its bottom."""
        gradient = self._define(
            '<linearGradient id="@" x1="0" y1="0" x2="0.25" y2="1">'
            f'<stop stop-color="{top}"/><stop offset="1" stop-color="{bottom}"/></linearGradient>'
        )
        self.add(area(path, f"url(#{gradient})", opacity))

    def fading(self, colour: str, opacity: float) -> str:
        """The id of a gradient that fades from the middle to nothing."""
        return self._define(
            f'<radialGradient id="@"><stop offset="0.2" stop-color="{colour}"'
            f' stop-opacity="{opacity}"/><stop offset="0.6" stop-color="{colour}" stop-opacity='
            f'"{opacity * 0.4}"/><stop offset="1" stop-color="{colour}" stop-opacity="0"/>'
            "</radialGradient>"
        )

    def _define(self, element: str) -> str:
        """The id of a definition, written once; its text has @ for the id."""
        return self._defs.setdefault(element, f"d{len(self._defs)}")

    def _patterned(self, path: str, angle: float) -> str:
        """This product's pattern over a part, turned by `angle` degrees; plain ones have none."""
        if self.pattern not in PATTERNS:
            return ""
        angle += 90 if self._upright else 0
        left, top, right, bottom = bounds(path)
        turn = math.radians(-angle)
        x, y = (left + right) / 2, (top + bottom) / 2
        x, y = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
        across = (abs(math.cos(turn)), abs(math.sin(turn)))
        wide, high = (right - left) / 2, (bottom - top) / 2
        rx, ry = wide * across[0] + high * across[1], wide * across[1] + high * across[0]
        # Dice of their own, so that every part of a product gets the same stripes or dots.
        dice = random.Random(self._pattern_seed)
        cloth = Cloth(self._repeat, self.paint, self.second, dice, x - rx, y - ry, x + rx, y + ry)
        return f'<g transform="rotate({angle:.1f})">{PATTERNS[self.pattern](cloth)}</g>'

    def sheen(self, name: str, paint: Paint, *, solid: bool = False) -> str:
        """The id of a gradient of light and shade, to lay over a paint; solid has it mixed in."""
        direction, stops = _SHEENS[name]
        if direction == _BALL:
            cx = 0.66 if self.mirrored else 0.34
            kind, where = "radialGradient", f'cx="{cx}" cy="0.3" r="0.75"'
        else:
            x1, y1, x2, y2 = direction
            if self.mirrored:
                x1, x2 = 1 - x1, 1 - x2
            kind, where = "linearGradient", f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'
        text = ""
        for at, lit, opacity in stops:
            colour = "#ffffff" if lit else paint.dark
            if solid:
                colour, opacity = mix(paint.base, colour, opacity), 1
            text += f'<stop offset="{at}" stop-color="{colour}" stop-opacity="{opacity}"/>'
        return self._define(f'<{kind} id="@" {where}>{text}</{kind}>')

    def svg(self, *, tilt: float) -> str:
        """The whole picture, placed with this product's angle (up to `tilt` degrees) and size."""
        scale = self.u(0.86, 1.0)
        across = -scale if self.mirrored else scale
        where = (
            f"translate({self.u(-2.5, 2.5)},{self.u(-2.5, 2.5)})"
            f" rotate({self.u(-tilt, tilt)}) scale({across},{scale})"
        )
        defs = "".join(element.replace("@", name, 1) for element, name in self._defs.items())
        text = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-100 -100 200 200">'
            f'<defs>{defs}</defs><g transform="{where}">{"".join(self._drawn)}</g></svg>'
        )
        # Two decimals, so that the last bits of a machine's arithmetic never reach the picture.
        return re.sub(r"-?\d+\.\d{3,}(?:e-?\d+)?", lambda number: f"{float(number[0]):.2f}", text)


def rendered(svg: str) -> bytes:
    """The PNG of an SVG text, on white, SIDE pixels wide and high."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, background="#ffffff", skip_system_fonts=True, width=SIDE, height=SIDE
        )
    )
