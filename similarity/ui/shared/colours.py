"""One colour for each method on all pages. Red and orange mean wrong and nothing else."""

from collections.abc import Mapping

from similarity.methods import METHODS

# a contrast of 3 or more on white and on black
COLOURS = {
    "pixels": "#7a7f8c",
    "efficientnet": "#4f6df0",
    "resnet50": "#0f8fa8",
    "simclr_small": "#2f9150",
    "simclr_resnet50": "#5f8a2f",
    "dinov2": "#12887e",
    "dinov3": "#5d82a8",
    "conse": "#8f7a1e",
    "clip": "#c04fb0",
    "clip_multilingual": "#9a6fb0",
    "fashion_siglip": "#7c6cf0",
    "siglip2": "#3f7fbf",
    "pe_core": "#8a735c",
    "lit": "#a24fd8",
}
# of methods that visitors have trained, in the order of METHODS
OTHERS = ("#6a8796", "#6f6f9e", "#4f8a72", "#a8628f", "#7d8a3a", "#8c7a96")


def get_colour(key: str) -> str:
    """Return a method's colour as a hexadecimal number: #rrggbb."""
    if key in COLOURS:
        return COLOURS[key]
    others = [other for other in METHODS if other not in COLOURS]
    return OTHERS[others.index(key) % len(OTHERS)]


def get_colours_by_title(titles: Mapping[str, str]) -> dict[str, str]:
    """Return the colours of methods by title; `titles` are by key."""
    return {title: get_colour(key) for key, title in titles.items()}
