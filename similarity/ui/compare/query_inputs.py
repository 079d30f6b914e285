"""The query's display, and the inputs for another one: a text or an uploaded picture."""

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.embedding import LONGEST_TEXT
from similarity.errors import SimilarityError
from similarity.methods import Method
from similarity.pictures.limits import MAX_UPLOAD
from similarity.ui.compare.answers import Settings
from similarity.ui.compare.drop import accept_pictures_anywhere
from similarity.ui.shared import query as url
from similarity.ui.shared import uploads
from similarity.ui.shared.browse import find_kind_column
from similarity.ui.shared.gallery import DisplayedQuery, make_data_url
from similarity.ui.shared.plain import escape, show_error, truncate
from similarity.ui.shared.products import describe_attributes, get_name
from similarity.ui.shared.thumbnails import thumbnail_url

MAX_EXAMPLE = 40  # characters


def make_displayed_query(catalogue: Catalogue, query: url.Query, headline: str) -> DisplayedQuery:
    """Return the query as it is displayed, with what its results show."""
    if query.kind == "text":
        return DisplayedQuery("Pictures for", f"“{query.value}”", headline=headline)
    if query.upload:
        return DisplayedQuery(
            "Similar to your picture",
            truncate(query.upload.name),
            details=f"Damaged picture: {query.upload.note}" if query.upload.note else "",
            src=make_data_url(query.upload.thumbnail),
            headline=headline,
        )
    row = catalogue.products.loc[query.value].to_dict()
    return DisplayedQuery(
        "Similar to",
        get_name(row),
        details=describe_attributes(row),
        src=thumbnail_url(catalogue.name, query.value),
        headline=headline,
    )


def make_link(
    catalogue: Catalogue,
    query: url.Query,
    methods: list[Method],
    settings: Settings,
    attribute: str,
) -> str:
    """Return a link to this comparison that doesn't depend on defaults.

    Uploaded pictures have no link, because other sessions don't have them.
    """
    if query.upload:
        return ""
    parameters = {
        "catalogue": catalogue.name,
        "text_methods" if query.kind == "text" else "methods": ",".join(m.key for m in methods),
        "k": settings.k,
        "weak": settings.weak_threshold,
        query.kind: query.value,
    }
    if attribute:
        parameters["attribute"] = attribute
    if settings.details:
        parameters["details"] = "1"
    return "?" + urlencode(parameters)


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
        url.update_url(text=None)  # the box was cleared: return to a product


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
