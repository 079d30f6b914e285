"""Robustness: a product's picture is spoilt, and each method asked whether it still finds it."""

import streamlit as st
from PIL import Image

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.methods import Method
from similarity.perturbations import PERTURBATIONS, SIDE, perturbed
from similarity.pictures import shrunk
from similarity.ui.robustness.answers import show_answers
from similarity.ui.robustness.curves import show_curves
from similarity.ui.robustness.knobs import chosen, pick_scene, said, turn_knobs
from similarity.ui.shared import query as url
from similarity.ui.shared.browse import browse, first_product
from similarity.ui.shared.gallery import name_of
from similarity.ui.shared.large import show_large
from similarity.ui.shared.pickers import pick_catalogue, pick_k, pick_methods
from similarity.ui.shared.plain import plain, refuse
from similarity.ui.shared.warm import warm_up

WIDTH = 150  # px of a picture beside the knobs


def page() -> None:
    """The whole page: a product, the knobs, the answers, and what holds for the catalogue."""
    st.set_page_config(page_title="What is each embedding blind to? · Similarity")
    with st.container(key="robustness"):
        messages = st.container()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.title("What is each embedding blind to?", width="content")
            catalogue = pick_catalogue(messages)
            methods = pick_methods(catalogue, messages)
            k = pick_k(catalogue)
        query, remark = url.current(catalogue, first_product(catalogue))
        product = query.value if query.kind == "product" else first_product(catalogue)
        st.markdown(
            "A customer's picture is turned, dark, cropped, on a carpet. **Spoil this product's "
            "picture, and see which method still finds the product.**"
        )
        if remark:
            messages.info(remark)
        browse(catalogue, product)
        show_product(catalogue, product, methods, k)
        show_curves(catalogue, chosen())
        warm_up(tuple(method.key for method in methods), catalogue)


@st.cache_data(max_entries=32, show_spinner=False)
def read_small(pointer: bytes, product: str, _catalogue: Catalogue) -> Image.Image:
    """A product's picture as perturbations begin with it: decoded once, not for each knob."""
    return shrunk(_catalogue.picture(product), SIDE)


def show_product(catalogue: Catalogue, product: str, methods: list[Method], k: int) -> None:
    """The picture as it is and as the knobs make it, and the answers to that."""
    try:
        picture = read_small(catalogue.generation.pointer, product, catalogue)
    except SimilarityError as error:
        refuse("The product's picture can't be read.", explain_error(error))
        return
    amounts = chosen()
    changed = perturbed(picture, amounts)
    name = name_of(catalogue.products.loc[product].to_dict())
    with st.container(key="spoil", horizontal=True, gap="medium"):
        with st.container(key="pair", horizontal=True, gap="small", width="content"):
            for shown, what in ((picture, "As it is"), (changed, "Changed")):
                with st.container(width=WIDTH, gap="xsmall"):
                    st.image(shrunk(shown, 2 * WIDTH), alt=f"{name}: {what.lower()}", width=WIDTH)
                    st.caption(plain(what))
        with st.container(key="turning", gap="small"):
            pick_scene()
            with st.container(key="knobs"):
                turn_knobs()
            told = f"{said(amounts)}." if amounts else "as it is. Turn a knob, or choose a scene."
            st.caption(plain(f"{name}: {told}"))
    unfit = [key for key in amounts if not PERTURBATIONS[key].fits(picture)]
    if "ground" in unfit:
        st.info("This picture has no white around the product that another ground could replace.")
    columns = show_answers(catalogue, methods, product, changed, amounts, k)
    show_large(catalogue, url.Query("product", product), columns, changed if amounts else None)


page()
