"""Clothes for the upper body, laid flat as a shop photographs them.

Each function draws one shape of its kind and returns what a caption may say of it.
"""

from .outline import box, flip, mirrored, oval, polygon, symmetric
from .svg import Picture, area, line

_THREAD = "4 2.4"


def inside_back(pic: Picture, neck: float, top: float, dip: float) -> None:
    """The inside of the back, seen through the neck opening."""
    hole = symmetric(
        f"M0,{top - 4}Q{neck * 0.7},{top - 4} {neck},{top}Q{neck},{top + dip} 0,{top + dip}"
    )
    pic.part(hole, pic.paint.dark if pic.paint.name != "white" else "#cfd2d8", depth=0.6, edge=0.6)


def torso(
    neck: str, shoulder: float, chest: float, hem: float, top: float, bottom: float, bow: float = 3
) -> str:
    """The outline of the body; `neck` is the right half of the neckline, from the middle."""
    return symmetric(
        f"{neck}L{shoulder},{top + 11}Q{chest - 3},{top + 32} {chest},{top + 48}"
        f"C{chest - 2},{top + 80} {hem - 1},{bottom - 40} {hem},{bottom}"
        f"Q{hem / 2},{bottom + bow} 0,{bottom + bow}"
    )


def body_folds(chest: float, top: float, bottom: float) -> str:
    """Creases from the armpits and at the hem."""
    return (
        mirrored(f"M{chest},{top + 50}Q{chest - 12},{top + 56} {chest - 20},{top + 68}")
        + f"M{-chest + 10},{bottom - 30}Q{-chest + 16},{bottom - 12} {-chest + 13},{bottom + 2}"
        + f"M{chest * 0.35},{bottom - 26}Q{chest * 0.5},{bottom - 12} {chest * 0.45},{bottom + 2}"
    )


def _short_sleeves(pic: Picture, shoulder: float, chest: float, top: float, fill: str = "") -> None:
    reach, drop = pic.u(27, 33), pic.u(44, 52)
    x, y = shoulder + reach, top + drop
    sleeve = (
        f"M{shoulder - 10},{top + 6}Q{shoulder + reach * 0.45},{top + 13} {x},{y}"
        f"L{x - 22},{y + 12}Q{chest + 3},{top + 52} {chest - 6},{top + 44}Z"
    )
    hem = f"M{x - 2},{y - 5}L{x - 24},{y + 7}"
    for path, seam, turn in ((sleeve, hem, 62), (flip(sleeve), flip(hem), -62)):
        stitches = line(seam, pic.paint.dark, 0.8, 0.6, dash=_THREAD)
        pic.part(path, fill, angle=turn - 90 if turn > 0 else turn + 90, inside=stitches)


def long_sleeves(
    pic: Picture,
    shoulder: float,
    chest: float,
    top: float,
    *,
    fill: str = "",
    cuff: str = "plain",
    width: float = 19,
) -> None:
    """Sleeves hanging beside the body; `cuff` is plain, ribbed or buttoned."""
    reach, drop = pic.u(22, 30), pic.u(118, 126)
    x, y = shoulder + reach, top + drop
    sleeve = (
        f"M{shoulder - 10},{top + 6}C{shoulder + 9},{top + 14} {x - 8},{top + 60} {x},{y}"
        f"L{x - width + 2},{y + 4}"
        f"C{x - width - 4},{top + 88} {chest + 4},{top + 66} {chest - 6},{top + 44}Z"
    )
    band = polygon((x + 0.5, y - 4), (x + 1.5, y + 11), (x - width + 3, y + 14), (x - width + 1, y))
    creases = (
        f"M{x - 3},{top + 62}L{x - 13},{top + 70}M{x - 1},{top + 74}L{x - 12},{top + 77}"
        f"M{x - 5},{y - 26}L{x - 7},{y - 4}"
    )
    for turn in (1, -1):
        side = (lambda path: path) if turn > 0 else flip
        pic.part(side(sleeve), fill, angle=-12 * turn, folds=side(creases))
        if cuff == "ribbed":
            pic.part(
                side(band),
                pic.trim or fill,
                angle=-6 * turn,
                inside=_ribs(pic, x, y, turn),
            )
        elif cuff == "buttoned":
            pic.part(side(band), fill, angle=84 * turn, depth=0.5)
            pic.add(area(oval(turn * (x - 3), y + 5, 1.6, 1.6), "#f2efe6"))


