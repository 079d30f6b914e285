"""Chairs, sofas, tables and lamps.

Each function draws one shape of its kind and returns what a caption may say of it.
"""

from .outline import box, mirrored, oval, placed, polygon, symmetric
from .svg import Picture, line

_WOOD = "#a8713f"
_STEEL = "#b4bac2"


def chair(pic: Picture, shape: str) -> str:
    return {"wooden": _wooden_chair, "office": _office_chair, "armchair": _armchair}[shape](pic)


def _wooden_chair(pic: Picture) -> str:
    pic.shadow(84, 60, 7)
    high = pic.u(-88, -80)
    for x, x2, y in ((-26, -28, 70), (40, 44, 70)):
        pic.tube(f"M{x},16L{x2},{y}", 7)
    for x, lean in ((-26, -7), (36, 3)):
        pic.tube(f"M{x},18L{x + lean},{high + 4}", 8)
    slats = pic.chance()
    if slats:
        for x in (-16, -5, 6, 17, 27):
            pic.tube(f"M{x},14L{x - 2},{high + 14}", 4.6, pic.trim)
    else:
        for y in (-52, -30, -8):
            pic.part(
                f"M-33,{y}Q2,{y + 7} 38,{y}L38,{y + 11}Q2,{y + 18} -32,{y + 11}Z",
                pic.trim,
                depth=0.7,
            )
    pic.part(
        f"M-38,{high}Q2,{high + 9} 44,{high}L42,{high + 20}Q2,{high + 28} -35,{high + 20}Z",
        depth=0.8,
        edge=1.2,
    )
    for x, x2 in ((-40, -44), (46, 52)):
        pic.tube(f"M{x},30L{x2},83", 8)
    pic.tube("M-42,58L49,58", 5)
    pic.tube("M-28,50L43,50", 4)
    seat = "M-28,10L38,10Q44,10 46,14L55,32Q56,37 50,37L-46,37Q-51,37 -49,32L-34,14Q-32,10 -28,10Z"
    pic.part(seat, pic.trim, depth=0.6, edge=1.2)
    pic.part(
        "M-50,34Q-49,37 -46,37L50,37Q55,37 55,34L54,42Q53,45 49,45L-45,45Q-49,45 -49,42Z", depth=0.5
    )
    return "with a slatted back" if slats else "with a ladder back"


def _office_chair(pic: Picture) -> str:
    pic.shadow(86, 60, 6)
    metal = _STEEL if pic.paint.name != "silver" else "#3a3d44"
    pic.tube("M0,30L0,66", 9, "#4a4e56")
    pic.tube("M0,40L0,66", 6, metal)
    for x, y in ((-46, 78), (46, 78), (-24, 84), (26, 84), (0, 74)):
        pic.tube(f"M0,64L{x},{y - 4}", 6, metal)
    for x, y in ((-46, 80), (46, 80), (-24, 86), (26, 86)):
        pic.bead(x, y, 5.5, "#26282d")
    pic.tube("M4,24L8,-10", 8, "#3a3d44")
    half = pic.u(36, 41)
    back = symmetric(f"M0,-88Q{half},-88 {half},-66L{half - 5},-8Q{half - 7},4 {half - 16},4L0,5")
    seams = mirrored(f"M{half - 12},-82Q{half - 12},-40 {half - 15},4")
    pic.part(
        back,
        depth=1.3,
        edge=1.2,
        folds=mirrored("M4,-34Q14,-32 22,-36"),
        inside=line(seams, pic.paint.dark, 1.2, 0.6),
    )
    for side in (1, -1):
        pic.tube(f"M{side * 44},26L{side * 58},16L{side * 56},-10", 5, "#3a3d44")
        pic.part(box(side * 55 - 8, -16, 16, 8, 4), "#2b2d32", depth=0.5)
    pic.part(symmetric("M0,8L40,8Q52,10 52,22Q52,36 40,37L0,38"), pic.trim, depth=1.3, edge=1.2)
    return "with wheels and armrests"


def _legs(pic: Picture, xs: tuple[float, ...], top: float, bottom: float) -> None:
    """Tapered wooden feet."""
    wood = _WOOD if pic.paint.name != "brown" else "#4a2f1d"
    for x in xs:
        pic.part(
            polygon((x - 5, top), (x + 5, top), (x + 3, bottom), (x - 3, bottom)), wood, depth=0.5
        )


