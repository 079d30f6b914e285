"""Caps, beanies and sun hats.

Each function draws one shape of its kind and returns what a caption may say of it.
"""

from .outline import bounds, box, flip, mirrored, oval, placed, symmetric
from .svg import Picture, area, line

_THREAD = "3 2"


def cap(pic: Picture, shape: str) -> str:
    return {"baseball": _baseball, "trucker": _trucker, "flat": _flat_cap}[shape](pic)


def _brim_stitches(pic: Picture, path: str) -> str:
    return "".join(
        line(placed(path, dy=-i * 4), pic.paint.dark, 0.8, 0.5, dash=_THREAD) for i in range(1, 5)
    )


def _baseball(pic: Picture) -> str:
    pic.shadow(44, 80, 6)
    high = pic.u(-62, -54)
    under = "M14,26C40,18 74,22 90,40C84,48 60,44 40,42C26,42 14,40 8,38Z"
    pic.part(under, pic.paint.dark, depth=0.3)
    crown = (
        f"M-78,30C-84,-16 -56,{high} -12,{high}C30,{high} 50,-22 50,22"
        "C36,30 10,34 -12,36C-40,40 -64,40 -78,30Z"
    )
    panels = f"M-12,{high}C-40,-40 -46,0 -42,38M-12,{high}C14,-40 22,0 18,33"
    inside = line(panels, pic.paint.dark, 1.2, 0.7)
    inside += line(
        placed(panels, dx=2.4) + placed(panels, dx=-2.4), pic.paint.dark, 0.7, 0.55, dash=_THREAD
    )
    inside += line("M-78,24C-56,34 -20,32 50,16", pic.paint.dark, 0.8, 0.5, dash=_THREAD)
    pic.part(crown, inside=inside, depth=1.2, folds="M-62,-6Q-56,10 -58,24")
    for x, y in ((-58, -22), (0, -30), (34, -24)):
        pic.add(
            area(oval(x, y, 2.4, 2.4), pic.paint.dark, 0.9),
            line(oval(x, y, 3, 3), pic.paint.light, 0.8, 0.8),
        )
    pic.part(oval(-12, high, 7, 3.4), pic.trim, depth=0.6)
    brim = "M-8,28C16,16 50,12 66,16C86,22 94,36 92,44C74,30 40,28 20,34C6,38 -6,40 -14,40Z"
    stitches = _brim_stitches(pic, "M0,40C24,26 60,22 92,42")
    pic.part(brim, pic.trim, inside=stitches, depth=1, edge=1.2)
    return "with a curved brim"


def _trucker(pic: Picture) -> str:
    pic.shadow(56, 72, 6)
    high, half = pic.u(-66, -58), pic.u(60, 66)
    crown = symmetric(f"M0,{high}C{half * 0.7},{high} {half},-30 {half},22Q{half * 0.5},10 0,10")
    mesh = "".join(f"M{x},-80L{x},40" for x in range(-70, 71, 4)) + "".join(
        f"M-70,{y}L70,{y}" for y in range(-76, 40, 4)
    )
    net = line(mesh, pic.paint.dark, 0.7, 0.5)
    pic.part(crown, inside=net)
    front = symmetric(
        f"M0,{high}C{half * 0.42},{high + 1} {half * 0.66},-40 {half * 0.62},15Q{half * 0.3},9 0,9"
    )
    pic.part(
        front,
        depth=1.1,
        inside=line(f"M0,{high}L0,12", pic.paint.dark, 1, 0.6)
        + line(f"M2,{high}L2,12M-2,{high}L-2,12", pic.paint.dark, 0.7, 0.5, dash=_THREAD),
    )
    badge = symmetric("M0,-36L16,-36Q19,-36 19,-32L17,-14Q12,-6 0,-3")
    pic.part(badge, "#fbfaf6" if pic.paint.name != "white" else "#4a5160", depth=0.4)
    pic.part(
        "M-10,-12L-2,-26L4,-18L7,-22L12,-12Z",
        pic.paint.base if pic.paint.name != "white" else "#fbfaf6",
        depth=0,
        edge=0.6,
    )
    pic.part(oval(0, high, 8, 3), pic.trim, depth=0.5)
    brim = symmetric(
        f"M0,8C{half * 0.6},8 {half * 0.9},12 {half},20"
        f"C{half + 14},44 {half * 0.8},56 {half * 0.66},56"
        f"C{half * 0.5},44 {half * 0.2},42 0,42"
    )
    stitches = "".join(
        line(
            symmetric(f"M0,{y}Q{half * 0.7},{y} {half},{y + 20}").rstrip("Z"),
            pic.paint.dark,
            0.8,
            0.5,
            dash=_THREAD,
        )
        for y in (16, 22, 28, 34)
    )
    pic.part(brim, pic.trim, inside=stitches, depth=1.1, edge=1.2)
    return "with a badge and a mesh back"


