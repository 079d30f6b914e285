"""What Decide shows: the recommendation, the methods, and what would change the answer."""

from similarity.catalogue import Catalogue
from similarity.decisions.evidence import decide_for, load_evidence
from similarity.decisions.question import read_question
from similarity.decisions.words import describe_ranges, list_missing, recommend
from similarity.display.colours import get_colour
from similarity.display.decision import (
    AXES,
    COLUMNS,
    describe_chart,
    make_front_chart,
    tabulate_decision,
)
from similarity.display.marks import get_titles
from similarity.findings.content import Chart, Content, Table
from similarity.findings.link import Link


def compose_decide(catalogue: Catalogue, link: Link) -> Content:
    """Return what Decide shows."""
    question, remarks = read_question(link.parameters)
    decision = decide_for(catalogue, question, load_evidence(catalogue))
    titles = get_titles(catalogue, catalogue.methods)
    sentences = recommend(decision, titles)
    colours = {key: get_colour(catalogue, key) for key in decision.methods}
    chart = make_front_chart(decision, titles, colours)
    charts = []
    if chart:
        title = f"Quality against cost: {AXES[question.cost]}"
        charts.append(Chart(title, describe_chart(decision, titles), chart))
    ranges = [describe_ranges(decision, each, titles) for each in decision.criteria]
    return Content(
        sentences[0],
        sentences,
        tables=[Table("All methods", list(COLUMNS), tabulate_decision(decision, titles))],
        charts=charts,
        notes=[*remarks, *filter(None, ranges), *list_missing(decision, titles)],
    )
