"""Rings and necklaces.

Each function draws one shape of its kind and returns what a caption may say of it.
"""

import math

from .outline import oval, polygon
from .palette import mix
from .svg import Picture, area, line

_CLEAR = "#dfeaf2"


def _hoop(cx: float, cy: float, rx: float, ry: float, hole: tuple[float, float, float]) -> str:
    """An oval with an oval hole: (its middle's y, half width, half height)."""
    return oval(cx, cy, rx, ry) + oval(cx, *hole)


def _gem(pic: Picture, cy: float, half: float, colour: str) -> None:
    """A cut stone from the side, `half` as wide as it is broad, its girdle at height cy."""
    table, crown, point = half * 0.58, half * 0.42, half * 0.95
    light, dark = mix(colour, "#ffffff", 0.65), mix(colour, "#1b3350", 0.42)
    outline = polygon(
        (-table, cy - crown), (table, cy - crown), (half, cy), (0, cy + point), (-half, cy)
    )
    facets = (
        (light, ((-table, cy - crown), (table, cy - crown), (half * 0.4, cy), (-half * 0.4, cy))),
        (mix(colour, dark, 0.35), ((table, cy - crown), (half, cy), (half * 0.4, cy))),
        ("#ffffff", ((-table, cy - crown), (-half, cy), (-half * 0.4, cy))),
        (mix(colour, dark, 0.25), ((-half, cy), (-half * 0.4, cy), (0, cy + point))),
        (light, ((-half * 0.4, cy), (0, cy), (0, cy + point))),
        (mix(colour, dark, 0.5), ((half * 0.4, cy), (0, cy), (0, cy + point))),
        (dark, ((half, cy), (half * 0.4, cy), (0, cy + point))),
    )
    pic.add(
        area(outline, colour), *(area(polygon(*corners), tone, 0.9) for tone, corners in facets)
    )
    pic.add(line(outline, mix(dark, "#000000", 0.2), 1.1))
    star = (
        f"M{-half * 0.5},{cy - crown - 9}"
        f"Q{-half * 0.5},{cy - crown} {-half * 0.5 + 9},{cy - crown}"
        f"Q{-half * 0.5},{cy - crown} {-half * 0.5},{cy - crown + 9}"
        f"Q{-half * 0.5},{cy - crown} {-half * 0.5 - 9},{cy - crown}"
        f"Q{-half * 0.5},{cy - crown} {-half * 0.5},{cy - crown - 9}Z"
    )
    pic.add(area(star, "#ffffff", 0.95))


def ring(pic: Picture, shape: str) -> str:
    return {"solitaire": _solitaire, "flower": _flower, "signet": _signet}[shape](pic)


def _upright_hoop(pic: Picture, cy: float, radius: float, thick: float) -> None:
    """A ring standing on its edge, its inner side seen on the right."""
    pic.shadow(cy + radius, radius * 0.8)
    inner = radius - thick
    pic.part(
        oval(0, cy, radius, radius),
        pic.paint.dark if pic.paint.name != "white" else "#b9bec7",
        depth=0,
        edge=1,
    )
    inside = _hoop(3, cy, radius - 3, radius - 2, (cy - 1, inner - 6, inner - 4))
    pic.part(inside, mix(pic.paint.base, pic.paint.dark, 0.35), sheen="metal", depth=0.3, edge=0.8)
    pic.add(area(oval(4, cy - 1, inner - 7, inner - 5), "#ffffff"))
    pic.part(_hoop(-1, cy, radius, radius, (cy, inner, inner)), sheen="metal", depth=0.7, edge=1.1)


def _solitaire(pic: Picture) -> str:
    radius = pic.u(54, 58)
    _upright_hoop(pic, 26, radius, pic.u(8, 11))
    stone = pic.second.base if pic.pattern == "two-tone" and pic.second.name != "white" else _CLEAR
    top = 26 - radius
    for side in (-1, 1):
        prong = (
            f"M{side * 8},{top + 8}Q{side * 12},{top - 4} {side * 24},{top - 20}"
            f"L{side * 29},{top - 18}Q{side * 20},{top + 4} {side * 16},{top + 10}Z"
        )
        pic.part(prong, sheen="metal", depth=0.4)
    _gem(pic, top - 18, pic.u(25, 29), stone)
    pic.part(
        polygon((-3, top - 3), (3, top - 3), (5, top + 9), (-5, top + 9)), sheen="metal", depth=0.3
    )
    return "with a clear stone" if stone == _CLEAR else f"with a {pic.second.name} stone"


def _flower(pic: Picture) -> str:
    radius = pic.u(48, 52)
    _upright_hoop(pic, 36, radius, pic.u(9, 12))
    cy = 36 - radius - 24
    petals = pic.rng.choice((6, 7, 8))
    stone = pic.trim or _CLEAR
    for i in range(petals):
        angle = 2 * math.pi * i / petals
        x, y = 24 * math.sin(angle), cy - 21 * math.cos(angle)
        pic.part(oval(x, y, 14, 13), sheen="metal", depth=0.7, edge=1.1)
        pic.bead(x, y, 7.5, stone)
    pic.part(oval(0, cy, 15, 14), sheen="metal", depth=0.6, edge=1.1)
    pic.bead(0, cy, 10, stone)
    pic.shine(-4, cy - 5, 5, 4, 0.9)
    colour = "clear" if stone == _CLEAR else pic.second.name
    return f"with a flower of {colour} stones"


