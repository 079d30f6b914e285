"""2: what a classifier keeps."""

import altair as alt
import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.methods import METHODS, Vectors
from similarity.ui.learn import explain
from similarity.ui.learn.part import built, heading, when_loaded
from similarity.ui.learn.several import COUNT, eight, kin
from similarity.ui.shared import query as url
from similarity.ui.shared.gallery import Column, gallery, name_of, pictures
from similarity.ui.shared.plain import cut, plain
from similarity.ui.shared.warm import models

KEY = "efficientnet"
ANSWERS = 5


def show_classifier(catalogue: Catalogue, product: str) -> None:
    """The classifier's strongest answers, and two products with and without its head."""
    heading(
        2,
        "What a classifier keeps",
        "A network that was taught to name a thousand kinds of things ends in a *head*, which "
        "gives each kind a probability. Just before it stands what it knows of the picture: "
        "**cut the head off, and that layer is the embedding.** It keeps what tells things apart "
        "and lets go of where they stand. With the head, only the names are left.",
        "The article's second method, a ResNet-50 without its head; here EfficientNet-Lite0 "
        "(Tan and Le 2019, arXiv:1905.11946). The names are ImageNet's, not the shop's.",
    )
    if methods := built(catalogue, [KEY]):
        when_loaded(models(methods), lambda: _show(catalogue, product))


def _show(catalogue: Catalogue, product: str) -> None:
    products = catalogue.products
    some = kin(products, product, COUNT // 2)
    others = [one for one in eight(products, product)[1:] if one not in some]
    choices = [*some, *others][:COUNT]
    if not choices:
        st.info("This catalogue has one product: there is none to compare it with.")
        return
    asked = st.query_params.get("beside", "")
    beside = asked if asked in products.index and asked != product else choices[0]
    if beside not in choices:
        choices = [beside, *choices[:-1]]
    st.markdown("**Choose a second product:**")
    gallery(
        url.key("beside"),
        [Column("beside", pictures(catalogue.name, products, choices), label="Second product")],
        "strip",
        selected=beside,
        on_pick=lambda one: url.put(beside=one),
    )
    pointer = catalogue.generation.pointer
    found = [_seen(pointer, one, catalogue) for one in (product, beside, *choices)]
    for column, one, (_, chances) in zip(
        st.columns(2, gap="large"), (product, beside), found, strict=False
    ):
        with column.container(horizontal=True, vertical_alignment="center", gap="medium"):
            name = name_of(products.loc[one].to_dict())
            st.image(catalogue.thumbnail(one), width=120, alt=cut(name))
            with st.container(width="stretch"):
                _show_answers(cut(name), chances)
    places = st.columns(2, gap="large")
    for place, which, said in zip(
        places,
        (0, 1),
        (
            f"Without the head: {METHODS[KEY].dim:,} numbers",
            "With the head: the probabilities of 1,000 names",
        ),
        strict=True,
    ):
        rows = [pair[which] for pair in found]
        cosine = explain.cosines(rows[0], rows[1:])
        with place:
            st.metric(said, f"{cosine[0]:.3f}")
            st.caption(_rank(cosine[0], cosine[1:]))
    st.caption(plain(METHODS[KEY].weights))


def _rank(cosine: float, all_of_them: Vectors) -> str:
    """The place of one cosine among those with every product of the row."""
    place = 1 + int((all_of_them > cosine).sum())
    return (
        f"Cosine of the two products: number {place} of the {len(all_of_them)} in the row. Places "
        "can be compared between the two, cosines can't."
    )


def _show_answers(name: str, chances: Vectors) -> None:
    found = pd.DataFrame(explain.names(chances, ANSWERS), columns=["answer", "probability"])
    written = alt.Chart(found).encode(
        alt.X(
            "probability:Q",
            axis=alt.Axis(format="%", tickCount=4),
            title=None,
            scale=alt.Scale(domain=[0, 1]),
        ),
        alt.Y("answer:N", sort=None, title=None, axis=alt.Axis(labelLimit=130)),
        tooltip=["answer", alt.Tooltip("probability:Q", format=".1%")],
    )
    said = ", ".join(f"{one} {share:.0%}" for one, share in found.itertuples(index=False))
    st.altair_chart(
        written.mark_bar().properties(height=150), width="stretch", alt=f"{name}: {said}"
    )


@st.cache_data(max_entries=256, show_spinner=False)
def _seen(pointer: bytes, product: str, _catalogue: Catalogue) -> tuple[Vectors, Vectors]:
    """A product's features and the probabilities of its names: (1280,) and (1000,)."""
    features, chances = explain.headed([_catalogue.picture(product)])
    return features[0], chances[0]
