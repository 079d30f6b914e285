"""Complete a damaged JPEG file: ITU-T T.81."""

import re
from collections.abc import Iterator
from typing import NamedTuple

SIGNATURE = b"\xff\xd8"
# Markers, table B.1
START_OF_SCAN, END, PROGRESSIVE, COMMENT = 0xDA, 0xD9, 0xC2, 0xFE
MARKER = re.compile(rb"\xff+([\x01\xc0-\xfe])")
METADATA = range(0xE0, 0xF0)
PIXEL_SEGMENTS = {0xE0: b"JFIF\0", 0xE1: b"Exif\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
LAST_FREQUENCY = 63
UNWRITTEN = b"\0" * 16  # the end of a file that was not received completely


class Segment(NamedTuple):
    """A segment of a file: where it starts and ends, its marker, and its content."""

    start: int
    end: int
    marker: int
    payload: bytes


def complete(content: bytes, filler: int) -> bytes:
    """Leave out segments of metadata, and add the end marker.

    Decoders show what is missing in grey. The other filler is a code of almost any table, so that
    the first missing block looks different. Raises ValueError if the file ends before its pixels.
    """
    parts = [SIGNATURE]
    for segment in list_segments(content):
        if segment.marker == START_OF_SCAN:
            break
        is_metadata = segment.marker in METADATA or segment.marker == COMMENT
        if not is_metadata or segment.payload.startswith(PIXEL_SEGMENTS.get(segment.marker, b"-")):
            parts.append(content[segment.start : segment.end])
    else:
        raise ValueError("the file ends before its pixels")
    data = content[segment.start :]
    end = data.rfind(bytes([0xFF, END]))
    if end >= 0:
        data = data[:end]
    elif data.endswith(UNWRITTEN):
        data = data.rstrip(b"\0")
    data = data.removesuffix(b"\xff")  # half of a marker
    return b"".join([*parts, data, b"\x55" * (64 * filler), bytes([0xFF, END])])


def is_progressive(content: bytes) -> bool:
    """Return whether a file is a progressive JPEG, which is stored in scans, coarse to fine."""
    return content.startswith(SIGNATURE) and any(
        segment.marker == PROGRESSIVE for segment in list_segments(content)
    )


def compute_missing_detail(content: bytes, part: float) -> float:
    """Return the share of a progressive file's data that is missing.

    `part` is the part of the picture above the first row that differs between two fillers: that
    much of the last scan is there. The share is 1 unless this scan is the last one of the file,
    which is so if every component has been described to its last bit.
    """
    scans = [segment for segment in list_segments(content) if segment.marker == START_OF_SCAN]
    components: set[int] = set()
    exact = {"mean": set[int](), "detail": set[int]()}
    for scan in scans:
        members = set(scan.payload[1 : 1 + 2 * scan.payload[0] : 2])
        first, last, bits = scan.payload[-3:]
        components |= members
        if bits % 16 == 0 and first == 0:
            exact["mean"] |= members
        if bits % 16 == 0 and last == LAST_FREQUENCY:
            exact["detail"] |= members
    if not part or any(members != components for members in exact.values()):
        return 1.0
    present = len(content) - scans[-1].end
    missing = present / part - present
    return missing / (len(content) + missing)


def list_segments(content: bytes) -> Iterator[Segment]:
    """Yield the segments of a file that are complete, up to its end marker."""
    at = len(SIGNATURE)
    while match := MARKER.search(content, at):
        marker, at = match[1][0], match.end()
        if marker == END:
            return
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # markers without content
            continue
        length = int.from_bytes(content[at : at + 2], "big")
        if length < 2 or at + length > len(content):
            return
        yield Segment(match.end() - 2, at + length, marker, content[at + 2 : at + length])
        at += length
