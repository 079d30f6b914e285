"""Jackets, laid flat as a shop photographs them.

Each function draws one shape and returns what a caption may say of it.
"""

from .clothing_tops import body_folds, buttons, hem_ribs, inside_back, long_sleeves, torso
from .outline import box, flip, mirrored, oval, polygon, symmetric
from .svg import Picture, line


def jacket(pic: Picture, shape: str) -> str:
    return {"bomber": _bomber, "blazer": _blazer, "puffer": _puffer}[shape](pic)


def _zip(pic: Picture, path: str) -> None:
    pic.add(
        line(path, pic.paint.dark, 4, 0.7),
        line(path, "#d5d8dd", 2.4),
        line(path, "#6b7079", 2.2, dash="0.6 1.6"),
    )


def _bomber(pic: Picture) -> str:
    top, bottom = -68.0, 62.0
    shoulder, chest = pic.u(39, 43), pic.u(42, 46)
    inside_back(pic, 16, top, 14)
    long_sleeves(pic, shoulder, chest, top, cuff="ribbed", width=24, fill=pic.trim)
    half = f"M0,{top + 15}Q15,{top + 12} 16,{top}"
    pic.part(
        torso(half, shoulder, chest, chest - 3, top, bottom), folds=body_folds(chest, top, bottom)
    )
    hem_ribs(pic, chest - 4, bottom - 1, 14, pic.trim)
    collar = (
        f"M1,{top + 17}Q13,{top + 14} 15,{top - 6}Q21,{top - 3} 22,{top + 5}"
        f"Q18,{top + 22} 1,{top + 26}Z"
    )
    ribs = line(
        "".join(f"M0,{top + 4}L{x},{top + 30}" for x in range(0, 40, 4)), pic.paint.dark, 0.8, 0.4
    )
    pic.part(collar, pic.trim, inside=ribs)
    pic.part(flip(collar), pic.trim, inside=flip_strokes(ribs))
    _zip(pic, f"M0,{top + 18}L0,{bottom + 14}")
    pic.part(box(-1.8, top + 24, 3.6, 9, 1.5), "#c4c8ce", sheen="metal", depth=0)
    _zip(pic, mirrored("M20,8L28,36"))
    return "with a zip and ribbed cuffs"


def flip_strokes(element: str) -> str:
    """A finished element, mirrored."""
    return f'<g transform="scale(-1,1)">{element}</g>'


def _blazer(pic: Picture) -> str:
    top, bottom = -74.0, 76.0
    shoulder, chest = pic.u(38, 42), pic.u(37, 40)
    waist, hem = chest - 3, chest + pic.u(2, 5)
    inside_back(pic, 15, top, 20)
    long_sleeves(pic, shoulder, chest, top, width=22)
    front = (
        f"M-2,14L14,{top}L{shoulder},{top + 11}Q{chest - 3},{top + 32} {chest},{top + 48}"
        f"C{waist},{top + 84} {hem - 2},40 {hem},{bottom - 4}L14,{bottom}"
        f"Q4,{bottom - 4} -2,{bottom - 22}Z"
    )
    lining = polygon((-14, top), (14, top), (8, 30), (-8, 30))
    pic.part(lining, "#e9e9ea" if pic.paint.name != "white" else "#c5c9d0", depth=0.6, edge=0)
    pic.part(flip(front), folds=f"M{-chest},{top + 50}L{-chest + 16},{top + 66}")
    pic.part(front, folds=f"M{chest},{top + 50}L{chest - 16},{top + 66}M20,30Q26,50 24,70")
    lapel = (
        f"M-1,12Q14,-20 15,{top + 4}L13,{top - 5}Q20,{top - 3} 24,{top + 6}"
        f"L28,{top + 24}L21,{top + 27}L29,{top + 34}Q22,-10 -1,12Z"
    )
    pic.part(flip(lapel), pic.trim, angle=-30, edge=1.2)
    pic.part(lapel, pic.trim, angle=30, edge=1.2)
    pic.part(polygon((13, 32), (34, 29), (34, 38), (13, 41)), depth=0.5)
    pic.part(polygon((-34, 29), (-13, 32), (-13, 41), (-34, 38)), depth=0.5)
    pic.part(polygon((14, -22), (29, -26), (29, -21), (14, -17)), pic.trim, depth=0.3)
    buttons(pic, 3, [17, 36], 3)
    return "with lapels and two buttons"


def _puffer(pic: Picture) -> str:
    top, bottom = -62.0, 70.0
    shoulder, chest = pic.u(41, 45), pic.u(45, 49)
    for side in (1, -1):
        x = shoulder + 24
        sleeve = (
            f"M{shoulder - 8},{top + 6}"
            f"C{shoulder + 14},{top + 10} {x + 4},{top + 50} {x + 4},{top + 116}"
            f"L{x - 20},{top + 120}"
            f"C{x - 26},{top + 90} {chest},{top + 70} {chest - 6},{top + 46}Z"
        )
        rolls = "".join(
            (
                f"M{chest - 10 + i},{top + 36 + i * 15}"
                f"Q{chest + 16},{top + 34 + i * 14} {x + 10},{top + 24 + i * 16}"
            )
            for i in range(7)
        )
        turn = (lambda path: path) if side > 0 else flip
        pic.part(turn(sleeve), pic.trim, folds=turn(rolls))
    hood = symmetric(
        f"M0,{top - 22}C22,{top - 24} 30,{top - 6} 26,{top + 8}Q14,{top + 16} 0,{top + 16}"
    )
    pic.part(hood, folds=mirrored(f"M12,{top - 18}Q22,{top - 4} 16,{top + 10}"))
    pic.part(oval(0, top - 2, 15, 11), pic.paint.dark, depth=0.4)
    rolls = "".join(
        mirrored(f"M0,{y + 3}Q{chest / 2},{y + 5} {chest + 4},{y - 3}")
        for y in range(int(top) + 26, int(bottom), 19)
    )
    half = f"M0,{top + 12}Q16,{top + 8} 18,{top}"
    pic.part(
        torso(half, shoulder, chest, chest, top, bottom),
        folds=rolls,
        inside=line(rolls, pic.paint.dark, 0.9, 0.7),
    )
    collar = symmetric(
        f"M0,{top + 8}Q14,{top + 6} 17,{top - 6}L21,{top + 8}Q16,{top + 22} 0,{top + 22}"
    )
    pic.part(collar, pic.trim, folds=mirrored(f"M0,{top + 14}Q12,{top + 13} 18,{top + 2}"))
    _zip(pic, f"M0,{top + 9}L0,{bottom + 2}")
    _zip(pic, mirrored("M24,28L32,46"))
    return "with a hood"
