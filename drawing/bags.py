"""Bags, from the front.

Each function draws one shape of its kind and returns what a caption may say of it.
"""

from .outline import box, flip, mirrored, oval, placed, polygon, symmetric
from .svg import Picture, area, line

_THREAD = "3 2"
_GOLD = "#d8b65c"
_STEEL = "#cfd3d9"


def _stitches(pic: Picture, path: str) -> str:
    light = pic.paint.name in ("white", "silver", "yellow", "pink")
    return line(path, pic.paint.dark if light else pic.paint.light, 0.9, 0.8, dash=_THREAD)


def _lock(pic: Picture, x: float, y: float, width: float, height: float) -> None:
    pic.part(box(x - width / 2, y - height / 2, width, height, 2), _GOLD, sheen="metal", depth=0)


def handbag(pic: Picture, shape: str) -> str:
    return {"tote": _tote, "satchel": _satchel, "shoulder": _shoulder_bag}[shape](pic)


def _tote(pic: Picture) -> str:
    top, low = pic.u(56, 62), pic.u(66, 74)
    pic.shadow(79, low + 12)
    pic.tube("M-24,-24C-24,-92 24,-92 24,-24", 5, pic.trim or pic.paint.dark)
    pic.part(symmetric(f"M0,-26L{top - 2},-26L{top},-14L0,-10"), pic.paint.dark, depth=0.3)
    body = symmetric(
        f"M0,-18Q{top / 2},-17 {top},-22C{top + 3},10 {low + 2},40 {low},72"
        f"Q{low - 2},80 {low - 10},80L0,80"
    )
    seam = mirrored(f"M0,-12Q{top / 2},-11 {top},-16")
    pic.part(
        body,
        sheen="gloss" if pic.pattern == "leather" else "cloth",
        folds=(
            f"M{low - 8},30Q{low - 20},44 {low - 16},70M{-low + 10},36"
            f"Q{-low + 18},50 {-low + 16},72"
        ),
        inside=_stitches(pic, seam),
    )
    base = symmetric(f"M0,56Q{low / 2},57 {low},55L{low},72Q{low - 2},80 {low - 10},80L0,80")
    if pic.pattern == "two-tone":
        pic.part(base, pic.trim)
    pic.tube("M-26,2C-26,-84 26,-84 26,2", 6, pic.trim)
    for side in (-26, 26):
        pic.part(
            box(side - 6, -8, 12, 22, 4),
            pic.trim,
            depth=0.6,
            inside=_stitches(pic, box(side - 4.4, -6.4, 8.8, 18.8, 3)),
        )
        pic.part(oval(side, -1, 2.8, 2.8), _GOLD, sheen="metal", depth=0)
    return "with two handles"


def _satchel(pic: Picture) -> str:
    half = pic.u(70, 78)
    pic.shadow(73, half + 14)
    pic.tube("M-30,-24C-28,-80 28,-80 30,-24", 8, pic.trim)
    for side in (-30, 30):
        pic.part(box(side - 5, -34, 10, 14, 2), _GOLD, sheen="metal", depth=0)
    body = symmetric(
        f"M0,-28L{half - 12},-28Q{half - 4},-28 {half - 3},-18L{half},58"
        f"Q{half},74 {half - 14},74L0,74"
    )
    pic.part(
        body,
        sheen="gloss" if pic.pattern == "leather" else "cloth",
        inside=_stitches(pic, placed(body, sx=0.94, sy=0.9, dy=3)),
    )
    flap = symmetric(
        f"M0,-30L{half - 12},-30Q{half - 2},-30 {half - 2},-20L{half - 2},6"
        f"Q{half - 10},30 {half * 0.45},32L0,33"
    )
    inner = symmetric(
        f"M0,-26L{half - 14},-26Q{half - 6},-26 {half - 6},-18L{half - 6},5"
        f"Q{half - 14},25 {half * 0.44},28L0,29"
    )
    pic.part(
        flap,
        pic.trim,
        sheen="gloss" if pic.pattern == "leather" else "cloth",
        inside=_stitches(pic, inner),
        edge=1.3,
    )
    pic.part(polygon((-9, 14), (9, 14), (7, 44), (-7, 44)), pic.trim, depth=0.6)
    _lock(pic, 0, 34, 20, 13)
    pic.add(area(oval(0, 33, 2, 2), "#5c4a1e"), line("M0,33L0,37", "#5c4a1e", 1.4))
    return "with a flap and a gold-tone lock"


