"""A card for each method: what it is made of, and whether it is installed."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.colours import get_colour
from similarity.display.text import format_count
from similarity.measures.metrics.verdict import join_names
from similarity.methods import METHODS, Method, get_family, group_by_family
from similarity.methods.candidate import KEY, NOT_STATED
from similarity.ui.shared.columns import describe_labels
from similarity.ui.shared.missing_methods import format_commands
from similarity.ui.shared.plain import escape


def describe_size(method: Method) -> str:
    """Return the number of parameters, and the size of a download."""
    if not method.parameters:
        return "parameters not stated" if method.candidate else "no parameters"
    million = method.parameters / 1e6
    text = f"{million:,.0f} M parameters" if million >= 10 else f"{million:.1f} M parameters"
    if method.published:
        owners = [method, *filter(None, [method.pictures_by])]
        download_size = sum(owner.published.size for owner in owners if owner.published)
        return (
            f"{text}; {download_size / 1e6:,.0f} MB to download"
            if download_size
            else f"{text}; to be downloaded"
        )
    return text


def describe_installed(catalogue: Catalogue) -> str:
    """Return how many methods are installed, and which of them can search by text."""
    registry, keys = catalogue.registry, catalogue.methods
    by_text = [registry[key].title for key in keys if registry[key].answers_text]
    text = f"{len(keys)} of {len(registry)} methods are installed."
    if by_text:
        text += f" {join_names(by_text)} can also search by text."
    return escape(text)


def show_card(catalogue: Catalogue, key: str) -> None:
    """Show one method's card, with the commands to get it unless it is installed."""
    built = key in catalogue.methods
    method = catalogue.resolve_method_for_display(key) if built else catalogue.registry[key]
    with st.container(border=True, key=f"card-{key}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.subheader(escape(method.title), anchor=key, width="content")
            if built:
                st.badge("Installed", icon=":material/check:", color="green")
            else:
                st.badge("Not installed", color="gray")
        st.markdown(escape(" ".join([method.summary, *describe_labels(method)])))
        words = "pictures and texts" if method.answers_text else "pictures"
        facts = {
            "Weights": method.weights,
            "Licence": f"{method.licence}.",
            "Size": f"{describe_size(method)}; vectors of {method.dim:,} numbers; for {words}.",
        }
        if method.family != get_family(method):
            facts["Kind"] = f"{method.family}."
        if method.candidate:
            side = method.candidate.side
            size = f"{side} × {side} px." if side else "not fixed."
            facts["Input"] = size if method.has_model else "none, because there is no model."
            facts["Added as"] = method.candidate.argument
        for name, text in facts.items():
            st.markdown(f":gray[{name}] {escape(text)}")
        if method.source:
            year = f"{method.year}, " if method.year else ""
            st.markdown(f":gray[Source] {year}[{escape(method.source)}]({method.source})")
        elif method.candidate:
            st.markdown(f":gray[Source] {NOT_STATED}.")
        if not built:
            if method.published and method.published.licence_page:
                licence_page = method.published.licence_page
                st.markdown(
                    "First log in and accept its licence: "
                    f"[{escape(licence_page)}]({licence_page}). Then run `hf auth login` here."
                )
            st.code(format_commands(catalogue, [key]), language="bash", wrap_lines=True)


def show_cards(catalogue: Catalogue) -> None:
    """Show the cards of all methods by family, built ones first."""
    built = catalogue.methods
    colours = [  # only of keys that are safe in a style sheet
        f".st-key-card-{key} {{ --colour: {get_colour(catalogue, key)}; }}"
        for key in catalogue.registry
        if KEY.fullmatch(key)
    ]
    st.html(f"<style>{''.join(colours)}</style>")
    for family, keys in group_by_family(catalogue.registry.values()).items():
        built_keys = [key for key in keys if key in built]
        st.header(escape(family), anchor=False)
        st.caption(f"{format_count(len(keys), 'method', 'methods')}, {len(built_keys)} installed")
        with st.container(key=f"cards-{'-'.join(family.lower().split())}"):
            for key in [*built_keys, *(key for key in keys if key not in built)]:
                show_card(catalogue, key)
    if missing := [key for key in METHODS if key not in built]:
        st.header("Install all of them", anchor="all")
        st.code(format_commands(catalogue, missing), language="bash", wrap_lines=True)
