"""What the catalogue is, and how to bring one's own photographs."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import BUILD_ANY
from similarity.display.text import format_count, truncate
from similarity.ui.shared import query as url
from similarity.ui.shared.plain import escape

MAX_TITLE = 40  # characters


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
        st.page_link(
            "methods.py",
            label="What is in this catalogue, and what was skipped",
            icon=":material/inventory_2:",
            query_params=url.get_shared_parameters(),
        )
        st.write("Build a catalogue from a folder of pictures, in the project's folder:")
        st.code(BUILD_ANY, language="bash", wrap_lines=True)