def _armchair(pic: Picture) -> str:
    pic.shadow(83, 72, 7)
    half = pic.u(66, 72)
    _legs(pic, (-half + 10, half - 10), 62, 84)
    back = symmetric(f"M0,-78Q{half - 16},-80 {half - 12},-54L{half - 12},20L0,20")
    tufts = "".join(f"M{x},-30L{x * 0.9},-62" for x in (-30, -10, 10, 30))
    pic.part(back, depth=1.4, edge=1.2, folds=tufts)
    for x in (-30, -10, 10, 30):
        pic.bead(x, -30, 2.6, pic.trim)
    pic.part(box(-half + 14, 4, 2 * half - 28, 24, 9), pic.trim, depth=1.3)
    pic.part(box(-half + 14, 26, 2 * half - 28, 38, 5), depth=1)
    for side in (1, -1):
        arm = symmetric("M0,-18Q13,-19 14,-6L12,60Q12,66 6,66L0,66")
        pic.part(placed(arm, dx=side * (half - 8)), depth=1.2, edge=1.2)
    return "with buttons on the back"


def sofa(pic: Picture, shape: str) -> str:
    return {"two-seat": _two_seat, "chesterfield": _chesterfield, "corner": _corner}[shape](pic)


def _two_seat(pic: Picture) -> str:
    pic.shadow(57, 92, 6)
    _legs(pic, (-78, -30, 30, 78), 42, 58)
    for side in (1, -1):
        cushion = box(side * 35 - 35, -48, 70, 58, 10)
        pic.part(
            cushion,
            depth=1.4,
            edge=1.2,
            folds=f"M{side * 35 - 8},-6Q{side * 35},-12 {side * 35 + 10},-6",
        )
    for side in (1, -1):
        pic.part(box(side * 35 - 35, 0, 70, 22, 8), depth=1.2, edge=1.1)
    pic.part(box(-74, 20, 148, 26, 4), depth=1)
    for side in (1, -1):
        pic.part(box(side * 78 - 12, -22, 24, 68, 9), depth=1.3, edge=1.2)
    count = pic.rng.choice((0, 1, 2))
    colour = pic.second.base
    for side in ((-1,), (-1, 1))[count - 1] if count else ():
        pillow = placed(
            "M-17,-17Q0,-13 17,-17Q13,0 17,17Q0,13 -17,17Q-13,0 -17,-17Z", dx=side * 50, dy=-12
        )
        pic.part(pillow, colour, depth=1)
    return (
        "with two seats",
        f"with a {pic.second.name} cushion",
        f"with two {pic.second.name} cushions",
    )[count]


def _chesterfield(pic: Picture) -> str:
    pic.shadow(53, 90, 6)
    _legs(pic, (-74, 74), 44, 56)
    back = symmetric("M0,-36L62,-36Q74,-36 74,-24L74,16L0,16")
    seams = "".join(
        f"M{x},-34L{x + 8},-14L{x},6M{x + 16},-34L{x + 8},-14L{x + 16},6"
        for x in range(-80, 80, 16)
    )
    pic.part(
        back,
        sheen="gloss",
        depth=1,
        inside=line(seams, pic.paint.dark, 1.6, 0.45)
        + line(placed(seams, dx=-1, dy=1), pic.paint.light, 0.9, 0.5),
    )
    for x in range(-64, 65, 16):
        pic.bead(x + 8 if x < 56 else x, -14, 2.2)
    pic.tube("M-66,-38L66,-38", 12, pic.trim)
    for x in (-36, 36):
        pic.part(box(x - 35, 2, 70, 20, 8), pic.trim, sheen="gloss", depth=1)
    pic.part(box(-72, 20, 144, 26, 3), depth=0.9, sheen="gloss")
    for side in (1, -1):
        arm = symmetric("M0,-30C12,-30 20,-22 19,-12C18,-4 14,0 13,4L13,48L0,48")
        pic.part(placed(arm, dx=side * 76), sheen="gloss", depth=1.1, edge=1.2)
        scroll = oval(side * 76, -14, 12, 12)
        pic.part(scroll, pic.trim, depth=0.8)
        pic.add(
            line(
                "".join(
                    (
                        f"M{side * 76 - 9},{y}L{side * 76 - 9},{y + 0.1}M{side * 76 + 9},{y}"
                        f"L{side * 76 + 9},{y + 0.1}"
                    )
                    for y in range(6, 46, 7)
                ),
                "#d9bd6a",
                2.4,
            )
        )
    return "with a buttoned back and rolled arms"


