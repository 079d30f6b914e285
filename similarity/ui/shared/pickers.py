"""Pickers that every page shares; what they hold stands in the URL."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from similarity.catalogue import Catalogue, list_catalogues
from similarity.commands import OWN, PRECOMPUTE, build_command, explain_error
from similarity.errors import SimilarityError
from similarity.methods import METHODS, Method, by_family
from similarity.store.paths import NAME, catalogues_folder, source_of
from similarity.store.progress import read_progress
from similarity.ui.shared import query as url
from similarity.ui.shared.building import show_building
from similarity.ui.shared.caches import shared_catalogue
from similarity.ui.shared.plain import plain, refuse

K = 12  # results a method at first: whole rows of three, four and six
CHOICES = (4, 8, 12, 24, 48)
AT_FIRST, REPLACED = 4, ("Metric learning", "Classification CNN")  # families
WEAK = 90  # % of random pairs: at 95, one in five first results was weak by `pixels` on photographs


def pick_catalogue(messages: DeltaGenerator) -> Catalogue:
    """The chosen catalogue, opened. Without one the page ends with the command that builds it."""
    names = list_catalogues()
    asked = st.query_params.get("catalogue")
    if (building := _first_build(names, asked)) is not None:
        with messages:
            st.header("The catalogue is being built")
            st.write("Its pictures appear here as soon as they can be searched.")
            if not show_building(building):
                st.rerun()
        st.stop()
    if not names:
        with messages:
            st.header("No catalogue is built yet")
            st.write("Build the demo catalogue, then reload this page:")
            st.code(PRECOMPUTE, language="bash")
            st.write("Or build one from a folder of pictures of your own:")
            st.code(OWN, language="bash")
        st.stop()
    default = default_catalogue(names)
    if asked is not None and asked not in names:
        messages.warning("There is no catalogue of the name in this address: this is another one.")
    name = asked if asked in names else default
    if len(names) > 1:
        key = url.key("catalogue", names)
        st.selectbox(
            "Catalogue",
            names,
            names.index(url.seed(key, name)),
            key=key,
            on_change=_catalogue_picked,
            args=(key,),
            label_visibility="collapsed",
            width=150,
        )
    try:
        return shared_catalogue(name)
    except SimilarityError as error:
        with messages:
            refuse("This catalogue can't be opened.", explain_error(error))
        st.stop()


def _first_build(names: list[str], asked: str | None) -> Path | None:
    """The folder of a catalogue that can't be opened before its running build has published it.

    Where others can be, only that of the name in the address, or of `make demo CATALOGUE=`.
    """
    folder = catalogues_folder()
    wanted = asked or os.environ.get("SIMILARITY_CATALOGUE", "")
    if not names:
        places = sorted(folder.glob("*/")) if folder.is_dir() else []
        return next((place for place in places if read_progress(place)), None)
    if NAME.fullmatch(wanted) and wanted not in names and read_progress(folder / wanted):
        return folder / wanted
    return None


def default_catalogue(names: list[str]) -> str:
    """The catalogue that `make demo CATALOGUE=` names, or was built from that folder; the first."""
    wanted = os.environ.get("SIMILARITY_CATALOGUE", "")
    if wanted in names:
        return wanted
    if wanted:
        source = str(Path(wanted).expanduser().resolve())
        for name in names:
            if source_of(catalogues_folder() / name) == source:
                return name
    return names[0]


def first_methods(built: list[str]) -> list[str]:
    """The four methods that a visitor meets: of each family the newest, 'untrained' or not.

    Of more families than four, those that newer ones took the place of are left out.
    """
    newest = {family: keys[-1] for family, keys in by_family(built).items()}
    for family in REPLACED:
        if len(newest) > AT_FIRST:
            newest.pop(family, None)
    return list(newest.values())


def pick_methods(catalogue: Catalogue, messages: DeltaGenerator) -> list[Method]:
    """The methods to compare, in the order of their families."""
    built = catalogue.methods
    if not built:
        messages.warning("This catalogue has no index yet. Build them:")
        messages.code(build_command(catalogue), language="bash")
        st.stop()
    asked = st.query_params.get("methods")
    wanted = first_methods(built) if asked is None else asked.split(",")
    chosen = [key for key in built if key in wanted]
    if asked and not chosen:
        messages.warning("None of the methods in this address is built here: these are.")
        chosen = first_methods(built)
    families = by_family(METHODS)
    keys = {family: url.key(f"methods {family}", built) for family in families}

    def picked() -> list[str]:
        now = {key for each in keys.values() for key in st.session_state.get(each) or []}
        return [key for key in built if key in now]

    said = f"Methods: {len(chosen)} of {len(built)}"
    with (
        st.popover(said, icon=":material/category:", width="content"),
        st.container(key="families", gap="xsmall"),
    ):
        for family, known in families.items():
            here = [key for key in known if key in built]
            missing = [key for key in known if key not in built]
            st.caption(plain(family if here else f"{family}, not built here"))
            with st.container(horizontal=True, gap="xsmall"):
                if here:
                    st.pills(
                        family,
                        here,
                        selection_mode="multi",
                        default=url.seed(keys[family], [key for key in chosen if key in here]),
                        format_func=lambda method: plain(METHODS[method].title),
                        key=keys[family],
                        on_change=lambda: url.put(methods=",".join(picked())),
                        label_visibility="collapsed",
                        wrap=True,
                    )
                if missing:
                    st.pills(
                        f"{family}, not built here",
                        missing,
                        selection_mode="multi",
                        format_func=lambda method: plain(METHODS[method].title),
                        key=url.key(f"missing {family}", missing),
                        disabled=True,
                        label_visibility="collapsed",
                        wrap=True,
                    )
        st.page_link("methods.py", label="What each of them is", icon=":material/info:")
    return [catalogue.described(key) for key in picked()]


def pick_k(catalogue: Catalogue) -> int:
    """How many results each method shows."""
    most = len(catalogue.products)
    larger = [k for k in CHOICES if k >= most][:1]  # the first that shows all there are
    choices = [k for k in CHOICES if k < most] + larger
    if len(choices) == 1:
        return most
    asked = url.number("k", K)
    key = url.key("k", choices)
    st.segmented_control(
        "Results per method",
        choices,
        default=url.seed(key, min(choices, key=lambda k: abs(k - asked))),
        key=key,
        required=True,
        on_change=lambda: url.put(k=str(st.session_state[key])),
        label_visibility="collapsed",
    )
    return min(st.session_state[key], most)


def weak_below() -> int:
    """The percentage of random pairs that a match has to be nearer than, or it is shown as weak."""
    return min(url.number("weak", WEAK), 100)


def pick_weak() -> None:
    """Set that percentage; 0 shows nothing as weak."""
    key = url.key("weak")
    st.number_input(
        "Weak below, % of random pairs",
        min_value=0,
        max_value=100,
        value=url.seed(key, weak_below()),
        key=key,
        on_change=lambda: url.put(weak=str(st.session_state[key])),
        width=200,
    )


def choose(
    name: str,
    label: str,
    options: Sequence[str],
    said: Callable[[str], str] = str,
    **more: str | None,
) -> str:
    """One of some options, which stands in the address; the first if that has none of them.

    `more` are parameters that change with it.
    """
    key = url.key(name, [said(option) for option in options])
    asked = st.query_params.get(name)
    st.segmented_control(
        label,
        options,
        default=url.seed(key, asked if asked in options else options[0]),
        format_func=lambda option: plain(said(option)),
        key=key,
        required=True,
        on_change=lambda: url.put(**{name: st.session_state[key]}, **more),
        label_visibility="collapsed",
    )
    return st.session_state[key]


def _catalogue_picked(key: str) -> None:
    # Products, methods and categories of one catalogue mean nothing in another; words do.
    gone = ("product", "picture", "methods", "category", "page", "differ", "pair", "rows")
    on_map = ("selected", "by", "colour")
    url.put(catalogue=st.session_state[key], **dict.fromkeys(gone + on_map))
