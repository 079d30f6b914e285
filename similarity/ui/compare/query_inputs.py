"""The inputs for another query: a text or an uploaded picture."""

from collections.abc import Sequence

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.text import truncate
from similarity.embedding import LONGEST_TEXT
from similarity.errors import SimilarityError
from similarity.pictures.limits import MAX_UPLOAD
from similarity.ui.compare.drop import accept_pictures_anywhere
from similarity.ui.shared import query as url
from similarity.ui.shared import uploads
from similarity.ui.shared.browse import find_kind_column
from similarity.ui.shared.plain import escape, show_error

MAX_EXAMPLE = 40  # characters


def show_refusal() -> None:
    """Show why the uploaded file was refused, if it was."""
    if refusal := st.session_state.pop("refusal", None):
        show_error("This file can't be used; the query stays as it was.", refusal)


def show_inputs(query: url.Query, examples: Sequence[str]) -> None:
    """Show the search field, whose hint is the first example, with a file upload inside it."""
    box = url.widget_key("text")
    st.text_input(
        "Search by text",
        url.set_widget(box, query.value if query.kind == "text" else ""),
        key=box,
        type="search",
        max_chars=LONGEST_TEXT,
        placeholder=f"Search, e.g. “{examples[0]}”" if examples else "Search",
        label_visibility="collapsed",
        on_change=_handle_text,
        args=(box,),
    )
    # a new widget after each file, so that it is empty and accepts the same file again
    key = url.widget_key(f"upload_{st.session_state.get('uploads', 0)}")
    st.file_uploader(
        "Search with your own picture: choose, drop or paste it",
        max_upload_size=MAX_UPLOAD // 1_000_000,
        key=key,
        label_visibility="collapsed",
        on_change=_handle_file,
        args=(key,),
    )
    accept_pictures_anywhere()


def show_examples(examples: Sequence[str]) -> None:
    """Show a menu of texts to search for, if there are any."""
    if not examples:
        return
    menu = url.widget_key("examples", examples)
    st.menu_button(
        "Texts to search for",
        examples,
        key=menu,
        icon=":material/lightbulb:",
        format_func=escape,
        on_click=lambda: url.set_query("text", st.session_state[menu]),
    )


def choose_examples(catalogue: Catalogue, count: int = 6) -> list[str]:
    """Return a few queries in the catalogue's own words, spread over its categories.

    They mention colours only if a built method knows colours.
    """
    products = catalogue.products
    has_colour_method = any(catalogue.registry[key].knows_colours for key in catalogue.methods)
    use_colours = "colour" in products and has_colour_method
    products = products.drop_duplicates(find_kind_column(products))
    sample = products.iloc[:: max(1, len(products) // count)][:count]
    colours = sample["colour"] if use_colours else [""] * len(sample)
    pairs = zip(colours, sample["category"], strict=True)
    texts = (truncate(" ".join(f"{c} {k}".split()).lower(), MAX_EXAMPLE) for c, k in pairs)
    return list(dict.fromkeys(filter(None, texts)))


def _handle_text(box: str) -> None:
    text = st.session_state[box].strip()
    if text:
        url.set_query("text", text)
    else:
        url.update_url(**dict.fromkeys(url.OF_QUERY))  # the box was cleared: return to a product


def _handle_file(key: str) -> None:
    file = st.session_state[key]
    if file is None:
        return
    try:
        url.set_query("picture", uploads.add_upload(file).id)
    except SimilarityError as error:
        st.session_state["refusal"] = (
            f"'{file.name}': {error}. Choose a JPEG, PNG, WebP or other picture."
        )
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
