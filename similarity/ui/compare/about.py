"""What the catalogue is, and how to bring one's own photographs."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import BUILD_ANY
from similarity.ui.shared.plain import format_count


def describe_catalogue(catalogue: Catalogue) -> str:
    """Return the numbers of products, categories and skipped files."""
    products = catalogue.products
    if catalogue.source == "demo":
        return f"{len(products):,} drawn products; bring your own photographs"
    parts = [format_count(len(products), "product", "products")]
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
        st.write("Build a catalogue from a folder of pictures, in the project's folder:")
        st.code(BUILD_ANY, language="bash", wrap_lines=True)
