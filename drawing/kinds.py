"""The kinds of product in the catalogue: what each is made of and which function draws it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from . import (
    bags,
    furniture,
    glasses,
    hats,
    jackets,
    jewellery,
    kitchen,
    lamps,
    shoes,
    toys,
    watches,
)
from . import clothing_bottoms as bottoms
from . import clothing_tops as tops
from .palette import ALL, NO_SILVER
from .svg import Picture


@dataclass(frozen=True)
class Kind:
    """One category of products."""

    department: str
    draw: Callable[[Picture, str], str]  # draws a shape, returns what a caption may say of it
    shapes: dict[str, str]  # shape -> its name in a caption
    patterns: tuple[str, ...]  # besides plain
    own_patterns: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of single shapes
    colours: tuple[str, ...] = NO_SILVER
    material: str = ""  # a word a caption may put before the name
    plural: bool = False  # a pair: "trousers", never "a trousers"
    tilt: float = 3  # degrees either way


_PRINTS = ("striped", "checked", "dotted", "floral", "zigzag", "two-tone")
_PAINTED = ("two-tone",)

KINDS: dict[str, Kind] = {
    "t-shirt": Kind(
        "clothing", tops.t_shirt,
        {"crew-neck": "crew-neck T-shirt", "v-neck": "V-neck T-shirt", "polo": "polo T-shirt",
         "oversized": "oversized T-shirt"},
        ("striped", "dotted", "zigzag", "two-tone", "floral"),
    ),
    "shirt": Kind(
        "clothing", tops.shirt,
        {"classic": "button-up shirt", "band-collar": "band-collar shirt",
         "overshirt": "casual shirt"},
        ("striped", "checked", "dotted", "floral", "two-tone"),
        {"classic": ("striped", "checked", "dotted", "floral")},
    ),
    "sweater": Kind(
        "clothing", tops.sweater,
        {"crew-neck": "crew-neck sweater", "turtleneck": "turtleneck sweater",
         "cardigan": "cardigan sweater"},
        ("striped", "zigzag", "ribbed", "two-tone", "dotted"),
        material="knitted",
    ),
    "jacket": Kind(
        "clothing", jackets.jacket,
        {"bomber": "bomber jacket", "blazer": "blazer jacket", "puffer": "puffer jacket"},
        ("two-tone", "checked", "striped"),
        {"bomber": ("two-tone", "leather", "checked"), "puffer": ("two-tone", "dotted")},
    ),
    "dress": Kind(
        "clothing", bottoms.dress,
        {"a-line": "A-line dress", "sheath": "sheath dress", "gown": "long evening dress"},
        _PRINTS,
    ),
    "trousers": Kind(
        "clothing", bottoms.trousers,
        {"straight": "straight-leg trousers", "wide-leg": "wide-leg trousers",
         "joggers": "jogger trousers"},
        ("striped", "checked", "leather"),
        {"joggers": ("striped", "two-tone", "checked")},
        plural=True,
    ),
    "skirt": Kind(
        "clothing", bottoms.skirt,
        {"pleated": "pleated skirt", "pencil": "pencil skirt", "tiered": "tiered skirt"},
        _PRINTS,
        {"pencil": ("striped", "checked", "dotted", "floral", "zigzag", "leather")},
    ),
    "sock": Kind(
        "clothing", bottoms.sock,
        {"ankle": "ankle socks", "crew": "crew socks", "knee-high": "knee-high socks"},
        ("striped", "dotted", "zigzag", "checked", "two-tone"),
        plural=True,
    ),
    "sneaker": Kind(
        "shoes", shoes.sneaker,
        {"low-top": "low-top sneaker", "high-top": "high-top sneaker",
         "runner": "running sneaker"},
        ("two-tone", "dotted", "checked", "striped"),
        {"runner": _PAINTED},
        colours=ALL,
    ),
    "boot": Kind(
        "shoes", shoes.boot,
        {"chelsea": "Chelsea boot", "lace-up": "lace-up boot", "knee-high": "knee-high boot"},
        ("leather", "two-tone"),
    ),
    "high heel": Kind(
        "shoes", shoes.high_heel,
        {"stiletto": "high heel pump", "block": "block high heel", "strappy": "high heel sandal"},
        ("two-tone", "dotted", "leather"),
        colours=ALL,
    ),
    "handbag": Kind(
        "bags", bags.handbag,
        {"tote": "tote handbag", "satchel": "satchel handbag", "shoulder": "shoulder handbag"},
        ("leather", "two-tone", "checked", "striped", "quilted"),
        {"shoulder": ("leather", "quilted", "two-tone")},
        colours=ALL,
    ),
    "backpack": Kind(
        "bags", bags.backpack,
        {"school": "school backpack", "rucksack": "rucksack backpack",
         "roll-top": "roll-top backpack"},
        ("two-tone", "striped", "checked", "dotted", "leather"),
    ),
    "suitcase": Kind(
        "bags", bags.suitcase,
        {"hard-shell": "hard-shell suitcase", "soft": "soft suitcase",
         "trunk": "vintage suitcase"},
        ("two-tone", "checked", "striped", "dotted"),
        {"trunk": ("two-tone", "leather", "checked")},
        colours=ALL,
    ),
    "wrist watch": Kind(
        "watches", watches.wrist_watch,
        {"round": "round wrist watch", "metal": "chronograph wrist watch",
         "square": "square wrist watch"},
        ("leather", "striped"),
        {"metal": _PAINTED},
        colours=ALL,
    ),
    "smart watch": Kind(
        "watches", watches.smart_watch,
        {"square": "square smart watch", "round": "round smart watch",
         "band": "slim smart watch"},
        ("two-tone", "leather", "striped"),
        colours=ALL,
    ),
    "ring": Kind(
        "jewellery", jewellery.ring,
        {"solitaire": "solitaire ring", "flower": "flower ring", "signet": "signet ring"},
        ("hammered", "two-tone"),
        colours=ALL,
    ),
    "necklace": Kind(
        "jewellery", jewellery.necklace,
        {"pendant": "pendant necklace", "beads": "beaded necklace", "drops": "statement necklace"},
        _PAINTED,
        colours=ALL,
    ),
    "sunglasses": Kind(
        "glasses", glasses.sunglasses,
        {"wayfarer": "wayfarer sunglasses", "aviator": "aviator sunglasses",
         "round": "round sunglasses", "cat-eye": "cat-eye sunglasses"},
        ("two-tone", "striped", "dotted"),
        {"aviator": _PAINTED, "round": _PAINTED},
        colours=ALL,
        plural=True,
    ),
    "reading glasses": Kind(
        "glasses", glasses.reading_glasses,
        {"round": "round reading glasses", "rectangular": "rectangular reading glasses",
         "cat-eye": "cat-eye reading glasses"},
        ("two-tone", "striped"),
        colours=ALL,
        plural=True,
    ),
    "cap": Kind(
        "hats", hats.cap,
        {"baseball": "baseball cap", "trucker": "trucker cap", "flat": "flat cap"},
        ("two-tone", "checked", "striped", "dotted"),
        {"flat": ("two-tone", "checked", "leather")},
    ),
    "beanie": Kind(
        "hats", hats.beanie,
        {"cuffed": "cuffed beanie", "pompom": "pompom beanie", "earflap": "earflap beanie"},
        ("striped", "two-tone", "zigzag", "dotted"),
        material="knitted",
    ),
    "sun hat": Kind(
        "hats", hats.sun_hat,
        {"floppy": "floppy sun hat", "boater": "boater sun hat", "bucket": "bucket sun hat"},
        ("striped", "floral", "dotted", "checked"),
        {"bucket": ("striped", "floral", "dotted", "checked", "two-tone")},
    ),
    "mug": Kind(
        "kitchen", kitchen.mug,
        {"cylinder": "mug", "tapered": "tapered mug", "espresso": "espresso mug",
         "enamel": "enamel mug"},
        ("striped", "dotted", "floral", "zigzag", "two-tone"),
        colours=ALL,
        tilt=1,
    ),
    "teapot": Kind(
        "kitchen", kitchen.teapot,
        {"round": "teapot", "cast": "low teapot", "tall": "tall teapot"},
        ("striped", "dotted", "floral", "two-tone"),
        colours=ALL,
        tilt=1,
    ),
    "frying pan": Kind(
        "kitchen", kitchen.frying_pan,
        {"skillet": "frying pan", "grill": "square frying pan", "deep": "deep frying pan"},
        ("two-tone", "hammered"),
        colours=ALL,
    ),
    "chair": Kind(
        "furniture", furniture.chair,
        {"wooden": "dining chair", "office": "office chair", "armchair": "armchair"},
        ("two-tone", "striped", "leather", "checked", "floral"),
        {"wooden": ("two-tone", "wood-grain"), "office": ("two-tone", "leather")},
        tilt=1,
    ),
    "sofa": Kind(
        "furniture", furniture.sofa,
        {"two-seat": "two-seat sofa", "chesterfield": "chesterfield sofa",
         "corner": "corner sofa"},
        ("striped", "checked", "two-tone", "floral"),
        {"chesterfield": ("leather", "two-tone")},
        tilt=1,
    ),
    "table": Kind(
        "furniture", furniture.table,
        {"dining": "dining table", "round": "round table", "desk": "writing table"},
        ("wood-grain", "two-tone"),
        colours=ALL,
        tilt=1,
    ),
    "lamp": Kind(
        "furniture", lamps.lamp,
        {"table": "table lamp", "desk": "desk lamp", "floor": "floor lamp"},
        ("striped", "dotted", "two-tone", "zigzag"),
        {"desk": _PAINTED},
        colours=ALL,
        tilt=1,
    ),
    "teddy bear": Kind(
        "toys", toys.teddy_bear,
        {"sitting": "teddy bear", "standing": "standing teddy bear", "heart": "teddy bear"},
        _PAINTED,
        tilt=2,
    ),
    "toy car": Kind(
        "toys", toys.toy_car,
        {"beetle": "toy car", "pickup": "pickup toy car", "racer": "racing toy car"},
        ("two-tone", "dotted", "striped"),
        colours=ALL,
        tilt=1,
    ),
    "ball": Kind(
        "toys", toys.ball,
        {"football": "football-style ball", "basketball": "basketball-style ball",
         "beach": "beach ball"},
        ("two-tone", "dotted"),
        tilt=15,
    ),
}  # fmt: skip