def _ribs(pic: Picture, x: float, y: float, turn: int) -> str:
    """Knitted ribs of a cuff ending at (x, y)."""
    strokes = "".join(
        f"M{turn * (x - i * 2.6)},{y - 6}L{turn * (x + 1 - i * 2.6)},{y + 16}" for i in range(9)
    )
    return line(strokes, pic.paint.dark, 0.8, 0.5)


def hem_ribs(pic: Picture, half: float, top: float, height: float, fill: str = "") -> None:
    """A ribbed band at the bottom of the body."""
    strokes = "".join(f"M{x},{top}L{x},{top + height + 4}" for x in range(-int(half), int(half), 3))
    band = symmetric(
        f"M0,{top + 2}Q{half / 2},{top + 2} {half},{top}L{half - 2},{top + height}"
        f"Q{half / 2},{top + height + 2} 0,{top + height + 2}"
    )
    pic.part(band, fill, depth=0.6, inside=line(strokes, pic.paint.dark, 0.8, 0.5))


def _neck_band(pic: Picture, neckline: str, width: float, fill: str = "") -> None:
    """A knitted band along the neckline."""
    paint = pic.second if fill else pic.paint
    pic.add(line(neckline, paint.edge, width + 1.2), line(neckline, paint.base, width))
    pic.add(line(neckline, paint.dark, width, 0.16), line(neckline, paint.dark, 0.6, 0.5))


def buttons(pic: Picture, x: float, ys: list[float], radius: float = 1.9) -> None:
    white = pic.paint.name in ("white", "grey", "pink", "yellow")
    colour = "#5d6470" if white else "#f4f1e8"
    for y in ys:
        pic.add(
            area(oval(x + 0.5, y + 0.7, radius, radius), pic.paint.dark, 0.5),
            area(oval(x, y, radius, radius), colour),
            area(oval(x, y, radius * 0.3, radius * 0.3), pic.paint.dark, 0.8),
        )


def t_shirt(pic: Picture, shape: str) -> str:
    top, bottom = -72.0, 76.0
    shoulder, chest, neck = pic.u(37, 41), pic.u(38, 43), pic.u(16, 20)
    hem = chest + pic.u(-2, 3)
    if shape == "oversized":
        shoulder, chest, hem, bottom = shoulder + 8, chest + 9, hem + 9, 70
    dip = pic.u(14, 18) if shape != "v-neck" else pic.u(28, 34)
    inside_back(pic, neck, top, dip if shape != "v-neck" else 14)
    _short_sleeves(pic, shoulder, chest, top, pic.trim if shape != "v-neck" else "")
    half = f"M0,{top + dip}L{neck},{top}"
    if shape != "v-neck":
        half = f"M0,{top + dip}Q{neck},{top + dip} {neck},{top}"
    seam = line(
        mirrored(f"M0,{bottom - 3}L{hem},{bottom - 5}"), pic.paint.dark, 0.8, 0.6, dash=_THREAD
    )
    pic.part(
        torso(half, shoulder, chest, hem, top, bottom),
        folds=body_folds(chest, top, bottom),
        inside=seam,
    )
    if shape == "polo":
        _collar(pic, neck, top, dip, pic.trim)
        pic.part(box(-4.5, top + dip - 1, 9, 30, 1), pic.trim, depth=0.3)
        buttons(pic, 0, [top + dip + 5, top + dip + 14, top + dip + 23], 1.6)
        return "with a collar"
    _neck_band(pic, mirrored(half), 5, pic.trim)
    if shape == "oversized":
        return "with wide sleeves"
    if shape == "crew-neck" and pic.pattern == "plain" and pic.chance(0.4):
        pocket = polygon((13, -26), (31, -26), (31, -8), (22, -3), (13, -8))
        pic.part(pocket, depth=0.3, inside=line("M13,-22L31,-22", pic.paint.dark, 0.8, 0.7))
        return "with a chest pocket"
    return "with short sleeves"


