"""What the catalogue is, and how to bring one's own photographs."""

from collections.abc import Sequence

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import BUILD_ANY
from similarity.errors import SimilarityError
from similarity.store.table import NOTE
from similarity.ui.shared.plain import escape, format_count, show_error, truncate

MAX_TITLE = 40  # characters
MAX_FILES = 20
MAX_TEXT = 120  # characters of a path or a reason


def describe_catalogue(catalogue: Catalogue) -> str:
    """Return the catalogue's title, and the numbers of products, categories and skipped files."""
    products = catalogue.products
    if catalogue.source == "demo":
        return f"{len(products):,} drawn products; bring your own photographs"
    title = escape(truncate(catalogue.title, MAX_TITLE))
    parts = [title, format_count(len(products), "product", "products")]
    categories = sum(products["category"].unique() != "")
    if categories:
        parts.append(format_count(categories, "category", "categories"))
    if catalogue.skipped:
        parts.append(f"{format_count(catalogue.skipped, 'file', 'files')} skipped")
    return " · ".join(parts)


def show_about(catalogue: Catalogue) -> None:
    """Show the size of the catalogue, with the command for another one behind it."""
    with st.popover(describe_catalogue(catalogue), type="tertiary"):
        if catalogue.source == "demo":
            st.write(
                "The demo's products are drawings. They show how the methods differ; which one "
                "serves your shop, only your own photographs can tell."
            )
        show_damage(catalogue)
        st.write("Build a catalogue from a folder of pictures, in the project's folder:")
        st.code(BUILD_ANY, language="bash", wrap_lines=True)


def show_damage(catalogue: Catalogue) -> None:
    """List the files that were skipped and the damaged pictures that were read, with reasons."""
    try:
        _show_files("skipped", catalogue.list_skipped())
    except SimilarityError as error:
        show_error("The list of skipped files can't be read.", str(error))
    products = catalogue.products
    if NOTE in products:  # not in catalogues of earlier versions
        damaged = products[products[NOTE] != ""]
        _show_files("damaged, but read", list(zip(damaged["path"], damaged[NOTE], strict=True)))


def _show_files(heading: str, files: Sequence[tuple[str, str]]) -> None:
    if not files:
        return
    st.write(f"**{format_count(len(files), 'file', 'files')} {heading}**")
    rows = [
        {"File": escape(truncate(path, MAX_TEXT)), "Reason": escape(truncate(reason, MAX_TEXT))}
        for path, reason in files[:MAX_FILES]
    ]
    st.table(rows, hide_index=True)
    if len(files) > MAX_FILES:
        st.caption(f"and {len(files) - MAX_FILES:,} more")
