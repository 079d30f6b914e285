"""Colour profiles (ICC.1:2010) that no package brings: of wide RGB, of grey and of inks."""

import struct

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]

WHITE = np.array([0.9642, 1.0, 0.8249])  # of the space that profiles lead to, D50
# Columns: red, green and blue of Adobe RGB (1998), in that space
WIDE = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.0194, 0.0608, 0.744]])
SRGB = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.0139, 0.0971, 0.714]])
GAMMA = 2.2


def make_rgb_profile() -> bytes:
    """Return a profile with the primaries of Adobe RGB."""
    curve = b"curv" + struct.pack(">4xIH2x", 1, round(GAMMA * 256))
    columns = {f"{name}XYZ".encode(): _xyz(WIDE[:, i]) for i, name in enumerate("rgb")}
    curves = {f"{name}TRC".encode(): curve for name in "rgb"}
    return _make_profile(b"RGB ", b"XYZ ", columns | curves)


def make_grey_profile(gamma: float) -> bytes:
    """Return a profile of grey values of a gamma."""
    curve = b"curv" + struct.pack(">4xIH2x", 1, round(gamma * 256))
    return _make_profile(b"GRAY", b"XYZ ", {b"kTRC": curve})


def make_ink_profile() -> bytes:
    """Return a perceptual profile of four inks: a table of the colours of full and absent inks.

    Full inks leave the colours of `compute_ink`, and the decoder interpolates in L*a*b* between
    them.
    """
    corners = np.array(np.meshgrid(*[(0.0, 1.0)] * 4, indexing="ij")).reshape(4, -1).T
    lab = np.array([_to_lab(compute_ink(corner)) for corner in corners])
    scaled = np.stack([lab[:, 0] * 255 / 100, lab[:, 1] + 128, lab[:, 2] + 128], 1)
    levels = np.rint(scaled.clip(0, 255)).astype(np.uint8).tobytes()
    identity = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9)))
    table = b"mft1" + struct.pack(">4x4B", 4, 3, 2, 0) + matrix + 4 * identity + levels
    return _make_profile(b"CMYK", b"Lab ", {b"A2B0": table + 3 * identity})


def compute_ink(inks: Matrix) -> Matrix:
    """Return the linear sRGB (3,) of four inks from 0 to 1: dull, as on paper."""
    cyan, magenta, yellow, black = 1 - 0.9 * np.asarray(inks)
    return np.array([cyan, magenta, yellow]) * black


def to_wide(rgb: tuple[int, int, int]) -> tuple[int, ...]:
    """Return the numbers that a colour of sRGB has with `make_rgb_profile`."""
    encoded = np.array(rgb) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    wide = np.linalg.solve(WIDE, SRGB @ linear).clip(0, 1) ** (1 / GAMMA)
    return tuple(np.rint(255 * wide).astype(int).tolist())


def _to_lab(linear: Matrix) -> Matrix:
    scaled = SRGB @ linear / WHITE
    root = np.where(scaled > (6 / 29) ** 3, np.cbrt(scaled), scaled * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = root
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _xyz(values: Matrix) -> bytes:
    return b"XYZ " + struct.pack(">4x3i", *(round(65536 * value) for value in values))


def _make_profile(space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    name = b"a test's profile\0"
    description = b"desc" + struct.pack(">4xI", len(name)) + name + bytes(78)
    tags = {b"desc": description, b"wtpt": _xyz(WHITE), **tags}
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        content += bytes(-len(content) % 4)
        table += tag + struct.pack(">II", start + len(body), len(content))
        body += content
    content = struct.pack(">I", len(tags)) + table + body
    kind = b"prtr" if space == b"CMYK" else b"mntr"
    head = struct.pack(">I4xI", 128 + len(content), 0x02400000) + kind + space + connection
    head += bytes(12) + b"acsp" + bytes(28) + _xyz(WHITE)[8:]
    return head.ljust(128, b"\0") + content