def _collar(pic: Picture, neck: float, top: float, dip: float, fill: str = "") -> None:
    """A turned-down collar with two points."""
    point = (
        f"M{-neck * 0.1},{top + dip}"
        f"C{neck * 0.6},{top + dip * 0.8} {neck},{top + 6} {neck - 1},{top - 5}"
        f"Q{neck + 7},{top - 1} {neck + 9},{top + 7}L{neck * 0.62},{top + dip + 13}Z"
    )
    for path, turn in ((point, 1), (flip(point), -1)):
        pic.part(path, fill, angle=40 * turn, depth=0.5, edge=1.2)


def shirt(pic: Picture, shape: str) -> str:
    top, bottom = -72.0, 78.0
    shoulder, chest, neck = pic.u(36, 40), pic.u(37, 41), pic.u(13, 15)
    hem = chest + pic.u(-1, 3)
    inside_back(pic, neck, top, 18)
    sleeves = pic.trim if shape == "band-collar" else ""
    long_sleeves(pic, shoulder, chest, top, cuff="buttoned", fill=sleeves)
    half = f"M0,{top + 22}Q{neck},{top + 12} {neck},{top - 2}"
    bow = 4 if shape == "overshirt" else -9  # the classic hem is higher at the sides
    body = torso(half, shoulder, chest, hem, top, bottom if bow > 0 else 66)
    if bow < 0:
        body = symmetric(
            f"{half}L{shoulder},{top + 11}Q{chest - 3},{top + 32} {chest},{top + 48}"
            f"C{chest - 2},{top + 80} {hem},{bottom - 50} {hem},{bottom - 18}"
            f"Q{hem * 0.8},{bottom} {hem * 0.3},{bottom}L0,{bottom}"
        )
    pic.part(body, folds=body_folds(chest, top, bottom - 10))
    pic.part(box(-5, top + 20, 10, bottom - top - 20, 0.5), pic.trim, angle=0, depth=0.25, edge=0.7)
    pic.add(
        line(
            f"M-3.4,{top + 22}L-3.4,{bottom - 2}M3.4,{top + 22}L3.4,{bottom - 2}",
            pic.paint.dark,
            0.5,
            0.6,
        )
    )
    buttons(pic, 0, [top + 34 + i * 18 for i in range(7)])
    if shape == "band-collar":
        band = (
            f"M0,{top + 22}Q{neck + 2},{top + 12} {neck + 2},{top - 3}"
            f"L{neck - 3},{top - 7}Q{neck - 4},{top + 8} 0,{top + 15}Z"
        )
        pic.part(band, pic.trim, depth=0.3)
        pic.part(flip(band), pic.trim, depth=0.3)
        return "with long sleeves"
    _collar(pic, neck, top, 18, pic.trim)
    if shape == "overshirt":
        for side in (1, -1):
            pic.part(box(side * 21 - 10, -30, 20, 24, 3), depth=0.3)
            pic.part(
                polygon(
                    (side * 21 - 11, -32),
                    (side * 21 + 11, -32),
                    (side * 21 + 11, -26),
                    (side * 21, -21),
                    (side * 21 - 11, -26),
                ),
                pic.trim,
                depth=0.4,
            )
            buttons(pic, side * 21, [-25])
        return "with two chest pockets"
    pic.part(polygon((12, -30), (30, -30), (30, -12), (21, -8), (12, -12)), depth=0.3, edge=0.8)
    return "with long sleeves and a chest pocket"


