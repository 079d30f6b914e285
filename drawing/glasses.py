"""Sunglasses and reading glasses, from the front and a little above.

Each function draws one shape of its kind and returns what a caption may say of it.
"""

from .outline import flip, oval, placed
from .palette import mix
from .svg import Picture, area, line

# The right lens, about its own middle.
_LENSES = {
    "wayfarer": "M-34,-20C-14,-27 18,-27 36,-23C38,-4 32,26 4,28C-22,29 -34,6 -34,-20Z",
    "aviator": "M-34,-24C-16,-30 16,-28 34,-20C38,6 24,36 4,38C-18,38 -36,6 -34,-24Z",
    "round": oval(0, 2, 34, 34),
    "cat-eye": "M-34,-10C-20,-26 14,-30 42,-36C42,-8 34,22 6,26C-20,28 -36,12 -34,-10Z",
    "rectangular": (
        "M-30,-20L30,-22Q37,-22 37,-14L34,12Q32,22 22,22L-20,22Q-30,22 -32,12"
        "L-36,-12Q-36,-20 -30,-20Z"
    ),
}
_MIDDLE = 44.0  # how far a lens's middle is from the nose


def _arms(pic: Picture, width: float, hinge_y: float) -> None:
    """The arms, running back behind the lenses."""
    for side in (1, -1):
        path = (
            f"M{side * 82},{hinge_y}"
            f"C{side * 84},{hinge_y - 16} {side * 74},{hinge_y - 32} {side * 62},{hinge_y - 40}"
            f"Q{side * 54},{hinge_y - 44} {side * 50},{hinge_y - 36}"
        )
        pic.tube(path, width, pic.trim)


def sunglasses(pic: Picture, shape: str) -> str:
    metal = shape in ("aviator", "round")
    thick = {"aviator": 3.4, "round": 3.8, "wayfarer": 10.0, "cat-eye": 10.0}[shape] * pic.u(
        0.95, 1.15
    )
    _arms(pic, thick * 0.5 + 3, -12)
    tinted = metal and pic.paint.name not in ("white", "silver", "grey", "black")
    tint = ("#17181c", "#5a5d66")
    if tinted:
        tint = (mix(pic.paint.base, "#000000", 0.38), mix(pic.paint.base, "#ffffff", 0.15))
    _front(pic, shape, thick, metal=metal, tint=tint, opacity=0.96)
    return "with tinted lenses" if tinted else "with dark lenses"


def reading_glasses(pic: Picture, shape: str) -> str:
    thick = {"round": 5.6, "rectangular": 7.4, "cat-eye": 7.6}[shape] * pic.u(0.9, 1.2)
    _arms(pic, thick * 0.5 + 3, -10)
    _front(pic, shape, thick, metal=False, tint=("#dcebf3", "#f6fbfd"), opacity=0.55)
    return "with clear lenses"


def _front(
    pic: Picture, shape: str, thick: float, *, metal: bool, tint: tuple[str, str], opacity: float
) -> None:
    lens = _LENSES[shape]
    pic.shadow(46, 84, 4)
    bridge_y = {"aviator": -20.0, "round": -8.0}.get(shape, -12.0)
    for side in (1, -1):
        glass = placed(lens if side > 0 else flip(lens), dx=side * _MIDDLE)
        pic.glass(glass, *tint, opacity)
        streak = placed(
            "M-20,-14L-6,-22L-22,22L-27,10ZM0,-22L6,-23L-12,26L-18,24Z",
            dx=side * _MIDDLE,
            sx=0.9,
            sy=0.9,
        )
        pic.add(area(streak, "#ffffff", 0.2 if opacity > 0.9 else 0.75))
    pic.tube(
        f"M-12,{bridge_y + 2}Q0,{bridge_y - 9} 12,{bridge_y + 2}",
        thick + (0 if metal else 1),
        pic.trim,
    )
    if shape == "aviator":
        pic.tube("M-26,-26Q0,-33 26,-26", thick)
    grow = 1 + thick / 34
    for side in (1, -1):
        outer = placed(lens, sx=grow * side, sy=grow, dx=side * _MIDDLE)
        hole = placed(lens, sx=side, dx=side * _MIDDLE)
        pic.part(outer + hole, sheen="metal" if metal else "gloss", depth=0.7, edge=1)
        pic.part(
            oval(side * 82, -13, 4.6, 4),
            pic.trim or ("" if metal else "#d5d8dd"),
            sheen="metal",
            depth=0.3,
        )
        for x in (-1.5, 1.5):
            pic.add(area(oval(side * 82 + x, -13, 0.8, 0.8), "#565b64"))
    if not metal:
        for side in (1, -1):
            pic.shine(side * _MIDDLE - 12, -27, 18, 2.2, 0.7)
    else:
        for side in (1, -1):
            pic.add(line(f"M{side * 8},0Q{side * 6},8 {side * 9},14", "#c9ced6", 2.4))
