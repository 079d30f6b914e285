"""Mugs, teapots and frying pans.

Each function draws one shape of its kind and returns what a caption may say of it.
"""

from .outline import box, oval, placed, symmetric
from .palette import mix
from .svg import Picture, area, line


def _opening(pic: Picture, y: float, rx: float, ry: float, *, drink: bool) -> None:
    """The rim of a cup and what is in it."""
    pic.part(oval(0, y, rx, ry), pic.trim, sheen="gloss", depth=0.2, edge=1)
    pic.part(
        oval(0, y + 0.8, rx - 4, ry - 2.6),
        "#f1efec" if pic.paint.name != "white" else "#dfe1e4",
        depth=1.2,
        edge=0.7,
    )
    if drink:
        surface = (
            f"M{-rx + 6},{y + 4}"
            f"C{-rx * 0.6},{y - ry * 0.35} {rx * 0.6},{y - ry * 0.35} {rx - 6},{y + 4}"
            f"C{rx * 0.6},{y + ry - 1} {-rx * 0.6},{y + ry - 1} {-rx + 6},{y + 4}Z"
        )
        pic.part(surface, "#5a3320", depth=0.5, edge=0.6)
        pic.shine(-rx * 0.3, y + 4, rx * 0.3, 2.5, 0.5)


def mug(pic: Picture, shape: str) -> str:
    drink = pic.chance(0.4)
    filled = " filled with coffee" if drink else ""
    if shape == "espresso":
        pic.shadow(58, 86, 8)
        pic.part(oval(0, 52, 84, 17), sheen="gloss", depth=0.8, edge=1.2)
        pic.part(oval(0, 49, 52, 9), mix(pic.paint.base, pic.paint.dark, 0.2), depth=0.6, edge=0.7)
        pic.tube("M44,-6C80,-16 84,24 38,28", 9, pic.trim)
        cup = symmetric("M0,-26L54,-26C54,14 44,40 24,52L0,55")
        pic.part(cup, sheen="round", depth=0.6)
        _opening(pic, -26, 54, 13, drink=drink)
        return "on a saucer" + filled
    half = pic.u(46, 52)
    low = half - (15 if shape == "tapered" else 3)
    top, bottom = -52 + pic.u(-8, 2), 66.0
    pic.shadow(bottom + 6, 70, 8)
    grip = (
        f"M{half - 4},{top + 26}"
        f"C{half + 46},{top + 10} {half + 44},{bottom - 14} {low - 1},{bottom - 30}"
    )
    if shape == "enamel":
        grip = (
            f"M{half - 4},{top + 22}L{half + 22},{top + 24}"
            f"Q{half + 30},{top + 25} {half + 29},{top + 40}"
            f"Q{half + 26},{bottom - 38} {half - 5},{bottom - 30}"
        )
    pic.tube(grip, 7 if shape == "enamel" else 11, pic.trim)
    round_foot = symmetric(
        f"M0,{top}L{half},{top}L{low + 1},{bottom - 14}"
        f"Q{low},{bottom + 5} {low - 18},{bottom + 9}L0,{bottom + 11}"
    )
    flat_foot = symmetric(
        f"M0,{top}L{half},{top}L{low},{bottom}Q{low * 0.6},{bottom + 11} 0,{bottom + 11}"
    )
    pic.part(round_foot if shape == "tapered" else flat_foot, sheen="round", depth=0.5, edge=1.1)
    if pic.pattern == "two-tone":
        lower = symmetric(
            f"M0,28Q{half * 0.5},28 {half},18L{low},{bottom}"
            f"Q{low * 0.6},{bottom + 11} 0,{bottom + 11}"
        )
        if shape == "cylinder":
            pic.part(lower, pic.trim, sheen="round", depth=0.4)
    _opening(pic, top, half, 12, drink=drink)
    if shape == "enamel":
        rim = "#25272c" if pic.paint.name not in ("black", "blue") else "#f5f5f2"
        pic.add(line(oval(0, top, half, 12), rim, 3))
        return "with an enamel rim" + filled
    return ("with a tapered body" if shape == "tapered" else "with a large handle") + filled


