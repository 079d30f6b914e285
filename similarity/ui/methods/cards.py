"""A card for each method: what it is made of, and whether it is built here."""

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.methods import METHODS, Method, by_family, family_of
from similarity.ui.shared.columns import taught
from similarity.ui.shared.plain import counted, plain
from similarity.ui.shared.unbuilt import build_lines


def size(method: Method) -> str:
    """How many parameters it has, and how much has to be fetched."""
    if not method.parameters:
        return "no parameters"
    million = method.parameters / 1e6
    said = f"{million:,.0f} M parameters" if million >= 10 else f"{million:.1f} M parameters"
    if method.published:
        parts = [method, *filter(None, [method.pictures_by])]
        known = sum(each.published.size for each in parts if each.published)
        return f"{said}; {known / 1e6:,.0f} MB to fetch" if known else f"{said}; to be fetched"
    return said


def show_card(catalogue: Catalogue, key: str) -> None:
    """One method's card; how to get it, if it is not built here."""
    built = key in catalogue.methods
    method = catalogue.described(key) if built else METHODS[key]
    with st.container(border=True, key=f"card-{key}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.subheader(plain(method.title), anchor=key, width="content")
            if built:
                st.badge("built here", icon=":material/check:", color="green")
            else:
                st.badge("not built here", color="gray")
        st.markdown(plain(" ".join([method.summary, *taught(method)])))
        words = "pictures and words" if method.answers_text else "pictures"
        facts = {
            "Weights": method.weights,
            "Licence": f"{method.licence}.",
            "Size": f"{size(method)}; vectors of {method.dim:,} numbers; for {words}.",
        }
        if method.family != family_of(method):
            facts["Kind"] = f"{method.family}."
        for name, said in facts.items():
            st.markdown(f":gray[{name}] {plain(said)}")
        if method.source:
            st.markdown(f":gray[Source] {method.year}, [{plain(method.source)}]({method.source})")
        if not built:
            if method.published and method.published.gate:
                gate = method.published.gate
                st.markdown(
                    "Its licence has to be accepted first, logged in to an account there: "
                    f"[{plain(gate)}]({gate}). Then log in here: `hf auth login`."
                )
            st.code(build_lines(catalogue, [key]), language="bash", wrap_lines=True)


def show_cards(catalogue: Catalogue) -> None:
    """All methods that are known, by family, in each the built ones first."""
    built = catalogue.methods
    for family, keys in by_family(METHODS).items():
        here = [key for key in keys if key in built]
        st.header(plain(family), anchor=False)
        st.caption(f"{counted(len(keys), 'method', 'methods')}, {len(here)} built here")
        with st.container(key=f"cards-{'-'.join(family.lower().split())}"):
            for key in [*here, *(key for key in keys if key not in built)]:
                show_card(catalogue, key)
    if missing := [key for key in METHODS if key not in built]:
        st.header("All that are not built here", anchor=False)
        st.code(build_lines(catalogue, missing), language="bash", wrap_lines=True)