def _shoulder_bag(pic: Picture) -> str:
    half = pic.u(66, 74)
    pic.shadow(77, half + 6)
    chain = "M-58,6C-50,-110 50,-110 58,6"
    pic.add(
        line(chain, "#8a6d2a", 5.4),
        line(chain, _GOLD, 4),
        line(chain, "#fff1c2", 2.2, dash="0.4 5.6"),
        line(chain, "#7a5f22", 1.6, dash="0.2 5.8"),
    )
    body = symmetric(
        f"M0,-6L{half - 14},-6C{half + 6},-4 {half + 6},40 {half - 4},64"
        f"Q{half - 10},78 {half - 30},78L0,79"
    )
    pic.part(body, sheen="gloss", depth=1.2)
    flap = symmetric(
        f"M0,-10L{half - 14},-10C{half + 4},-8 {half + 2},16 {half - 10},34Q{half - 22},50 0,52"
    )
    pic.part(flap, pic.trim, sheen="gloss", depth=1.2, edge=1.4)
    for side in (-58, 58):
        pic.add(line(oval(side, 4, 5, 6), "#8a6d2a", 3.4), line(oval(side, 4, 5, 6), _GOLD, 2))
    pic.part(oval(0, 46, 12, 7), _GOLD, sheen="metal", depth=0.3)
    pic.part(box(-2.5, 41, 5, 10, 2), "#f0d689", sheen="metal", depth=0)
    return "with a chain strap"


def backpack(pic: Picture, shape: str) -> str:
    return {"school": _school, "rucksack": _rucksack, "roll-top": _roll_top}[shape](pic)


def _zipper(pic: Picture, path: str) -> None:
    pic.add(
        line(path, pic.paint.dark, 3.6, 0.85),
        line(path, _STEEL, 1.8, 0.9),
        line(path, "#555a63", 1.6, dash="0.6 1.5"),
    )


def _shoulder_straps(pic: Picture, half: float) -> None:
    """The straps at the back, seen beside the bag."""
    for side in (1, -1):
        strap = (
            f"M{side * (half - 14)},-58"
            f"C{side * (half + 22)},-50 {side * (half + 22)},30 {side * (half - 4)},62"
        )
        pic.tube(strap, 9, pic.trim or pic.paint.dark)


def _school(pic: Picture) -> str:
    half = pic.u(50, 56)
    pic.shadow(85, half + 12)
    _shoulder_straps(pic, half)
    pic.tube("M-13,-72C-12,-92 12,-92 13,-72", 6, pic.trim)
    body = symmetric(
        f"M0,-80C{half * 0.8},-80 {half},-60 {half},-30L{half + 2},66"
        f"Q{half + 2},85 {half - 16},85L0,85"
    )
    pic.part(body, depth=1.2, folds=mirrored(f"M{half - 2},-8L{half - 12},2"))
    _zipper(pic, mirrored(f"M0,-68C{half * 0.65},-68 {half - 9},-52 {half - 9},-26L{half - 9},8"))
    pocket = symmetric(
        f"M0,4L{half - 14},4Q{half - 4},4 {half - 4},16L{half - 5},66"
        f"Q{half - 6},76 {half - 16},76L0,76"
    )
    pic.part(pocket, pic.trim, depth=1.1, edge=1.3)
    _zipper(pic, mirrored(f"M0,16L{half - 18},16Q{half - 11},16 {half - 11},26L{half - 11},34"))
    pic.part(box(-1.8, -67, 3.6, 11, 1.6), _STEEL, sheen="metal", depth=0)
    pic.part(box(half - 20, 16, 3.6, 11, 1.6), _STEEL, sheen="metal", depth=0)
    pic.part(box(-11, -38, 22, 15, 3), pic.trim or pic.paint.dark, depth=0.5)
    return "with a front pocket"


