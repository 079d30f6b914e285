"""Compare: one query, and every method's answer side by side."""

from contextlib import nullcontext
from dataclasses import replace

import streamlit as st

from similarity.errors import SimilarityError
from similarity.methods import METHODS
from similarity.search import LONGEST_TEXT, Catalogue
from similarity.ui import query as url
from similarity.ui.browse import browse, first_product
from similarity.ui.caches import Answer, answer
from similarity.ui.gallery import Column, Picture, gallery, own_picture, pictures
from similarity.ui.pickers import pick_catalogue, pick_k, pick_methods
from similarity.ui.warm import warm_up

FIRST_MODEL = "Searching… the first words or picture after a start load a model, some ten seconds."


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
    gallery("query", [column], "query")


def ask_text() -> None:
    """The text box was committed: its words become the query."""
    text = st.session_state["text_box"].strip()
    if text:
        url.ask("text", text)


def ask_upload(key: str) -> None:
    """A picture was dropped: it becomes the query, unless it can't be read."""
    file = st.session_state[key]
    if file is None:
        return
    try:
        url.ask_own_picture(file.name, file.getvalue())
    except SimilarityError as error:
        st.session_state["upload_error"] = (
            f"'{file.name}' can't be used: {error}. Choose a JPEG, PNG, WebP or other picture; "
            "the query stays as it was."
        )
    st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1


def example_texts(catalogue: Catalogue, count: int = 4) -> list[str]:
    """A few queries in the catalogue's own words, spread over its categories."""
    products = catalogue.products.drop_duplicates("category")
    some = products.iloc[:: max(1, len(products) // count)][:count]
    colours = some["colour"] if "colour" in some else [""] * len(some)
    return [f"{c} {k}".strip().lower() for c, k in zip(colours, some["category"], strict=True)]


def ask_panel(catalogue: Catalogue, query: url.Query) -> None:
    """The ways to ask: words, a picture of one's own, the products."""
    words, own = st.columns([3, 2])
    with words:
        url.seed("text_box", query.value if query.kind == "text" else "")
        examples = example_texts(catalogue)
        st.text_input(
            "Ask in words",
            key="text_box",
            type="search",
            max_chars=LONGEST_TEXT,
            placeholder=f"What are you looking for? For example: {examples[0]}",
            on_change=ask_text,
        )
        with st.container(horizontal=True, gap="small"):
            for text in examples:
                st.button(text, key=f"example {text}", on_click=url.ask, args=("text", text))
    with own:
        key = f"upload_{st.session_state.get('uploads', 0)}"
        st.file_uploader(
            "Or drop a picture of your own",
            key=key,
            on_change=ask_upload,
            args=(key,),
        )


def answer_column(catalogue: Catalogue, key: str, query: url.Query, k: int) -> Column:
    """A method's column: its pictures, or why there are none."""
    method = METHODS[key]
    column = Column(
        key,
        title=method.title,
        family=method.family,
        about=method.summary,
        weights=method.weights,
    )
    if query.kind == "text" and not method.answers_text:
        message = "This method compares pictures only: it has no way to read words."
        return replace(column, message=message)
    try:
        found = answer(catalogue, key, k, **query.arguments())
    except SimilarityError as error:
        return replace(column, message=str(error), failed=True)
    time = f"{found.milliseconds:.1f} ms"
    return replace(column, pictures=cells(catalogue, found), time=time)


def cells(catalogue: Catalogue, found: Answer) -> list[Picture]:
    """Hits as pictures; a rank that is shared with an equal score, shown or not, says so by '='."""
    shown = pictures(catalogue.name, catalogue.products, [hit.product for hit in found.hits])
    return [
        replace(
            cell,
            rank=f"{hit.rank}{'=' if hit.tied else ''}",
            score=f"cosine {hit.score:.3f}",
        )
        for cell, hit in zip(shown, found.hits, strict=True)
    ]


def describe(catalogue: Catalogue) -> str:
    """What the answers are taken from."""
    products = catalogue.products
    parts = [f"{len(products):,} products", f"{products['category'].nunique():,} categories"]
    if catalogue.skipped:
        parts.append(f"{catalogue.skipped:,} files skipped")
    return " · ".join(parts)


def show_answers(catalogue: Catalogue, methods: list[str], query: url.Query, k: int) -> None:
    """Every chosen method's answer, side by side."""
    if not methods:
        st.info("Choose at least one method to see its answers.")
        return
    waiting = st.spinner(FIRST_MODEL, show_time=True) if query.kind != "product" else nullcontext()
    with waiting:
        columns = [answer_column(catalogue, key, query, k) for key in methods]
    selected = query.value if query.kind == "product" else ""
    gallery("answers", columns, "columns", selected, on_pick=lambda p: url.ask("product", p))


def page() -> None:
    """The whole page, from the settings down to the answers."""
    head = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    title = head.container()
    with head:
        catalogue = pick_catalogue()
        methods = pick_methods(catalogue)
        k = pick_k(catalogue)
    title.subheader("What do embeddings call similar?")
    title.caption(describe(catalogue))
    query, remark = url.current(catalogue, first_product(catalogue))
    messages = st.container()  # always there, so that a message moves nothing that stays
    if remark:
        messages.info(remark)
    if error := st.session_state.pop("upload_error", None):
        messages.error(error)

    shown, ways = st.columns([1, 5], gap="medium")
    answers = st.container()
    with shown:
        show_query(catalogue, query)

    def ask() -> None:
        with ways:
            ask_panel(catalogue, query)
            browse(catalogue, query.value if query.kind == "product" else "")

    def reply() -> None:
        with answers:
            show_answers(catalogue, methods, query, k)

    # A product is answered at once, so its answers come first; a model may have to be waited for.
    for part in (reply, ask) if query.kind == "product" else (ask, reply):
        part()
    warm_up(tuple(catalogue.methods))


page()