def sweater(pic: Picture, shape: str) -> str:
    top, bottom = -70.0, 66.0
    shoulder, chest, neck = pic.u(38, 42), pic.u(40, 45), pic.u(17, 20)
    hem = chest + pic.u(-3, 0)
    if shape != "turtleneck":
        inside_back(pic, neck, top, 16)
    long_sleeves(pic, shoulder, chest, top, cuff="ribbed", width=23)
    dip = {"crew-neck": 15, "turtleneck": 4, "cardigan": 62}[shape]
    half = f"M0,{top + dip}Q{neck},{top + dip} {neck},{top}"
    if shape == "cardigan":
        half = f"M0,{top + dip}Q{neck * 0.3},{top + dip * 0.7} {neck},{top}"
    strands = "".join(
        f"M{x},{top}L{x + 2},{top + 4}"
        + "".join(f"M{x},{y}L{x + 2.2},{y + 2.6}L{x + 4.4},{y}" for y in range(-66, 68, 5))
        for x in range(-52, 52, 6)
    )
    knit = line(strands, pic.paint.dark, 0.7, 0.42) if pic.pattern == "plain" else ""
    cables = shape != "cardigan" and pic.pattern == "plain" and pic.chance(0.5)
    if cables:
        knit += _cables(pic, top, bottom)
    pic.part(
        torso(half, shoulder, chest, hem, top, bottom),
        folds=body_folds(chest, top, bottom),
        inside=knit,
    )
    hem_ribs(pic, hem, bottom - 2, 13, pic.trim)
    if shape == "cardigan":
        for side in (1, -1):
            front = (
                f"M{side * neck},{top}Q{side * neck * 0.3},{top + dip * 0.7} 0,{top + dip}"
                f"L0,{bottom + 13}"
            )
            _neck_band(pic, front, 7, pic.trim)
        buttons(pic, 0, [top + dip + 6 + i * 17 for i in range(5)], 2.6)
        return "with buttons"
    if shape == "turtleneck":
        roll = symmetric(
            f"M0,{top - 13}Q{neck - 2},{top - 13} {neck - 2},{top - 9}"
            f"L{neck + 1},{top + 5}Q{neck * 0.6},{top + 10} 0,{top + 10}"
        )
        ribs = "".join(f"M{x},{top - 16}L{x * 1.1},{top + 12}" for x in range(-20, 21, 3))
        pic.part(roll, pic.trim, inside=line(ribs, pic.paint.dark, 0.8, 0.5))
    else:
        _neck_band(pic, mirrored(half), 7, pic.trim)
    return "with a cable knit" if cables else "with ribbed cuffs"


def _cables(pic: Picture, top: float, bottom: float) -> str:
    """Three plaits down the front."""
    plaits = ""
    for x in (-20, 0, 20):
        for y in range(int(top), int(bottom), 11):
            plaits += f"M{x - 5},{y}C{x - 5},{y + 5} {x + 5},{y + 6} {x + 5},{y + 11}"
            plaits += f"M{x + 5},{y}C{x + 5},{y + 3} {x + 3},{y + 4} {x + 2},{y + 5}"
            plaits += f"M{x - 5},{y + 11}C{x - 5},{y + 8} {x - 3},{y + 7} {x - 2},{y + 6}"
    strip = "".join(f"M{x},{top}L{x},{bottom}" for x in (-20, 0, 20))
    return (
        line(strip, pic.paint.base, 16)
        + line(plaits, pic.paint.dark, 3.4, 0.5)
        + line(plaits, pic.paint.light, 1.6, 0.6)
        + line(
            "".join(
                f"M{x + side},{top}L{x + side},{bottom}" for x in (-20, 0, 20) for side in (-8, 8)
            ),
            pic.paint.dark,
            1,
            0.5,
        )
    )
