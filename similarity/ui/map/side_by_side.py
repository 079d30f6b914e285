"""Several maps beside each other, and what moves between two of them."""

from itertools import combinations

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.measures.maps.schema import K, Maps
from similarity.methods import METHODS, Method
from similarity.ui.map.files import shared_colourings
from similarity.ui.map.maps import moved, show_maps
from similarity.ui.map.moved import pick_pair, show_moved
from similarity.ui.shared.marks import labels, marked, show_taught
from similarity.ui.shared.picked import open_on_compare
from similarity.ui.shared.pickers import choose
from similarity.ui.shared.plain import plain

AT_ONCE = 4  # maps
MOVED = "moved"


def show_side_by_side(catalogue: Catalogue, found: Maps, chosen: list[Method]) -> None:
    """Up to AT_ONCE maps, and what moves."""
    methods = [method for method in chosen if method.key in found.places]
    if lacking := [method.title for method in chosen if method.key not in found.places]:
        st.warning(plain(f"No map was drawn of {', '.join(lacking)}."))
    if not methods:
        st.info("Choose a method, or several: each has a map.")
        st.stop()
    if len(methods) > AT_ONCE:
        left = ", ".join(method.title for method in methods[AT_ONCE:])
        st.info(plain(f"{AT_ONCE} maps stand beside each other. Not shown: {left}."))
        methods = methods[:AT_ONCE]
    keys = [method.key for method in methods]
    st.markdown(_intro(catalogue, found))
    attributes = [name for name in shared_colourings(catalogue) if name != MOVED]
    pairs = [",".join(two) for two in combinations(keys, 2)]
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        options = [*attributes, *([MOVED] if pairs else [])]
        said = {name: name.capitalize() for name in attributes} | {MOVED: "What moved"}
        colour = choose("colour", "Colours", options, said.__getitem__) if options else ""
        pair = pick_pair(pairs) if colour == MOVED else None
    taught = labels(keys)
    show_maps(
        catalogue,
        found,
        {method.key: marked(method.title, method.key in taught) for method in methods},
        colour,
        moved(found, *pair) if pair else None,
        lambda product: open_on_compare(product, ",".join(keys)),
    )
    show_taught(taught)
    if pairs:
        show_moved(catalogue, found, pairs, pair)


def _intro(catalogue: Catalogue, found: Maps) -> str:
    shown, count = len(found.near.queries), len(catalogue.products)
    of = f"{shown:,} of {count:,} products, drawn at random" if shown < count else f"{count:,}"
    return (
        f"Each point is a product ({of}), near to what the method finds similar, as far as a plane "
        "can show it. **Click one: lines lead to its true neighbours, wherever the map puts them. "
        "Draw around many, and they are lit on every map.**"
    )


def map_facts(found: Maps) -> list[str]:
    """How the maps were drawn, and what is on them."""
    return [
        f"**Drawn** by PaCMAP (Wang, Huang, Rudin and Shaposhnik 2021) from each product's {K} "
        "nearest in the method's own space, found by exact search among the products on the map, "
        "equal ones in the catalogue's order. Only nearness means something: not the axes, not "
        "the size of a gap.",
        "**Aligned**: every map is turned and mirrored as a whole so that products stand as near "
        f"as can be to where they stand on that of {plain(METHODS[found.methods[0]].title)} "
        "(Procrustes); distances on a map stay as they were drawn. Each fills its frame.",
        f"**Kept** is how many of a product's {K} nearest are among its {K} nearest on the map. "
        "**Trustworthiness** is 1 where no product is among the nearest on the map that is not in "
        "the method's space, too, and less the further down it stands there (Venna and Kaski "
        "2001). In brackets 95 % intervals over n products.",
        "**Lines and strips** are of the method's own space. A selection's pictures begin at its "
        "centre on the map on which it was made.",
        "**Keys**: arrows go from product to product, Enter selects, Escape clears, + and - zoom, "
        "0 shows all. The wheel zooms a map that was clicked; with Shift a drag is a lasso, and a "
        "click adds to the selection.",
        f"Made by {found.how}.",
    ]
