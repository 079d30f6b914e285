"""What Robustness shows: the scenes, results for a distorted picture, and open sections."""

from dataclasses import replace
from typing import Any

from similarity.catalogue import Catalogue
from similarity.display.colours import get_colour, get_colours_by_title
from similarity.display.curves import FIRST_SHARE, NEARNESS, TOP_SHARE, make_chart
from similarity.display.marks import get_titles
from similarity.display.products import get_name
from similarity.display.scorecard import make_aspect_column
from similarity.errors import SimilarityError
from similarity.findings.compose.accuracy import tabulate_scorecard
from similarity.findings.content import Chart, Content, Grid, Query, Result
from similarity.findings.link import Link
from similarity.measures.rankings import find_with_product
from similarity.measures.robustness.schema import Robustness, load_robustness
from similarity.measures.robustness.verdict import describe_losses, describe_robustness
from similarity.measures.scorecard import describe_leaders, list_scene_aspects
from similarity.perturbations import PERTURBATIONS, SIDE, describe_amounts, parse_amounts, perturb
from similarity.pictures.thumbnails import shrink

K = 12
LEGEND = {"orient": "top", "title": None, "symbolType": "circle", "symbolOpacity": 1}


def compose_robustness(catalogue: Catalogue, link: Link) -> Content:
    """Return what Robustness shows. Raises SimilarityError if it isn't measured."""
    robustness = load_robustness(catalogue)
    titles = get_titles(catalogue, list(robustness.methods))
    aspects = list_scene_aspects(robustness)
    columns = [make_aspect_column(aspect, {}) for aspect in aspects]
    sentences = describe_leaders(aspects, titles, {}) or [describe_robustness(robustness, titles)]
    sentences = [sentence for sentence in sentences if sentence]
    content = Content(
        sentences[0] if sentences else "Which method copes with bad photos?",
        sentences,
        tables=[tabulate_scorecard(columns, titles)] if columns else [],
        charts=_list_charts(catalogue, robustness, link),
        notes=[
            f"How often a product is in the top 10 for its own distorted picture, over "
            f"{robustness.sample:,} products. This tests only whether the same product is found. "
            "The distortion is simulated."
        ],
    )
    if amounts := parse_amounts(link.get("change")):
        return _add_results(catalogue, content, link, amounts)
    return content


def _list_charts(catalogue: Catalogue, robustness: Robustness, link: Link) -> list[Chart]:
    """Return the charts of the distortions whose section is open."""
    titles = get_titles(catalogue, list(robustness.methods))
    colours = get_colours_by_title(catalogue, titles)
    names = (FIRST_SHARE, TOP_SHARE, NEARNESS)
    figure = link.get("curve") if link.get("curve") in names else FIRST_SHARE
    charts = []
    for key in link.list_names("open"):
        curves = {
            titles[method]: each.curves[key]
            for method, each in robustness.methods.items()
            if key in each.curves
        }
        if key in PERTURBATIONS and curves:
            perturbation = PERTURBATIONS[key]
            amount = parse_amounts(link.get("change")).get(key, 0)
            spec = _add_legend(make_chart(perturbation, curves, colours, figure, amount))
            alt = f"{perturbation.title}: {describe_losses(perturbation, curves)}"
            n = next(iter(curves.values())).n
            charts.append(Chart(f"{perturbation.title}, {figure.lower()}, n {n:,}", alt, spec))
    return charts


def _add_legend(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a chart of curves with the methods' names, which the page has above all charts."""
    first, *others = spec["layer"]
    colour = first["encoding"]["color"] | {"legend": LEGEND}
    labelled = first | {"encoding": first["encoding"] | {"color": colour}}
    return spec | {"layer": [labelled, *others]}


def _add_results(
    catalogue: Catalogue, content: Content, link: Link, amounts: dict[str, int]
) -> Content:
    """Return the content with each method's results for a product's distorted picture."""
    product = next((term.value for term in link.terms if term.kind == "product"), "")
    if not product:
        return content
    position = catalogue.find_position(product)  # it may have left the catalogue
    name = get_name(catalogue.products.iloc[position].to_dict())
    picture = perturb(shrink(catalogue.read_picture(product), SIDE), amounts)
    names = link.list_names("methods")
    grids, ranks, count = [], [], len(catalogue.products)
    for key in [key for key in catalogue.methods if key in names]:
        method = catalogue.resolve_method_for_display(key)
        grid = Grid(key, method.title, get_colour(catalogue, key))
        try:
            row = catalogue.encode_query(method, image=picture)
            hits, own_hit = find_with_product(catalogue, method, row, product, K)
        except SimilarityError as error:
            grids.append(replace(grid, message=str(error)))
            continue
        rows = catalogue.products
        results = [
            Result(hit.product, get_name(rows.loc[hit.product].to_dict()), f"{hit.rank}", hit.score)
            for hit in hits
        ]
        grids.append(
            replace(grid, note=f"Finds it at rank {own_hit.rank:,} of {count:,}", results=results)
        )
        ranks.append(f"{own_hit.rank:,} by {method.title}")
    description = describe_amounts(amounts)
    sentence = f"{name}, {description}: rank {', '.join(ranks)}." if ranks else ""
    return replace(
        content,
        title=sentence or content.title,
        sentences=[*filter(None, [sentence]), *content.sentences],
        query=Query("Similar to", f"{name}, {description}", product),
        grids=grids,
    )
