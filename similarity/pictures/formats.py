"""The formats that are read, and the names of those that are not."""

import pi_heif

# Import the decoders of FORMATS, and of MPO (a JPEG with several pictures), up front. Pillow would
# import them when the first picture is opened, in several threads at once, and would silently do
# without a format whose import failed in one of them.
from PIL import (  # noqa: F401
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TgaImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from similarity.pictures.limits import MAX_TEXT

# Decoders that only read pixels. Excluded on purpose: formats that run other programs (EPS) or
# fetch other files, and rare ones.
FORMATS = (*("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF", "ICO", "PPM", "TGA"),)
READ = "JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF or BMP"

# One thread a picture, as Pillow's own decoders: builds decode several pictures at a time.
pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
pi_heif.options.DECODE_THREADS = 1
PngImagePlugin.MAX_TEXT_CHUNK = MAX_TEXT

# Formats that people have in folders of pictures, by where their signature starts.
SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF", "a PDF document"),
    (0, b"%!PS", "a PostScript drawing"),
    (0, b"8BPS", "a Photoshop document"),
    (0, b"8BPB", "a Photoshop document"),
    (0, b"gimp xcf", "a GIMP document"),
    (4, b"jP  ", "a JPEG 2000 picture"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (4, b"JXL ", "a JPEG XL picture"),
    (0, b"\xff\x0a", "a JPEG XL picture"),
    (0, b"II\xbc", "a JPEG XR picture"),
    (0, b"\x76\x2f\x31\x01", "an OpenEXR picture"),
    (0, b"#?RADIANCE", "a Radiance HDR picture"),
    (0, b"DDS ", "a DDS texture"),
    (0, b"FUJIFILMCCD-RAW", "a raw photograph"),
    (0, b"IIRO", "a raw photograph"),
    (0, b"IIRS", "a raw photograph"),
    (0, b"IIU\0", "a raw photograph"),
    (4, b"ftypcrx", "a raw photograph"),
    (0, b"\xd7\xcd\xc6\x9a", "a Windows metafile"),
    (40, b" EMF", "a Windows metafile"),
    *((4, b"ftyp" + brand, "a video") for brand in (b"isom", b"mp4", b"qt  ", b"M4V", b"3gp")),
    (0, b"\x1a\x45\xdf\xa3", "a video"),
    (8, b"AVI ", "a video"),
    (0, b"PK\x03\x04", "a zip archive or an Office document"),
    (0, b"Rar!", "a RAR archive"),
    (0, b"7z\xbc\xaf", "a 7-Zip archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"\xd0\xcf\x11\xe0", "an old Office document"),
    (0, b"SQLite format 3", "a database"),
)
# How files of most formats start that are read
STARTS = (b"\xff\xd8", b"\x89PNG", b"RIFF", b"GIF8", b"II*\0", b"MM\0*")
BEGINNING = 2_000  # bytes in which a text says what it is


def describe_format(content: bytes) -> str:
    """Return what a file is that is not read, such as "a PDF document", or an empty text."""
    for start, signature, name in SIGNATURES:
        if content.startswith(signature, start):
            return name
    beginning = content[:BEGINNING].lower()
    if b"<svg" in beginning:
        return "an SVG drawing"
    if b"<html" in beginning or b"<!doctype html" in beginning:
        return "a web page"
    return ""


def is_readable_format(content: bytes) -> bool:
    """Return whether a file begins as those of a format that is read, other than BMP and TGA."""
    return content.startswith(STARTS) or content.startswith(b"ftyp", 4)
