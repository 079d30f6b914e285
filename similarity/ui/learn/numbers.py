"""1: a picture as numbers."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from similarity.catalogue import Catalogue
from similarity.methods import METHODS
from similarity.perturbations import shifted, turned
from similarity.ui.learn import explain
from similarity.ui.learn.part import built, heading, told
from similarity.ui.shared import query as url
from similarity.ui.shared.component import component
from similarity.ui.shared.gallery import inline
from similarity.ui.shared.plain import counted

TURNED, SHIFTED = 180, 10  # at first: degrees and pixels
MOST_SHIFTED = 50

_numbers = component(__file__)


@dataclass(frozen=True)
class Change:
    """A way to move a picture, with a slider: what it is called in the address and on the page."""

    name: str
    label: str
    unit: str
    first: int
    most: int
    step: int
    apply: Callable[[Image.Image, int], Image.Image]


CHANGES = (
    Change("turn", "Turned to the left by", "°", TURNED, 180, 15, turned),
    Change("shift", "Shifted to the right by", " px", SHIFTED, MOST_SHIFTED, 2, shifted),
)


def show_numbers(catalogue: Catalogue, product: str, name: str, picture: Image.Image) -> None:
    """The product's colour planes, its vector, and what moving it does to that."""
    heading(
        1,
        "A picture as numbers",
        "To a computer a picture is a table of numbers: how much red, green and blue there is at "
        "each place. **Laid end to end they are a vector, and that is the simplest embedding.** "
        "Two pictures are similar if their numbers agree, place by place. Nothing is learnt and "
        "nothing is lost, but nothing is understood either.",
        "The article's first method: pixels flattened, divided by 255, compared by cosine.",
    )
    seen = explain.squashed(picture)
    _numbers(key=url.key("numbers"), data={"src": inline_png(seen), "alt": name})
    vector = explain.flattened(picture)
    with st.container(horizontal=True, gap="large", vertical_alignment="center"):
        st.metric("Numbers in the vector", f"{vector.size:,}", width="content")
        st.metric("White pixels", f"{explain.white_share(vector):.0%}", width="content")
        st.caption(
            "White agrees with white: where most of a picture is background, it agrees with any "
            "other such picture in most of its numbers, and every cosine is high.",
            width=480,
        )
    st.markdown(
        "**Move the product, and its numbers change places.** A person sees the same thing. The "
        "vector compares each place with what has come there instead."
    )
    if built(catalogue, ["pixels"]):
        st.fragment(show_moved)(catalogue, product, seen)


def show_moved(catalogue: Catalogue, product: str, picture: Image.Image) -> None:
    """Two sliders: the picture turned and shifted, and how much it is still like itself."""
    for column, change in zip(st.columns(2, gap="large"), CHANGES, strict=True):
        with column, told():
            _show_change(catalogue, product, picture, change)


def _show_change(catalogue: Catalogue, product: str, picture: Image.Image, change: Change) -> None:
    key = url.key(change.name)
    asked = min(url.number(change.name, change.first), change.most)
    amount = st.slider(
        change.label,
        0,
        change.most,
        url.seed(key, asked - asked % change.step),
        step=change.step,
        format=f"%d{change.unit}",
        key=key,
        on_change=lambda: url.put(**{change.name: str(st.session_state[key])}),
    )
    amounts, cosines = curve(change.name, picture)
    changed = change.apply(picture, amount)
    cosine = float(explain.likeness(METHODS["pixels"], [picture, changed])[0, 1])
    near = _neighbours(catalogue.generation.pointer, product, catalogue)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.image(
            changed, width=150, alt=f"The product, {change.label.lower()} {amount}{change.unit}"
        )
        with st.container(width="stretch", gap="xsmall"):
            st.metric("Cosine with itself", f"{cosine:.3f}")
            st.caption(before(near, cosine, len(catalogue.products) - 1))
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
    now = pd.DataFrame({"amount": [amount], "cosine": [cosine]})
    dot = (
        alt.Chart(now)
        .mark_point(size=120, filled=True, opacity=1)
        .encode(x="amount:Q", y="cosine:Q")
    )
    st.altair_chart(
        (line + dot).properties(height=150),
        width="stretch",
        alt=f"{change.label}: the cosine falls from 1 to {cosines.min():.3f} at the lowest",
    )


def before(near: explain.Vectors, cosine: float, others: int) -> str:
    """How many other products are more like the product than its moved picture is."""
    count = int((near > cosine).sum())
    if count == 0:
        return "No other product is more like it than that."
    most = "at least " if count == len(near) < others else ""
    verb = "is" if count == 1 else "are"
    return (
        f"{most}{counted(count, 'other product', 'other products')} of {others:,} {verb} more like "
        "it than it is itself, moved so."
    ).capitalize()


@st.cache_data(max_entries=16, show_spinner=False)
def curve(name: str, picture: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    """Cosines of a picture with itself over every step of a change."""
    change = next(change for change in CHANGES if change.name == name)
    amounts = np.arange(0, change.most + 1, change.step)
    moved = [change.apply(picture, int(amount)) for amount in amounts]
    return amounts, explain.likeness(METHODS["pixels"], moved)[0]


@st.cache_data(max_entries=16, show_spinner=False)
def _neighbours(pointer: bytes, product: str, _catalogue: Catalogue) -> explain.Vectors:
    return explain.neighbours(_catalogue, "pixels", product)


def inline_png(picture: Image.Image) -> str:
    """The address of a picture without a loss, for a page that reads its pixels."""
    out = io.BytesIO()
    picture.save(out, "PNG")
    return inline(out.getvalue(), "png")
