"""Part 3 of the Learn page: learning what is similar."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.methods import METHODS, Method, Vectors
from similarity.pictures.thumbnails import make_thumbnail
from similarity.ui.learn import explain
from similarity.ui.learn.choices import choose_different
from similarity.ui.learn.matrix import Head, show_matrix
from similarity.ui.learn.part import get_built_methods, show_part_heading, show_when_loaded
from similarity.ui.shared import query as url
from similarity.ui.shared.gallery import make_data_url
from similarity.ui.shared.nearness import format_percent
from similarity.ui.shared.pickers import get_picture_methods
from similarity.ui.shared.plain import escape, show_error
from similarity.ui.shared.warm import list_loaders

FAMILY = "Metric learning"
VIEW_WIDTH = 160  # px: two fit next to each other on a phone
VIEWS_KEY = "views"  # in the session: the views and what they were drawn from

Views = list[list[Image.Image]]  # two of each product


def show_metric(catalogue: Catalogue, product: str) -> None:
    """Show two views, how similar each method finds them, and a batch before and after training."""
    show_part_heading(
        3,
        "Learning what is similar",
        "Nobody tells this network what is in a picture. It sees two random *views* of each one, "
        "cropped, mirrored, recoloured and blurred, and has to **find each picture's other view "
        "among the views of all other pictures**. It learns what stays the same under such "
        "changes. No labels are needed.",
        "The article's third method: SimCLR (Chen, Kornblith, Norouzi and Hinton 2020, "
        "arXiv:2002.05709).",
    )
    methods = get_built_methods(
        catalogue, [key for key, candidate in METHODS.items() if candidate.family == FAMILY]
    )
    if not methods:
        return
    method = next((candidate for candidate in methods if candidate.published is None), methods[0])
    # not all that are built, which may need more memory than there is
    keys = get_picture_methods(catalogue)
    own_methods = [
        candidate
        for candidate in catalogue.usable_methods
        if candidate.key in keys and candidate.pictures_by is None
    ]
    loaders = list_loaders(own_methods) | {
        f"SimCLR's views ({method.revision})": partial(_load, method)
    }
    show_when_loaded(loaders, lambda: _show(catalogue, product, method, own_methods))


def _load(method: Method) -> None:
    explain.load_networks(method)
    explain.make_views(method, Image.new("RGB", (64, 64)), 1)


def _show(catalogue: Catalogue, product: str, method: Method, own_methods: list[Method]) -> None:
    products = choose_different(catalogue.products, product)
    if st.button("Draw other views", icon=":material/casino:", key=url.widget_key("redraw")):
        st.session_state.pop(VIEWS_KEY, None)
    views = _draw_views(catalogue, method, products)
    pictures, facts = st.columns([2, 3], gap="large")
    with pictures.container(horizontal=True):
        for view, label in zip(views[0], ("One view", "Another view"), strict=True):
            st.image(view, label, width=VIEW_WIDTH, alt=f"{label} of the product")
    with facts:
        _show_likeness(catalogue, own_methods, views[0])
    if len(products) == 1:
        st.info("This catalogue has only one product, and a batch needs several.")
        return
    st.markdown(
        f"**A batch of {len(products)}, before and after training.** Rows are one view of each "
        "product, columns the other view. In the first row, that product is the *anchor*, the "
        "framed cell its *positive*, and the other cells are *negatives*. Training makes the "
        "framed cells stand out."
    )
    first_views, second_views = zip(*views, strict=True)
    before, after = (
        explain.compute_cross_cosines(network, first_views, second_views)
        for network in explain.load_networks(method)
    )
    scale = float(min(before.min(), after.min())), 1.0
    rows, columns = (
        _make_heads(first_views, "One view"),
        _make_heads(second_views, "The other view"),
    )
    for column, cosines, label in zip(
        st.columns(2, gap="large"),
        (before, after),
        ("Before: random weights", "After training"),
        strict=True,
    ):
        with column:
            st.markdown(f"**{label}**")
            show_matrix(url.widget_key(f"batch {label}"), label, rows, columns, cosines, scale)
            st.caption(_describe_matches(cosines))
    st.caption(
        escape(
            f"{METHODS[method.key].title}: {method.weights} Both matrices have one scale of "
            f"colours, from {scale[0]:.2f} to 1, and show what the network itself gives."
        )
    )


def _describe_matches(cosines: Vectors) -> str:
    """Return how many rows have their largest cosine on the diagonal."""
    count = int((cosines.argmax(1) == np.arange(len(cosines))).sum())
    difference = cosines.diagonal().mean() - cosines[~np.eye(len(cosines), dtype=bool)].mean()
    return (
        f"The nearest view is of the same product for {count} of {len(cosines)}. Its cosine "
        f"differs by {difference:+.3f} from the mean of the others."
    )


def _show_likeness(catalogue: Catalogue, methods: list[Method], pair: list[Image.Image]) -> None:
    rows = []
    for method in methods:
        try:
            cosine = float(explain.compute_likeness(method, pair)[0, 1])
            percentage = format_percent(catalogue.open_index(method).pairs["pictures"], cosine)
        except SimilarityError as error:
            show_error("A method can't be computed.", explain_error(error))
            continue
        rows.append(
            {
                "method": method.title,
                "cosine of the two views": f"{cosine:.3f}",
                "as near as, of random pairs": percentage or "too few pairs",
            }
        )
    st.table(pd.DataFrame(rows), hide_index=True)
    st.caption(
        "The methods are those chosen on Compare. Don't compare cosines between methods. How "
        "many random pairs of products are no nearer can be compared."
    )


def _draw_views(catalogue: Catalogue, method: Method, products: list[str]) -> Views:
    """Return two views of each product, stored until others are requested."""
    identity = (catalogue.generation.pointer, method.key, *products)
    stored = st.session_state.get(VIEWS_KEY)
    if stored is None or stored[0] != identity:
        stored = (
            identity,
            [
                explain.make_views(method, catalogue.read_picture(product), 2)
                for product in products
            ],
        )
        st.session_state[VIEWS_KEY] = stored
    return stored[1]


def _make_heads(views: tuple[Image.Image, ...], label: str) -> list[Head]:
    return [
        Head(f"{label} of product {number}", make_data_url(make_thumbnail(view.resize((64, 64)))))
        for number, view in enumerate(views, 1)
    ]
