"""Convert pictures of any colour space to sRGB.

The numbers of a pixel are a colour only together with a profile. An embedded one is followed, as
browsers do. Without one, RGB and grey are sRGB, Lab has the white D50, and CMYK becomes
RGB = 255 (1 - ink) (1 - black), the rule that browsers use when a file does not name its inks.
"""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

NO_PROFILE = "its colour profile is damaged or of another colour space, and was ignored"
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}  # by a profile's colour space
SAME = 2  # levels of 255: profiles that move no colour by more are sRGB
PROFILES = 8  # profiles that are kept ready; the pictures of a shop share one or two
SRGB = ImageCms.createProfile("sRGB")
LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def convert_to_rgb(picture: Image.Image) -> tuple[Image.Image, str]:
    """Convert any of Pillow's modes to sRGB, with transparency on white.

    Returns the picture, and a note if its colour profile could not be used, or an empty text.
    """
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        picture = _convert_to_eight_bits(picture)
    if picture.mode == "La":  # the one mode with alpha that Pillow can't convert to RGBA directly
        picture = picture.convert("LA")
    alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
    base_mode = picture.mode if picture.mode in ("CMYK", "LAB") else "RGB"
    base = picture.convert("L" if picture.mode in ("1", "L", "LA") else base_mode)
    rgb, note = _convert_profile(base, profile)
    if alpha is not None:
        rgb = Image.composite(rgb, Image.new("RGB", rgb.size, "white"), alpha)
    return rgb, note


def _convert_profile(picture: Image.Image, profile: object) -> tuple[Image.Image, str]:
    """Convert RGB, grey, CMYK or Lab by an embedded profile, if there is one."""
    note = ""
    if isinstance(profile, bytes) and profile:
        try:
            mode, transform = _load_transform(profile)
            if picture.mode == "L" and mode == "RGB":  # grey as equal amounts of three colours
                picture = picture.convert("RGB")
            if picture.mode == mode:
                return _apply(transform, picture), ""
        except (ImageCms.PyCMSError, OSError, ValueError, KeyError):
            pass
        note = NO_PROFILE
    if picture.mode == "LAB":
        return _apply(_load_transform(LAB)[1], picture), note
    return picture.convert("RGB"), note


def _apply(transform: ImageCms.ImageCmsTransform | None, picture: Image.Image) -> Image.Image:
    if transform is None:
        return picture.convert("RGB")
    converted = ImageCms.applyTransform(picture, transform)
    assert converted is not None, "not in place"
    return converted


@lru_cache(maxsize=PROFILES)
def _load_transform(profile: bytes) -> tuple[str, ImageCms.ImageCmsTransform | None]:
    """Return the mode of the pictures that a profile describes, and the way from them to sRGB.

    The way is relative colorimetric with black-point compensation: it keeps every colour that sRGB
    has, and black black. It is perceptual if the profile has only that, and None if the profile is
    sRGB. Raises ImageCms.PyCMSError, OSError, ValueError or KeyError for a useless profile.
    """
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    mode = MODES[source.profile.xcolor_space.strip()]
    relative = ImageCms.Intent.RELATIVE_COLORIMETRIC
    is_relative = ImageCms.isIntentSupported(source, relative, ImageCms.Direction.INPUT) == 1
    transform = ImageCms.buildTransform(
        source,
        SRGB,
        mode,
        "RGB",
        relative if is_relative else ImageCms.Intent.PERCEPTUAL,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    if mode == "RGB":
        steps = np.linspace(0, 255, 9).round().astype(np.uint8)
        colours = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(27, 27, 3)
        converted = np.asarray(_apply(transform, Image.fromarray(colours)), int)
        if np.abs(converted - colours).max() <= SAME:
            return mode, None
    return mode, transform


def _convert_to_eight_bits(picture: Image.Image) -> Image.Image:
    """Scale grey values of 16 or 32 bits to 8; Pillow's own conversion would clip them to white."""
    values = np.asarray(picture).astype(np.float32)
    if picture.mode.startswith("I;16"):
        white = 65_535
        values[values == picture.info.get("transparency")] = white
    else:  # files don't state their white level: take the lowest common level that nothing exceeds
        usual = (1, 255, 65_535) if picture.mode == "F" else (255, 65_535)
        highest = values[np.isfinite(values)].max(initial=0)
        white = next((level for level in usual if highest <= level), 2**31 - 1)
    scaled = np.nan_to_num(values / white * 255.0, posinf=255.0, neginf=0.0)
    return Image.fromarray(np.rint(np.clip(scaled, 0, 255)).astype(np.uint8))
