"""Part 4 of the Learn page: pictures and words in one space."""

import numpy as np
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.display.products import get_name
from similarity.display.text import truncate
from similarity.embedding import LONGEST_TEXT, clean_text
from similarity.errors import SimilarityError
from similarity.methods import Method, Vectors
from similarity.ui.learn import explain
from similarity.ui.learn.choices import choose_different, make_heads
from similarity.ui.learn.matrix import Head, show_matrix
from similarity.ui.learn.part import get_built_methods, show_part_heading, show_when_loaded
from similarity.ui.shared import query as url
from similarity.ui.shared.plain import escape, show_error
from similarity.ui.shared.warm import list_loaders


def show_words(catalogue: Catalogue, product: str) -> None:
    """Show captions and pictures of eight products against each other, by a text method."""
    show_part_heading(
        4,
        "Pictures and words in one space",
        "Two networks, one for pictures and one for texts, are trained to **share one space**: "
        "each picture should be nearest to its own caption, and each caption to its own picture. "
        "Then a text can find pictures, even with words that are in no caption.",
        "The article's fourth method: CLIP (Radford et al. 2021, arXiv:2103.00020), whose figure "
        "this is. ConSE: Norouzi et al. 2013, arXiv:1312.5650. LiT: Zhai et al. 2022, "
        "arXiv:2111.07991.",
    )
    methods = {
        candidate.key: candidate
        for candidate in get_built_methods(
            catalogue,
            [method_key for method_key, m in catalogue.registry.items() if m.answers_text],
        )
    }
    if not methods:
        return
    requested = st.query_params.get("tower")
    key = url.widget_key("tower", list(methods))
    selected = st.segmented_control(
        "Method",
        list(methods),
        default=url.set_widget(key, requested if requested in methods else list(methods)[-1]),
        format_func=lambda option: escape(methods[option].title),
        key=key,
        required=True,
        on_change=lambda: url.update_url(tower=st.session_state[key]),
    )
    assert selected is not None, "one is required"
    method = methods[selected]
    show_when_loaded(list_loaders([method]), lambda: _show(catalogue, product, method))


def _show(catalogue: Catalogue, product: str, method: Method) -> None:
    products = choose_different(catalogue.products, product)
    rows = catalogue.products.loc[products].to_dict("records")
    captions = [str(row.get("caption") or get_name(row)) for row in rows]
    key = url.widget_key("caption")
    own_caption = st.text_input(
        "Your own caption",
        url.set_widget(key, st.query_params.get("caption", "")[:LONGEST_TEXT]),
        key=key,
        max_chars=LONGEST_TEXT,
        placeholder="Adds a row to the table",
        width=480,
        on_change=lambda: url.update_url(caption=st.session_state[key].strip() or None),
    )
    pointer = catalogue.generation.pointer
    cosines = _compute_cosines(pointer, method.key, tuple(captions), tuple(products), catalogue)
    texts = list(captions)
    if own_caption.strip():
        try:
            own_cosines = _compute_cosines(
                pointer, method.key, (clean_text(own_caption),), tuple(products), catalogue
            )
            cosines, texts = np.vstack([cosines, own_cosines]), [*captions, own_caption.strip()]
        except SimilarityError as error:
            show_error("This caption can't be used. The others are shown.", explain_error(error))
    scale = float(cosines.min()), float(cosines.max())
    show_matrix(
        url.widget_key("words"),
        "Cosines of captions and pictures",
        [Head(truncate(text, 60)) for text in texts],
        make_heads(catalogue, products),
        cosines,
        scale,
    )
    matches = int((cosines[: len(products)].argmax(1) == np.arange(len(products))).sum())
    st.caption(
        f"{matches} of {len(products)} captions find their own picture first. Framed cells belong "
        "together; the largest value of each row is bold."
    )
    if len(texts) > len(products):
        nearest = rows[int(cosines[-1].argmax())]
        st.caption(escape(f"Your caption is nearest to: {get_name(nearest)}"))
    if method.published is None:
        st.caption("This method is a small version of CLIP's idea, not CLIP.")
    st.caption(escape(method.weights))


@st.cache_data(max_entries=64, show_spinner=False)
def _compute_cosines(
    pointer: bytes,
    method: str,
    texts: tuple[str, ...],
    products: tuple[str, ...],
    _catalogue: Catalogue,
) -> Vectors:
    pictures = [_catalogue.read_picture(product) for product in products]
    return explain.compare_texts(_catalogue.resolve_method(method), texts, pictures)
