"""Dresses, trousers, skirts and socks, laid flat as a shop photographs them.

Each function draws one shape of its kind and returns what a caption may say of it.
"""

from .outline import box, flip, mirrored, oval, placed, polygon, symmetric
from .svg import Picture, area, line

_THREAD = "4 2.4"


def dress(pic: Picture, shape: str) -> str:
    return {"a-line": _a_line, "sheath": _sheath, "gown": _gown}[shape](pic)


def _dress_back(pic: Picture, neck: float, top: float, dip: float) -> None:
    """The inside of the back, seen through the neck opening."""
    hole = symmetric(f"M0,{top + 3}L{neck},{top}L{neck},{top + dip}L0,{top + dip + 2}")
    pic.part(hole, pic.paint.dark if pic.paint.name != "white" else "#cfd2d8", depth=0.4, edge=0.5)


def _skirt_folds(waist: float, hem: float, top: float, bottom: float, count: int) -> str:
    """Creases fanning out from the waist to the hem."""
    folds = ""
    for i in range(count):
        share = (i + 0.5) / count * 2 - 1
        start = top + 6 + (i * 7 % 5) * 5
        folds += (
            f"M{share * waist},{start}"
            f"Q{share * (waist + hem) * 0.46},{(top + bottom) / 2} {share * hem},{bottom + 2}"
        )
    return folds


def _a_line(pic: Picture) -> str:
    top, waist_at, bottom = -82.0, -24.0, pic.u(70, 84)
    chest, waist, hem = pic.u(24, 27), pic.u(18, 20), pic.u(50, 60)
    sleeves = pic.chance()
    _dress_back(pic, 14, top, 12)
    if sleeves:
        sleeve = (
            f"M18,{top + 2}Q36,{top + 6} 44,{top + 32}L28,{top + 40}Q24,{top + 34} 20,{top + 30}Z"
        )
        pic.part(sleeve, pic.trim, angle=-25, folds=f"M24,{top + 6}L34,{top + 34}")
        pic.part(flip(sleeve), pic.trim, angle=25, folds=f"M-24,{top + 6}L-34,{top + 34}")
    bodice = symmetric(
        f"M0,{top + 17}Q13,{top + 16} 15,{top}L25,{top + 3}Q20,{top + 24} {chest},{top + 34}"
        f"Q{chest},{waist_at - 12} {waist},{waist_at}L0,{waist_at + 1}"
    )
    pic.part(
        bodice, pic.trim, folds=mirrored(f"M{waist * 0.6},{waist_at}L{chest * 0.55},{top + 44}")
    )
    skirt = symmetric(
        f"M0,{waist_at}L{waist},{waist_at}"
        f"C{waist + 10},{waist_at + 30} {hem - 8},{bottom - 40} {hem},{bottom - 5}"
        f"C{hem - 8},{bottom + 3} {hem - 16},{bottom - 4} {hem * 0.6},{bottom + 2}"
        f"C{hem * 0.4},{bottom + 6} {hem * 0.2},{bottom} 0,{bottom + 3}"
    )
    pic.part(skirt, folds=_skirt_folds(waist, hem, waist_at, bottom, 7))
    belt = symmetric(
        f"M0,{waist_at - 3}L{waist + 0.5},{waist_at - 3}L{waist + 1},{waist_at + 4}"
        f"L0,{waist_at + 5}"
    )
    pic.part(
        belt, pic.paint.dark if pic.pattern == "plain" else pic.second.base, depth=0.4, edge=0.8
    )
    return "with short sleeves" if sleeves else "without sleeves"


def _sheath(pic: Picture) -> str:
    top, bottom = -84.0, pic.u(72, 82)
    chest, waist, hip = pic.u(26, 28), pic.u(20, 22), pic.u(30, 33)
    hem = hip - pic.u(5, 9)
    _dress_back(pic, 16, top, 10)
    body = symmetric(
        f"M0,{top + 15}Q16,{top + 15} 17,{top}L26,{top + 3}Q20,{top + 26} {chest},{top + 38}"
        f"C{chest},{top + 50} {waist},{top + 56} {waist},{top + 68}"
        f"C{waist},{top + 80} {hip},-4 {hip},14"
        f"C{hip},36 {hem + 2},{bottom - 30} {hem},{bottom}L0,{bottom + 2}"
    )
    darts = mirrored(f"M{waist * 0.55},{top + 50}L{waist * 0.5},{top + 88}")
    pic.part(
        body,
        folds=mirrored(f"M{waist},{top + 68}L{waist - 10},{top + 74}M{hip},14L{hip - 12},20"),
        inside=line(darts, pic.paint.dark, 0.9, 0.6),
    )
    if pic.pattern == "two-tone":
        panel = (
            f"M{chest},{top + 38}"
            f"C{chest},{top + 50} {waist},{top + 56} {waist},{top + 68}"
            f"C{waist},{top + 80} {hip},-4 {hip},14"
            f"C{hip},36 {hem + 2},{bottom - 30} {hem},{bottom}L{hem - 8},{bottom + 1}"
            f"C{hip - 8},30 {waist - 14},-10 {chest - 4},{top + 36}Z"
        )
        pic.part(panel, pic.trim)
        pic.part(flip(panel), pic.trim)
    pic.add(line(f"M{hem * 0.4},{bottom}L{hem * 0.4 - 1},{bottom - 22}", pic.paint.dark, 1.3, 0.8))
    pic.add(line(mirrored(f"M0,{top + 15}Q16,{top + 15} 17,{top}"), pic.paint.dark, 1.2, 0.5))
    return "without sleeves"


