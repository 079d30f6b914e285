"""Part 1 of the Learn page: a picture as numbers."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from similarity.catalogue import Catalogue
from similarity.display.text import format_count
from similarity.methods import METHODS
from similarity.perturbations import rotate, shift
from similarity.ui.learn import explain
from similarity.ui.learn.part import get_built_methods, show_errors, show_part_heading
from similarity.ui.shared import query as url
from similarity.ui.shared.component import register_component
from similarity.ui.shared.gallery import make_data_url

INITIAL_ROTATION, INITIAL_SHIFT = 180, 10  # degrees and pixels
MAX_SHIFT = 50

_component = register_component(__file__)


@dataclass(frozen=True)
class Change:
    """A way to change a picture with a slider; `name` is its URL parameter."""

    name: str
    label: str
    unit: str
    initial: int
    maximum: int
    step: int
    apply: Callable[[Image.Image, int], Image.Image]


CHANGES = (
    Change("turn", "Rotated by", "°", INITIAL_ROTATION, 180, 15, rotate),
    Change("shift", "Shifted by", " px", INITIAL_SHIFT, MAX_SHIFT, 2, shift),
)


def show_numbers(catalogue: Catalogue, product: str, name: str, picture: Image.Image) -> None:
    """Show the product's colour planes, its vector, and how changes affect it."""
    show_part_heading(
        1,
        "A picture as numbers",
        "To a computer, a picture is a table of numbers: how much red, green and blue there is at "
        "each point. **In a row, these numbers are a vector, the simplest embedding.** Two "
        "pictures are similar if their numbers agree, point by point. Nothing is learnt and "
        "nothing is lost, but nothing is understood, either.",
        "The article's first method: pixels flattened, divided by 255, compared by cosine.",
    )
    squashed = explain.squash(picture)
    _component(key=url.widget_key("numbers"), data={"src": make_png_url(squashed), "alt": name})
    vector = explain.flatten(picture)
    with st.container(horizontal=True, gap="large", vertical_alignment="center"):
        st.metric("Numbers in the vector", f"{vector.size:,}", width="content")
        st.metric("White pixels", f"{explain.compute_white_share(vector):.0%}", width="content")
        st.caption(
            "White matches white. Pictures that are mostly white background agree in most of "
            "their numbers, so all their scores are high.",
            width=480,
        )
    st.markdown(
        "**Move the product, and its numbers move, too.** A person sees the same thing, but the "
        "vector compares each point with whatever is there now."
    )
    if get_built_methods(catalogue, ["pixels"]):
        st.fragment(show_changes)(catalogue, product, squashed)


def show_changes(catalogue: Catalogue, product: str, picture: Image.Image) -> None:
    """Show two sliders that rotate and shift the picture, and its cosine with itself."""
    for column, change in zip(st.columns(2, gap="large"), CHANGES, strict=True):
        with column, show_errors():
            _show_change(catalogue, product, picture, change)


def _show_change(catalogue: Catalogue, product: str, picture: Image.Image, change: Change) -> None:
    key = url.widget_key(change.name)
    requested = min(url.get_number(change.name, change.initial), change.maximum)
    amount = st.slider(
        change.label,
        0,
        change.maximum,
        url.set_widget(key, requested - requested % change.step),
        step=change.step,
        format=f"%d{change.unit}",
        key=key,
        on_change=lambda: url.update_url(**{change.name: str(st.session_state[key])}),
    )
    amounts, cosines = compute_curve(change.name, picture)
    changed_picture = change.apply(picture, amount)
    cosine = float(explain.compute_likeness(METHODS["pixels"], [picture, changed_picture])[0, 1])
    neighbour_cosines = _find_neighbour_cosines(catalogue.generation.pointer, product, catalogue)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.image(
            changed_picture,
            width=150,
            alt=f"The product, {change.label.lower()} {amount}{change.unit}",
        )
        with st.container(width="stretch", gap="xsmall"):
            st.metric("Cosine with itself", f"{cosine:.3f}")
            st.caption(describe_rank(neighbour_cosines, cosine, len(catalogue.products) - 1))
    table = pd.DataFrame({"amount": amounts, "cosine": cosines})
    axis = alt.Axis(format="d", labelExpr=f"datum.label + '{change.unit}'", tickCount=6)
    line = (
        alt.Chart(table)
        .mark_line(interpolate="monotone")
        .encode(
            alt.X("amount:Q", title=None, axis=axis),
            alt.Y(
                "cosine:Q", title="Cosine", scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=4)
            ),
        )
    )
    current = pd.DataFrame({"amount": [amount], "cosine": [cosine]})
    dot = (
        alt.Chart(current)
        .mark_point(size=120, filled=True, opacity=1)
        .encode(x="amount:Q", y="cosine:Q")
    )
    st.altair_chart(
        (line + dot).properties(height=150),
        width="stretch",
        alt=f"{change.label}: the cosine falls from 1 to {cosines.min():.3f} at the lowest",
    )


def describe_rank(neighbour_cosines: explain.Vectors, cosine: float, others: int) -> str:
    """Return how many other products are more similar to the product than its changed picture."""
    count = int((neighbour_cosines > cosine).sum())
    if count == 0:
        return "No other product is more like it than that."
    prefix = "at least " if count == len(neighbour_cosines) < others else ""
    verb = "is" if count == 1 else "are"
    return (
        f"{prefix}{format_count(count, 'other product', 'other products')} of {others:,} {verb} "
        "more like it than it is itself, moved so."
    ).capitalize()


@st.cache_data(max_entries=16, show_spinner=False)
def compute_curve(name: str, picture: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps of a change, and a picture's cosines with itself: (n,), (n,)."""
    change = next(change for change in CHANGES if change.name == name)
    amounts = np.arange(0, change.maximum + 1, change.step)
    changed_pictures = [change.apply(picture, int(amount)) for amount in amounts]
    return amounts, explain.compute_likeness(METHODS["pixels"], changed_pictures)[0]


@st.cache_data(max_entries=16, show_spinner=False)
def _find_neighbour_cosines(pointer: bytes, product: str, _catalogue: Catalogue) -> explain.Vectors:
    return explain.find_neighbour_cosines(_catalogue, "pixels", product)


def make_png_url(picture: Image.Image) -> str:
    """Return a lossless data URL of a picture, for scripts that read its pixels."""
    out = io.BytesIO()
    picture.save(out, "PNG")
    return make_data_url(out.getvalue(), "png")
