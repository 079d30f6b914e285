"""Shoes, from the side, toe to the right.

Each function draws one shape of its kind and returns what a caption may say of it.
"""

from .outline import box, oval, placed, polygon
from .svg import Picture, area, line

_THREAD = "2.6 1.8"


def sneaker(pic: Picture, shape: str) -> str:
    return {"low-top": _low_top, "high-top": _high_top, "runner": _runner}[shape](pic)


def _lace(pic: Picture, points: list[tuple[float, float]], slope: tuple[float, float]) -> None:
    """Laces across the tongue, each from a point along `slope`."""
    colour = "#fbfaf6" if pic.paint.name != "white" else "#d5d8dd"
    for x, y in points:
        pic.tube(f"M{x},{y}L{x + slope[0]},{y + slope[1]}", 3.6, colour)
        pic.add(area(oval(x, y, 1.5, 1.5), "#4a4d54"))


def _rubber_sole(pic: Picture, path: str, groove: str) -> None:
    white = "#fafaf8" if pic.paint.name not in ("white", "silver") else "#dfe1e5"
    pic.part(path, white, sheen="cloth", depth=0.5, inside=line(groove, "#9aa0a8", 1.2, 0.8))


def _low_top(pic: Picture) -> str:
    pic.shadow(53, 92)
    toe = pic.u(78, 84)
    pic.part(
        "M-42,-18C-34,-34 -26,-44 -14,-46C-4,-44 2,-34 6,-22L-10,6L-44,4Z", pic.trim, depth=0.8
    )
    pic.part("M-74,-26C-62,-18 -48,-14 -36,-18L-30,2L-72,4Z", pic.paint.dark, depth=0.3)
    upper = (
        "M-80,38C-86,14 -82,-12 -76,-30C-66,-18 -52,-8 -38,-14"
        f"C-30,-18 -24,-30 -18,-34C-6,-18 18,0 38,6C62,10 {toe},18 {toe},38Z"
    )
    seams = "M-8,-22C-12,-4 -18,14 -14,38M36,6C26,16 24,28 26,38M-80,6C-66,4 -58,10 -52,38"
    pic.part(
        upper,
        folds="M14,-6Q18,4 12,14",
        inside=line(seams, pic.paint.dark, 1.1, 0.7)
        + line(placed(seams, dx=2.2), pic.paint.dark, 0.8, 0.6, dash=_THREAD),
    )
    pic.part("M-79,-18C-68,-8 -58,2 -54,38L-81,38C-85,20 -84,0 -79,-18Z", pic.trim, depth=0.7)
    swoosh = "M-50,30C-36,22 -22,12 -14,-4L-2,8C-10,22 -24,32 -34,36Z"
    pic.part(swoosh, pic.trim or pic.paint.light, depth=0.3, edge=0.8)
    pic.part(f"M28,38C28,22 40,10 54,10C70,12 {toe},22 {toe},38Z", depth=0.8)
    for i in range(4):
        pic.add(area(oval(46 + i * 6, 20 + i * 1.6, 1, 1), pic.paint.dark, 0.7))
    _lace(pic, [(-12, -24), (-3, -14), (7, -5), (18, 2)], (-9, 10))
    _rubber_sole(
        pic,
        f"M-84,36L{toe + 3},36C{toe + 5},44 {toe + 3},53 {toe - 4},54L-80,54C-86,52 -87,42 -84,36Z",
        f"M-84,46L{toe + 3},46",
    )
    return "with white laces" if pic.paint.name != "white" else "with laces"


