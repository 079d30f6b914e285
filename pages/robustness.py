"""Robustness: distort a product's picture and see which methods still find the product."""

import streamlit as st
from PIL import Image

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.methods import Method
from similarity.perturbations import PERTURBATIONS, SIDE, perturb
from similarity.pictures import shrink
from similarity.ui.robustness.answers import show_answers
from similarity.ui.robustness.curves import show_curves
from similarity.ui.robustness.knobs import describe_amounts, get_amounts, pick_scene, show_knobs
from similarity.ui.shared import query as url
from similarity.ui.shared.browse import get_first_product, show_browser
from similarity.ui.shared.dialogue import show_large
from similarity.ui.shared.gallery import get_name
from similarity.ui.shared.pickers import pick_catalogue, pick_k, pick_methods
from similarity.ui.shared.plain import escape, show_error
from similarity.ui.shared.warm import warm_up

PICTURE_WIDTH = 150  # px of a picture next to the knobs


def show_page() -> None:
    """Show the whole page: a product, the knobs, the results, and the catalogue's figures."""
    st.set_page_config(page_title="What is each embedding blind to? · Similarity")
    with st.container(key="robustness"):
        messages = st.container()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.title("What is each embedding blind to?", width="content")
            catalogue = pick_catalogue(messages)
            methods = pick_methods(catalogue, messages)
            k = pick_k(catalogue)
        query, remark = url.get_query(catalogue, get_first_product(catalogue))
        product = query.value if query.kind == "product" else get_first_product(catalogue)
        st.markdown(
            "A customer's picture is turned, dark, cropped, on a carpet. **Spoil this product's "
            "picture, and see which method still finds the product.**"
        )
        if remark:
            messages.info(remark)
        show_browser(catalogue, product)
        show_product(catalogue, product, methods, k)
        show_curves(catalogue, get_amounts())
        warm_up(tuple(method.key for method in methods), catalogue)


@st.cache_data(max_entries=32, show_spinner=False)
def read_small_picture(pointer: bytes, product: str, _catalogue: Catalogue) -> Image.Image:
    """Return a product's picture at the size for perturbations, decoded once for all knobs."""
    return shrink(_catalogue.read_picture(product), SIDE)


def show_product(catalogue: Catalogue, product: str, methods: list[Method], k: int) -> None:
    """Show the picture, its distorted version, and the results for that."""
    try:
        picture = read_small_picture(catalogue.generation.pointer, product, catalogue)
    except SimilarityError as error:
        show_error("The product's picture can't be read.", explain_error(error))
        return
    amounts = get_amounts()
    changed_picture = perturb(picture, amounts)
    name = get_name(catalogue.products.loc[product].to_dict())
    with st.container(key="spoil", horizontal=True, gap="medium"):
        with st.container(key="pair", horizontal=True, gap="small", width="content"):
            for version, label in ((picture, "As it is"), (changed_picture, "Changed")):
                with st.container(width=PICTURE_WIDTH, gap="xsmall"):
                    st.image(
                        shrink(version, 2 * PICTURE_WIDTH),
                        alt=f"{name}: {label.lower()}",
                        width=PICTURE_WIDTH,
                    )
                    st.caption(escape(label))
        with st.container(key="turning", gap="small"):
            pick_scene()
            with st.container(key="knobs"):
                show_knobs()
            description = (
                f"{describe_amounts(amounts)}."
                if amounts
                else "as it is. Turn a knob, or choose a scene."
            )
            st.caption(escape(f"{name}: {description}"))
    inapplicable = [key for key in amounts if not PERTURBATIONS[key].applies_to(picture)]
    if "ground" in inapplicable:
        st.info("This picture has no white around the product that another ground could replace.")
    columns = show_answers(catalogue, methods, product, changed_picture, amounts, k)
    show_large(
        catalogue, url.Query("product", product), columns, changed_picture if amounts else None
    )


show_page()
