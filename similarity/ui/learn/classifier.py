"""Part 2 of the Learn page: what a classifier keeps."""

import altair as alt
import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.products import get_name
from similarity.display.text import truncate
from similarity.methods import METHODS, Vectors
from similarity.ui.learn import explain
from similarity.ui.learn.choices import PRODUCTS, choose_different, choose_same_kind
from similarity.ui.learn.part import get_built_methods, show_part_heading, show_when_loaded
from similarity.ui.shared import query as url
from similarity.ui.shared.gallery import Column, make_pictures, read_rows, show_gallery
from similarity.ui.shared.plain import escape
from similarity.ui.shared.warm import list_loaders

KEY = "efficientnet"
TOP_CLASSES = 5


def show_classifier(catalogue: Catalogue, product: str) -> None:
    """Show the classifier's most probable classes, and two products with and without its head."""
    show_part_heading(
        2,
        "What a classifier keeps",
        "A network trained to name a thousand kinds of things ends in a *head*, which gives each "
        "kind a probability. The layer before it holds what the network knows about the picture: "
        "**without the head, that layer is the embedding.** It keeps what distinguishes things, "
        "and drops where they are in the picture.",
        "The article's second method, a ResNet-50 without its head; here EfficientNet-Lite0 "
        "(Tan and Le 2019, arXiv:1905.11946). The names are ImageNet's, not the shop's.",
    )
    if methods := get_built_methods(catalogue, [KEY]):
        show_when_loaded(list_loaders(methods), lambda: _show(catalogue, product))


def _show(catalogue: Catalogue, product: str) -> None:
    products = catalogue.products
    similar_kind = choose_same_kind(products, product, PRODUCTS // 2)
    other_kinds = [
        candidate
        for candidate in choose_different(products, product)[1:]
        if candidate not in similar_kind
    ]
    choices = [*similar_kind, *other_kinds][:PRODUCTS]
    if not choices:
        st.info("This catalogue has only one product, so there is nothing to compare it with.")
        return
    requested = st.query_params.get("beside", "")
    second = requested if requested in products.index and requested != product else choices[0]
    if second not in choices:
        choices = [second, *choices[:-1]]
    st.markdown("**Choose a second product:**")
    show_gallery(
        url.widget_key("beside"),
        [
            Column(
                "beside",
                make_pictures(catalogue.name, read_rows(products, choices)),
                label="Second product",
            )
        ],
        "strip",
        selected=second,
        on_pick=lambda product_id: url.update_url(beside=product_id),
    )
    pointer = catalogue.generation.pointer
    outputs = [
        _compute_outputs(pointer, product_id, catalogue)
        for product_id in (product, second, *choices)
    ]
    for column, product_id, (_, probabilities) in zip(
        st.columns(2, gap="large"), (product, second), outputs, strict=False
    ):
        with column.container(horizontal=True, vertical_alignment="center", gap="medium"):
            name = get_name(products.loc[product_id].to_dict())
            st.image(catalogue.read_thumbnail(product_id), width=120, alt=truncate(name))
            with st.container(width="stretch"):
                _show_classes(truncate(name), probabilities)
    columns = st.columns(2, gap="large")
    for container, index, label in zip(
        columns,
        (0, 1),
        (
            f"Without the head: {METHODS[KEY].dim:,} numbers",
            "With the head: the probabilities of 1,000 names",
        ),
        strict=True,
    ):
        rows = [pair[index] for pair in outputs]
        cosines = explain.compute_cosines(rows[0], rows[1:])
        with container:
            st.metric(label, f"{cosines[0]:.3f}")
            st.caption(_describe_rank(cosines[0], cosines[1:]))
    st.caption(escape(METHODS[KEY].weights))


def _describe_rank(cosine: float, all_cosines: Vectors) -> str:
    """Return the rank of one cosine among those with every product of the row."""
    rank = 1 + int((all_cosines > cosine).sum())
    return (
        f"Cosine of the two products: rank {rank} of the {len(all_cosines)} in the row. Compare "
        "the ranks; the cosines have different scales."
    )


def _show_classes(name: str, probabilities: Vectors) -> None:
    table = pd.DataFrame(
        explain.list_top_classes(probabilities, TOP_CLASSES), columns=["answer", "probability"]
    )
    chart = alt.Chart(table).encode(
        alt.X(
            "probability:Q",
            axis=alt.Axis(format="%", tickCount=4),
            title=None,
            scale=alt.Scale(domain=[0, 1]),
        ),
        alt.Y("answer:N", sort=None, title=None, axis=alt.Axis(labelLimit=130)),
        tooltip=["answer", alt.Tooltip("probability:Q", format=".1%")],
    )
    description = ", ".join(
        f"{class_name} {share:.0%}" for class_name, share in table.itertuples(index=False)
    )
    st.altair_chart(
        chart.mark_bar().properties(height=150), width="stretch", alt=f"{name}: {description}"
    )


@st.cache_data(max_entries=256, show_spinner=False)
def _compute_outputs(
    pointer: bytes, product: str, _catalogue: Catalogue
) -> tuple[Vectors, Vectors]:
    """Return a product's features (1280,) and class probabilities (1000,)."""
    features, probabilities = explain.compute_classifier_outputs([_catalogue.read_picture(product)])
    return features[0], probabilities[0]