def _buckled_strap(pic: Picture, x: float, top: float, bottom: float) -> None:
    colour = "#8a5a33" if pic.paint.name not in ("brown", "orange") else "#3b2a20"
    pic.part(box(x - 5, top, 10, bottom - top, 3), colour, depth=0.7)
    pic.add(
        line(box(x - 7, bottom - 20, 14, 11, 2), "#7b6a3a", 3.2),
        line(box(x - 7, bottom - 20, 14, 11, 2), "#ecd48c", 1.8),
    )
    pic.add(line(f"M{x},{bottom - 15}L{x + 6},{bottom - 15}", "#ecd48c", 1.6))


def _rucksack(pic: Picture) -> str:
    half = pic.u(48, 54)
    pic.shadow(85, half + 22)
    _shoulder_straps(pic, half)
    pic.tube("M-12,-66C-11,-88 11,-88 12,-66", 6, pic.trim)
    for side in (1, -1):
        pocket = (
            f"M{side * (half - 6)},24L{side * (half + 12)},26"
            f"Q{side * (half + 18)},50 {side * (half + 12)},78L{side * (half - 6)},80Z"
        )
        pic.part(pocket, pic.trim, depth=1)
    pic.part(
        symmetric(f"M0,-46L{half - 4},-46L{half + 3},66Q{half + 2},85 {half - 14},85L0,85"),
        depth=1.1,
    )
    front = symmetric(f"M0,18L{half - 12},18L{half - 9},66Q{half - 10},76 {half - 20},76L0,76")
    pic.part(front, pic.trim, depth=1, edge=1.2)
    flap = symmetric(
        f"M0,-70C{half * 0.8},-70 {half + 2},-62 {half + 3},-40L{half + 2},2"
        f"Q{half - 2},14 {half - 16},14L0,15"
    )
    pic.part(flap, depth=1.2, edge=1.3, inside=_stitches(pic, placed(flap, sx=0.92, sy=0.9, dy=-2)))
    for x in (-22, 22):
        _buckled_strap(pic, x, -8, 50)
    return "with two buckled straps"


def _roll_top(pic: Picture) -> str:
    half = pic.u(46, 52)
    pic.shadow(85, half + 12)
    _shoulder_straps(pic, half)
    body = symmetric(
        f"M0,-50L{half - 2},-50Q{half + 4},10 {half + 1},72Q{half},85 {half - 12},85L0,85"
    )
    pic.part(
        body,
        depth=1.2,
        folds=(
            f"M{half - 4},-40Q{half - 22},-28 {half - 30},-10M{-half + 6},-38"
            f"Q{-half + 18},-26 {-half + 20},-12"
        ),
    )
    for i, y in enumerate((-52, -62, -72)):
        pic.part(box(-half - 2 + i, y - 8, 2 * half + 4 - 2 * i, 15, 7), depth=0.9)
    pocket = symmetric(f"M0,14L{half - 10},14L{half - 8},68Q{half - 9},76 {half - 18},76L0,76")
    pic.part(pocket, depth=1, edge=1.2)
    _zipper(pic, mirrored(f"M0,24L{half - 12},24"))
    pic.part(box(-6, -82, 12, 84, 2), pic.trim or pic.paint.dark, depth=0.6)
    pic.part(box(-10, -22, 20, 13, 3), "#2e3137", depth=0.6)
    return "with a roll top"


def suitcase(pic: Picture, shape: str) -> str:
    return {"hard-shell": _hard_shell, "soft": _soft_case, "trunk": _trunk}[shape](pic)


def _wheels(pic: Picture, half: float) -> None:
    for side in (1, -1):
        x = side * (half - 12)
        pic.part(box(x - 8, 74, 16, 9, 2), "#3a3d44", depth=0.4)
        pic.part(oval(x, 85, 7, 7), "#24262b", sheen="ball", depth=0.4)
        pic.add(area(oval(x, 85, 2.6, 2.6), "#a9aeb6"))


def _pull_handle(pic: Picture, half: float) -> None:
    """The telescopic handle."""
    for x in (-half, half):
        pic.tube(f"M{x},-86L{x},-46", 4.6, "#b9bec6")
    pic.part(box(-half - 5, -92, 2 * half + 10, 10, 4), "#33363d", sheen="gloss", depth=0.5)


