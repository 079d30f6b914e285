"""One component for all maps, so that what is chosen on one is lit on all at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.measures.maps.schema import K, Maps, Quality
from similarity.methods import METHODS
from similarity.store.paths import PRODUCT_ID
from similarity.ui.map.files import files_url
from similarity.ui.shared import query as url
from similarity.ui.shared.component import component
from similarity.ui.shared.thumbnails import thumbnail_url

MOST = 100  # products of a selection that the address holds, as in maps.js

_maps = component(__file__, "points.js", "plane.js", "colours.js", "maps.js")


@dataclass(frozen=True)
class Moved:
    """How many of its `k` nearest each product keeps, a letter each: a is none, b one …"""

    title: str
    k: int
    shared: str


def said(quality: Quality) -> str:
    """How far a map may be believed."""
    trust, kept = quality.trustworthiness, quality.kept
    return (
        f"Of a product's {K} nearest, {kept.mean:.1f} [{kept.low:.1f}, {kept.high:.1f}] are among "
        f"its {K} nearest on this map. Trustworthiness {trust.mean:.3f} "
        f"[{trust.low:.3f}, {trust.high:.3f}], n\u00a0=\u00a0{quality.n:,}."
    )


def moved(found: Maps, one: str, other: str) -> Moved:
    """What the maps' colours say of two methods."""
    kept = found.near.shared(one, other, K)
    title = f"Neighbours in common by {METHODS[one].title} and {METHODS[other].title}"
    return Moved(title, K, "".join(chr(ord("a") + count) for count in kept))


def selected() -> list[str]:
    """The products that the address selects; who comes from Compare, that page's product."""
    asked = st.query_params.get("selected", st.query_params.get("product", "")).split(",")
    return list(dict.fromkeys(id for id in asked if PRODUCT_ID.fullmatch(id)))[:MOST]


def select(products: Sequence[str], by: str) -> None:
    """Select products, on one method's map; more than MOST the browser alone remembers."""
    some = ",".join(products) if len(products) <= MOST else ""
    none = "" if "product" in st.query_params else None  # or that would be selected again
    url.put(selected=some or none, by=by if some else None)


def show_maps(
    catalogue: Catalogue,
    found: Maps,
    methods: Mapping[str, str],
    colour: str,
    moved: Moved | None,
    on_pick: Callable[[str], None],
) -> None:
    """Show the maps of methods, by key titled; `on_pick` gets the id of a clicked picture."""
    key = url.key("maps")
    some, by = selected(), st.query_params.get("by", "")
    if not set(some) <= set(found.near.products):
        st.info("The maps of this catalogue do not have all products that this address selects.")

    def chosen() -> None:
        match st.session_state[key].get("selected"):
            case [list(ids), str(by)] if by in METHODS:
                select([id for id in ids if isinstance(id, str) and PRODUCT_ID.fullmatch(id)], by)

    def picked() -> None:
        product = st.session_state[key].get("picked")
        if isinstance(product, str) and PRODUCT_ID.fullmatch(product):
            on_pick(product)

    maps = [
        {"key": method, "title": title, "said": said(found.quality[method])}
        for method, title in methods.items()
    ]
    data = {
        "files": files_url(catalogue),
        "thumbs": thumbnail_url(catalogue.name, "*"),
        "k": K,
        "maps": maps,
        "colour": colour,
        "moved": asdict(moved) if moved else None,
        "selected": some,
        "by": by if by in methods else next(iter(methods)),
    }
    _maps(key=key, data=data, on_selected_change=chosen, on_picked_change=picked)
