"""The Streamlit component for all maps, so that selections show on all of them at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.colours import get_colour
from similarity.filters import Selection
from similarity.measures.maps.schema import K, Maps, Quality
from similarity.measures.metrics.verdict import join_names
from similarity.store.paths import PRODUCT_ID
from similarity.ui.map.files import get_files_url
from similarity.ui.shared import query as url
from similarity.ui.shared.component import register_component
from similarity.ui.shared.thumbnails import thumbnail_url

MAX_SELECTED = 100  # products of a selection in the URL, as in maps.js

_component = register_component(
    __file__, "points.js", "labels.js", "plane.js", "colours.js", "maps.js"
)


@dataclass(frozen=True)
class OverlapColours:
    """Each product's overlap of `k` neighbours as a letter: a for 0, b for 1, and so on."""

    title: str
    k: int
    letters: str


def describe_quality(title: str, quality: Quality) -> str:
    """Return how far a method's map can be trusted."""
    trust, overlap = quality.trustworthiness, quality.overlap
    return (
        f"{title}: {overlap.mean:.1f} [{overlap.low:.1f}, {overlap.high:.1f}] of {K} kept, "
        f"trustworthiness {trust.mean:.3f} [{trust.low:.3f}, {trust.high:.3f}], "
        f"n\u00a0=\u00a0{quality.n:,}."
    )


def make_overlap_colours(catalogue: Catalogue, maps: Maps, one: str, other: str) -> OverlapColours:
    """Return the colours that show the overlap of two methods."""
    overlap = maps.neighbours.compute_overlap(one, other, K)
    titles = join_names([catalogue.registry[key].title for key in (one, other)])
    title = f"Shared neighbours of {titles}"
    return OverlapColours(title, K, "".join(chr(ord("a") + count) for count in overlap))


def get_selected() -> list[str]:
    """Return the products selected in the URL; visitors from Compare have its product selected."""
    requested = st.query_params.get("selected", st.query_params.get("product", "")).split(",")
    return list(dict.fromkeys(id for id in requested if PRODUCT_ID.fullmatch(id)))[:MAX_SELECTED]


def set_selected(products: Sequence[str], by: str) -> None:
    """Select products on one method's map; only the browser remembers more than MAX_SELECTED."""
    product_list = ",".join(products) if len(products) <= MAX_SELECTED else ""
    # an empty value, or the product would be selected again
    cleared = "" if "product" in st.query_params else None
    url.update_url(selected=product_list or cleared, by=by if product_list else None)


def show_maps(
    catalogue: Catalogue,
    all_maps: Maps,
    methods: Mapping[str, str],
    summaries: Mapping[str, str],
    colour: str,
    overlap_colours: OverlapColours | None,
    among: Selection | None,
    on_pick: Callable[[str], None],
) -> None:
    """Show the maps of methods, whose titles and summaries are by key.

    Products that are not `among` those of a filter are faint. `on_pick` gets the id of a clicked
    picture.
    """
    key = url.widget_key("maps")
    selection, by = get_selected(), st.query_params.get("by", "")
    if not set(selection) <= set(all_maps.neighbours.products):
        st.info("Some products of this link aren't on the maps.")

    def handle_selection() -> None:
        match st.session_state[key].get("selected"):
            case [list(ids), str(by)] if by in catalogue.registry:
                set_selected(
                    [id for id in ids if isinstance(id, str) and PRODUCT_ID.fullmatch(id)], by
                )

    def handle_pick() -> None:
        product = st.session_state[key].get("picked")
        if isinstance(product, str) and PRODUCT_ID.fullmatch(product):
            on_pick(product)

    map_data = [
        {
            "key": method,
            "title": title,
            "colour": get_colour(catalogue, method),
            "summary": summaries.get(method, ""),
        }
        for method, title in methods.items()
    ]
    data = {
        "files": get_files_url(catalogue),
        "thumbs": thumbnail_url(catalogue.name, "*"),
        "k": K,
        "maps": map_data,
        "colour": colour,
        "left": _mark_left(all_maps, among),
        "overlap": asdict(overlap_colours) if overlap_colours else None,
        "selected": selection,
        "by": by if by in methods else next(iter(methods)),
    }
    _component(
        key=key, data=data, on_selected_change=handle_selection, on_picked_change=handle_pick
    )


def _mark_left(all_maps: Maps, among: Selection | None) -> str:
    """Return 1 for each product on the maps that a filter leaves, 0 for others; empty without."""
    if among is None:
        return ""
    return "".join("01"[int(flag)] for flag in among.mask[all_maps.neighbours.queries])