def _corner(pic: Picture) -> str:
    pic.shadow(62, 92, 6)
    _legs(pic, (-80, -30, 20, 80), 50, 64)
    pic.part(box(-90, -40, 178, 50, 9), depth=1.2)
    for x in (-58, -4, 50):
        pic.part(box(x - 27 + 2, -36, 54, 46, 9), depth=1.3, edge=1.1)
    pic.part(box(66, -18, 24, 66, 9), depth=1.2, edge=1.2)
    for x in (-4, 42):
        pic.part(box(x - 26, 4, 50, 18, 7), pic.trim, depth=1.1)
    pic.part(box(-32, 20, 102, 24, 4), depth=1)
    chaise = (
        "M-80,2L-38,2Q-30,2 -30,10L-26,32Q-26,38 -34,38L-84,38Q-92,38 -92,32L-88,10Q-88,2 -80,2Z"
    )
    pic.part(chaise, pic.trim, depth=1.2, edge=1.2)
    pic.part(
        "M-92,34Q-88,38 -84,38L-34,38Q-28,38 -26,34L-26,50Q-26,54 -31,54L-87,54Q-92,54 -92,50Z",
        depth=1,
        edge=1.1,
    )
    return "with a long seat on one side"


def table(pic: Picture, shape: str) -> str:
    return {"dining": _dining, "round": _round_table, "desk": _desk}[shape](pic)


def _dining(pic: Picture) -> str:
    pic.shadow(68, 84, 8)
    for x, x2, low in ((-56, -60, 46), (56, 60, 46)):
        pic.part(
            polygon((x - 4, -18), (x + 4, -18), (x2 + 3, low), (x2 - 3, low)), pic.trim, depth=0.5
        )
    pic.part("M-76,-4L76,-4L74,12L-74,12Z", pic.trim, depth=0.5)
    for x, x2 in ((-74, -78), (74, 78)):
        pic.part(
            polygon((x - 6, -4), (x + 6, -4), (x2 + 4, 70), (x2 - 4, 70)),
            pic.trim,
            depth=0.6,
            edge=1.1,
        )
    pic.part("M-60,-40L60,-40L90,-10L-90,-10Z", depth=0.5, edge=1.2)
    pic.part("M-90,-10L90,-10L89,-2L-89,-2Z", depth=0.3, edge=1.1)
    pic.shine(-26, -28, 40, 7, 0.4)
    return "with four legs"


def _round_table(pic: Picture) -> str:
    pic.shadow(74, 60, 8)
    if pic.chance():
        for x, x2, low in ((-20, -34, 58), (20, 34, 58), (-40, -60, 76), (40, 60, 76)):
            pic.tube(f"M{x},-20L{x2},{low}", 7, pic.trim)
        detail = "with four splayed legs"
    else:
        pic.part(oval(0, 66, 46, 11), pic.trim, sheen="gloss", depth=0.8, edge=1.2)
        pic.part(
            symmetric("M0,-24L9,-24Q5,20 12,52Q20,62 28,64L0,68"),
            pic.trim,
            sheen="round",
            depth=0.4,
        )
        detail = "with a single foot"
    rx = pic.u(78, 86)
    pic.part(oval(0, -25, rx, 23), depth=0.4, edge=1.1)
    pic.part(oval(0, -32, rx, 23), depth=0.5, edge=1.2)
    pic.shine(-26, -38, 34, 8, 0.45)
    return detail


def _desk(pic: Picture) -> str:
    pic.shadow(68, 88, 7)
    pic.part("M-80,-10L-72,-10L-72,56L-80,56Z", pic.trim, depth=0.4)
    for x, x2 in ((-78, -80), (-30, -30)):
        if x == -78:
            pic.part(
                polygon((x - 6, 0), (x + 6, 0), (x2 + 5, 70), (x2 - 5, 70)), pic.trim, depth=0.5
            )
    pic.part(box(20, 0, 66, 70, 2), depth=0.7, edge=1.2)
    for y in (10, 30, 50):
        pic.part(box(25, y - 4, 56, 17, 1.5), pic.trim, depth=0.5)
        pic.part(box(46, y + 2, 14, 4.4, 2), "#d9dce1", sheen="metal", depth=0)
    pic.part("M-72,-34L72,-34L92,-10L-92,-10Z", depth=0.4, edge=1.2)
    pic.part("M-92,-10L92,-10L92,0L-92,0Z", depth=0.3, edge=1.1)
    pic.shine(-30, -24, 40, 6, 0.4)
    return "with three drawers"
