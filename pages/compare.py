"""Compare: one query, and every method's results side by side."""

from functools import partial

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import format_build_command
from similarity.display.criterion import Criterion
from similarity.display.headline import (
    compose_headline,
    describe_query,
    describe_whole_query,
)
from similarity.methods import Method
from similarity.parts import Term
from similarity.ui.compare.about import show_about
from similarity.ui.compare.answers import Answers, Settings, find_answers, show_answers
from similarity.ui.compare.attribute import (
    get_criterion,
    get_query_values,
    pick_attribute,
)
from similarity.ui.compare.bridge import get_bridge, pick_bridge
from similarity.ui.compare.disagreements import get_opening_product, show_disagreements
from similarity.ui.compare.displayed_query import (
    list_link_parameters,
    make_displayed_query,
    make_link,
    show_displayed_query,
)
from similarity.ui.compare.match import explain_unknown_weak
from similarity.ui.compare.query_inputs import (
    choose_examples,
    show_examples,
    show_inputs,
    show_refusal,
)
from similarity.ui.compare.refine import add_term
from similarity.ui.compare.skeleton import show_skeleton
from similarity.ui.compare.text_methods import show_text_methods
from similarity.ui.compare.variety import get_variety, pick_variety, show_if_empty
from similarity.ui.compare.weak import get_weak_threshold, pick_weak_threshold
from similarity.ui.shared import query as url
from similarity.ui.shared.attributes import (
    explain_attribute,
    explain_missing_attributes,
    get_attribute,
)
from similarity.ui.shared.browse import show_browser
from similarity.ui.shared.dialogue import show_large
from similarity.ui.shared.facets import pick_filter, show_panel
from similarity.ui.shared.filters import get_filter, show_filter
from similarity.ui.shared.keep import offer_page
from similarity.ui.shared.pickers import (
    get_picture_methods,
    list_text_methods,
    pick_catalogue,
    pick_details,
    pick_k,
    pick_methods,
)
from similarity.ui.shared.plain import escape
from similarity.ui.shared.warm import warm_up


def make_headline(
    catalogue: Catalogue, query: url.Query, criterion: Criterion | None, answers: Answers
) -> str:
    """Return what the results show, or nothing if no result is right or wrong."""
    if criterion is None:
        return ""
    values = get_query_values(catalogue, query)
    picture = describe_query(values) if values else "your picture" if query.picture else ""
    subject = describe_whole_query(picture, query.terms)
    results = answers.list_results(criterion)
    return compose_headline(subject, criterion, results, values)