def _gown(pic: Picture) -> str:
    top, bottom = -70.0, 87.0
    chest, waist, hem = pic.u(22, 24), pic.u(16, 18), pic.u(50, 62)
    straps = mirrored(f"M15,{top + 4}Q13,{top - 10} 9,{top - 18}")
    pic.tube(straps, 2.6, pic.trim)
    skirt = symmetric(
        f"M0,{top + 44}L{waist},{top + 44}C{waist + 12},{top + 66} {waist + 12},20 {hem * 0.7},50"
        f"C{hem * 0.85},70 {hem},{bottom - 8} {hem},{bottom - 3}"
        f"Q{hem * 0.7},{bottom + 3} {hem * 0.4},{bottom - 2}"
        f"Q{hem * 0.2},{bottom + 3} 0,{bottom}"
    )
    pic.part(skirt, folds=_skirt_folds(waist, hem * 0.95, top + 44, bottom, 9))
    bodice = symmetric(
        f"M0,{top + 8}C4,{top - 2} 14,{top - 4} 19,{top + 3}"
        f"Q{chest + 1},{top + 10} {chest},{top + 18}"
        f"Q{waist + 2},{top + 34} {waist},{top + 46}L0,{top + 52}"
    )
    seams = mirrored(f"M0,{top + 8}L0,{top + 50}M10,{top + 2}Q14,{top + 24} 8,{top + 48}")
    pic.part(bodice, pic.trim, inside=line(seams, pic.paint.dark, 0.8, 0.5))
    return "with thin straps"


def trousers(pic: Picture, shape: str) -> str:
    hip, crotch = pic.u(32, 35), -30.0
    inner, knee = {"straight": (8, 31), "wide-leg": (5, 50), "joggers": (13, 29)}[shape]
    outer = knee + pic.u(-2, 3)
    bottom = 86.0 if shape != "joggers" else 76.0
    half = (
        f"M0,-84L26,-84Q{hip},-62 {hip},-44C{hip + 2},0 {outer},40 {outer},{bottom}"
        f"L{inner},{bottom + 1}C{inner - 2},40 3,0 1,{crotch}L0,{crotch}"
    )
    middle = (inner + outer) / 2
    creases = mirrored(
        f"M4,{crotch}Q14,{crotch + 4} 22,{crotch - 8}M{hip - 2},6L{hip - 14},12M8,14L20,19"
    )
    inside = ""
    if shape == "straight":
        inside = line(mirrored(f"M17,-66L{middle},{bottom}"), pic.paint.dark, 0.8, 0.55)
    if shape == "wide-leg":
        creases += mirrored(
            f"M16,-60Q20,10 {middle - 7},{bottom}M24,-40Q30,20 {middle + 8},{bottom}"
        )
    pic.part(_legs_back(), pic.paint.dark if pic.paint.name != "white" else "#cfd2d8", depth=0)
    pic.part(symmetric(half), folds=creases, inside=inside)
    pic.add(line(f"M0,-74L0,{crotch}", pic.paint.dark, 1, 0.75))
    if shape == "joggers":
        for side in (1, -1):
            ribs = "".join(
                f"M{side * x},{bottom - 4}L{side * x},{bottom + 12}" for x in range(10, 36, 3)
            )
            cuff = polygon(
                (side * (inner + 1), bottom - 2),
                (side * (outer - 1), bottom - 2),
                (side * (outer - 4), bottom + 11),
                (side * (inner + 3), bottom + 11),
            )
            pic.part(cuff, pic.trim, depth=0.5, inside=line(ribs, pic.paint.dark, 0.8, 0.5))
        ribs = "".join(f"M{x},-88L{x},-72" for x in range(-27, 28, 3))
        pic.part(
            symmetric("M0,-86L26,-86L28,-75L0,-74"),
            pic.trim,
            depth=0.5,
            inside=line(ribs, pic.paint.dark, 0.8, 0.5),
        )
        cord = "#f4f2ec" if pic.paint.name != "white" else "#5d6470"
        pic.tube("M-3,-78Q-9,-66 -7,-54", 2, cord)
        pic.tube("M3,-78Q8,-64 6,-57", 2, cord)
        pic.add(line(mirrored("M28,-68Q24,-56 30,-44"), pic.paint.dark, 1.2, 0.7))
        return "with a drawstring and ribbed cuffs"
    pic.add(line("M0,-74Q7,-70 7,-48Q5,-42 0,-40", pic.paint.dark, 0.8, 0.6, dash=_THREAD))
    pic.add(line(mirrored("M14,-74Q16,-60 32,-56"), pic.paint.dark, 1.2, 0.75))
    pic.add(line(mirrored("M15.6,-74Q17.6,-62 32,-58.4"), pic.paint.light, 0.7, 0.6, dash=_THREAD))
    pic.part(symmetric("M0,-85L26,-86L28,-75L0,-74"), pic.trim, depth=0.4)
    for x in (-20, -9, 9, 20):
        pic.part(box(x - 1.4, -87, 2.8, 14, 0.8), pic.trim, depth=0, edge=0.7)
    pic.part(oval(0, -80, 2.4, 2.4), "#d9d2c0", sheen="metal", depth=0)
    pic.add(
        line(
            mirrored(f"M{inner},{bottom - 5}L{outer},{bottom - 6}"),
            pic.paint.dark,
            0.8,
            0.6,
            dash=_THREAD,
        )
    )
    return "with a pressed crease" if shape == "straight" else "with a high waist"


