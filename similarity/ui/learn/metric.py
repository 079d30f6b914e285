"""3: learning what is similar."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.methods import METHODS, Method, Vectors
from similarity.pictures import thumbnail
from similarity.ui.learn import explain
from similarity.ui.learn.matrix import Head, show_matrix
from similarity.ui.learn.part import built, heading, when_loaded
from similarity.ui.learn.several import eight
from similarity.ui.shared import query as url
from similarity.ui.shared.gallery import inline
from similarity.ui.shared.nearness import percent
from similarity.ui.shared.plain import plain, refuse
from similarity.ui.shared.warm import models

FAMILY = "Metric learning"
WIDTH = 160  # px of a view: two stand side by side on a phone
HELD = "views"  # in the session: what was drawn, and of what

Views = list[list[Image.Image]]  # two of each product


def show_metric(catalogue: Catalogue, product: str) -> None:
    """Two views, how alike every method finds them, and a batch before and after training."""
    heading(
        3,
        "Learning what is similar",
        "Nobody tells this network what is in a picture. It is shown two random *views* of each, "
        "cropped, mirrored, recoloured and blurred, and has to **find each picture's other view "
        "among those of all other pictures**. What survives such changes is what it keeps. No "
        "label is needed: the pairs make themselves.",
        "The article's third method: SimCLR (Chen, Kornblith, Norouzi and Hinton 2020, "
        "arXiv:2002.05709).",
    )
    able = built(catalogue, [key for key, m in METHODS.items() if m.family == FAMILY])
    if not able:
        return
    method = next((m for m in able if m.published is None), able[0])
    own = [m for m in catalogue.usable if m.key in catalogue.methods and m.pictures_by is None]
    loads = models(own) | {f"SimCLR's views ({method.revision})": partial(_prepare, method)}
    when_loaded(loads, lambda: _show(catalogue, product, method, own))


def _prepare(method: Method) -> None:
    explain.networks(method)
    explain.views(method, Image.new("RGB", (64, 64)), 1)


def _show(catalogue: Catalogue, product: str, method: Method, own: list[Method]) -> None:
    some = eight(catalogue.products, product)
    if st.button("Draw other views", icon=":material/casino:", key=url.key("redraw")):
        st.session_state.pop(HELD, None)
    drawn = _drawn(catalogue, method, some)
    shown, facts = st.columns([2, 3], gap="large")
    with shown.container(horizontal=True):
        for view, said in zip(drawn[0], ("One view", "Another view"), strict=True):
            st.image(view, said, width=WIDTH, alt=f"{said} of the product")
    with facts:
        _show_likeness(catalogue, own, drawn[0])
    if len(some) == 1:
        st.info("This catalogue has one product: a batch needs others.")
        return
    st.markdown(
        f"**A batch of {len(some)}, before and after training.** A row is one view of a product, a "
        "column the other view of one. The first product is the *anchor*: the framed cell in its "
        "row is its *positive*, all others in the row are *negatives*. Training makes the framed "
        "cells stand out."
    )
    ones, others = zip(*drawn, strict=True)
    before, after = (explain.across(network, ones, others) for network in explain.networks(method))
    scale = float(min(before.min(), after.min())), 1.0
    rows, columns = _heads(ones, "One view"), _heads(others, "The other view")
    for column, cosines, said in zip(
        st.columns(2, gap="large"),
        (before, after),
        ("Before: random weights", "After training"),
        strict=True,
    ):
        with column:
            st.markdown(f"**{said}**")
            show_matrix(url.key(f"batch {said}"), said, rows, columns, cosines, scale)
            st.caption(_found(cosines))
    st.caption(
        plain(
            f"{METHODS[method.key].title}: {method.weights} Both matrices have one scale of "
            f"colours, from {scale[0]:.2f} to 1, and show what the network itself gives."
        )
    )


def _found(cosines: Vectors) -> str:
    """How many rows have their largest cosine on the diagonal."""
    count = int((cosines.argmax(1) == np.arange(len(cosines))).sum())
    apart = cosines.diagonal().mean() - cosines[~np.eye(len(cosines), dtype=bool)].mean()
    return (
        f"The other view of the same product is the nearest for {count} of {len(cosines)}; its "
        f"cosine is {apart:+.3f} from the mean of the others."
    )


def _show_likeness(catalogue: Catalogue, methods: list[Method], pair: list[Image.Image]) -> None:
    rows = []
    for method in methods:
        try:
            cosine = float(explain.likeness(method, pair)[0, 1])
            near = percent(catalogue.index(method).pairs["pictures"], cosine)
        except SimilarityError as error:
            refuse("A method can't be computed.", explain_error(error))
            continue
        rows.append(
            {"method": method.title, "cosine of the two views": cosine, "nearer than": near}
        )
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "cosine of the two views": st.column_config.ProgressColumn(
                format="%.3f", min_value=-1, max_value=1
            ),
            "nearer than": st.column_config.TextColumn("nearer than, of random pairs"),
        },
    )
    st.caption(
        "A cosine means something else in each space; how many random pairs of products are less "
        "near can be compared."
    )


def _drawn(catalogue: Catalogue, method: Method, some: list[str]) -> Views:
    """Two views of each product: the same until others are drawn, or others are asked for."""
    of = (catalogue.generation.pointer, method.key, *some)
    held = st.session_state.get(HELD)
    if held is None or held[0] != of:
        held = of, [explain.views(method, catalogue.picture(one), 2) for one in some]
        st.session_state[HELD] = held
    return held[1]


def _heads(views: tuple[Image.Image, ...], said: str) -> list[Head]:
    return [
        Head(f"{said} of product {number}", inline(thumbnail(view.resize((64, 64)))))
        for number, view in enumerate(views, 1)
    ]