def _flat_cap(pic: Picture) -> str:
    pic.shadow(38, 80, 6)
    crown = (
        f"M-80,20C-92,-20 -56,{pic.u(-54, -46)} -10,-44C34,-40 72,-14 84,16"
        "C70,30 30,34 -10,34C-44,36 -72,34 -80,20Z"
    )
    seams = "M-66,28C-60,-10 -30,-34 4,-44M-20,34C-2,0 30,-16 60,-12"
    pic.part(
        crown,
        depth=1.3,
        folds="M20,-30Q48,-14 62,4M-70,-6Q-60,12 -62,24",
        inside=line(seams, pic.paint.dark, 1.1, 0.6)
        + line(placed(seams, dx=2.6), pic.paint.dark, 0.7, 0.5, dash=_THREAD),
    )
    band = "M-82,14C-60,26 -20,28 20,26L22,38C-20,42 -66,40 -78,28Z"
    pic.part(band, pic.trim, depth=0.5)
    brim = "M12,26C36,18 66,10 84,14C98,22 94,34 84,38C60,44 30,42 10,38Z"
    pic.part(
        brim,
        pic.trim,
        depth=1.1,
        edge=1.2,
        inside=line("M16,34C44,38 70,36 90,26", pic.paint.dark, 0.8, 0.6, dash=_THREAD),
    )
    pic.part(oval(-4, -44, 6, 3), pic.trim, depth=0.5)
    return "with a short stiff peak"


def beanie(pic: Picture, shape: str) -> str:
    half, high = pic.u(54, 60), -58.0
    if shape != "cuffed":
        _pompom(pic, 0, -62, 21 if shape == "pompom" else 13)
    if shape == "earflap":
        flap = (
            f"M{half - 34},40L{half + 1},36C{half + 4},58 {half - 8},74 {half - 16},74"
            f"C{half - 26},74 {half - 34},60 {half - 34},40Z"
        )
        for path, x in ((flap, half - 16), (flip(flap), 16 - half)):
            for strand in (-2.5, 0, 2.5):
                pic.add(line(f"M{x},72Q{x + strand},82 {x + strand},92", pic.paint.edge, 2.4))
            pic.part(path, pic.trim, depth=1.2, edge=1.2)
    crown = symmetric(f"M0,{high}C{half * 0.7},{high} {half + 2},-26 {half},44L0,50")
    ribs = ""
    for i in range(-9, 10):
        x = half * i / 9.5
        ribs += f"M{x},48C{x * 1.04},0 {x * 0.8},-40 {x * 0.2},{high}"
    knit = line(ribs, pic.paint.dark, 1.8, 0.3) + line(
        placed(ribs, dx=2), pic.paint.light, 1.2, 0.3
    )
    pic.part(crown, depth=1.3, inside=knit)
    low, foot = pic.u(32, 40) if shape == "cuffed" else pic.u(22, 27), 70.0
    if shape == "earflap":
        low, foot = 27, 46
    cuff = symmetric(
        f"M0,{foot - 8 - low}Q{half * 0.6},{foot - 9 - low} {half + 3},{foot - 16 - low}"
        f"Q{half + 7},{foot - 16} {half + 2},{foot - 8}Q{half * 0.6},{foot} 0,{foot}"
    )
    ribs = "".join(
        f"M{half * i / 13},{foot - 14 - low}L{half * i / 13},{foot}" for i in range(-13, 14)
    )
    knit = line(ribs, pic.paint.dark, 2, 0.34) + line(
        placed(ribs, dx=2), pic.paint.light, 1.2, 0.35
    )
    pic.part(cuff, pic.trim, depth=1.2, edge=1.3, inside=knit)
    if shape == "cuffed":
        pic.part(
            box(20, 46, 22, 15, 1.5),
            "#b07a45" if pic.paint.name not in ("brown", "orange") else "#f3ead8",
            depth=0.4,
        )
    return {"cuffed": "with a wide cuff", "pompom": "with a pompom", "earflap": "with earflaps"}[
        shape
    ]


def _pompom(pic: Picture, cx: float, cy: float, radius: float) -> None:
    pic.bead(cx, cy, radius, pic.trim)
    paint = pic.second if pic.trim else pic.paint
    strands = ""
    for _ in range(60):
        x, y = pic.u(-0.85, 0.85), pic.u(-0.85, 0.85)
        if x * x + y * y < 0.9:
            strands += f"M{cx + x * radius},{cy + y * radius}l{x * 6:.1f},{y * 6:.1f}"
    pic.add(
        line(strands, paint.edge, 1.4, 0.5),
        f'<g transform="translate(-1,-1)">{line(strands, paint.light, 1.1, 0.6)}</g>',
    )


def sun_hat(pic: Picture, shape: str) -> str:
    return {"floppy": _floppy, "boater": _boater, "bucket": _bucket}[shape](pic)


