"""One colour for each method on all pages. Red and orange mean wrong and nothing else."""

from collections.abc import Mapping

from similarity.catalogue import Catalogue

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
# of methods that users have trained or brought, in the catalogue's order
OTHERS = (
    "#4f8a72",
    "#a8628f",
    "#6f6f9e",
    "#7d8a3a",
    "#6a8796",
    "#8c7a96",
    "#3d8f9c",
    "#94785a",
    "#7a6cb8",
    "#5c8a52",
    "#b0569c",
    "#5f7fae",
)


def get_colour(catalogue: Catalogue, key: str) -> str:
    """Return a method's colour as a hexadecimal number: #rrggbb."""
    if key in COLOURS:
        return COLOURS[key]
    others = [other for other in catalogue.registry if other not in COLOURS]
    return OTHERS[others.index(key) % len(OTHERS)] if key in others else OTHERS[0]


def get_colours_by_title(catalogue: Catalogue, titles: Mapping[str, str]) -> dict[str, str]:
    """Return the colours of methods by title; `titles` are by key."""
    return {title: get_colour(catalogue, key) for key, title in titles.items()}
