"""A board as one HTML file with its pictures and charts, which loads nothing and runs no code."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from similarity.catalogue import Catalogue
from similarity.commands import PRECOMPUTE, format_build_command
from similarity.display.colours import get_colour
from similarity.display.marks import get_titles, get_training_labels
from similarity.display.scorecard import make_columns
from similarity.errors import SimilarityError
from similarity.filters import PREFIX
from similarity.findings.boards import Boards
from similarity.findings.compose.accuracy import tabulate_costs, tabulate_scorecard
from similarity.findings.compose.compare import DEFAULT_K
from similarity.findings.compose.page import NAMES, compose_page, refuse_picture
from similarity.findings.content import Content
from similarity.findings.finding import Finding
from similarity.findings.fingerprint import (
    PRODUCTS,
    Fingerprint,
    compute_finding_fingerprint,
    list_changes,
)
from similarity.findings.keep import get_version, read_pictures
from similarity.findings.link import COMPARE
from similarity.findings.report.charts import draw_picture, draw_svg
from similarity.findings.report.pictures import make_url, shrink_pictures
from similarity.measures.metrics.retrieval import DEFAULT_METRIC
from similarity.measures.metrics.schema import load_metrics
from similarity.measures.metrics.verdict import join_names
from similarity.measures.robustness.schema import Robustness, load_robustness
from similarity.measures.scorecard import list_aspects
from similarity.measures.summary import Sentence, summarise

FOLDER = Path(__file__).parent
ADDRESS = "http://localhost:8501/"  # of the app on the reader's machine
LIBRARIES = ("faiss-cpu", "torch", "openvino")
COLOUR = re.compile(r"#[0-9a-f]{6}")
VARIED = {"bridge", "fold", "unlike", "one_per"}  # what a link has and the Python would lack
HASH_LENGTH = 12  # characters of a fingerprint that are shown


def write_report(catalogue: Catalogue, board: str, now: datetime) -> str:
    """Return a board's findings as an HTML file.

    Raises SimilarityError if the board has none, or can't be read.
    """
    boards = Boards(catalogue.folder)
    findings = boards.list_findings(board)
    if not findings:
        names = [each.name for each in boards.list_boards() if each.findings]
        hint = f"Choose one of {', '.join(names)}." if names else "Keep findings in the app first."
        raise SimilarityError(f"The board “{board}” has no findings. {hint}")
    fingerprint = compute_finding_fingerprint(catalogue, catalogue.methods)
    described = [_describe(catalogue, finding, fingerprint) for finding in findings]
    contents = [each[part] for each in described for part in ("content", "now") if each[part]]
    keys = _list_methods(catalogue, contents)
    summary, figures, facts = _summarise(catalogue)
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,  # titles, notes and captions may hold anything
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(
        board=board,
        catalogue=catalogue,
        date=_format_day(now),
        summary=summary,
        findings=described,
        figures=figures,
        facts=facts,
        pictures=_Lookup(_collect_pictures(catalogue, boards, findings, contents)),
        charts=_Lookup(_draw_charts(contents)),
        colours=_Colours(),
        methods=[_describe_method(catalogue, key, fingerprint[key]) for key in keys],
        version=get_version(),
        libraries=join_names([f"{name} {version(name)}" for name in LIBRARIES]),
        products_fingerprint=fingerprint[PRODUCTS][:HASH_LENGTH],
        commands=_format_commands(catalogue, board),
        style=(FOLDER / "report.css").read_text(encoding="utf-8"),
    )


class _Lookup(dict[str, str]):
    """Values by name; unknown names have an empty text."""

    def __missing__(self, name: str) -> str:
        return ""


class _Colours(dict[str, str]):
    """Colours as they are, and grey for what is none: they stand in style attributes."""

    def __missing__(self, text: str) -> str:
        return text if COLOUR.fullmatch(text) else "#7a7f8c"


def _describe(catalogue: Catalogue, finding: Finding, now: Fingerprint) -> dict[str, Any]:
    changes, current = list_changes(catalogue, finding.fingerprint, now), None
    if changes:
        with suppress(SimilarityError):
            current = compose_page(catalogue, finding.link, refuse_picture)
    return {
        "number": finding.number,
        "title": finding.title,
        "note": finding.note,
        "page": NAMES.get(finding.link.page, finding.link.page),
        "day": _format_day(datetime.fromtimestamp(finding.created)),
        "version": finding.version,
        "link": str(finding.link),
        "address": f"{ADDRESS}{finding.link}",
        "content": finding.content,
        "changed": f"Changed since: {join_names(changes)}" if changes else "",
        "now": current,
        "code": _format_code(catalogue, finding),
    }


def _format_code(catalogue: Catalogue, finding: Finding) -> str:
    """Return Python that repeats a comparison, or nothing if only the link does."""
    link, methods = finding.link, [grid.method for grid in finding.content.grids]
    if link.page != COMPARE or not link.is_complete or not methods or VARIED & set(link.parameters):
        return ""
    has_filter = any(name.startswith(PREFIX) for name in link.parameters)
    names = "open_catalogue, read_link, read_where" if has_filter else "open_catalogue, read_link"
    options = f", k={link.get('k') or DEFAULT_K}"
    options += ", where=read_where(link)" if has_filter else ""
    return (
        f"from similarity import {names}\n\n"
        f"link = {str(link)!r}\n"
        f"catalogue = open_catalogue({catalogue.name!r})\n"
        f"for method in {methods}:\n"
        f"    print(catalogue.search(method, parts=read_link(link){options}))"
    )


def _format_commands(catalogue: Catalogue, board: str) -> str:
    quoted = board.replace('"', '\\"')
    return (
        f"{format_build_command(catalogue)}\n"
        f'{PRECOMPUTE} report {catalogue.name} --board "{quoted}"'
    )


def _list_methods(catalogue: Catalogue, contents: Sequence[Content]) -> list[str]:
    """Return the methods that a report is about: those in grids, or all if a page has none."""
    named = {grid.method for content in contents for grid in content.grids}
    is_about_all = any(not content.grids for content in contents)
    return [key for key in catalogue.methods if key in named or is_about_all]


def _describe_method(catalogue: Catalogue, key: str, fingerprint: str) -> dict[str, Any]:
    method = catalogue.resolve_method_for_display(key)
    return {
        "title": method.title,
        "family": method.family,
        "summary": method.summary,
        "weights": method.weights,
        "licence": method.licence,
        "dim": method.dim,
        "source": method.source,
        "colour": get_colour(catalogue, key),
        "fingerprint": fingerprint[:HASH_LENGTH],
    }


def _summarise(catalogue: Catalogue) -> tuple[list[Sentence], list[Any], list[str]]:
    """Return the summary, the tables of its figures, and what they are; nothing unless measured."""
    try:
        metrics = load_metrics(catalogue)
    except SimilarityError:
        return [], [], ["Accuracy was not measured for this catalogue."]
    robustness: Robustness | None = None
    with suppress(SimilarityError):
        robustness = load_robustness(catalogue)
    keys = list(metrics.methods)
    titles, labels = get_titles(catalogue, keys), get_training_labels(catalogue, keys)
    aspects = list_aspects(metrics, robustness, DEFAULT_METRIC, "whole")
    columns = make_columns(catalogue, metrics, aspects, labels)
    facts = [
        f"Figures are {DEFAULT_METRIC}, the share of the first 10 results with the query's value, "
        f"over {metrics.queries:,} of {metrics.products:,} products, with 95 % intervals. A method "
        "leads if it is significantly better than each other one that is compared fairly.",
        f"Times were measured on {metrics.machine}.",
    ]
    facts += [
        f"* {titles[key]} was trained on {text}; not a fair comparison."
        for key, text in labels.items()
    ]
    tables = [tabulate_scorecard(columns, titles), tabulate_costs(metrics, titles)]
    return summarise(metrics, aspects, titles, labels), tables, facts


def _collect_pictures(
    catalogue: Catalogue,
    boards: Boards,
    findings: Sequence[Finding],
    contents: Sequence[Content],
) -> dict[str, str]:
    """Return all pictures as data URLs, by the ids of products."""
    files: dict[str, bytes] = {}
    for finding in findings:
        files |= boards.read_pictures(finding.number)
    for content in contents:  # what pages of changed findings show now
        files |= read_pictures(catalogue, content, refuse_picture, files)
    count = sum(len(grid.results) for content in contents for grid in content.grids)
    return shrink_pictures(files, count)


def _draw_charts(contents: Sequence[Content]) -> dict[str, str]:
    """Return all charts as data URLs; those that can't be drawn are left out."""
    drawn: dict[str, str] = {}
    for chart in (chart for content in contents for chart in content.charts):
        with suppress(SimilarityError):
            drawn[chart.title + chart.alt] = (
                make_url("image/webp", draw_picture(chart))
                if chart.form == "picture"
                else make_url("image/svg+xml", draw_svg(chart).encode())
            )
    return drawn


def _format_day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"