def _high_top(pic: Picture) -> str:
    pic.shadow(72, 84)
    pic.part(
        "M-30,-56C-24,-70 -14,-80 -4,-80C4,-76 8,-60 10,-46L-6,-10L-34,-10Z", pic.trim, depth=0.8
    )
    pic.part("M-62,-66C-50,-58 -36,-58 -24,-62L-24,-40L-62,-40Z", pic.paint.dark, depth=0.3)
    upper = (
        "M-70,56C-74,20 -66,-20 -66,-70C-52,-58 -36,-58 -22,-66L-6,-66"
        "C-2,-30 8,2 34,20C60,22 76,34 76,56Z"
    )
    seams = "M-10,-62C-6,-24 2,10 12,26C16,36 14,48 10,56M-58,-66C-54,-20 -60,20 -56,56"
    pic.part(
        upper,
        folds="M-6,-20Q-16,-14 -26,-16M0,2Q-12,10 -22,8",
        inside=line(seams, pic.paint.dark, 1.1, 0.7)
        + line(placed(seams, dx=-2.4), pic.paint.dark, 0.8, 0.6, dash=_THREAD),
    )
    pic.add(
        area(oval(-34, -22, 12, 12), pic.paint.edge),
        area(oval(-34, -22, 11, 11), "#f8f8f6"),
        area(oval(-34, -22, 7, 7), pic.trim or pic.paint.base),
    )
    pic.part(
        "M24,56C24,36 34,24 44,24C64,26 78,38 78,56Z",
        "#fafaf8" if pic.paint.name != "white" else "#e3e5e8",
        depth=0.6,
    )
    _lace(pic, [(-4, -60), (-2, -46), (1, -32), (6, -18), (12, -5), (20, 6)], (-12, 7))
    _rubber_sole(
        pic,
        "M-74,54L80,54C82,62 80,72 74,73L-70,73C-76,70 -77,60 -74,54Z",
        "M-74,60L80,60M-74,66L80,66",
    )
    return "with a rubber toe cap"


def _runner(pic: Picture) -> str:
    pic.shadow(56, 92)
    pic.part("M-40,-16C-30,-36 -22,-48 -10,-52C0,-46 4,-36 8,-24L-10,6L-44,4Z", pic.trim, depth=0.8)
    pic.part("M-80,-34C-66,-22 -50,-16 -36,-20L-30,2L-72,4Z", pic.paint.dark, depth=0.3)
    upper = (
        "M-80,32C-88,10 -80,-10 -82,-38C-68,-22 -52,-12 -36,-16"
        "C-28,-20 -22,-34 -16,-38C-2,-18 22,-2 44,4C70,8 84,18 86,30Z"
    )
    mesh = "".join(f"M{x},-40L{x - 20},40" for x in range(-60, 110, 4))
    pic.part(upper, inside=line(mesh, pic.paint.dark, 0.6, 0.3))
    pic.part(
        "M-82,-30C-70,-20 -58,-4 -36,2C-22,6 -12,22 -6,34L-80,34C-88,12 -80,-10 -82,-30Z",
        depth=0.8,
    )
    for i in range(3):
        pic.tube(
            (
                f"M{-26 + i * 13},{30}"
                f"C{-22 + i * 13},{14 + i * 2} {-18 + i * 13},{4 + i * 3} "
                f"{-10 + i * 11},{-14 + i * 9}"
            ),
            4.6,
            pic.trim or pic.paint.light,
        )
    pic.part("M40,32C46,18 60,10 70,12C80,16 86,22 87,31Z", depth=0.6)
    _lace(pic, [(-9, -28), (1, -17), (12, -8), (24, -1)], (-9, 10))
    sole = (
        "M-84,30C-60,36 -20,34 0,32C40,30 70,26 88,28C94,36 90,46 78,50"
        "C40,58 -40,58 -78,56C-92,54 -92,40 -84,30Z"
    )
    _rubber_sole(pic, sole, "M-86,44C-40,50 20,48 90,38")
    pic.part(
        "M-80,51C-40,53 40,52 82,46Q80,52 74,53C40,59 -40,59 -76,58Z",
        pic.trim or pic.paint.dark,
        depth=0.3,
    )
    return "with a thick sole"


def boot(pic: Picture, shape: str) -> str:
    return {"chelsea": _chelsea, "lace-up": _lace_up, "knee-high": _knee_boot}[shape](pic)


_SOLE = "#2c2523"


def _boot_sole(
    pic: Picture, y: float, heel: float, toe: float, thick: float, *, step: bool = True
) -> None:
    colour = _SOLE if pic.paint.name not in ("black", "brown") else "#b98a57"
    if not step:
        teeth = "".join(
            f"M{x},{y + thick - 5}L{x},{y + thick + 4}" for x in range(int(heel), int(toe), 9)
        )
        pic.part(
            box(heel, y, toe - heel, thick, 4),
            colour,
            depth=0.5,
            inside=line(teeth, "#0d0b0a", 3, 0.8),
        )
        return
    pic.part(
        (
            f"M{heel},{y}L{toe},{y}C{toe + 3},{y + 4} {toe},{y + 7} {toe - 4},{y + 7}"
            f"L{heel + 52},{y + 6}L{heel + 46},{y + thick}L{heel + 2},{y + thick}Z"
        ),
        colour,
        depth=0.5,
    )