def _signet(pic: Picture) -> str:
    radius = pic.u(52, 56)
    _upright_hoop(pic, 28, radius, 10)
    top = 28 - radius
    shoulder = (
        f"M-46,{top + 26}C-40,{top + 6} -34,{top - 10} -30,{top - 16}L30,{top - 16}"
        f"C34,{top - 10} 40,{top + 6} 46,{top + 26}Q0,{top - 4} -46,{top + 26}Z"
    )
    pic.part(shoulder, sheen="metal", depth=0.6)
    pic.part(oval(0, top - 16, 40, 26), sheen="metal", depth=0.5, edge=1.3)
    stone = pic.trim or pic.paint.dark
    if pic.paint.name in ("white", "silver") and not pic.trim:
        stone = "#23262d"
    pic.part(oval(0, top - 16, 31, 19), stone, sheen="ball", depth=0.8, edge=1.2)
    pic.shine(-10, top - 24, 13, 6, 0.8)
    return "with an oval stone"


def necklace(pic: Picture, shape: str) -> str:
    return {"pendant": _pendant, "beads": _beads, "drops": _drops}[shape](pic)


def _loop(count: int, rx: float, ry: float, cy: float, gap: float) -> list[tuple[float, float]]:
    """Points along a hanging loop, open at the top by `gap` degrees either side."""
    steps = [math.radians(gap + (360 - 2 * gap) * i / (count - 1)) for i in range(count)]
    # Narrower towards the top, as a necklace lies.
    return [(rx * math.sin(a) * (1 - 0.16 * math.cos(a)), cy - ry * math.cos(a)) for a in steps]


def _chain(pic: Picture, points: list[tuple[float, float]], width: float) -> None:
    path = "M" + "L".join(f"{x:.2f},{y:.2f}" for x, y in points)
    pic.add(line(path, pic.paint.edge, width), line(path, pic.paint.base, width - 1.2))
    pic.add(
        line(path, pic.paint.light, width * 0.5, dash="0.4 4.4"),
        line(path, pic.paint.dark, width * 0.4, 0.8, dash="0.4 4.4"),
    )


def _pendant(pic: Picture) -> str:
    points = _loop(70, 60, 62, -22, 16)
    _chain(pic, points, 5)
    _clasp(pic, points)
    pic.add(
        line(oval(0, 44, 5, 6), pic.paint.edge, 4), line(oval(0, 44, 5, 6), pic.paint.light, 1.8)
    )
    kind = pic.rng.choice(("heart", "drop", "round"))
    y = 50.0
    if kind == "heart":
        figure = (
            f"M0,{y + 42}C-14,{y + 30} -28,{y + 20} -26,{y + 8}"
            f"C-24,{y - 4} -6,{y - 4} 0,{y + 8}C6,{y - 4} 24,{y - 4} 26,{y + 8}"
            f"C28,{y + 20} 14,{y + 30} 0,{y + 42}Z"
        )
    elif kind == "drop":
        figure = (
            f"M0,{y - 2}C10,{y + 12} 20,{y + 18} 20,{y + 27}"
            f"C20,{y + 40} 8,{y + 43} 0,{y + 43}C-8,{y + 43} -20,{y + 40} -20,{y + 27}"
            f"C-20,{y + 18} -10,{y + 12} 0,{y - 2}Z"
        )
    else:
        figure = oval(0, y + 20, 22, 22)
    pic.part(figure, sheen="metal" if kind == "round" else "gloss", depth=1, edge=1.4)
    if kind == "round":
        pic.part(oval(0, y + 20, 14, 14), pic.trim or _CLEAR, sheen="ball", depth=0.8)
    pic.shine(-8, y + 12, 8, 5, 0.85)
    return {
        "heart": "with a heart pendant",
        "drop": "with a drop pendant",
        "round": "with a round pendant",
    }[kind]


def _clasp(pic: Picture, points: list[tuple[float, float]]) -> None:
    (x, y), (x2, y2) = points[0], points[-1]
    pic.tube(
        f"M{x},{y}Q0,{y - 9} {x2},{y2}", 3, "#cfd3d9" if pic.paint.name != "yellow" else "#ddb95f"
    )
    pic.add(line(oval(0, y - 5, 5, 4), "#8d9199", 2.6), line(oval(0, y - 5, 5, 4), "#e4e7ea", 1.2))


def _beads(pic: Picture) -> str:
    count = pic.rng.choice((27, 31, 35))
    points = _loop(count, 72, 76, 2, 9)
    _clasp(pic, points)
    graduated = pic.chance()
    for i, (x, y) in enumerate(points):
        low = 1 - abs(2 * i / (count - 1) - 1)
        radius = 230 / count * ((0.66 + 0.52 * low) if graduated else 0.98)
        pic.bead(x, y, radius, pic.trim if i % 3 == 1 else "")
    return "with graduated beads" if graduated else "with round beads"


def _drops(pic: Picture) -> str:
    points = _loop(90, 66, 62, -18, 14)
    _chain(pic, points, 5.4)
    _clasp(pic, points)
    for i in range(9):
        share = (i - 4) / 4
        x, y = points[45 - (i - 4) * 5]
        length = 40 - 20 * abs(share)
        lean = x * 0.16
        drop = (
            f"M{x},{y + 3}"
            f"C{x + 5},{y + length * 0.4} {x + 10 + lean},{y + length * 0.6} "
            f"{x + lean + 8},{y + length * 0.8}"
            f"C{x + lean + 6},{y + length * 1.06} {x + lean - 6},{y + length * 1.06} "
            f"{x + lean - 8},{y + length * 0.8}"
            f"C{x + lean - 10},{y + length * 0.6} {x - 5},{y + length * 0.4} {x},{y + 3}Z"
        )
        pic.part(drop, pic.trim if i % 2 else "", sheen="gloss", depth=0.9, edge=1.1)
        pic.shine(x + lean - 2, y + length * 0.66, 4, 5, 0.8)
        pic.bead(x, y + 1, 4)
    return "with drop-shaped stones"
