"""A dialogue with a picture and the query, large and side by side."""

import streamlit as st
from PIL import Image

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.pictures import read_picture, shrink
from similarity.ui.shared.gallery import Column, describe_attributes, get_name
from similarity.ui.shared.plain import escape, show_error, truncate
from similarity.ui.shared.query import Query

MAX_SIDE = 1024  # px


def show_large(
    catalogue: Catalogue,
    query: Query,
    columns: list[Column],
    changed_picture: Image.Image | None = None,
) -> None:
    """Open the dialogue if a picture was just chosen for it.

    `changed_picture` replaces the query's own picture.
    """
    key, product = st.session_state.pop("looked", ("", ""))
    for column in columns:
        for cell in column.pictures:
            if (column.key, cell.id) == (key, product):
                caption = f"Rank {cell.rank} by {column.title}, cosine {cell.score}"
                caption += "".join(
                    f", {detail}" for detail in (cell.nearness, cell.other_ranks) if detail
                )
                _show_dialogue(catalogue, query, product, caption, changed_picture)


@st.dialog("Side by side", width="large")
def _show_dialogue(
    catalogue: Catalogue,
    query: Query,
    product: str,
    caption: str,
    changed_picture: Image.Image | None,
) -> None:
    left, right = st.columns(2)
    with left:
        st.caption("The query" if changed_picture is None else "The query, changed")
        if changed_picture:
            st.image(shrink(changed_picture, MAX_SIDE), alt="The product, changed", width="stretch")
        elif query.kind == "product":
            _show_product(catalogue, query.value)
        elif query.upload:
            picture = shrink(read_picture(query.upload.content), MAX_SIDE)
            st.image(picture, alt=truncate(query.upload.name), width="stretch")
            st.text(truncate(query.upload.name))
        else:
            st.text(truncate(query.value))
    with right:
        st.caption(escape(caption))
        _show_product(catalogue, product)


def _show_product(catalogue: Catalogue, product: str) -> None:
    row = catalogue.products.loc[product].to_dict()
    try:
        picture = shrink(catalogue.read_picture(product), MAX_SIDE)
        st.image(picture, alt=get_name(row), width="stretch")
    except SimilarityError as error:
        show_error("This picture can't be read.", explain_error(error))
    st.text(get_name(row))
    st.caption(escape(describe_attributes(row)))
