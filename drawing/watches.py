"""Watches, from the front, straps above and below.

Each function draws one shape of its kind and returns what a caption may say of it.
"""

import math

from .outline import box, flip, oval, symmetric
from .palette import mix
from .svg import Picture, area, line

_STEEL = "#d3d7dc"
_GOLD = "#ddb95f"


def _ray(angle: float, near: float, far: float, cy: float = 0) -> str:
    """A radial line; angle in degrees clockwise from twelve o'clock."""
    x, y = math.sin(math.radians(angle)), -math.cos(math.radians(angle))
    return f"M{x * near:.2f},{y * near + cy:.2f}L{x * far:.2f},{y * far + cy:.2f}"


def _strap(pic: Picture, half: float, *, holes: bool) -> None:
    """A strap of soft material, above and below the case."""
    upper = symmetric(f"M0,-90L{half * 0.8},-90L{half},-30L0,-30")
    lower = symmetric(f"M0,30L{half},30L{half * 0.8},80Q{half * 0.7},91 0,91")
    for path, sign in ((upper, -1), (lower, 1)):
        stitched = (
            ""
            if pic.pattern == "plain" and not holes
            else line(
                (
                    f"M{half * 0.8},{sign * 34}L{half * 0.62},{sign * 86}"
                    f"M{-half * 0.8},{sign * 34}L{-half * 0.62},{sign * 86}"
                ),
                pic.paint.light if pic.paint.name != "white" else pic.paint.dark,
                0.9,
                0.8,
                dash="3 2",
            )
        )
        pic.part(
            path,
            sheen="round" if pic.paint.name != "black" else "gloss",
            depth=0.8,
            inside=stitched,
        )
    if holes:
        for y in (56, 65, 74):
            pic.add(area(oval(0, y, 2, 2.4), pic.paint.dark))
        pic.add(line(box(-half * 0.8 - 2, -92, half * 1.6 + 4, 11, 2), "#6d727b", 4.4))
        pic.add(
            line(box(-half * 0.8 - 2, -92, half * 1.6 + 4, 11, 2), _STEEL, 2.6),
            line("M0,-88L0,-80", _STEEL, 2.6),
        )


def _bracelet(pic: Picture, half: float) -> None:
    """A strap of metal links."""
    for sign in (-1, 1):
        for i in range(7):
            y = sign * (36 + i * 8.4)
            wide = half * (1 - i * 0.028)
            pic.part(box(-wide, y - 4, wide * 2, 8, 2), sheen="metal", depth=0.4, edge=0.9)
            pic.part(
                box(-wide * 0.42, y - 4, wide * 0.84, 8, 2),
                pic.trim,
                sheen="metal",
                depth=0.3,
                edge=0.8,
            )


def _dial(pic: Picture) -> tuple[str, str]:
    """The colours of a dial and of its marks."""
    if pic.chance(0.5) or pic.paint.name in ("white", "silver"):
        return ("#fbfaf6", "#2b2d33") if pic.paint.name != "white" else ("#eceef1", "#2b2d33")
    if pic.paint.name == "black":
        return "#1d1e22", "#f4f4f2"
    return mix(pic.paint.base, "#ffffff", 0.1), "#ffffff" if pic.paint.name not in (
        "yellow",
        "pink",
    ) else "#2b2d33"


def _hands(pic: Picture, colour: str, size: float) -> None:
    hour, minute = pic.rng.randrange(12), pic.rng.randrange(60)
    if pic.chance(0.5):
        hour, minute = 10, 9  # the hands of most shop pictures
    path = _ray((hour + minute / 60) * 30, -4, size * 0.52)
    pic.add(line(path, colour, 3.6), line(_ray(minute * 6, -5, size * 0.78), colour, 2.4))
    pic.add(
        line(_ray(pic.u(100, 260), -8, size * 0.82), "#c8352e", 1),
        area(oval(0, 0, 2.6, 2.6), colour),
    )


def wrist_watch(pic: Picture, shape: str) -> str:
    pic.shadow(4, 54, 60)
    if shape == "metal":
        _bracelet(pic, 21)
    else:
        _strap(pic, 20 if shape == "round" else 23, holes=True)
    case = (
        _GOLD
        if pic.paint.name in ("brown", "red", "pink", "purple") and pic.chance(0.6)
        else _STEEL
    )
    dial, mark = _dial(pic)
    fill = "" if shape == "metal" else case
    for side in (-1, 1):
        for x in (-19, 13):
            pic.part(box(x, side * 38 - 7, 6, 14, 2), fill, sheen="metal", depth=0.3)
    if shape == "square":
        pic.part(box(38, -5, 8, 10, 2), fill, sheen="metal", depth=0.3)
        pic.part(box(-39, -41, 78, 82, 12), fill, sheen="metal", depth=0.7, edge=1.3)
        pic.part(box(-32, -34, 64, 68, 7), dial, depth=0.5)
        pic.add(line("".join(_ray(a, 24, 29) for a in range(0, 360, 30)), mark, 2.4))
        _hands(pic, mark, 30)
    else:
        size = pic.u(40, 44)
        pic.part(box(size - 3, -5, 10, 10, 2), fill, sheen="metal", depth=0.3)
        if shape == "metal":
            for y in (-18, 18):
                pic.part(box(size - 6, y - 4, 10, 8, 2), fill, sheen="metal", depth=0.3)
        pic.part(oval(0, 0, size, size), fill, sheen="metal", depth=0.7, edge=1.3)
        ring = pic.trim or (pic.paint.base if shape == "metal" else case)
        pic.part(oval(0, 0, size - 5, size - 5), ring, sheen="gloss", depth=0.4)
        pic.part(oval(0, 0, size - 9, size - 9), dial, depth=0.5)
        face = size - 9
        pic.add(line("".join(_ray(a, face - 3, face - 1.5) for a in range(0, 360, 6)), mark, 0.7))
        pic.add(line("".join(_ray(a, face - 8, face - 3) for a in range(0, 360, 30)), mark, 2.2))
        if shape == "metal":
            for x, y in ((-13, 3), (13, 3), (0, 16)):
                pic.add(
                    area(oval(x, y, 7, 7), mark, 0.16),
                    line(oval(x, y, 7, 7), mark, 0.7),
                    line(f"M{x},{y}L{x + 3},{y - 4}", mark, 1),
                )
        _hands(pic, mark, face)
    pic.shine(-14, -18, 16, 9, 0.35)
    return {
        "round": "with a round dial",
        "metal": "with a metal bracelet and three small dials",
        "square": "with a square case",
    }[shape]


