"""What is asked, and the ways to ask: words, a picture of one's own."""

from urllib.parse import urlencode

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.embedding import LONGEST_TEXT
from similarity.errors import SimilarityError
from similarity.methods import METHODS, Method
from similarity.pictures import MAX_UPLOAD
from similarity.ui.shared import own_pictures
from similarity.ui.shared import query as url
from similarity.ui.shared.browse import sort_of
from similarity.ui.shared.gallery import Asked, inline, more_of, name_of
from similarity.ui.shared.plain import cut, plain, refuse
from similarity.ui.shared.thumbnails import thumbnail_url

EXAMPLE = 40  # characters of an example at most


def asked(catalogue: Catalogue, query: url.Query) -> Asked:
    """The query as the page shows it."""
    if query.kind == "text":
        return Asked("Pictures for", f"“{query.value}”")
    if query.own:
        return Asked(
            "Similar to your picture", cut(query.own.name), src=inline(query.own.thumbnail)
        )
    row = catalogue.products.loc[query.value].to_dict()
    source = thumbnail_url(catalogue.name, query.value)
    return Asked("Similar to", name_of(row), more=more_of(row), src=source)


def link(catalogue: Catalogue, query: url.Query, methods: list[Method], k: int, weak: int) -> str:
    """The address that shows the same again, also when the defaults are others by then.

    A picture of one's own has none: nobody else's session knows it.
    """
    if query.own:
        return ""
    keys = ",".join(method.key for method in methods)
    seen = {"catalogue": catalogue.name, "methods": keys, "k": k, "weak": weak}
    return "?" + urlencode(seen | {query.kind: query.value})


def show_refusal() -> None:
    """Why the file that was dropped just now is not the query."""
    if refusal := st.session_state.pop("refusal", None):
        refuse("This file can't be used; the query stays as it was.", refusal)


def ask_panel(catalogue: Catalogue, query: url.Query) -> None:
    """The ways to ask that need a model: a box for words, examples of them, and a file."""
    examples = example_texts(catalogue)
    box = url.key("text")
    st.text_input(
        "Ask in words",
        url.seed(box, query.value if query.kind == "text" else ""),
        key=box,
        type="search",
        max_chars=LONGEST_TEXT,
        placeholder=": ".join(["Ask in words", *examples[:1]]),
        label_visibility="collapsed",
        on_change=_words_typed,
        args=(box,),
    )
    menu = url.key("examples", examples)
    if examples:
        st.menu_button(
            "Examples",
            examples,
            key=menu,
            icon=":material/lightbulb:",
            format_func=plain,
            on_click=lambda: url.ask("text", st.session_state[menu]),
        )
    # A new widget after each file: it shows none, and the same file can be dropped again.
    key = url.key(f"upload_{st.session_state.get('uploads', 0)}")
    st.file_uploader(
        "Or drop a picture of your own",
        max_upload_size=MAX_UPLOAD // 1_000_000,
        key=key,
        label_visibility="collapsed",
        width=150,
        on_change=_file_dropped,
        args=(key,),
    )


def example_texts(catalogue: Catalogue, count: int = 6) -> list[str]:
    """A few queries in the catalogue's own words, spread over its categories, each once.

    They name colours only where a method is built that knows them: an example has to be answered.
    """
    products = catalogue.products
    able = any(METHODS[key].knows_colours for key in catalogue.methods)
    coloured = "colour" in products and able
    products = products.drop_duplicates(sort_of(products))
    some = products.iloc[:: max(1, len(products) // count)][:count]
    colours = some["colour"] if coloured else [""] * len(some)
    pairs = zip(colours, some["category"], strict=True)
    texts = (cut(" ".join(f"{c} {k}".split()).lower(), EXAMPLE) for c, k in pairs)
    return list(dict.fromkeys(filter(None, texts)))


def _words_typed(box: str) -> None:
    text = st.session_state[box].strip()
    if text:
        url.ask("text", text)
    else:
        url.put(text=None)  # the box was cleared: back to a product


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