def _chelsea(pic: Picture) -> str:
    pic.shadow(76, 78)
    pic.tube("M-50,-62C-52,-80 -40,-80 -40,-64", 5, pic.trim)
    pic.part(oval(-28, -62, 30, 6), pic.paint.dark, depth=0.2)
    body = (
        "M-60,62C-64,30 -54,0 -58,-62C-40,-56 -14,-56 4,-62C4,-34 2,-10 14,8"
        "C30,20 70,22 74,50C75,56 75,60 74,62Z"
    )
    pic.part(body, sheen="gloss", folds="M10,4Q-4,10 -10,20M18,14Q8,22 4,32")
    pic.part(
        "M-44,-58L-14,-58C-18,-30 -20,-10 -27,8C-36,-8 -40,-30 -44,-58Z",
        pic.trim or pic.paint.dark,
        depth=0.3,
        inside=line(
            "".join(f"M{x},-60L{x * 0.4 - 17},12" for x in range(-46, -10, 3)),
            pic.paint.light,
            0.7,
            0.4,
        ),
    )
    pic.shine(48, 34, 20, 8, 0.45)
    _boot_sole(pic, 61, -62, 76, 16)
    return "with elastic sides"


def _lace_up(pic: Picture) -> str:
    pic.shadow(82, 82)
    pic.part("M-22,-70C-10,-84 2,-82 6,-66L10,-30L-20,-30Z", pic.trim, depth=0.6)
    pic.part(oval(-32, -66, 28, 7), pic.paint.dark, depth=0.2)
    body = (
        "M-62,64C-68,30 -56,0 -60,-66C-44,-60 -22,-60 -4,-66C-2,-34 4,-4 26,14C52,16 76,26 77,64Z"
    )
    seams = "M-18,-62C-16,-30 -10,4 2,20L-4,64M-60,6C-44,4 -36,24 -34,64"
    pic.part(
        body,
        folds="M-6,-14Q-20,-6 -30,-8M2,2Q-12,12 -24,12",
        inside=line(seams, pic.paint.dark, 1.1, 0.7)
        + line(placed(seams, dx=2.4), "#e8d6a8", 0.8, 0.8, dash=_THREAD),
    )
    pic.part("M22,64C18,44 26,22 40,18C66,22 78,36 77,64Z", pic.trim, depth=0.8, edge=1.2)
    collar = "M-62,-72C-44,-64 -20,-64 -2,-72L-1,-56C-20,-50 -44,-50 -62,-56Z"
    pic.part(collar, pic.trim or pic.paint.dark, depth=0.9)
    _lace(pic, [(-4, -52), (-2, -39), (1, -26), (6, -13), (13, 0), (22, 9)], (-13, 5))
    _boot_sole(pic, 62, -67, 81, 20, step=False)
    return "with laces and a chunky sole"


def _knee_boot(pic: Picture) -> str:
    pic.shadow(86, 62, cx=8)
    pic.part(oval(-20, -84, 30, 5), pic.paint.dark, depth=0.2)
    body = (
        "M-38,70C-46,44 -36,30 -38,6C-42,-24 -50,-50 -50,-84C-34,-79 -6,-79 10,-84"
        "C12,-50 2,-24 2,4C4,30 24,40 44,50C58,56 62,62 62,72L4,72"
        "C-8,66 -18,64 -24,72Z"
    )
    pic.part(body, sheen="gloss", folds="M4,24Q-10,28 -22,24M6,32Q-6,38 -20,36M0,-8Q-14,-2 -26,-6")
    pic.add(line("M-22,-80C-22,-40 -16,0 -16,66", pic.paint.dark, 1, 0.6))
    pic.part("M-51,-85C-34,-80 -6,-80 11,-85L11,-70C-6,-66 -34,-66 -51,-70Z", pic.trim, depth=0.6)
    strap = "M-39,22C-28,28 -6,28 4,24L6,33C-6,37 -28,37 -38,32Z"
    pic.part(strap, pic.trim, depth=0.4)
    pic.part(box(-22, 25, 10, 11, 2), "#d8b65c", sheen="metal", depth=0)
    colour = _SOLE if pic.paint.name not in ("black", "brown") else "#6b4a30"
    pic.part(
        (
            "M-40,68L-22,70C-16,66 -2,68 6,72L64,71Q65,77 60,77L4,77"
            "C-6,76 -14,74 -20,76L-22,88L-38,88Z"
        ),
        colour,
        depth=0.4,
    )
    return "with a small heel"


