"""What is asked, and the ways to ask: words, a picture of one's own, the products."""

from dataclasses import replace

import streamlit as st

from similarity.errors import SimilarityError
from similarity.pictures import MAX_UPLOAD
from similarity.search import LONGEST_TEXT, Catalogue
from similarity.ui import own_pictures
from similarity.ui import query as url
from similarity.ui.gallery import Column, gallery, own_picture, pictures
from similarity.ui.plain import cut, plain, refuse

EXAMPLE = 40  # characters of an example at most


def show_query(catalogue: Catalogue, query: url.Query) -> None:
    """The picture or the words that are asked for."""
    if query.kind == "text":
        cell = None
    elif query.own:
        cell = own_picture(query.own.thumbnail, query.own.name)
    else:
        (cell,) = pictures(catalogue.name, catalogue.products, [query.value])
        cell = replace(cell, note=": ".join(dict.fromkeys([cell.alt, cell.note])))
    message = f"“{query.value}”" if cell is None else ""
    column = Column("query", [cell] if cell else [], message=message)
    gallery(url.key("query"), [column], "query")


def show_refusal() -> None:
    """Why the file that was dropped just now is not the query."""
    if refusal := st.session_state.pop("refusal", None):
        refuse("This file can't be used; the query stays as it was.", refusal)


def ask_panel(catalogue: Catalogue, query: url.Query) -> None:
    """The ways to ask that need a model."""
    words, own = st.columns([3, 2])
    with words:
        ask_in_words(catalogue, query)
    with own:
        # A new widget after each file: it shows none, and the same file can be dropped again.
        key = url.key(f"upload_{st.session_state.get('uploads', 0)}")
        st.file_uploader(
            "Or drop a picture of your own",
            max_upload_size=MAX_UPLOAD // 1_000_000,
            key=key,
            on_change=_file_dropped,
            args=(key,),
        )


def ask_in_words(catalogue: Catalogue, query: url.Query) -> None:
    """A box for words, and examples of them."""
    examples = example_texts(catalogue)
    box = url.key("text")
    url.seed(box, query.value if query.kind == "text" else "")
    st.text_input(
        "Ask in words",
        key=box,
        type="search",
        max_chars=LONGEST_TEXT,
        placeholder=f"What are you looking for? For example: {examples[0]}",
        on_change=_words_typed,
        args=(box,),
    )
    with st.container(horizontal=True, gap="small"):
        for text in examples:
            key = url.key(f"example {text}")
            st.button(plain(text), key=key, on_click=url.ask, args=("text", text))


def example_texts(catalogue: Catalogue, count: int = 4) -> list[str]:
    """A few queries in the catalogue's own words, spread over its categories, each once."""
    products = catalogue.products.drop_duplicates("category")
    some = products.iloc[:: max(1, len(products) // count)][:count]
    colours = some["colour"] if "colour" in some else [""] * len(some)
    pairs = zip(colours, some["category"], strict=True)
    texts = (cut(" ".join(f"{c} {k}".split()).lower(), EXAMPLE) for c, k in pairs)
    return list(dict.fromkeys(texts))


def _words_typed(box: str) -> None:
    text = st.session_state[box].strip()
    if text:
        url.ask("text", text)


def _file_dropped(key: str) -> None:
    file = st.session_state[key]
    if file is None:
        return
    try:
        url.ask("picture", own_pictures.take(file).id)
    except SimilarityError as error:
        st.session_state["refusal"] = (
            f"'{file.name}': {error}. Choose a JPEG, PNG, WebP or other picture."
        )
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
