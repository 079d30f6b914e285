"""Learn: what an embedding is and which to start with, explained with one product."""

import streamlit as st

from similarity.commands import explain_error
from similarity.display.products import get_name
from similarity.errors import SimilarityError
from similarity.ui.learn.classifier import show_classifier
from similarity.ui.learn.hard_queries import show_hard
from similarity.ui.learn.metric import show_metric
from similarity.ui.learn.numbers import show_numbers
from similarity.ui.learn.scale import show_scale
from similarity.ui.learn.start import show_start
from similarity.ui.learn.words import show_words
from similarity.ui.shared import query as url
from similarity.ui.shared.browse import get_first_product, show_browser
from similarity.ui.shared.headings import show_title
from similarity.ui.shared.keep import offer_settings
from similarity.ui.shared.pickers import pick_catalogue
from similarity.ui.shared.plain import show_error

PARTS = ("Numbers", "Classifier", "Metric learning", "Words", "Scale", "Where to start")


def show_page() -> None:
    """Show the whole page: a product, the families in historical order, then a guide."""
    st.set_page_config(page_title="What is an embedding? · Similarity")
    with st.container(key="learn"):
        messages = st.container()
        with show_title("What is an embedding?"):
            catalogue = pick_catalogue(messages)
        query, remark = url.get_query(catalogue, get_first_product(catalogue))
        product = next(iter(query.products), get_first_product(catalogue))
        st.markdown(
            "An embedding is a list of numbers that describes a picture, so that **similar "
            "pictures have similar lists**. How the list is made decides what *similar* means. "
            "Here are four ways, oldest first, all computed for the product you choose. The last "
            "part helps you choose one for your shop."
        )
        st.markdown(" · ".join(f"[{i} {name}](#part-{i})" for i, name in enumerate(PARTS, 1)))
        st.caption(
            "In the order of the article *Powering Semantic Similarity Search in Computer Vision "
            "with State of the Art Embeddings* (Zilliz, 2022)."
        )
        if remark:
            st.info(remark)
        show_browser(catalogue, product)
        try:
            picture, note = catalogue.read_with_note(product)
        except SimilarityError as error:
            show_error("The product's picture can't be read.", explain_error(error))
            st.stop()
        if note:
            st.info(note)
        name = get_name(catalogue.products.loc[product].to_dict())
        show_numbers(catalogue, product, name, picture)
        show_classifier(catalogue, product)
        show_metric(catalogue, product)
        show_words(catalogue, product)
        show_scale(catalogue)
        show_start(catalogue)
        show_hard(catalogue, product)
        offer_settings(catalogue, product=product)


show_page()
