"""Robustness: which methods still find a product in a bad picture of it."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.display.products import get_name
from similarity.display.text import truncate
from similarity.errors import SimilarityError
from similarity.measures.robustness.schema import MIN_PRODUCTS, Robustness
from similarity.methods import Method
from similarity.perturbations import PERTURBATIONS, SIDE, describe_amounts, perturb
from similarity.pictures.read import Reading, read_picture
from similarity.pictures.thumbnails import shrink
from similarity.ui.robustness.answers import Subject, show_answers
from similarity.ui.robustness.curves import show_curves
from similarity.ui.robustness.scenes import choose_product, show_scenes
from similarity.ui.robustness.sliders import get_amounts, pick_scene, show_sliders
from similarity.ui.shared import query as url
from similarity.ui.shared.browse import show_browser
from similarity.ui.shared.building import show_missing, show_unmeasured
from similarity.ui.shared.caches import get_robustness
from similarity.ui.shared.dialogue import show_large
from similarity.ui.shared.headings import show_title
from similarity.ui.shared.keep import offer_settings
from similarity.ui.shared.pickers import pick_catalogue, pick_k, pick_methods
from similarity.ui.shared.plain import escape, show_error
from similarity.ui.shared.warm import warm_up

PICTURE_WIDTH = 150  # px of a picture next to the sliders


def show_page() -> None:
    """Show the whole page: the scenes, a picture with the sliders, and the catalogue's figures."""
    st.set_page_config(page_title="Which method copes with bad photos? · Similarity")
    with st.container(key="robustness"):
        messages = st.container()
        with show_title("Which method copes with bad photos?"):
            catalogue = pick_catalogue(messages)
        robustness = get_measured(catalogue)
        if robustness:
            show_unmeasured(catalogue, robustness.methods)
            show_scenes(catalogue, robustness)
        st.header("Distort this picture", anchor="try")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            methods = pick_methods(catalogue, messages)
            k = pick_k(catalogue, messages)
            drawer = st.popover("Browse", icon=":material/apps:")
        whole_query, remark = url.get_query(catalogue, choose_product(catalogue))
        query = whole_query.picture or url.make_query("product", choose_product(catalogue))
        if whole_query.has_words:
            remark = "Words can't be distorted. Showing a product instead."
        if remark:
            messages.info(remark)
        with drawer:
            show_browser(catalogue, query.value)
        show_subject(catalogue, query, methods, k)
        if robustness:
            keys = ",".join(method.key for method in methods)
            offer_settings(catalogue, methods=keys, **{query.kind: query.value})
        if robustness:
            show_curves(catalogue, robustness, get_amounts())
        warm_up([method.key for method in methods], catalogue)


def get_measured(catalogue: Catalogue) -> Robustness | None:
    """Return the catalogue's robustness, or None after a message that it isn't measured."""
    try:
        return get_robustness(catalogue)
    except SimilarityError as error:
        if len(catalogue.products) < MIN_PRODUCTS:
            st.info(
                f"Robustness is measured for catalogues of {MIN_PRODUCTS} products or more. "
                "Distort a picture below to see single products."
                + (" The only product is always found." if len(catalogue.products) == 1 else "")
            )
        else:
            show_missing(
                catalogue,
                "Robustness is not measured yet. The figures appear here once it is.",
                "Robustness was not measured for this catalogue.",
                error,
            )
    return None


@st.cache_data(max_entries=32, show_spinner=False)
def read_small_picture(
    pointer: bytes, kind: str, value: str, _catalogue: Catalogue, _query: url.Query
) -> Reading:
    """Return a query's picture at the size for perturbations, decoded once for all amounts.

    The note says if it is not the original.
    """
    if _query.upload:
        return Reading(shrink(read_picture(_query.upload.content), SIDE))
    picture, note = _catalogue.read_with_note(value)
    return Reading(shrink(picture, SIDE), note)


def show_subject(catalogue: Catalogue, query: url.Query, methods: list[Method], k: int) -> None:
    """Show the picture, its distorted version, and the results for that."""
    pointer = catalogue.generation.pointer
    try:
        picture, note = read_small_picture(pointer, query.kind, query.value, catalogue, query)
    except SimilarityError as error:
        show_error("This picture can't be read.", explain_error(error))
        return
    if note:
        st.info(note)
    amounts = get_amounts()
    changed_picture = perturb(picture, amounts)
    name = (
        truncate(query.upload.name)
        if query.upload
        else get_name(catalogue.products.loc[query.value].to_dict())
    )
    with st.container(key="distortion", horizontal=True, gap="medium"):
        with st.container(key="pair", horizontal=True, gap="small", width="content"):
            for version, label in ((picture, "Original"), (changed_picture, "Changed")):
                with st.container(width=PICTURE_WIDTH, gap="xsmall"):
                    st.image(
                        shrink(version, 2 * PICTURE_WIDTH),
                        alt=f"{name}: {label.lower()}",
                        width=PICTURE_WIDTH,
                    )
                    st.caption(escape(label))
        with st.container(key="amounts", gap="small"):
            pick_scene()
            with st.container(key="sliders"):
                show_sliders()
            description = f"{describe_amounts(amounts)}." if amounts else "not changed."
            st.caption(escape(f"{name}: {description}"))
    inapplicable = [key for key in amounts if not PERTURBATIONS[key].applies_to(picture)]
    if "ground" in inapplicable:
        st.info("This picture has no white background to replace.")
    subject = Subject(query, name, picture)
    columns = show_answers(catalogue, methods, subject, changed_picture, amounts, k)
    show_large(catalogue, query, columns, changed_picture if amounts else None)


show_page()