def show_page() -> None:
    """Show the whole page, from the settings to the results."""
    with st.container(key="compare", gap="xsmall"):
        toolbar = st.container(
            key="controls", horizontal=True, gap="xsmall", vertical_alignment="center"
        )
        about = st.container(key="about")
        # always present, so that messages don't move anything else
        messages = st.container(key="messages")
        row = st.container(key="asked", horizontal=True)
        limits = st.container(key="limits")
        board = st.container(key="answers")
        legend = st.container(
            key="legend", horizontal=True, gap="small", vertical_alignment="center"
        )
        footnotes = st.container(key="facts")
    with board:
        show_skeleton()
    inputs = toolbar.container(key="ways", horizontal=True, vertical_alignment="center", gap=None)
    displayed = row.container(key="query")
    actions = row.container(
        key="actions", horizontal=True, vertical_alignment="center", gap="xsmall"
    )
    with toolbar.container(
        key="settings", horizontal=True, vertical_alignment="center", gap="xsmall"
    ):
        catalogue = pick_catalogue(messages)
        picture_methods, attribute = get_picture_methods(catalogue), get_attribute(catalogue)
        opening = get_opening_product(catalogue, picture_methods)
        query, remark = url.get_query(catalogue, opening)
        bridge = get_bridge(catalogue) if query.has_words else None
        by_text = query.has_words and bridge is None
        methods = pick_methods(
            catalogue,
            messages,
            by_text=by_text,
            show_more=partial(pick_bridge, catalogue) if query.has_words else lambda: None,
        )
        page_filter, variety = get_filter(catalogue), get_variety(catalogue)
        panel = show_panel(page_filter.filter)
        k = pick_k(catalogue, messages)
        drawer = st.popover("Browse", icon=":material/apps:")
    with actions:
        details = pick_details()
    with messages:
        if remark:
            st.info(remark)
        if remark := explain_attribute(catalogue):
            st.info(escape(remark))
        show_refusal()
    among = variety.select(catalogue, query, page_filter)
    with limits:
        show_filter(catalogue, page_filter, variety.list_labels())
        show_if_empty(among, page_filter)
    criterion = get_criterion(catalogue, query, attribute, among)
    settings = Settings(k, get_weak_threshold(), criterion, details, bridge, among, variety)

    def show_other_queries() -> None:
        examples = choose_examples(catalogue)
        with inputs:
            show_inputs(query, examples)
        with drawer:
            st.caption(
                "Choose a product or a text to search with. Nothing here limits the results."
            )
            show_browser(catalogue, query.value if query.kind == "product" else "")
            if list_text_methods(catalogue):
                show_examples(examples)
        pick_filter(panel, catalogue, page_filter.filter, partial(pick_variety, catalogue, query))
        with actions:
            show_disagreements(catalogue, picture_methods, query)
            if by_text:
                show_text_methods(catalogue, methods)
        with about:
            show_about(catalogue)

    def show_results() -> None:
        with board:
            answers = find_answers(catalogue, methods, query, settings)
        headline = make_headline(catalogue, query, criterion, answers)
        displayed_query = make_displayed_query(catalogue, query, headline)
        name = f"{displayed_query.lead} {displayed_query.text}"
        parameters = list_link_parameters(
            catalogue, query, methods, settings, attribute, page_filter.filter
        )
        if answers.hits:
            offer_page(catalogue, parameters)
        with displayed:
            link = make_link(query, parameters)
            show_displayed_query(catalogue, query, displayed_query, link)
        with board:
            if query.kind == "product" and len(catalogue.products) == 1:
                st.info(
                    "This catalogue has one product and nothing to compare it with. Add pictures "
                    "to its folder, and build it again:"
                )
                st.code(format_build_command(catalogue), language="bash", wrap_lines=True)
            elif methods:
                show_answers(catalogue, query, answers, headline or name, details=details)
            elif not by_text:
                st.info("Choose at least one method to see its results.")
        st.set_page_config(page_title=f"{name} · Similarity")
        show_large(
            catalogue,
            query,
            answers.columns,
            on_refine=lambda role, product: add_term(query, Term(role, product)),
        )

    # Results for products are immediate, so they come first; words may have to wait for a model.
    parts = [show_results, show_other_queries]
    for show in reversed(parts) if query.needs_model else parts:
        show()
    with legend:
        if get_query_values(catalogue, query):
            pick_attribute(catalogue)
        show_legend(catalogue, methods, query, criterion, k)
    if details:
        with footnotes:
            pick_weak_threshold()
    # Clicks on products need no model. Texts do, and uploads use the same networks.
    warm_up(list_text_methods(catalogue), catalogue)


def show_legend(
    catalogue: Catalogue,
    methods: list[Method],
    query: url.Query,
    criterion: Criterion | None,
    k: int,
) -> None:
    """Explain the marks and their absence, and how to read scores."""
    notes = ["A cross marks a wrong result."] if criterion else []
    if query.kind == "product" and (reason := explain_missing_attributes(catalogue)):
        notes.append(escape(reason))
    if criterion and criterion.possible < k:
        notes.append("After the last right one, nothing is marked.")
    if criterion and any(method.training_labels for method in methods):
        notes.append("* Trained on these labels; not a fair comparison.")
    if reason := explain_unknown_weak(catalogue, methods, query):
        notes.append(reason)
    notes.append("Don't compare scores between methods.")
    st.caption(" ".join(notes), help=SCORES)


SCORES = (
    "A score is a cosine, and each method has its own scale. What can be compared is how many "
    "random pairs of products are no more alike by the same method."
)

show_page()
