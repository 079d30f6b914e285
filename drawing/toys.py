"""Teddy bears, toy cars and balls.

Each function draws one shape of its kind and returns what a caption may say of it.
"""

import math

from .outline import bounds, box, flip, oval, placed, polygon, symmetric
from .palette import mix
from .svg import Picture, area, line


def _fur(pic: Picture, path: str, fill: str = "") -> None:
    """A furry part: a fringe of short hairs around a soft body."""
    base = fill or pic.paint.base
    edge = pic.paint.edge if not fill else mix(fill, "#3a2a20", 0.4)
    pic.add(line(path, edge, 4.4, 0.9, dash="0.8 2.2"), line(path, base, 3.4, 1, dash="1 1.4"))
    left, top, right, bottom = (round(side) for side in bounds(path))
    hairs = "".join(
        f"M{x},{y + x % 2 * 4}l{3 - (x * 7 + y * 3) % 5},3.4"
        for x in range(left // 7 * 7, right, 7)
        for y in range(top // 8 * 8, bottom, 8)
    )
    pic.part(path, fill, depth=1.2, edge=0, inside=line(hairs, edge, 0.8, 0.28))


def teddy_bear(pic: Picture, shape: str) -> str:
    standing = shape == "standing"
    pic.shadow(86 if not standing else 88, 58, 6)
    pale = mix(pic.paint.base, "#fff4e0", 0.72) if pic.paint.name != "white" else "#e9dccb"
    pale = pic.trim or pale
    for side in (1, -1):
        _fur(pic, oval(side * 33, -74, 15, 15))
        pic.part(oval(side * 33, -73, 8.5, 8.5), pale, depth=0.7, edge=0)
    if standing:
        for side in (1, -1):
            _fur(pic, placed(oval(0, 0, 17, 30), dx=side * 20, dy=58))
    body = oval(0, 28, 40, 44) if not standing else oval(0, 22, 38, 44)
    _fur(pic, body)
    pic.part(oval(0, 32, 24, 28), pale, depth=0.5, edge=0)
    for side in (1, -1):
        turn = (lambda path: path) if side > 0 else flip
        if standing:
            arm = turn("M26,-4C50,-18 66,-44 74,-42C86,-38 80,-14 66,4C54,18 38,24 30,20Z")
        else:
            arm = turn("M28,-6C46,-4 62,18 62,36C62,50 46,52 40,40C36,28 28,16 24,8Z")
        if shape != "heart":
            _fur(pic, arm)
        if not standing:
            _fur(pic, placed(oval(0, 0, 24, 25), dx=side * 38, dy=62))
            pic.part(oval(side * 40, 64, 15, 16), pale, depth=0.7, edge=0.5)
        else:
            pic.part(oval(side * 22, 78, 15, 9), pale, depth=0.6, edge=0.5)
    if shape == "heart":
        _heart(pic)
    _fur(pic, oval(0, -44, 44, 39))
    pic.part(oval(0, -31, 21, 16), pale, depth=0.7, edge=0.4)
    for side in (1, -1):
        pic.bead(side * 17, -50, 5, "#1d1a1a")
        pic.add(area(oval(side * 17 - 1.5, -52, 1.5, 1.5), "#ffffff"))
    pic.part("M-8,-41Q0,-45 8,-41Q8,-34 0,-31Q-8,-34 -8,-41Z", "#2a1f1c", sheen="gloss", depth=0)
    pic.add(line("M0,-31L0,-26M-9,-25Q-4,-20 0,-26Q4,-20 9,-25", "#2a1f1c", 1.8))
    if shape == "heart":
        return f"holding a {pic.second.name} heart"
    if pic.chance(0.5) or pic.pattern != "plain":
        bow = pic.second.base
        loop = "M0,-4C8,-16 24,-18 26,-6C28,6 14,8 0,0Z"
        pic.part(loop, bow, depth=0.8)
        pic.part(flip(loop), bow, depth=0.8)
        pic.part(oval(0, -3, 6, 5.4), bow, depth=0.6)
        return f"with a {pic.second.name} bow"
    return "with raised arms" if standing else "sitting down"


def _heart(pic: Picture) -> None:
    """A plush heart, held by both arms."""
    heart = symmetric("M0,4C8,-8 34,-8 34,12C34,28 14,40 0,52")
    pic.part(heart, pic.second.base, sheen="gloss", depth=1, edge=1.2)
    arm = "M34,-8C50,-6 60,10 56,26C52,38 30,38 20,30C14,24 18,16 28,16C34,16 34,6 28,0Z"
    _fur(pic, arm)
    _fur(pic, flip(arm))


def _wheel(pic: Picture, x: float, y: float, radius: float) -> None:
    hub = pic.trim or "#d5d9de"
    pic.part(oval(x, y, radius, radius), "#26282c", sheen="ball", depth=0.5, edge=1.1)
    pic.part(oval(x, y, radius * 0.56, radius * 0.56), hub, sheen="metal", depth=0.4)
    pic.add(area(oval(x, y, radius * 0.16, radius * 0.16), "#4a4e55"))


def _window(pic: Picture, path: str) -> None:
    pic.glass(path, "#bfe0f2", "#e9f6fc", 1)
    pic.add(line(path, pic.paint.dark, 1.3, 0.8))


def toy_car(pic: Picture, shape: str) -> str:
    return {"beetle": _beetle, "pickup": _pickup, "racer": _racer}[shape](pic)


def _beetle(pic: Picture) -> str:
    pic.shadow(52, 90, 7)
    body = (
        "M-88,30C-92,6 -84,-4 -62,-8C-50,-42 -30,-56 4,-56C36,-56 48,-34 58,-12"
        "C80,-10 92,2 90,30Q90,38 82,38L-80,38Q-88,38 -88,30Z"
    )
    door = "M-20,-6L-22,30M26,-6L28,30"
    pic.part(body, sheen="gloss", depth=1.1, edge=1.3, inside=line(door, pic.paint.dark, 1.2, 0.7))
    _window(pic, "M-48,-10C-40,-36 -28,-44 -6,-45L-6,-10Z")
    _window(pic, "M2,-45C26,-45 36,-32 45,-10L2,-10Z")
    pic.part(
        "M-90,24L-56,24L-30,30L28,30L60,24L91,24L90,34Q90,40 82,40L-80,40Q-88,40 -89,34Z",
        pic.trim,
        sheen="gloss",
        depth=0.6,
    )
    pic.bead(83, 8, 7.5, "#fff3c4")
    pic.bead(-86, 10, 4, "#d8342c")
    pic.part(box(-12, 0, 12, 4, 2), "#e4e7ea", sheen="metal", depth=0)
    for x in (-52, 52):
        pic.add(area(oval(x, 36, 25, 25), pic.paint.dark, 0.9))
        _wheel(pic, x, 38, 21)
    pic.shine(-34, -46, 20, 6, 0.6)
    return "with a rounded body"


def _pickup(pic: Picture) -> str:
    pic.shadow(52, 90, 7)
    pic.part(
        "M-90,-8L-6,-8L-6,34L-90,34Z",
        pic.trim,
        sheen="gloss",
        depth=0.8,
        inside=line("".join(f"M{x},-8L{x},36" for x in (-70, -50, -30)), pic.paint.dark, 2, 0.5),
    )
    load = pic.chance()
    if load:
        for x, y, r in ((-72, -14, 15), (-46, -18, 17), (-22, -13, 13)):
            pic.bead(x, y, r, pic.second.base if pic.second.name != pic.paint.name else "#d5d9de")
        pic.part("M-91,-8L-6,-8L-6,12L-91,12Z", pic.trim, sheen="gloss", depth=0.7)
    cab = "M-12,36L-12,-48Q-12,-56 -4,-56L28,-56Q36,-56 40,-48L54,-14L80,-10Q90,-8 90,4L90,36Z"
    pic.part(
        cab,
        sheen="gloss",
        depth=1.1,
        edge=1.3,
        inside=line("M-4,-12L-4,30M46,-12L46,30", pic.paint.dark, 1.1, 0.6),
    )
    _window(pic, "M0,-46L24,-46Q29,-46 32,-40L43,-14L0,-14Z")
    pic.part(box(-92, 28, 184, 11, 4), mix(pic.paint.base, pic.paint.dark, 0.45), depth=0.5)
    pic.bead(84, 8, 6.5, "#fff3c4")
    pic.part(box(-2, -4, 11, 4, 2), "#e4e7ea", sheen="metal", depth=0)
    for x in (-56, 54):
        pic.add(area(oval(x, 36, 25, 25), pic.paint.dark, 0.9))
        _wheel(pic, x, 38, 21)
    return "with a loaded truck bed" if load else "with a truck bed"


def _racer(pic: Picture) -> str:
    pic.shadow(40, 92, 6)
    pic.part(
        "M-90,-34L-64,-34L-64,-26L-70,-26L-64,6L-76,6L-80,-26L-90,-26Z",
        pic.trim or pic.paint.dark,
        sheen="gloss",
        depth=0.5,
    )
    body = (
        "M-86,22C-88,0 -76,-8 -54,-10C-40,-12 -34,-26 -22,-28C-10,-28 -8,-16 -2,-12"
        "L30,-10C60,-4 84,6 92,20Q92,28 84,28L-78,28Q-86,28 -86,22Z"
    )
    stripe = "M-86,6C-60,0 0,-2 92,18L92,26C20,12 -50,10 -86,16Z"
    pic.part(
        body,
        sheen="gloss",
        depth=1,
        edge=1.3,
        inside=area(stripe, pic.trim or "#fafaf8", 0.9) + line(stripe, pic.paint.dark, 0.8, 0.5),
    )
    pic.part(
        "M-12,-13C-12,-34 16,-34 18,-12Z",
        "#f4f4f2" if pic.paint.name != "white" else "#c8352e",
        sheen="ball",
        depth=0.7,
    )
    pic.part("M2,-24Q14,-25 17,-15L4,-15Z", "#2a2e36", sheen="gloss", depth=0)
    pic.part(oval(-20, 8, 13, 13), "#fbfaf6" if pic.paint.name != "white" else "#31353d", depth=0.4)
    digit = "M-23,2L-19,0L-19,16" if not pic.mirrored else "M-17,2L-21,0L-21,16"
    pic.add(line(digit, "#26282c" if pic.paint.name != "white" else "#ffffff", 3))
    pic.part("M66,22L96,22L96,28L66,28Z", pic.trim or pic.paint.dark, depth=0.4)
    for x, radius in ((-56, 23), (54, 20)):
        _wheel(pic, x, 40 - radius + 2, radius)
    return "with the number one on its side"


def ball(pic: Picture, shape: str) -> str:
    pic.shadow(80, 56, 8)
    radius = pic.u(72, 80)
    outline = oval(0, 0, radius, radius)
    if shape == "football":
        pic.part(outline, sheen="ball", depth=0.6, edge=1.3, inside=_football_marks(pic, radius))
        pic.shine(-radius * 0.38, -radius * 0.42, radius * 0.3, radius * 0.22, 0.55)
        return (
            "with dark pentagons"
            if pic.pattern != "two-tone"
            else f"with {pic.second.name} pentagons"
        )
    if shape == "basketball":
        seams = (
            f"M{-radius},0Q0,{radius * 0.16} {radius},0M0,{-radius}Q{radius * 0.16},0 0,{radius}"
        )
        seams += (
            f"M{-radius * 0.74},{-radius * 0.7}Q{-radius * 0.1},0 {-radius * 0.74},{radius * 0.7}"
        )
        seams += (
            f"M{radius * 0.74},{-radius * 0.7}Q{radius * 0.22},0 {radius * 0.74},{radius * 0.7}"
        )
        dark = pic.trim or ("#1d1d20" if pic.paint.name != "black" else "#d9dbe0")
        pebbles = "".join(
            f"M{x + y % 2 * 3},{y}h1"
            for x in range(-78, 79, 6)
            for y in range(-77, 79, 5)
            if x * x + y * y < 74 * 74
        )
        pic.part(
            outline,
            sheen="ball",
            depth=0.7,
            edge=1.3,
            inside=line(pebbles, pic.paint.dark, 1.1, 0.25) + line(seams, dark, 3.2),
        )
        pic.shine(-radius * 0.38, -radius * 0.42, radius * 0.3, radius * 0.22, 0.4)
        return "with curved seams"
    pole = (-radius * 0.16, -radius * 0.3)
    pic.part(outline, sheen="ball", depth=0, edge=0, inside=_wedges(pic, radius, pole))
    pic.part(
        oval(*pole, radius * 0.16, radius * 0.14),
        pic.trim or pic.paint.base,
        sheen="gloss",
        depth=0.5,
    )
    pic.add(
        area(outline, f"url(#{pic.sheen('ball', pic.paint)})"), line(outline, pic.paint.edge, 1.3)
    )
    pic.shine(-radius * 0.4, -radius * 0.5, radius * 0.26, radius * 0.18, 0.8)
    return "with wide panels"


def _football_marks(pic: Picture, radius: float) -> str:
    """A pentagon in the middle, five at the rim, and the seams between them."""
    dark = pic.trim or ("#232428" if pic.paint.name not in ("black", "brown") else "#e8e8e6")
    turn = pic.u(-12, 12)
    marks, seams = "", ""
    for i in range(5):
        angle = math.radians(72 * i + turn)
        x, y = math.sin(angle), -math.cos(angle)
        near, far = radius * 0.32, radius * 0.62
        seams += f"M{x * near},{y * near}L{x * far},{y * far}"
        corners = []
        for offset, reach in ((0, 0.62), (22, 0.82), (15, 1.05), (-15, 1.05), (-22, 0.82)):
            a = angle + math.radians(offset)
            corners.append((math.sin(a) * radius * reach, -math.cos(a) * radius * reach))
        marks += polygon(*corners)
        ahead = angle + math.radians(22), angle + math.radians(50)
        seams += (
            f"M{math.sin(ahead[0]) * radius * 0.82},{-math.cos(ahead[0]) * radius * 0.82}"
            f"L{math.sin(ahead[1]) * radius * 0.82},{-math.cos(ahead[1]) * radius * 0.82}"
        )
    middle = [
        (
            math.sin(math.radians(72 * i + turn)) * radius * 0.32,
            -math.cos(math.radians(72 * i + turn)) * radius * 0.32,
        )
        for i in range(5)
    ]
    return line(seams, pic.paint.edge, 1.8) + area(marks, dark) + area(polygon(*middle), dark)


def _wedges(pic: Picture, radius: float, pole: tuple[float, float]) -> str:
    """Panels of a beach ball, meeting at a pole; every third one light."""
    x, y = pole
    drawn = ""
    count = 9
    for i in range(count):
        a, b = (math.radians(360 / count * (i + k)) for k in (0, 1))
        tip = [(x + math.sin(t) * radius * 1.5, y - math.cos(t) * radius * 1.5) for t in (a, b)]
        bend = [
            (x + math.sin(t + 0.25) * radius * 0.6, y - math.cos(t + 0.25) * radius * 0.6)
            for t in (a, b)
        ]
        panel = (
            f"M{x},{y}Q{bend[0][0]},{bend[0][1]} {tip[0][0]},{tip[0][1]}"
            f"L{tip[1][0]},{tip[1][1]}Q{bend[1][0]},{bend[1][1]} {x},{y}Z"
        )
        light = pic.trim or ("#fbfaf7" if pic.paint.name != "white" else "#d9dde3")
        if i % 3 == 0:
            drawn += area(panel, light)
        drawn += line(panel, pic.paint.edge, 1, 0.7)
    return drawn