def _legs_back() -> str:
    """The inside of the back waistband."""
    return symmetric("M0,-88L25,-88L25,-80L0,-80")


def skirt(pic: Picture, shape: str) -> str:
    return {"pleated": _pleated, "pencil": _pencil, "tiered": _tiered}[shape](pic)


def _waistband(pic: Picture, half: float, top: float) -> None:
    back = symmetric(f"M0,{top - 3}L{half - 1},{top - 3}L{half - 1},{top + 6}L0,{top + 6}")
    pic.part(back, pic.paint.dark if pic.paint.name != "white" else "#cfd2d8", depth=0)
    band = symmetric(f"M0,{top + 2}L{half},{top}L{half + 2},{top + 12}L0,{top + 14}")
    pic.part(band, pic.trim, depth=0.5, edge=1.1)


def _pleated(pic: Picture) -> str:
    waist, hem, top = pic.u(27, 31), pic.u(66, 76), -62.0
    bottom, count = pic.u(40, 58), 9
    edges = [(waist * (2 * i / count - 1), hem * (2 * i / count - 1)) for i in range(count + 1)]
    low = [bottom + 8 * (1 - (x / hem) ** 2) for _, x in edges]
    hemline = "".join(
        f"L{x},{y}L{x - 5},{y + 3.5}" for (_, x), y in zip(edges[:0:-1], low[:0:-1], strict=True)
    )
    path = f"M{-waist},{top + 8}L{waist},{top + 8}{hemline}L{-hem},{low[0]}Z"
    inside = ""
    for (a, b), y in zip(edges[1:-1], low[1:-1], strict=True):
        pleat = polygon((a, top), (b, y + 6), (b - 9, y + 6), (a - 1.5, top))
        inside += area(pleat, pic.paint.dark, 0.26)
        inside += line(f"M{a},{top}L{b},{y + 6}", pic.paint.dark, 1, 0.75)
        inside += line(f"M{a + 1.2},{top}L{b + 1.6},{y + 6}", pic.paint.light, 1, 0.6)
    pic.part(path, inside=inside)
    if pic.pattern == "two-tone":
        stripe = symmetric(
            f"M0,{bottom - 3}Q{hem * 0.5},{bottom - 5} {hem - 3},{bottom - 14}"
            f"L{hem - 1},{bottom - 6}Q{hem * 0.5},{bottom + 3} 0,{bottom + 5}"
        )
        pic.part(stripe, pic.trim, depth=0.4)
    _waistband(pic, waist, top)
    return "with pleats"


