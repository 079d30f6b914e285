"""Captions as a shop would write them, saying no more than the picture shows."""

import random

from .palette import Paint

# How a pattern reads before the product's name, and as something the product is "with".
_WORDS = {
    "striped": ("striped", "stripes"),
    "checked": ("checked", "checks"),
    "dotted": ("dotted", "dots"),
    "floral": ("floral", "flowers"),
    "zigzag": ("zigzag", "zigzag lines"),
    "two-tone": ("two-tone", "details"),
}
_SURFACES = {
    "leather": "leather-look",
    "quilted": "quilted",
    "ribbed": "ribbed",
    "hammered": "hammered",
    "wood-grain": "wood-grain",
}


def caption(
    name: str,
    paint: Paint,
    second: Paint,
    pattern: str,
    detail: str,
    *,
    material: str,
    plural: bool,
    rng: random.Random,
) -> str:
    """One sentence naming the product and its dominant colour.

    `name` is the shape's name, `detail` a phrase like "with short sleeves", or "on a saucer".
    """
    material = f"{material} " if material and rng.random() < 0.5 else ""
    colour, other = paint.name, second.name
    if pattern == "plain":
        texts = [
            f"{colour} {material}{name} {detail}",
            f"plain {colour} {material}{name} {detail}",
            f"{material}{name} in {colour} {detail}",
        ]
    elif pattern in _SURFACES:
        surface = _SURFACES[pattern]
        texts = [
            f"{colour} {surface} {name} {detail}",
            f"{surface} {name} in {colour} {detail}",
        ]
    else:
        adjective, noun = _WORDS[pattern]
        pair = f"{colour} and {other}"
        more = f" and {detail[5:]}" if detail.startswith("with ") else f", {detail}"
        texts = [
            f"{pair} {adjective} {material}{name} {detail}",
            f"{adjective} {material}{name} in {pair} {detail}",
            f"{colour} {material}{name} with {other} {noun}{more}",
        ]
        if pattern != "two-tone":
            texts.append(f"{colour} {adjective} {material}{name} {detail}")
    text = rng.choice(texts)
    if plural and rng.random() < 0.35:
        text = f"pair of {text}"
    return text[0].upper() + text[1:]