def teapot(pic: Picture, shape: str) -> str:
    pic.shadow(64, 72, 8)
    if shape == "tall":
        return _tall_pot(pic)
    rx, ry = (pic.u(52, 58), pic.u(42, 46)) if shape == "round" else (pic.u(56, 60), pic.u(34, 37))
    cy = 62 - ry
    if shape == "round":
        grip = (
            f"M{-rx * 0.75},{cy - ry * 0.55}"
            f"C{-rx - 44},{cy - ry * 0.9} {-rx - 36},{cy + ry * 0.7} {-rx * 0.86},{cy + ry * 0.45}"
        )
        pic.tube(grip, 10, pic.trim)
    else:
        arch = (
            f"M{-rx * 0.66},{cy - ry * 0.7}"
            f"C{-rx * 0.9},{cy - 108} {rx * 0.9},{cy - 108} {rx * 0.66},{cy - ry * 0.7}"
        )
        pic.tube(arch, 6, pic.trim or pic.paint.dark)
    spout = (
        f"M{rx * 0.7},{cy + ry * 0.42}"
        f"C{rx + 14},{cy + ry * 0.3} {rx + 12},{cy - 20} {rx + 32},{cy - ry * 0.95}"
        f"L{rx + 20},{cy - ry - 4}"
        f"C{rx + 4},{cy - 30} {rx},{cy - 14} {rx * 0.72},{cy - ry * 0.35}Z"
    )
    pic.part(spout, pic.trim, sheen="gloss", depth=0.8)
    pic.add(area(oval(rx + 26, cy - ry * 0.97, 6.4, 3), pic.paint.dark))
    pic.part(box(-rx * 0.5, 56, rx, 11, 4), pic.trim, sheen="round", depth=0.4)
    pic.part(oval(0, cy, rx, ry), sheen="ball", depth=0.9, edge=1.2)
    if shape == "cast":
        studs = [(x, y) for y in (-14, 0, 14) for x in range(-48, 49, 12) if abs(x) < rx - 10]
        for x, y in studs:
            pic.add(
                area(oval(x, cy + y + 1, 2.6, 2.6), pic.paint.dark, 0.5),
                area(oval(x - 0.6, cy + y, 2.2, 2.2), pic.paint.light, 0.6),
            )
    lid = symmetric(
        f"M0,{cy - ry - 12}"
        f"C{rx * 0.34},{cy - ry - 11} {rx * 0.52},{cy - ry} {rx * 0.52},{cy - ry * 0.8}"
        f"Q{rx * 0.2},{cy - ry * 0.66} 0,{cy - ry * 0.66}"
    )
    pic.part(lid, pic.trim, sheen="gloss", depth=0.7, edge=1.1)
    pic.bead(0, cy - ry - 17, 7.5, pic.trim)
    pic.shine(-rx * 0.42, cy - ry * 0.35, rx * 0.24, ry * 0.3, 0.75)
    return "with a curved spout" if shape == "round" else "with an arched handle"


def _tall_pot(pic: Picture) -> str:
    low, top = pic.u(46, 50), -46.0
    pic.tube(f"M-26,{top + 14}C-76,{top} -78,48 -40,46", 9, pic.trim)
    spout = "M38,34C66,26 58,-14 80,-36L68,-42C52,-24 50,-8 32,0Z"
    pic.part(spout, pic.trim, sheen="gloss", depth=0.8)
    pic.add(area(oval(74, -39, 6.4, 3), pic.paint.dark))
    body = symmetric(f"M0,{top}L27,{top}C30,-20 {low},10 {low},42Q{low},66 {low - 16},66L0,67")
    pic.part(body, sheen="round", depth=0.7, edge=1.2)
    pic.part(
        symmetric(f"M0,{top - 16}C18,{top - 15} 27,{top - 6} 29,{top + 4}L0,{top + 7}"),
        pic.trim,
        sheen="gloss",
        depth=0.7,
    )
    pic.bead(0, top - 22, 8, pic.trim)
    return "with a curved spout"


def frying_pan(pic: Picture, shape: str) -> str:
    return {"skillet": _skillet, "grill": _grill, "deep": _deep}[shape](pic)


def _pan_handle(
    pic: Picture, start: tuple[float, float], end: tuple[float, float], fill: str
) -> None:
    """A long handle with a steel neck and a hole to hang it by."""
    (x, y), (x2, y2) = start, end
    neck = (x + (x2 - x) * 0.2, y + (y2 - y) * 0.2)
    pic.tube(f"M{x},{y}L{neck[0]},{neck[1]}", 8, "#c3c8cf")
    pic.tube(f"M{neck[0]},{neck[1]}L{x2},{y2}", 13, fill)
    pic.add(
        line(
            (
                f"M{x2 - (x2 - x) * 0.08},{y2 - (y2 - y) * 0.08}"
                f"L{x2 - (x2 - x) * 0.03},{y2 - (y2 - y) * 0.03}"
            ),
            "#ffffff",
            3.4,
        )
    )


