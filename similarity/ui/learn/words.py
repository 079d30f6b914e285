"""4: pictures and words in one space."""

import numpy as np
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.embedding import LONGEST_TEXT, clean_text
from similarity.errors import SimilarityError
from similarity.methods import METHODS, Method, Vectors
from similarity.ui.learn import explain
from similarity.ui.learn.matrix import Head, show_matrix
from similarity.ui.learn.part import built, heading, when_loaded
from similarity.ui.learn.several import eight, heads
from similarity.ui.shared import query as url
from similarity.ui.shared.gallery import name_of
from similarity.ui.shared.plain import cut, plain, refuse
from similarity.ui.shared.warm import models


def show_words(catalogue: Catalogue, product: str) -> None:
    """Captions and pictures of eight products against each other, by a method that reads words."""
    heading(
        4,
        "Pictures and words in one space",
        "Two networks, one for pictures and one for words, are made to **meet in one space**: a "
        "picture shall lie nearest to its own caption, and a caption to its own picture. Then "
        "words can be asked for pictures, also words that no product has in its caption.",
        "The article's fourth method: CLIP (Radford et al. 2021, arXiv:2103.00020), whose figure "
        "this is. ConSE: Norouzi et al. 2013, arXiv:1312.5650. LiT: Zhai et al. 2022, "
        "arXiv:2111.07991.",
    )
    able = {m.key: m for m in built(catalogue, [k for k, m in METHODS.items() if m.answers_text])}
    if not able:
        return
    asked = st.query_params.get("tower")
    key = url.key("tower", list(able))
    chosen = st.segmented_control(
        "Method",
        list(able),
        default=url.seed(key, asked if asked in able else list(able)[-1]),
        format_func=lambda one: plain(able[one].title),
        key=key,
        required=True,
        on_change=lambda: url.put(tower=st.session_state[key]),
    )
    assert chosen is not None, "one is required"
    method = able[chosen]
    when_loaded(models([method]), lambda: _show(catalogue, product, method))


def _show(catalogue: Catalogue, product: str, method: Method) -> None:
    some = eight(catalogue.products, product)
    rows = catalogue.products.loc[some].to_dict("records")
    captions = [str(row.get("caption") or name_of(row)) for row in rows]
    key = url.key("caption")
    typed = st.text_input(
        "A caption of your own",
        url.seed(key, st.query_params.get("caption", "")[:LONGEST_TEXT]),
        key=key,
        max_chars=LONGEST_TEXT,
        placeholder="Type one: it becomes the last row",
        width=480,
        on_change=lambda: url.put(caption=st.session_state[key].strip() or None),
    )
    pointer = catalogue.generation.pointer
    cosines = _matched(pointer, method.key, tuple(captions), tuple(some), catalogue)
    texts = list(captions)
    if typed.strip():
        try:
            own = _matched(pointer, method.key, (clean_text(typed),), tuple(some), catalogue)
            cosines, texts = np.vstack([cosines, own]), [*captions, typed.strip()]
        except SimilarityError as error:
            refuse("This caption can't be read; the others stand.", explain_error(error))
    scale = float(cosines.min()), float(cosines.max())
    show_matrix(
        url.key("words"),
        "Cosines of captions and pictures",
        [Head(cut(text, 60)) for text in texts],
        heads(catalogue, some),
        cosines,
        scale,
    )
    by_rows = int((cosines[: len(some)].argmax(1) == np.arange(len(some))).sum())
    st.caption(
        f"The framed cells are pairs that belong together, the largest of each row is bold: "
        f"{by_rows} of {len(some)} captions find their own picture first."
    )
    if len(texts) > len(some):
        nearest = rows[int(cosines[-1].argmax())]
        st.caption(plain(f"Your caption is nearest to: {name_of(nearest)}"))
    if method.published is None:
        st.caption("This method is CLIP's idea in small, not CLIP.")
    st.caption(plain(method.weights))


@st.cache_data(max_entries=64, show_spinner=False)
def _matched(
    pointer: bytes,
    method: str,
    texts: tuple[str, ...],
    products: tuple[str, ...],
    _catalogue: Catalogue,
) -> Vectors:
    pictures = [_catalogue.picture(one) for one in products]
    return explain.match(_catalogue.method(method), texts, pictures)
