"""What Map shows: each method's map, and how far it can be trusted."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import ImageColor

from similarity.catalogue import Catalogue
from similarity.display.criterion import list_shared_attributes
from similarity.display.marks import get_titles
from similarity.findings.content import Chart, Content, Table
from similarity.findings.link import Link
from similarity.measures.maps.schema import K, Maps, load_maps
from similarity.measures.metrics.verdict import format_figure

MAX_MAPS, MAX_POINTS = 4, 2000
SIDE = 420  # px of a map
COMMON = 12  # values with a colour of their own
PALETTE = (
    *("#1f77b4", "#2ca02c", "#9467bd", "#17becf", "#e377c2", "#8c604b", "#bcbd22", "#6478dc"),
    *("#008076", "#aec7e8", "#98df8a", "#c5b0d5"),
)
REST = "#96969b"
EDGE = {"stroke": "#777777", "strokeWidth": 0.3}  # shows white points on white


def compose_map(catalogue: Catalogue, link: Link) -> Content:
    """Return what Map shows. Raises SimilarityError if no maps are drawn."""
    maps = load_maps(catalogue)
    names = link.list_names("methods")
    keys = [key for key in maps.methods if key in names] or maps.methods
    titles = get_titles(catalogue, keys[:MAX_MAPS])
    qualities = {key: maps.quality[key] for key in titles}
    rows = [
        [
            titles[key],
            format_figure(quality.overlap, 1),
            format_figure(quality.trustworthiness, 3),
            f"{quality.n:,}",
        ]
        for key, quality in qualities.items()
    ]
    columns = ["method", f"neighbours kept, of {K}", "trustworthiness", "n"]
    best = max(qualities, key=lambda key: qualities[key].overlap.mean)
    sentence = (
        f"How {' and '.join(titles.values()) if len(titles) < 3 else f'{len(titles)} methods'} "
        "group the products"
    )
    overlap = qualities[best].overlap.mean
    return Content(
        sentence,
        [
            "Similar products sit close together, and distances are approximate. At best, a map "
            f"keeps {overlap:.1f} of a product's {K} nearest ({titles[best]})."
        ],
        tables=[Table("How far each map can be trusted", columns, rows)],
        charts=[_make_chart(catalogue, maps, titles, link)],
        notes=[f"Drawn by {maps.algorithm}. 95 % intervals are in brackets."],
    )


def _make_chart(catalogue: Catalogue, maps: Maps, titles: Mapping[str, str], link: Link) -> Chart:
    """Return the maps side by side, with points in the colours of an attribute's values."""
    positions = maps.neighbours.queries
    sample = np.linspace(0, len(positions) - 1, min(len(positions), MAX_POINTS)).astype(int)
    attributes = list_shared_attributes(catalogue.products)
    requested = link.get("colour")
    attribute = requested if requested in attributes else next(iter(attributes), "")
    texts = ["" for _ in sample]
    if attribute:
        column = catalogue.products[attribute].to_numpy(object)
        texts = [str(column[position]) for position in positions[sample]]
    colours = _choose_colours(texts)
    groups = [text if text in colours else "others" for text in texts]
    scale = {"domain": [*colours, "others"], "range": [*colours.values(), REST]}
    axis = {"axis": None, "scale": {"zero": False, "nice": False}}
    panels: list[dict[str, Any]] = []
    for key, title in titles.items():
        points = maps.coordinates[key][sample]
        points = (points - points.min(0)) / max(float(np.ptp(points, 0).max()), 1e-9)
        values = [
            {"x": round(float(x), 3), "y": round(float(y), 3), "value": group}
            for (x, y), group in zip(points, groups, strict=True)
        ]
        colour = {"field": "value", "type": "nominal", "scale": scale, "title": attribute or None}
        panels.append(
            {
                "title": title,
                "width": SIDE,
                "height": SIDE,
                "data": {"values": values},
                "mark": {"type": "circle", "size": 24, "opacity": 0.85, **EDGE},
                "encoding": {
                    "x": {"field": "x", "type": "quantitative"} | axis,
                    "y": {"field": "y", "type": "quantitative"} | axis,
                    "color": colour if attribute else {"value": PALETTE[0]},
                },
            }
        )
    what = f"{len(sample):,} of {len(catalogue.products):,} products"
    what += f", coloured by {attribute}" if attribute else ""
    alt = f"Maps of {what}, by {', '.join(titles.values())}"
    return Chart(f"Maps of {what}", alt, {"concat": panels, "columns": 2}, "picture")


def _choose_colours(texts: list[str]) -> dict[str, str]:
    """Return the colours of the most common values: their own if they name colours."""
    values, counts = np.unique([text for text in texts if text], return_counts=True)
    common = [str(value) for value in values[np.argsort(-counts, kind="stable")][:COMMON]]
    if common and all(value in ImageColor.colormap for value in common):
        return {value: value for value in common}
    return dict(zip(common, PALETTE, strict=False))