def _handle_fill(pic: Picture) -> str:
    if pic.trim:
        return pic.trim
    return "#2b2c30" if pic.paint.name != "black" else "#8a5a33"


def _skillet(pic: Picture) -> str:
    radius = pic.u(55, 60)
    pic.add(area(oval(-22, -18, radius + 3, radius + 3), "#20242a", 0.14))
    _pan_handle(pic, (14, 18), (82, 86), _handle_fill(pic))
    for side in (-1, 1):  # lips to pour from
        lip = oval(-25 + side * (radius * 0.7 - 5), -24 - side * (radius * 0.7 - 5), 11, 11)
        pic.part(lip, sheen="gloss", depth=0.4, edge=1.1)
    pic.part(oval(-25, -24, radius, radius), sheen="gloss", depth=0.7, edge=1.3)
    # The inner wall is lit on the far side from the light, the floor evenly.
    pic.part(
        oval(-25, -24, radius - 4, radius - 4),
        mix(pic.paint.base, pic.paint.dark, 0.4),
        depth=0.6,
        edge=0.7,
    )
    pic.add(
        line(
            (
                f"M{-25 + radius * 0.8},{-24 + radius * 0.1}"
                f"C{-25 + radius * 0.72},{-24 + radius * 0.5} "
                f"{-25 + radius * 0.5},{-24 + radius * 0.72} "
                f"{-25 + radius * 0.1},{-24 + radius * 0.8}"
            ),
            pic.paint.light,
            3.4,
            0.45,
        )
    )
    pic.part(
        oval(-25, -24, radius - 13, radius - 13),
        mix(pic.paint.base, pic.paint.dark, 0.16),
        depth=1.2,
        edge=0.5,
    )
    for share in (0.16, 0.3, 0.44, 0.58):
        pic.add(line(oval(-25, -24, radius * share, radius * share), pic.paint.dark, 0.7, 0.3))
    for x, y in ((8, 16), (15, 9)):
        pic.add(area(oval(x, y, 2.2, 2.2), "#e6e9ec"), line(oval(x, y, 2.2, 2.2), "#646a73", 0.8))
    return "with two pouring lips"


def _grill(pic: Picture) -> str:
    half = pic.u(50, 54)
    pic.add(area(box(-22 - half, -18 - half, 2 * half, 2 * half, 18), "#20242a", 0.14))
    _pan_handle(pic, (16, 16), (84, 84), _handle_fill(pic))
    x = y = -24 - half
    pic.part(box(x, y, 2 * half, 2 * half, 20), sheen="metal", depth=0.7, edge=1.3)
    inner = box(x + 6, y + 6, 2 * half - 12, 2 * half - 12, 15)
    ridges = "".join(
        (
            f"M{x + 16 + i * (2 * half - 32) / 8},{y + 14}"
            f"L{x + 16 + i * (2 * half - 32) / 8},{y + 2 * half - 14}"
        )
        for i in range(9)
    )
    inside = (
        line(placed(ridges, dx=1.6), "#000000", 5, 0.45)
        + line(ridges, mix(pic.paint.base, pic.paint.dark, 0.25), 4)
        + line(placed(ridges, dx=-1.1), pic.paint.light, 1.1, 0.6)
    )
    pic.part(inner, mix(pic.paint.base, pic.paint.dark, 0.3), depth=1.2, inside=inside, edge=0.8)
    return "with grill ridges"


def _deep(pic: Picture) -> str:
    rx, ry, high = pic.u(54, 58), pic.u(22, 26), pic.u(22, 28)
    cx, top = -30.0, -6.0
    pic.shadow(top + high + ry - 2, rx + 4, 9, cx)
    _pan_handle(pic, (cx + rx - 6, top - 2), (92, -34), _handle_fill(pic))
    wall = (
        f"M{cx - rx},{top}L{cx + rx},{top}L{cx + rx - 10},{top + high}"
        f"C{cx + rx * 0.5},{top + high + ry} {cx - rx * 0.5},{top + high + ry} "
        f"{cx - rx + 10},{top + high}Z"
    )
    pic.part(wall, sheen="round", depth=0.6, edge=1.2)
    pic.part(oval(cx, top, rx, ry), sheen="metal", depth=0.3, edge=1.1)
    pic.part(
        oval(cx, top + 1, rx - 5, ry - 3),
        mix(pic.paint.base, pic.paint.dark, 0.4),
        depth=1.2,
        edge=0.7,
    )
    pic.part(
        oval(cx, top + 6, rx - 14, ry - 9),
        mix(pic.paint.base, pic.paint.dark, 0.22),
        depth=0.6,
        edge=0.4,
    )
    return "with a long handle"
