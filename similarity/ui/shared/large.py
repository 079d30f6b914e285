"""A picture and the query, large and side by side."""

import streamlit as st
from PIL import Image

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.pictures import read_picture, shrunk
from similarity.ui.shared.gallery import Column, more_of, name_of
from similarity.ui.shared.plain import cut, plain, refuse
from similarity.ui.shared.query import Query

SIDE = 1024  # px: the longer side at most, whatever the original has


def show_large(
    catalogue: Catalogue,
    query: Query,
    columns: list[Column],
    changed: Image.Image | None = None,
) -> None:
    """Open the dialogue that was asked for just now, if one was.

    `changed` is the query's picture where that is not as the catalogue has it.
    """
    key, product = st.session_state.pop("looked", ("", ""))
    for column in columns:
        for cell in column.pictures:
            if (column.key, cell.id) == (key, product):
                place = f"Rank {cell.rank} by {column.title}, cosine {cell.score}"
                place += "".join(f", {more}" for more in (cell.near, cell.elsewhere) if more)
                _dialogue(catalogue, query, product, place, changed)


@st.dialog("Side by side", width="large")
def _dialogue(
    catalogue: Catalogue, query: Query, product: str, place: str, changed: Image.Image | None
) -> None:
    left, right = st.columns(2)
    with left:
        st.caption("The query" if changed is None else "The query, changed")
        if changed:
            st.image(shrunk(changed, SIDE), alt="The product, changed", width="stretch")
        elif query.kind == "product":
            _show_product(catalogue, query.value)
        elif query.own:
            picture = shrunk(read_picture(query.own.content), SIDE)
            st.image(picture, alt=cut(query.own.name), width="stretch")
            st.text(cut(query.own.name))
        else:
            st.text(cut(query.value))
    with right:
        st.caption(plain(place))
        _show_product(catalogue, product)


def _show_product(catalogue: Catalogue, product: str) -> None:
    row = catalogue.products.loc[product].to_dict()
    try:
        picture = shrunk(catalogue.picture(product), SIDE)
        st.image(picture, alt=name_of(row), width="stretch")
    except SimilarityError as error:
        refuse("This picture can't be read.", explain_error(error))
    st.text(name_of(row))
    st.caption(plain(more_of(row)))
