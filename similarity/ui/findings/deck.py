"""A board's findings as slides, all prepared before the first is shown."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st
from pydantic import TypeAdapter

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.findings.compose.page import NAMES
from similarity.findings.content import Chart, Content
from similarity.findings.finding import Finding
from similarity.findings.link import COMPARE
from similarity.findings.report.charts import draw_picture, draw_svg
from similarity.ui.findings.board import format_day, make_sources
from similarity.ui.shared import query as url
from similarity.ui.shared.component import register_component
from similarity.ui.shared.gallery import make_data_url

_charts = TypeAdapter(Chart)
_component = register_component(__file__)


def show_deck(
    catalogue: Catalogue,
    findings: Sequence[Finding],
    contents: Mapping[int, Content],
    present: Mapping[int, Content],
    changes: Mapping[int, str],
    start: int,
    on_ask: Callable[[int, str], None],
    on_leave: Callable[[], None],
) -> None:
    """Show findings as slides, from number `start`, counted from 0.

    By the numbers of findings, `contents` are what they show, `present` what the pages of changed
    ones show now, and `changes` say what has changed. `on_ask` gets a finding's number and the
    product that was clicked, or an empty text for the finding as it was kept.
    """
    key = url.widget_key("deck")
    numbers = {finding.number for finding in findings}

    def handle_ask() -> None:
        match st.session_state[key].get("asked"):
            case [int(number), str(product)] if number in numbers:
                on_ask(number, product)

    slides = []
    for finding in findings:
        content = contents[finding.number]
        current = present.get(finding.number)
        slides.append(
            {
                "number": finding.number,
                "title": finding.title,
                "note": finding.note,
                "facts": f"{NAMES.get(finding.link.page, '')} · kept {format_day(finding)}",
                "changed": changes.get(finding.number, ""),
                "live": finding.link.page == COMPARE,
                "asked": content is not finding.content,
                "content": _describe(catalogue, finding, content),
                "now": _describe(catalogue, finding, current) if current else None,
            }
        )
    data = {"slides": slides, "start": start}
    _component(
        key=key,
        data=data,
        on_asked_change=handle_ask,
        on_left_change=on_leave,
    )


def _describe(catalogue: Catalogue, finding: Finding, content: Content) -> dict[str, Any]:
    sources = make_sources(catalogue, finding, content.list_products())
    data = asdict(content)
    for grid in data["grids"]:
        for result in grid["results"]:
            result["src"] = sources.get(result["product"], "")
            result["present"] = result["product"] in catalogue.products.index
            result["score"] = f"{result['score']:.3f}"
    if content.query:
        data["query"]["src"] = sources.get(content.query.picture, "")
    data["charts"] = [
        {"title": chart.title, "alt": chart.alt, "src": _draw(_charts.dump_json(chart))}
        for chart in content.charts
    ]
    return data


@st.cache_data(max_entries=200, show_spinner=False)
def _draw(chart_json: bytes) -> str:
    """Return a chart as a data URL, or nothing if it can't be drawn."""
    chart = _charts.validate_json(chart_json)
    try:
        if chart.form == "picture":
            return make_data_url(draw_picture(chart))
        svg = draw_svg(chart).encode()
    except SimilarityError:
        return ""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"
