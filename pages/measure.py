"""Accuracy: which method is best for what, and how certain that is."""

from contextlib import suppress

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.marks import get_titles, get_training_labels
from similarity.display.scorecard import make_columns, tabulate_scorecard
from similarity.errors import SimilarityError
from similarity.measures.metrics.schema import Metrics
from similarity.measures.robustness.schema import Robustness
from similarity.measures.scorecard import list_aspects
from similarity.measures.summary import Sentence, summarise
from similarity.ui.measure.agreement import make_agreement_section
from similarity.ui.measure.attributes import (
    list_facts,
    make_attribute_sections,
    pick_gallery,
    pick_metric,
)
from similarity.ui.measure.categories import get_confusion, make_categories_section
from similarity.ui.measure.combined import make_combined_section
from similarity.ui.measure.costs import make_costs_section, make_words_section
from similarity.ui.measure.differences import make_differences_section
from similarity.ui.measure.export import show_export
from similarity.ui.measure.hubs import make_hubs_section
from similarity.ui.measure.judgments import make_judgments_section
from similarity.ui.measure.segment import get_segment
from similarity.ui.measure.summary import show_summary
from similarity.ui.shared.attributes import explain_missing_attributes
from similarity.ui.shared.building import show_missing, show_unmeasured
from similarity.ui.shared.caches import get_metrics, get_neighbours, get_robustness
from similarity.ui.shared.facets import pick_filter, show_panel
from similarity.ui.shared.filters import get_filter, show_filter
from similarity.ui.shared.headings import show_facts, show_title
from similarity.ui.shared.judgments import has_judgments
from similarity.ui.shared.keep import offer_settings
from similarity.ui.shared.marks import show_labels_note
from similarity.ui.shared.open_compare import follow_request
from similarity.ui.shared.pickers import pick_catalogue, pick_intervals
from similarity.ui.shared.plain import escape
from similarity.ui.shared.scorecard import show_scorecard
from similarity.ui.shared.section import show_sections


def show_page() -> None:
    """Show the whole page: the scorecard, and a section for each of its figures."""
    st.set_page_config(page_title="Which method is most accurate? · Similarity")
    with st.container(key="measure"):
        messages = st.container()
        with show_title("Which method is most accurate?"):
            catalogue = pick_catalogue(messages)
            page_filter = get_filter(catalogue)
            pick_filter(show_panel(page_filter.filter), catalogue, page_filter.filter)
            export = st.container(width="content")
        follow_request(catalogue)
        try:
            metrics, neighbours = get_metrics(catalogue), get_neighbours(catalogue)
        except SimilarityError as error:
            show_missing(
                catalogue,
                "The methods are not measured yet. The figures appear here once they are.",
                "Accuracy was not measured for this catalogue.",
                error,
            )
            st.stop()
        show_unmeasured(catalogue, metrics.methods)
        show_filter(catalogue, page_filter)
        offer_settings(catalogue)
        robustness: Robustness | None = None
        products = catalogue.products
        if page_filter.among is not None:
            products = products.iloc[page_filter.among.positions]
            metrics, neighbours = get_segment(catalogue, metrics, page_filter.among)
        else:
            with suppress(SimilarityError):  # measured later, or not at all
                robustness = get_robustness(catalogue)
        verdict = st.container()
        board = st.container()
        labels = get_training_labels(catalogue, list(metrics.methods))
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            metric = pick_metric()
            gallery = pick_gallery(metrics)
            intervals = pick_intervals()
            show_facts(list_facts(metrics, is_segment=page_filter.among is not None))
        aspects = list_aspects(metrics, robustness, metric, gallery)
        columns = make_columns(catalogue, metrics, aspects, labels)
        keys = list(metrics.methods)
        with board:
            show_scorecard(catalogue, columns, keys, intervals=intervals)
            show_labels_note(catalogue, labels)
        with export:
            show_export(
                f"{catalogue.name}{'-filtered' if page_filter.filter else ''}",
                metrics,
                lambda: tabulate_scorecard(columns, keys),
                lambda: get_confusion(
                    catalogue.generation.pointer, page_filter.filter, products, neighbours
                ),
            )
        sections = [
            *make_attribute_sections(catalogue, metrics, metric, gallery, labels),
            make_words_section(catalogue, metrics, labels),
            make_combined_section(catalogue, metrics, labels),
            make_differences_section(catalogue, products, neighbours),
            make_categories_section(catalogue, products, neighbours, page_filter.filter, labels),
            make_agreement_section(catalogue, metrics),
            make_costs_section(catalogue, metrics),
            make_hubs_section(catalogue, metrics),
        ]
        judged = ""
        if page_filter.among is None:  # judgments are of the whole catalogue
            judgments = make_judgments_section(catalogue, labels)
            if has_judgments(catalogue):
                sections.insert(0, judgments)
                judged = judgments.conclusion
            else:
                sections.append(judgments)
        present = [section for section in sections if section]
        with verdict:
            titles = get_titles(catalogue, keys)
            sentences = summarise(metrics, aspects, titles, labels, judged=judged)
            show_verdict(catalogue, metrics, sentences, [section.name for section in present])
        show_sections(present)


def show_verdict(
    catalogue: Catalogue, metrics: Metrics, sentences: list[Sentence], sections: list[str]
) -> None:
    """Show the conclusions, and what counts as right."""
    if not metrics.attributes and (reason := explain_missing_attributes(catalogue)):
        st.info(escape(f"{reason} What is below needs no attributes."))
    show_summary(sentences, sections)


show_page()
