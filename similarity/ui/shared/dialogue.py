"""A dialogue with a picture and the query side by side, at their own size."""

from collections.abc import Callable

import streamlit as st
from PIL import Image

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.display.products import describe_attributes, get_name
from similarity.display.text import truncate
from similarity.errors import SimilarityError
from similarity.pictures.read import read_picture
from similarity.pictures.thumbnails import shrink
from similarity.ui.shared import query as url
from similarity.ui.shared.gallery import Column
from similarity.ui.shared.plain import escape, show_error
from similarity.ui.shared.query import Query

MAX_SIDE = 1024  # px
PLACE = "large_place"  # in the session's state: the position in the column of what is shown


def show_large(
    catalogue: Catalogue,
    query: Query,
    columns: list[Column],
    changed_picture: Image.Image | None = None,
    on_refine: Callable[[str, str], None] | None = None,
) -> None:
    """Open the dialogue if a picture was just chosen for it.

    `changed_picture` replaces the query's own picture. `on_refine` gets "more" or "less" and the id
    of a product that the query should be more or less like.
    """
    key, product = st.session_state.pop("looked", ("", ""))
    for column in columns:
        for place, cell in enumerate(column.pictures):
            if (column.key, cell.id) == (key, product):
                st.session_state[PLACE] = place
                _show_dialogue(catalogue, query, column, changed_picture, on_refine)


@st.dialog("Side by side", width="large")
def _show_dialogue(
    catalogue: Catalogue,
    query: Query,
    column: Column,
    changed_picture: Image.Image | None,
    on_refine: Callable[[str, str], None] | None,
) -> None:
    # The first and the last picture are neighbours, so that no button is ever disabled.
    place = st.session_state[PLACE] % len(column.pictures)
    cell = column.pictures[place]
    left, right = st.columns(2)
    with left:
        st.markdown("**The query**" if changed_picture is None else "**The query, changed**")
        _show_query(catalogue, query, changed_picture)
    with right:
        st.markdown(f"**{escape(column.title)}**")
        _show_product(catalogue, cell.id)
        facts = [cell.rank and f"rank {cell.rank}", cell.score and f"cosine {cell.score}"]
        facts += [cell.nearness, cell.other_ranks]
        st.caption(escape(", ".join(filter(None, facts))))
    with st.container(horizontal=True, key="large", horizontal_alignment="distribute"):
        for label, shortcut, step in (("Previous", "Left", -1), ("Next", "Right", 1)):
            st.button(
                label,
                shortcut=shortcut,
                on_click=lambda step=step: st.session_state.update({PLACE: place + step}),
            )
        for role in ("less", "more") if on_refine else ():
            if st.button(f"{role.capitalize()} like this") and on_refine:
                on_refine(role, cell.id)
                st.rerun()
        if st.button("Use as query", type="primary", icon=":material/search:"):
            url.set_query("product", cell.id)
            st.rerun()


def _show_query(catalogue: Catalogue, query: Query, changed_picture: Image.Image | None) -> None:
    if changed_picture:
        st.image(shrink(changed_picture, MAX_SIDE), alt="The product, changed", width="content")
    elif query.picture and query.picture.upload:
        upload = query.picture.upload
        st.image(
            shrink(read_picture(upload.content), MAX_SIDE),
            alt=truncate(upload.name),
            width="content",
        )
        st.text(truncate(upload.name))
    elif query.picture:
        _show_product(catalogue, query.picture.value)
    for term in query.terms:
        if term.kind == "text":
            st.text(truncate(f"without {term.value}" if term.role == "minus" else term.value))


def _show_product(catalogue: Catalogue, product: str) -> None:
    row = catalogue.products.loc[product].to_dict()
    try:
        picture, note = catalogue.read_with_note(product)
        st.image(shrink(picture, MAX_SIDE), alt=get_name(row), width="content")
        st.caption(escape(note))
    except SimilarityError as error:
        show_error("This picture can't be read.", explain_error(error))
    st.text(get_name(row))
    st.caption(escape(describe_attributes(row)))