def high_heel(pic: Picture, shape: str) -> str:
    heel_fill = pic.trim
    pic.shadow(70, 84)
    sole = (
        "M62,64C40,68 22,62 4,42C-16,18 -36,2 -72,0L-74,-6C-36,-6 -14,10 8,34"
        "C24,52 44,58 84,56C86,62 80,66 62,64Z"
    )
    if shape == "block":
        heel = polygon((-78, -4), (-40, 2), (-44, 70), (-74, 70))
    else:
        heel = "M-78,-6C-66,0 -56,0 -46,4C-62,14 -66,40 -67,70L-74,70C-74,40 -80,16 -78,-6Z"
    pic.part(
        "M-70,-22C-50,-6 -20,0 0,24C16,42 34,44 46,42L40,52C10,48 -20,6 -72,-8Z",
        pic.paint.dark if pic.paint.name != "white" else "#d9c9b4",
        depth=0.3,
    )
    pic.part(heel, heel_fill, sheen="gloss", depth=0.7)
    if shape == "strappy":
        pic.part(sole, depth=0.6, sheen="gloss")
        pic.part(
            "M28,52C28,36 38,26 50,28C58,30 62,34 64,38C58,42 54,50 53,60C44,60 36,58 28,52Z",
            sheen="gloss",
        )
        pic.part(
            "M62,60C63,50 68,43 74,43C80,46 84,51 86,56C80,60 70,61 62,60Z", pic.trim, sheen="gloss"
        )
        pic.part("M-78,-4C-82,-20 -82,-34 -76,-44C-66,-40 -56,-22 -44,2Z", sheen="gloss")
        _ankle_strap(pic, -58)
        return "with an ankle strap and a peep toe"
    upper = (
        "M-78,-4C-84,-20 -82,-34 -74,-40C-62,-24 -44,-8 -22,6C-6,18 6,32 22,36"
        "C34,38 42,36 46,34C62,40 80,50 86,57C84,63 66,62 48,60C28,58 14,46 0,30"
        "C-16,12 -40,0 -78,-4Z"
    )
    pic.part(upper, sheen="gloss", depth=1.1)
    pic.part(
        (
            "M-76,-3C-38,0 -16,14 2,34C20,54 40,60 86,58Q86,63 78,64C44,66 20,62 0,42"
            "C-18,20 -38,6 -74,2Z"
        ),
        pic.paint.dark,
        depth=0.2,
        edge=0.7,
    )
    pic.shine(62, 47, 13, 5, 0.7)
    if shape == "block":
        _ankle_strap(pic, -48)
        return "with a block heel and an ankle strap"
    if pic.chance(0.4):
        for side in (-1, 1):
            pic.part(
                f"M34,38Q{34 + side * 6},26 {34 + side * 17},30Q{34 + side * 17},44 34,38Z",
                pic.trim,
                depth=0.5,
            )
        pic.part(oval(34, 37, 4, 4), pic.trim, depth=0.4)
        return "with a stiletto heel and a bow"
    return "with a pointed toe and a stiletto heel"


def _ankle_strap(pic: Picture, y: float) -> None:
    """A strap around the ankle, held by the heel counter."""
    loop = (
        f"M-76,{y + 16}C-78,{y} -60,{y - 8} -44,{y - 6}"
        f"C-24,{y - 4} -20,{y + 8} -34,{y + 14}"
        f"C-48,{y + 20} -66,{y + 18} -76,{y + 10}"
    )
    pic.tube(loop, 5.5, pic.trim)
    pic.part(box(-42, y + 8, 10, 9, 2), "#d8b65c", sheen="metal", depth=0)