def _pencil(pic: Picture) -> str:
    waist, hip, hem = pic.u(30, 33), pic.u(42, 46), pic.u(34, 38)
    top, bottom = -78.0, pic.u(70, 82)
    body = symmetric(
        f"M0,{top + 8}L{waist},{top + 8}"
        f"C{hip},{top + 30} {hip},{top + 44} {hip},{top + 60}"
        f"C{hip},20 {hem + 2},{bottom - 30} {hem},{bottom}L0,{bottom + 3}"
    )
    darts = line(
        mirrored(f"M{waist * 0.55},{top + 12}L{waist * 0.62},{top + 36}"), pic.paint.dark, 1, 0.7
    )
    pic.part(
        body,
        folds=mirrored(
            f"M{hip},{top + 52}Q{hip - 18},{top + 58} {hip - 30},{top + 56}M{hip - 4},-6"
            f"L{hip - 18},0"
        ),
        inside=darts,
    )
    slit = polygon((13, bottom - 36), (19, bottom + 2), (9, bottom + 3))
    pic.part(slit, pic.paint.dark if pic.paint.name != "white" else "#c3c7ce", depth=0.3, edge=0.7)
    pic.add(
        line(f"M-{hem},{bottom - 5}L{hem},{bottom - 5}", pic.paint.dark, 0.8, 0.5, dash=_THREAD)
    )
    _waistband(pic, waist, top)
    return "with a slit"


def _tiered(pic: Picture) -> str:
    top, waist = -80.0, pic.u(24, 27)
    spread = pic.u(10, 13)
    for tier in (2, 1, 0):
        upper, lower = top + 6 + tier * 52, top + 64 + tier * 52
        a, b = waist + tier * spread * 1.25, waist + (tier + 1) * spread * 1.4
        waves = (
            f"Q{b * 0.85},{lower + 6} {b * 0.65},{lower}"
            f"Q{b * 0.5},{lower + 6} {b * 0.3},{lower + 2}"
            f"Q{b * 0.15},{lower + 7} 0,{lower + 2}"
        )
        path = symmetric(f"M0,{upper}L{a},{upper}Q{a + 5},{upper + 22} {b},{lower - 3}{waves}")
        folds = "".join(
            (
                f"M{a * s},{upper}"
                f"Q{a * s * 1.05},{upper + 20} {b * s},{lower - 16 + (tier + round(9 * s)) % 3 * 8}"
            )
            for s in (-0.8, -0.5, -0.22, 0.1, 0.38, 0.62, 0.85)
        )
        pic.part(path, pic.trim if tier == 1 else "", folds=folds)
    _waistband(pic, waist, top)
    return "with three ruffled tiers"


def sock(pic: Picture, shape: str) -> str:
    leg = {"ankle": 0.0, "crew": -44.0, "knee-high": -84.0}[shape]
    scale = {"ankle": 1.22, "crew": 1.08, "knee-high": 0.9}[shape] * pic.u(0.95, 1.03)
    width = pic.u(19, 21)
    foot = (
        f"M{-width - 12},{leg}L{width - 12},{leg}C{width - 12},0 {width - 16},18 {width - 8},24"
        "C22,30 44,30 58,38C72,46 70,66 52,68C34,70 6,70 -14,66C-34,60 -38,44 -33,24"
        f"C{-width - 11},4 {-width - 12},-10 {-width - 12},{leg}Z"
    )
    heel = "M-40,20C-24,24 -16,40 -12,72L-50,74Z"
    toe = "M46,28C40,44 40,56 46,72L84,72L84,28Z"
    cuff = f"M-50,{leg - 6}L30,{leg - 6}L30,{leg + 13}L-50,{leg + 13}Z"
    lift = {"ankle": -34.0, "crew": -4.0, "knee-high": 8.0}[shape]
    fill = pic.trim or pic.paint.base
    for back in (True, False):
        dx, dy = (14.0, -9.0) if back else (-14.0, 5.0)
        at = {"dx": dx, "dy": dy + lift, "sx": scale, "sy": scale}
        ribs = "".join(f"M{x},{leg - 2}L{x},{leg + 12}" for x in range(-34, 14, 3))
        inside = area(placed(heel, **at), fill) + area(placed(toe, **at), fill)
        inside += area(placed(cuff, **at), fill)
        inside += area(placed(heel + toe, **at), pic.paint.dark, 0.2)
        inside += line(placed(heel + toe, **at), pic.paint.dark, 0.9, 0.5)
        inside += line(placed(ribs, **at), pic.paint.dark, 1, 0.5)
        inside += line(placed(f"M-50,{leg + 13}L30,{leg + 13}", **at), pic.paint.dark, 1, 0.55)
        creases = "M6,26Q-6,30 -12,40M4,20Q-8,22 -16,28"
        if shape != "ankle":
            creases += f"M-30,{leg * 0.4}Q-20,{leg * 0.36} -12,{leg * 0.42}"
        pic.part(placed(foot, **at), folds=placed(creases, **at), inside=inside)
    return {"ankle": "below the ankle", "crew": "with ribbed cuffs", "knee-high": "up to the knee"}[
        shape
    ]
