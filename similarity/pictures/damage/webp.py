"""Complete a damaged WebP file: RFC 9649."""

SIGNATURE = b"RIFF"
HEADER = 12  # bytes, and 8 of each chunk's
PIXEL_CHUNKS = (b"VP8X", b"ICCP", b"VP8 ", b"VP8L", b"ALPH")
PIXELS = (b"VP8 ", b"VP8L")
FILLERS = (b"\0", b"\x55")


def complete(content: bytes, filler: int) -> bytes:
    """Leave out what follows the pixels, and lengthen them by a filler if their end is missing.

    It is as long as what is there, because a decoder may read more of it than was missing. Raises
    ValueError if the file ends before its pixels.
    """
    parts: list[bytes] = []
    at = HEADER
    while at + 8 <= len(content):
        kind, length = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        data = content[at + 8 : at + 8 + length]
        if len(data) < length:
            data += FILLERS[filler] * len(content)
        if kind in PIXEL_CHUNKS:
            parts.append(kind + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2))
        if kind in PIXELS:
            body = content[8:HEADER] + b"".join(parts)
            return SIGNATURE + len(body).to_bytes(4, "little") + body
        at += 8 + length + length % 2
    raise ValueError("the file ends before its pixels")


def compute_missing_data(content: bytes) -> float:
    """Return the share of a file that is missing, by the length that its header states."""
    stated = 8 + int.from_bytes(content[4:8], "little")
    return max(0.0, 1 - len(content) / stated)