def smart_watch(pic: Picture, shape: str) -> str:
    half = {"square": 24, "round": 22, "band": 19}[shape]
    pic.shadow(4, 30 if shape == "band" else 50, 60)
    _strap(pic, half, holes=False)
    for y in (62, 71, 80):
        pic.add(area(box(-5, y - 2, 10, 4, 2), pic.paint.dark, 0.85))
    case, look = pic.trim or pic.paint.base, "metal" if pic.paint.name == "silver" else "lacquer"
    if shape == "round":
        for y in (-14, 14):
            pic.part(box(40, y - 5, 9, 10, 3), case, sheen=look, depth=0.3)
        pic.part(oval(0, 0, 45, 45), case, sheen=look, depth=0.7, edge=1.3)
        screen = oval(0, 0, 39, 39)
    elif shape == "square":
        pic.part(box(38, -14, 8, 16, 3), case, sheen=look, depth=0.3)
        pic.part(box(-41, -48, 82, 96, 22), case, sheen=look, depth=0.7, edge=1.3)
        screen = box(-36, -43, 72, 86, 18)
    else:
        pic.part(box(-25, -54, 50, 108, 22), case, sheen=look, depth=0.7, edge=1.3)
        screen = box(-21, -50, 42, 100, 18)
    # The wallpaper takes the watch's colour: most of the product is its screen.
    pic.glass(screen, mix(pic.paint.base, "#08090c", 0.8), mix(pic.paint.base, "#08090c", 0.12), 1)
    pic.add(line(screen, "#15161a", 1.6))
    light = pic.paint.name in ("white", "silver", "yellow", "pink")
    _screen(pic, shape, "#24262c" if light else mix(pic.paint.base, "#ffffff", 0.75))
    pic.add(
        area(
            "M-34,-30L-6,-44L-26,44L-34,30Z"
            if shape != "band"
            else "M-20,-40L-4,-49L-14,48L-20,40Z",
            "#ffffff",
            0.08,
        )
    )
    return {
        "square": "with a rectangular screen",
        "round": "with a round screen",
        "band": "with a narrow screen",
    }[shape]


# Strokes of the digits on a seven-part display: a is on top, then clockwise, g in the middle.
_SEGMENTS = {"0": "abcdef", "1": "bc", "2": "abged", "4": "fgbc", "5": "afgcd", "8": "abcdefg"}


def _digit(text: str, x: float, y: float, size: float) -> str:
    right, middle, low = x + size * 0.55, y + size / 2, y + size
    parts = {
        "a": f"M{x},{y}L{right},{y}",
        "b": f"M{right},{y}L{right},{middle}",
        "c": f"M{right},{middle}L{right},{low}",
        "d": f"M{x},{low}L{right},{low}",
        "e": f"M{x},{middle}L{x},{low}",
        "f": f"M{x},{y}L{x},{middle}",
        "g": f"M{x},{middle}L{right},{middle}",
    }
    return "".join(parts[name] for name in _SEGMENTS[text])


def _screen(pic: Picture, shape: str, glow: str) -> None:
    """The time in digits, rings of activity and a pulse."""
    hour, minute = pic.rng.choice(("10", "12", "20")), pic.rng.choice(("08", "24", "45", "50"))
    if shape == "band":
        digits = "".join(_digit(d, -12 + i * 14, -38, 14) for i, d in enumerate(hour))
        digits += "".join(_digit(d, -12 + i * 14, -17, 14) for i, d in enumerate(minute))
        at, radius = 28, 13
    else:
        places = (-26, -14, 4, 16)
        digits = "".join(
            _digit(d, x, -30 if shape == "square" else -24, 15)
            for d, x in zip(hour + minute, places, strict=True)
        )
        top = -30 if shape == "square" else -24
        pic.add(
            area(oval(-1.5, top + 4, 1.2, 1.2), "#ffffff"),
            area(oval(-1.5, top + 11, 1.2, 1.2), "#ffffff"),
        )
        at, radius = 16 if shape == "square" else 12, 16
    text = digits if not pic.mirrored else flip(digits)
    pic.add(line(text, "#ffffff", 2))
    for share, colour, shrink in ((0.75, glow, 0), (0.6, mix(glow, "#ffffff", 0.25), 5)):
        ring = radius - shrink
        end = math.radians(360 * share)
        x, y = ring * math.sin(end), at - ring * math.cos(end)
        pic.add(line(oval(0, at, ring, ring), colour, 3.4, 0.25))
        pic.add(
            f'<path d="M0,{at - ring}A{ring},{ring} 0 1,1 {x:.2f},{y:.2f}" fill="none"'
            f' stroke="{colour}" stroke-width="3.4" stroke-linecap="round"/>'
        )
