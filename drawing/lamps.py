"""Lamps for tables, desks and floors.

Each function draws one shape of its kind and returns what a caption may say of it.
"""

from .outline import box, mirrored, oval, polygon, symmetric
from .svg import Picture, area, line

_WOOD = "#a8713f"
_STEEL = "#b4bac2"


def lamp(pic: Picture, shape: str) -> str:
    return {"table": _table_lamp, "desk": _desk_lamp, "floor": _floor_lamp}[shape](pic)


def _lit(pic: Picture, cx: float, cy: float, rx: float, ry: float) -> None:
    """Lamplight on a shade."""
    pic.add(area(oval(cx, cy, rx, ry), f"url(#{pic.fading('#fff3c4', 0.3)})"))


def _table_lamp(pic: Picture) -> str:
    pic.shadow(84, 48, 6)
    pic.part(oval(0, 80, 34, 8), pic.trim, sheen="gloss", depth=0.7)
    body = (
        symmetric("M0,-2L6,-2C6,12 34,20 34,46C34,66 18,74 14,80L0,82")
        if pic.chance()
        else symmetric("M0,-2L6,-2Q5,8 14,12Q22,20 10,28Q26,40 22,58Q18,70 14,80L0,82")
    )
    pic.part(body, pic.trim, sheen="round", depth=0.6, edge=1.1)
    pic.tube("M0,0L0,-14", 5, "#d8b65c")
    top, low = pic.u(30, 38), pic.u(62, 70)
    shade = symmetric(f"M0,-84L{top},-84L{low},-12Q{low * 0.5},-6 0,-6")
    pic.part(shade, sheen="round", depth=0.6, edge=1.2)
    _lit(pic, 0, -40, 36, 40)
    pic.add(
        line(mirrored(f"M0,-83L{top},-83"), pic.paint.edge, 2.4),
        line(f"M{-low},-12Q0,0 {low},-12", pic.paint.edge, 2.2),
    )
    return "with a fabric shade"


def _desk_lamp(pic: Picture) -> str:
    pic.shadow(82, 56, 6, -22)
    pic.part(oval(-22, 76, 44, 10), sheen="gloss", depth=0.8, edge=1.2)
    pic.part(oval(-22, 72, 18, 5), pic.trim, sheen="gloss", depth=0.6)
    arm = pic.trim or _STEEL
    pic.tube("M-22,72L-56,4", 6, arm)
    pic.tube("M-56,4L8,-58", 6, arm)
    pic.bead(-56, 4, 8)
    light = polygon((6, -26), (82, -2), (70, 62), (-10, 46))
    pic.add(area(light, f"url(#{pic.fading('#ffe9a3', 0.5)})"))
    head = (
        "M-8,-70L22,-82Q34,-84 40,-74L84,-22Q88,-14 78,-10L14,-18Q2,-20 4,-30L2,-46Q-10,-54 -8,-70Z"
    )
    head = (
        "M2,-78L20,-86Q28,-86 32,-78Q62,-60 84,-18Q86,-12 80,-9L2,-24Q-6,-26 -4,-34Q-6,-56 0,-68Z"
    )
    pic.part(head, sheen="gloss", depth=1, edge=1.2)
    pic.part("M-3,-31Q40,-36 84,-16Q85,-9 79,-6Q36,-6 0,-22Q-4,-26 -3,-31Z", "#fff1bf", depth=0.5)
    pic.bead(10, -72, 6, pic.trim)
    return "with a jointed arm"


def _floor_lamp(pic: Picture) -> str:
    pic.shadow(88, 46, 5)
    if pic.chance():
        wood = pic.trim or (_WOOD if pic.paint.name not in ("brown", "orange") else "#3a2a20")
        for x in (4, -40, 40):
            pic.tube(f"M0,-26L{x},87", 5.4, wood)
        pic.part(box(-7, -30, 14, 8, 2), "#3a3d44", depth=0.4)
        detail = "on three legs"
    else:
        pic.tube("M0,-20L0,84", 5, pic.trim)
        pic.part(oval(0, 84, 32, 6.5), pic.trim, sheen="gloss", depth=0.7)
        detail = "on a slim stand"
    top, low = pic.u(30, 36), pic.u(46, 54)
    shade = symmetric(f"M0,-90L{top},-90L{low},-32Q{low * 0.5},-27 0,-27")
    pic.part(shade, sheen="round", depth=0.6, edge=1.2)
    _lit(pic, 0, -56, 28, 32)
    pic.add(line(f"M{-low},-32Q0,-22 {low},-32M{-top},-90L{top},-90", pic.paint.edge, 2))
    return detail
