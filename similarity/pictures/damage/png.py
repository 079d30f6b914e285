"""Complete a damaged PNG file: W3C, Portable Network Graphics."""

import struct
import zlib

from similarity.pictures.limits import MAX_BYTES, MAX_TEXT, validate_size

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIXEL_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"eXIf")  # in this order
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by type of colours
# Passes of an interlaced file: first column and row, and the steps to the next ones
WHOLE = ((0, 0, 1, 1),)
PASSES = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
STEP = 4096  # bytes that are unpacked at a time


def complete(content: bytes, filler: int) -> bytes:
    """Leave out chunks of metadata, correct the sums of the others, and fill up the pixels.

    Raises ValueError if the file ends before its pixels or would need too much memory, and
    SimilarityError for a picture that is too large.
    """
    chunks: dict[bytes, bytes] = {}
    packed = []
    at = len(SIGNATURE)
    while at + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        data = content[at + 8 : at + 8 + length]
        if kind == b"IDAT":
            packed.append(data)
        else:
            chunks.setdefault(kind, data)
        at += 12 + length
    if not packed or len(chunks.get(b"IHDR", b"")) != 13:
        raise ValueError("the file ends before its pixels")
    rows = _make_rows(chunks[b"IHDR"], 255 * filler)
    pixels = _inflate(b"".join(packed), len(rows))
    pixels += rows[len(pixels) :]
    packed_profile = chunks.get(b"iCCP", b"").partition(b"\0")[2][1:]  # after a name and a zero
    if len(_inflate(packed_profile, MAX_TEXT)) == MAX_TEXT:
        del chunks[b"iCCP"]
    kept_chunks = [(kind, chunks[kind]) for kind in PIXEL_CHUNKS if kind in chunks]
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (*kept_chunks, (b"IDAT", zlib.compress(pixels, 1)), (b"IEND", b""))
    )


def _make_rows(header: bytes, value: int) -> bytes:
    """Return all rows of a file before compression, with one value in every byte of a pixel."""
    width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    validate_size(width, height)
    bits = depth * CHANNELS[colours]
    passes = []
    for left, top, right, down in PASSES if interlaced else WHOLE:
        columns, rows = -(-(width - left) // right), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            row = b"\0" + bytes([value]) * ((columns * bits + 7) // 8)  # no filter, then the values
            if len(row) * rows > MAX_BYTES:
                raise ValueError("the rows are too large to be completed in memory")
            passes.append(row * rows)
    return b"".join(passes)


def _inflate(packed: bytes, size: int) -> bytes:
    """Return the first `size` bytes of a zlib stream, or those before it is damaged."""
    stream = zlib.decompressobj()
    pieces: list[bytes] = []
    at, length, step = 0, 0, STEP
    while at < len(packed) and length < size:
        state = stream.copy()
        try:
            piece = stream.decompress(packed[at : at + step], size - length)
        except zlib.error:
            if step == 1:
                break
            stream, step = state, 1  # byte by byte up to the damage
            continue
        pieces.append(piece)
        length += len(piece)
        at += step
    return b"".join(pieces)