def _hard_shell(pic: Picture) -> str:
    half = pic.u(46, 52)
    pic.shadow(92, half + 8, 4)
    _pull_handle(pic, 17)
    _wheels(pic, half)
    ribs = "".join(f"M{x},-44L{x},70" for x in range(-36, 37, 12))
    shell = box(-half, -56, 2 * half, 134, 13)
    inside = line(ribs, pic.paint.dark, 5, 0.22) + line(ribs, pic.paint.dark, 2, 0.4)
    inside += line(placed(ribs, dx=-3), pic.paint.light, 2, 0.55)
    pic.part(shell, sheen="gloss", depth=1.1, inside=inside)
    for side in (1, -1):
        for y in (-56, 60):
            corner = box(side * (half - 9) - 9, y, 18, 18, 7)
            pic.part(corner, pic.trim or pic.paint.dark, sheen="gloss", depth=0.6)
    pic.tube("M-15,-58C-14,-68 14,-68 15,-58", 5, "#33363d")
    pic.part(box(-9, 4, 18, 8, 2), _STEEL, sheen="metal", depth=0)
    pic.shine(-half * 0.6, -28, 8, 24, 0.5)
    return "with wheels and a pull handle"


def _soft_case(pic: Picture) -> str:
    half = pic.u(48, 54)
    pic.shadow(92, half + 8, 4)
    _pull_handle(pic, 20)
    _wheels(pic, half)
    pic.part(box(-half, -58, 2 * half, 136, 9), depth=1.2)
    _zipper(pic, box(-half + 5, -53, 2 * half - 10, 126, 7))
    pic.part(box(-half + 11, -40, 2 * half - 22, 44, 5), pic.trim, depth=0.9)
    _zipper(pic, f"M{-half + 16},-33L{half - 16},-33")
    pic.part(box(-half + 11, 12, 2 * half - 22, 54, 5), depth=0.9)
    _zipper(pic, f"M{-half + 16},20L{half - 16},20")
    pic.tube("M-16,-59C-14,-69 14,-69 16,-59", 6, pic.paint.dark)
    pic.part(box(-half + 18, -34, 3.4, 11, 1.5), _STEEL, sheen="metal", depth=0)
    pic.part(box(-half + 18, 19, 3.4, 11, 1.5), _STEEL, sheen="metal", depth=0)
    return "with two front pockets"


def _trunk(pic: Picture) -> str:
    half, low = pic.u(78, 84), pic.u(56, 62)
    pic.shadow(low + 2, half + 8)
    pic.tube("M-22,-40C-22,-66 22,-66 22,-40", 8, "#6b4528")
    for x in (-22, 22):
        pic.part(box(x - 6, -46, 12, 10, 2), _GOLD, sheen="metal", depth=0)
    body = box(-half, -40, 2 * half, low + 40, 8)
    pic.part(
        body,
        depth=1.2,
        inside=line(f"M{-half},2L{half},2", pic.paint.dark, 2, 0.8)
        + line(f"M{-half},4L{half},4", pic.paint.light, 1, 0.5),
    )
    strap = (
        pic.second.base
        if pic.pattern == "two-tone"
        else ("#6b4528" if pic.paint.name != "brown" else "#d2a15f")
    )
    for x in (-48, 48):
        pic.part(box(x - 7, -41, 14, low + 42, 1), strap, depth=0.6)
        pic.add(
            line(box(x - 9, 12, 18, 15, 2), "#7b6a3a", 3.4),
            line(box(x - 9, 12, 18, 15, 2), "#ecd48c", 2),
        )
    corner = (
        f"M{half - 16},-40L{half - 8},-40Q{half},-40 {half},-32L{half},-24"
        f"Q{half - 14},-26 {half - 16},-40Z"
    )
    for path in (corner, flip(corner)):
        pic.part(path, strap, depth=0.5)
        pic.part(placed(path, sy=-1, dy=low - 40), strap, depth=0.5)
    _lock(pic, 0, 3, 22, 15)
    pic.add(area(oval(0, 2, 2, 2), "#4d3d18"))
    return "with brown straps" if strap == "#6b4528" else "with straps"
