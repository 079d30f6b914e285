"""Make thumbnails, which remember how their pictures were read."""

import io

from PIL import ExifTags, Image

from similarity.errors import SimilarityError
from similarity.pictures import REVISION

THUMBNAIL_SIDE = 320  # px: sharp in a 160 px cell on a screen with two pixels per point


def shrink(
    picture: Image.Image, side: int, resampling: Image.Resampling = Image.Resampling.LANCZOS
) -> Image.Image:
    """Return a copy of a picture whose longer side is at most `side` pixels."""
    copy = picture.copy()
    copy.thumbnail((side, side), resampling, reducing_gap=3.0)
    return copy


def make_thumbnail(picture: Image.Image, note: str = "") -> bytes:
    """Return a picture as WebP, in sRGB, whose longer side is at most THUMBNAIL_SIDE pixels.

    Its metadata has the revision that read the picture, and the note on it.

    For photographs this takes as long as everything else in a build except the networks, so the
    filter and the effort are the fastest without a visible difference.
    """
    out = io.BytesIO()
    small = shrink(picture, THUMBNAIL_SIDE, Image.Resampling.HAMMING)
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = str(REVISION)
    exif[ExifTags.Base.ImageDescription] = note
    small.save(out, "WEBP", quality=86, method=1, exif=exif)
    return out.getvalue()


def read_note(thumbnail: bytes) -> str:
    """Return the note on the picture that a thumbnail was made from.

    Raises SimilarityError if it is not a thumbnail that this revision made.
    """
    try:
        with Image.open(io.BytesIO(thumbnail), formats=("WEBP",)) as picture:
            exif = picture.getexif()
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError("the thumbnail is damaged") from error
    if exif.get(ExifTags.Base.Software) != str(REVISION):
        raise SimilarityError("the picture was read by another revision")
    return str(exif.get(ExifTags.Base.ImageDescription, ""))