def _weave(pic: Picture, path: str) -> str:
    """Plaited straw, for hats without a print."""
    if pic.pattern not in ("plain", "two-tone"):
        return ""
    left, top, right, bottom = bounds(path)
    rows = "".join(
        f"M{left},{y}Q{(left + right) / 2},{y + 12} {right},{y}"
        for y in range(round(top) - 6, round(bottom), 5)
    )
    return line(rows, pic.paint.dark, 0.9, 0.4) + line(
        placed(rows, dy=2.4), pic.paint.dark, 0.8, 0.35, dash="2 2.4"
    )


def _ribbon(pic: Picture) -> str:
    if pic.pattern in ("plain", "two-tone"):
        return pic.second.base if pic.second.name != "white" else "#3a3330"
    return pic.second.base


def _floppy(pic: Picture) -> str:
    pic.shadow(52, 82, 6)
    wave = pic.u(2, 7)
    brim = (
        "M-90,22C-94,4 -50,-14 0,-14C50,-14 94,4 90,22"
        f"C88,40 70,{44 + wave} 46,{46 + wave}"
        f"C20,{52 - wave} -16,{58 + wave} -44,{50}C-70,{48 + wave} -88,40 -90,22Z"
    )
    pic.part(
        brim,
        folds="M50,44Q44,30 36,24M-52,48Q-50,34 -40,26M78,30Q66,20 54,18",
        inside=_weave(pic, brim),
        depth=1.2,
        edge=1.2,
    )
    pic.add(area(oval(4, 16, 54, 15), pic.paint.dark, 0.25))
    high = pic.u(-58, -48)
    crown = symmetric(f"M0,{high}C34,{high} 46,{high + 24} 49,10Q30,24 0,24")
    pic.part(crown, inside=_weave(pic, crown), depth=1.2)
    band = symmetric("M0,4Q30,3 47,-8L49,9Q30,24 0,24")
    pic.part(band, _ribbon(pic), depth=0.9)
    knot = "M34,10C46,0 60,2 62,8C58,14 46,16 38,14L58,34L48,36L34,18Z"
    pic.part(knot, _ribbon(pic), depth=0.6)
    return "with a wide floppy brim and a ribbon"


def _boater(pic: Picture) -> str:
    pic.shadow(42, 84, 6)
    pic.part(oval(0, 26, 88, 24), pic.paint.dark, depth=0.3)
    brim = oval(0, 22, 88, 23)
    pic.part(brim, inside=_weave(pic, brim), depth=1.1, edge=1.3)
    pic.add(area(oval(5, 22, 56, 14), pic.paint.dark, 0.28))
    high = pic.u(-40, -30)
    crown = symmetric(f"M0,{high}L50,{high}L52,18Q30,31 0,31")
    pic.part(crown, inside=_weave(pic, crown), sheen="round", depth=0.8)
    pic.part(symmetric("M0,6Q30,6 51,-6L52,18Q30,31 0,31"), _ribbon(pic), sheen="round", depth=0.5)
    lid = oval(0, high, 50, 13)
    pic.part(lid, inside=_weave(pic, lid), depth=1.1, edge=1.2)
    return "with a flat crown and a ribbon"


def _bucket(pic: Picture) -> str:
    pic.shadow(52, 76, 6)
    top, half = pic.u(-58, -50), pic.u(42, 46)
    brim = symmetric(
        f"M0,-4L{half + 6},-6C{half + 18},10 {half + 34},26 {half + 40},36"
        f"C{half + 20},52 30,60 0,60"
    )
    rows = "".join(
        line(
            mirrored(f"M0,{y + 18}Q{half},{y + 16} {half + 44},{y - 6}"),
            pic.paint.dark,
            0.8,
            0.5,
            dash=_THREAD,
        )
        for y in (18, 25, 32, 39)
    )
    pic.part(brim, pic.trim, inside=rows, depth=1.2, edge=1.2)
    crown = symmetric(
        f"M0,{top}Q{half - 12},{top} {half - 6},{top + 9}L{half + 7},8Q{half * 0.5},24 0,25"
    )
    seams = mirrored(f"M{half * 0.4},{top}L{half * 0.55},24")
    pic.part(
        crown,
        depth=1.1,
        inside=line(seams, pic.paint.dark, 1, 0.55),
        folds=f"M{-half + 4},-10Q{-half + 16},4 {-half + 14},16",
    )
    pic.part(oval(0, top + 7, half - 7, 8), depth=0.6)
    for x in (-12, 12):
        pic.add(
            area(oval(half * 0.78 + x * 0.3, -14 + x * 0.2, 2, 2), "#d5d8dd"),
            line(oval(half * 0.78 + x * 0.3, -14 + x * 0.2, 2.4, 2.4), "#60656e", 0.9),
        )
    return "with a sloping stitched brim"
