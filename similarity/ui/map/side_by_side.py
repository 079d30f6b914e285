"""Several maps side by side, and what moves between two of them."""

from collections.abc import Mapping
from itertools import combinations

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.marks import get_training_labels, mark_titles
from similarity.errors import SimilarityError
from similarity.filters import Selection
from similarity.measures.maps.schema import K, Maps
from similarity.measures.metrics.retrieval import DEFAULT_METRIC
from similarity.measures.metrics.schema import Table
from similarity.measures.metrics.verdict import format_value, join_names
from similarity.methods import Method
from similarity.ui.map.changes import pick_pair, show_movement
from similarity.ui.map.files import get_colour_attributes
from similarity.ui.map.maps import describe_quality, make_overlap_colours, show_maps
from similarity.ui.shared.caches import get_metrics
from similarity.ui.shared.marks import show_labels_note
from similarity.ui.shared.open_compare import request_compare
from similarity.ui.shared.pickers import pick_option
from similarity.ui.shared.plain import escape

MAX_MAPS = 4  # maps
MOVED = "moved"


def show_side_by_side(
    catalogue: Catalogue, maps: Maps, selected: list[Method], among: Selection | None
) -> None:
    """Show up to MAX_MAPS maps, and what moves between two; products not in `among` are faint."""
    methods = [method for method in selected if method.key in maps.coordinates]
    if missing := [method.title for method in selected if method.key not in maps.coordinates]:
        st.warning(escape(f"There is no map of {join_names(missing)}."))
    if not methods:
        st.info("Choose one method or more. Each has a map.")
        st.stop()
    if len(methods) > MAX_MAPS:
        hidden = join_names([method.title for method in methods[MAX_MAPS:]])
        st.info(escape(f"Showing the first {MAX_MAPS} maps, without {hidden}."))
        methods = methods[:MAX_MAPS]
    keys = [method.key for method in methods]
    verdict = st.container()
    attributes = [name for name in get_colour_attributes(catalogue) if name != MOVED]
    pairs = [",".join(pair_keys) for pair_keys in combinations(keys, 2)]
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        options = [*attributes, *([MOVED] if pairs else [])]
        labels = {name: name.capitalize() for name in attributes} | {MOVED: "Disagreements"}
        colour = pick_option("colour", "Colours", options, labels.__getitem__) if options else ""
        pair = pick_pair(catalogue, pairs) if colour == MOVED else None
    training_labels = get_training_labels(catalogue, keys)
    titles = mark_titles(catalogue, keys, training_labels)
    table = _get_table(catalogue, colour)
    with verdict:
        st.markdown(_describe_maps(catalogue, maps, colour, table, titles, among))
    show_maps(
        catalogue,
        maps,
        titles,
        _summarise(table, colour),
        colour,
        make_overlap_colours(catalogue, maps, *pair) if pair else None,
        among,
        lambda product: request_compare(product, ",".join(keys)),
    )
    show_labels_note(catalogue, training_labels)
    if pairs:
        show_movement(catalogue, maps, pairs, pair)


def _get_table(catalogue: Catalogue, attribute: str) -> Table | None:
    """Return the figures of an attribute, if it was measured."""
    try:
        metrics = get_metrics(catalogue)
    except SimilarityError:
        return None
    tables = [each.tables.get("whole") for each in metrics.attributes if each.name == attribute]
    return tables[0] if tables else None


def _summarise(table: Table | None, attribute: str) -> dict[str, str]:
    """Return how many neighbours share an attribute, by method."""
    return {
        key: f"{format_value(DEFAULT_METRIC, figures[DEFAULT_METRIC].mean)} of neighbours share "
        f"the {attribute}"
        for key, figures in (table.figures if table else {}).items()
    }


def _describe_maps(
    catalogue: Catalogue,
    maps: Maps,
    attribute: str,
    table: Table | None,
    titles: Mapping[str, str],
    among: Selection | None,
) -> str:
    """Return which map has most neighbours of one value, and how to read the maps."""
    conclusion = ""
    shares = {
        key: table.figures[key][DEFAULT_METRIC].mean
        for key in titles
        if table and key in table.figures
    }
    if len(shares) > 1:
        order = sorted(shares, key=lambda key: -shares[key])
        most, least = (
            f"{titles[key]} {format_value(DEFAULT_METRIC, shares[key])}"
            for key in (order[0], order[-1])
        )
        text = f"Neighbours most often share the {attribute} by {most}, least often by {least}."
        conclusion = f"**{escape(text)}** "
    map_count, count = len(maps.neighbours.queries), len(catalogue.products)
    sample = (
        f"{map_count:,} of {count:,} products, drawn at random"
        if map_count < count
        else f"one of {count:,} products"
    )
    return (
        f"{conclusion}Each point is a product ({sample}). Similar products sit close together; "
        "distances are approximate."
        + (f" {_describe_left(maps, among)}" if among is not None else "")
    )


def _describe_left(maps: Maps, among: Selection) -> str:
    count = int(among.mask[maps.neighbours.queries].sum())
    verb = "fits" if count == 1 else "fit"
    return (
        f"{count:,} of them {verb} the filter; the others are faint. Figures are of all products."
    )


def list_facts(catalogue: Catalogue, maps: Maps) -> list[str]:
    """Return how the maps were drawn, and what they show."""
    titles = {key: escape(catalogue.registry[key].title) for key in maps.methods}
    return [
        f"**Drawn** by PaCMAP (Wang, Huang, Rudin and Shaposhnik 2021) from each product's {K} "
        "nearest in the method's own space, found by exact search among the products on the map, "
        "equal ones in the catalogue's order. Only nearness means something: not the axes, not "
        "the size of a gap.",
        "**Aligned**: every map is turned and mirrored as a whole so that products stand as near "
        f"as can be to where they stand on that of {titles[maps.methods[0]]} "
        "(Procrustes); distances on a map stay as they were drawn. Each fills its frame.",
        f"**Kept** is how many of a product's {K} nearest are among its {K} nearest on the map. "
        "**Trustworthiness** is 1 where no product is among the nearest on the map that is not in "
        "the method's space, too, and less the further down it stands there (Venna and Kaski "
        "2001). In brackets 95 % intervals over n products. "
        + " ".join(
            escape(describe_quality(catalogue.registry[key].title, maps.quality[key]))
            for key in maps.methods
        ),
        "**Lines and strips** are of the method's own space. A selection's pictures begin at its "
        "centre on the map on which it was made.",
        "**Keys**: arrows go from product to product, Enter selects, Escape clears, + and - zoom, "
        "0 shows all. The wheel zooms a map that was clicked; with Shift a drag is a lasso, and a "
        "click adds to the selection.",
        f"Made by {maps.algorithm}.",
    ]
