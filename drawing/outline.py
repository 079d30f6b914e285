"""Outlines as SVG path text (absolute M, L, Q, C and Z only), and how to mirror and move them.

The picture is 200 x 200 units with the origin in its middle and y downwards.
"""

import re
from itertools import pairwise

_TOKEN = re.compile(r"[MLQCZ]|-?\d+\.?\d*(?:e-?\d+)?")
_Point = tuple[float, float]


def _segments(path: str) -> list[tuple[str, list[_Point]]]:
    """The path as (command, points) steps."""
    steps: list[tuple[str, list[float]]] = []
    for token in _TOKEN.findall(path):
        if token.isalpha():
            steps.append((token, []))
        else:
            steps[-1][1].append(float(token))
    return [(command, list(zip(n[::2], n[1::2], strict=True))) for command, n in steps]


def _text(command: str, points: list[_Point]) -> str:
    return command + " ".join(f"{x:.2f},{y:.2f}" for x, y in points)


def placed(path: str, *, dx: float = 0, dy: float = 0, sx: float = 1, sy: float = 1) -> str:
    """The path scaled about the origin, then moved."""
    return "".join(
        _text(command, [(x * sx + dx, y * sy + dy) for x, y in points])
        for command, points in _segments(path)
    )


def flip(path: str) -> str:
    """The path's mirror image about the vertical axis x = 0."""
    return placed(path, sx=-1)


def mirrored(path: str) -> str:
    """The path and its mirror image, as one path."""
    return path + flip(path)


def symmetric(half: str) -> str:
    """The closed outline whose right half runs from its top middle to its bottom middle."""
    back = ""
    for (_, before), (command, points) in reversed(list(pairwise(_segments(half)))):
        turned = [*points[-2::-1], before[-1]]
        back += _text(command, [(-x, y) for x, y in turned])
    return half + back + "Z"


def oval(cx: float, cy: float, rx: float, ry: float) -> str:
    """An ellipse."""
    kx, ky = rx * 0.5523, ry * 0.5523  # makes four cubic curves a circle to 0.03 %
    return (
        f"M{cx - rx},{cy}C{cx - rx},{cy - ky} {cx - kx},{cy - ry} {cx},{cy - ry}"
        f"C{cx + kx},{cy - ry} {cx + rx},{cy - ky} {cx + rx},{cy}"
        f"C{cx + rx},{cy + ky} {cx + kx},{cy + ry} {cx},{cy + ry}"
        f"C{cx - kx},{cy + ry} {cx - rx},{cy + ky} {cx - rx},{cy}Z"
    )


def box(x: float, y: float, width: float, height: float, radius: float = 0) -> str:
    """A rectangle from its upper left corner, with rounded corners."""
    r, right, bottom = radius, x + width, y + height
    return (
        f"M{x + r},{y}L{right - r},{y}Q{right},{y} {right},{y + r}L{right},{bottom - r}"
        f"Q{right},{bottom} {right - r},{bottom}L{x + r},{bottom}Q{x},{bottom} {x},{bottom - r}"
        f"L{x},{y + r}Q{x},{y} {x + r},{y}Z"
    )


def polygon(*points: _Point) -> str:
    """A closed figure with straight sides."""
    return "M" + "L".join(f"{x},{y}" for x, y in points) + "Z"


def bounds(path: str) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a path's points, control points included."""
    points = [point for _, points in _segments(path) for point in points]
    across, down = [x for x, _ in points], [y for _, y in points]
    return min(across), min(down), max(across), max(down)
