"""What Accuracy shows: the conclusions, the scorecard, and the sections that are open."""

from collections.abc import Mapping
from contextlib import suppress

from similarity.catalogue import Catalogue
from similarity.display.filters import describe_clause, read_parameters
from similarity.display.forest import describe_lines, list_metric_lines, make_metric_forest
from similarity.display.marks import get_titles, get_training_labels
from similarity.display.scorecard import NOT_MEASURED, Column, Value, make_columns
from similarity.errors import SimilarityError
from similarity.findings.content import Chart, Content, Table
from similarity.findings.link import Link
from similarity.measures.metrics.retrieval import DEFAULT_METRIC, METRICS
from similarity.measures.metrics.schema import Gallery, Metrics, load_metrics
from similarity.measures.metrics.segment import MIN_PRODUCTS, measure_segment
from similarity.measures.metrics.verdict import (
    describe_best,
    format_figure,
    format_p,
    join_names,
)
from similarity.measures.robustness.schema import load_robustness
from similarity.measures.scorecard import describe_leaders, list_aspects


def compose_accuracy(catalogue: Catalogue, link: Link) -> Content:
    """Return what Accuracy shows.

    Raises SimilarityError if nothing is measured, or if a filter leaves too few products.
    """
    metrics, robustness = load_metrics(catalogue), None
    clauses, remark = read_parameters(catalogue, link.parameters)
    among = catalogue.attributes.select(clauses)
    notes = [remark] if remark else []
    if among is None:
        with suppress(SimilarityError):  # measured later, or not at all
            robustness = load_robustness(catalogue)
    else:
        if len(among.positions) < MIN_PRODUCTS:
            raise SimilarityError(
                f"The filter leaves {len(among.positions)} products, too few to measure: "
                f"{MIN_PRODUCTS} are needed."
            )
        metrics, _ = measure_segment(catalogue, metrics, among, lambda *_: None)
        notes.append(f"Only products with {', '.join(map(describe_clause, clauses))}.")
    metric = link.get("metric") if link.get("metric") in METRICS else DEFAULT_METRIC
    gallery: Gallery = "without" if link.get("near") == "without" else "whole"
    keys = list(metrics.methods)
    labels, titles = get_training_labels(catalogue, keys), get_titles(catalogue, keys)
    aspects = list_aspects(metrics, robustness, metric, gallery)
    columns = make_columns(catalogue, metrics, aspects, labels)
    sentences = describe_leaders(aspects, titles, labels)
    names = [attribute.name for attribute in metrics.attributes]
    if names:
        notes.append(
            f"A result counts as right if it has the query's {join_names(names, 'or')}. That is "
            "only a proxy for what people call similar."
        )
    if labels:
        trained = "; ".join(f"{titles[key]} on {text}" for key, text in labels.items())
        notes.append(f"* Trained on these labels; not a fair comparison: {trained}.")
    notes.append(
        f"{metrics.queries:,} of {metrics.products:,} products as queries; 95 % intervals over "
        f"{metrics.groups:,} groups of near-duplicates and variants."
    )
    tables, charts = [tabulate_scorecard(columns, titles)], []
    for number, attribute in enumerate(metrics.attributes, 1):
        if gallery in attribute.tables and f"attribute-{number}" in link.list_names("open"):
            table, name = attribute.tables[gallery], attribute.name
            sentences += describe_best(name, table, metric, titles, labels).sentences
            title = f"{metric} by {name}"
            lines = list_metric_lines(catalogue, table, metric, labels)
            spec = make_metric_forest(table, metric, lines)
            charts.append(Chart(f"{title}, n {table.n:,}", describe_lines(title, lines), spec))
            tables.append(_tabulate_differences(metrics, number - 1, gallery, metric, titles))
    if "costs" in link.list_names("open"):
        tables.append(tabulate_costs(metrics, titles))
        notes.append(f"Times were measured on {metrics.machine}.")
    title = sentences[0] if sentences else "Which method is most accurate?"
    return Content(title, sentences, tables=tables, charts=charts, notes=notes)


def tabulate_scorecard(columns: list[Column], titles: Mapping[str, str]) -> Table:
    """Return the scorecard, with the interval below each value that has one."""
    rows = []
    for key, title in titles.items():
        values = [column.values.get(key, Value(NOT_MEASURED)) for column in columns]
        rows.append([title, *(_format_value(value) for value in values)])
    heads = [f"{column.title}, {column.unit}" for column in columns]
    return Table("All methods", ["method", *heads], rows)


def _format_value(value: Value) -> str:
    return f"{value.text} ({value.interval})" if value.interval else value.text


def _tabulate_differences(
    metrics: Metrics, number: int, gallery: Gallery, metric: str, titles: Mapping[str, str]
) -> Table:
    attribute = metrics.attributes[number]
    rows = [
        [
            titles[difference.one],
            titles[difference.other],
            format_figure(difference.estimate, 3),
            format_p(difference.corrected_p),
        ]
        for difference in attribute.tables[gallery].differences
        if difference.metric == metric
    ]
    title = f"Differences of {metric} by {attribute.name}"
    return Table(title, ["method", "less", "difference", "p, corrected"], rows)


def tabulate_costs(metrics: Metrics, titles: Mapping[str, str]) -> Table:
    """Return speed, search time and size of each method."""
    rows = [
        [
            titles[key],
            f"{cost.rate:,.0f} (n {cost.pictures:,})" if cost.rate else NOT_MEASURED,
            f"{cost.median:.2f} (95 % within {cost.p95:.2f})",
            f"{cost.size:,.0f}" if cost.size is not None else NOT_MEASURED,
        ]
        for key, cost in metrics.costs.items()
    ]
    columns = ["method", "pictures a second", "search, ms", "bytes a product"]
    return Table("What each method costs", columns, rows)
