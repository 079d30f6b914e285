"""Learn: what an embedding is and which to start with, told on one product."""

import streamlit as st

from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.ui.learn.classifier import show_classifier
from similarity.ui.learn.hard import show_hard
from similarity.ui.learn.metric import show_metric
from similarity.ui.learn.numbers import show_numbers
from similarity.ui.learn.scale import show_scale
from similarity.ui.learn.start import show_start
from similarity.ui.learn.words import show_words
from similarity.ui.shared import query as url
from similarity.ui.shared.browse import browse, first_product
from similarity.ui.shared.gallery import name_of
from similarity.ui.shared.pickers import pick_catalogue
from similarity.ui.shared.plain import refuse

PARTS = ("Numbers", "Classifier", "Metric learning", "Words", "Scale", "Where to start")


def page() -> None:
    """The whole page: a product, then the families in the order of their history, then a guide."""
    st.set_page_config(page_title="What is an embedding? · Similarity")
    with st.container(key="learn"):
        messages = st.container()
        catalogue = pick_catalogue(messages)
        query, remark = url.current(catalogue, first_product(catalogue))
        product = query.value if query.kind == "product" else first_product(catalogue)
        st.title("What is an embedding?")
        st.markdown(
            "A list of numbers that stands for a picture, made so that **similar pictures have "
            "similar lists**. What *similar* means is decided by how the list is made: here are "
            "four ways, from the oldest on, all computed from the product that you choose."
        )
        st.markdown(" · ".join(f"[{i} {name}](#part-{i})" for i, name in enumerate(PARTS, 1)))
        st.caption(
            "In the order of the article *Powering Semantic Similarity Search in Computer Vision "
            "with State of the Art Embeddings* (Zilliz, 2022)."
        )
        if remark:
            st.info(remark)
        browse(catalogue, product)
        try:
            picture = catalogue.picture(product)
        except SimilarityError as error:
            refuse("The product's picture can't be read.", explain_error(error))
            st.stop()
        name = name_of(catalogue.products.loc[product].to_dict())
        show_numbers(catalogue, product, name, picture)
        show_classifier(catalogue, product)
        show_metric(catalogue, product)
        show_words(catalogue, product)
        show_scale(catalogue)
        show_start(catalogue)
        show_hard(catalogue, product)


page()
