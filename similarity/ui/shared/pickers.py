"""Pickers that all pages share; their values are stored in the URL."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from similarity.catalogue import Catalogue
from similarity.catalogues import list_catalogues
from similarity.commands import BUILD_ANY, PRECOMPUTE, explain_error, format_build_command
from similarity.display.text import truncate
from similarity.errors import SimilarityError
from similarity.filters import PREFIX
from similarity.measures.metrics.verdict import join_names
from similarity.methods import Method, group_by_family
from similarity.store.paths import NAME, find_catalogue, find_title, get_catalogues_folder
from similarity.store.progress import read_progress
from similarity.ui.shared import query as url
from similarity.ui.shared.building import POLL_INTERVAL, show_building
from similarity.ui.shared.caches import get_catalogue
from similarity.ui.shared.missing_methods import (
    show_missing_methods,
    show_requested_commands,
    show_unavailable,
)
from similarity.ui.shared.plain import escape, show_error

DEFAULT_K = 12  # results per method: whole rows of three, four and six
K_CHOICES = (4, 8, 12, 24, 48)
MAX_NAMES = 5  # of methods in a message
DEFAULT_METHODS, REPLACED_FAMILIES = 4, ("Metric learning", "Classification CNN")  # families


def pick_catalogue(messages: DeltaGenerator) -> Catalogue:
    """Return the chosen catalogue, opened. Without one, show the build command and stop."""
    names = list_catalogues()
    requested = st.query_params.get("catalogue")
    if (building := _find_first_build(names, requested)) is not None:
        with messages:
            st.header("The catalogue is being built")
            st.write("Its pictures appear here as soon as they can be searched.")
            if not show_building(building):
                st.rerun()
        st.stop()
    if not names:
        with messages:
            st.header("No catalogue is built yet")
            st.write("A build that has just started appears here in a few seconds.")
            st.write("To build the demo catalogue, run this command:")
            st.code(PRECOMPUTE, language="bash")
            st.write("Or build one from a folder of pictures of your own:")
            st.code(BUILD_ANY, language="bash")
            _wait_for_build(names, requested)
        st.stop()
    default = choose_default_catalogue(names)
    if requested is not None and requested not in names:
        messages.warning("There is no catalogue of this name; showing another one.")
    expected = _get_expected(requested)
    if expected and expected not in names:
        with messages:
            _wait_for_build(names, requested)
    name = requested if requested in names else default
    if len(names) > 1:
        key = url.widget_key("catalogue", names)
        st.selectbox(
            "Catalogue",
            names,
            names.index(url.set_widget(key, name)),
            key=key,
            format_func=get_title,
            on_change=_handle_catalogue,
            args=(key,),
            label_visibility="collapsed",
            width=150,
        )
    try:
        return get_catalogue(name)
    except SimilarityError as error:
        with messages:
            show_error("This catalogue can't be opened.", explain_error(error))
        st.stop()


def get_title(name: str) -> str:
    """Return what a catalogue is called, or its name if that is unknown."""
    return truncate(find_title(get_catalogues_folder() / name))


def _find_first_build(names: list[str], requested: str | None) -> Path | None:
    """Return the folder of a catalogue whose first build is running, or None.

    If other catalogues can be opened, only the one named in the URL or by `make demo CATALOGUE=`
    counts.
    """
    folder = get_catalogues_folder()
    name = _get_expected(requested)
    if not names:
        folders = sorted(folder.glob("*/")) if folder.is_dir() else []
        return next((folder for folder in folders if read_progress(folder)), None)
    if NAME.fullmatch(name) and name not in names and read_progress(folder / name):
        return folder / name
    return None


def _get_expected(requested: str | None) -> str:
    """Return the catalogue that the URL or `make demo CATALOGUE=` names, built or not, or ""."""
    configured = os.environ.get("SIMILARITY_CATALOGUE", "")
    return requested or find_catalogue(configured) or configured


@st.fragment(run_every=POLL_INTERVAL)
def _wait_for_build(names: list[str], requested: str | None) -> None:
    """Rerun the page once a catalogue is built or a first build begins.

    `make demo` starts the app and the build together, so the app may be reached first.
    """
    if list_catalogues() != names or _find_first_build(names, requested) is not None:
        st.rerun()


def choose_default_catalogue(names: list[str]) -> str:
    """Return the catalogue that `make demo CATALOGUE=` names or was built from, or the first."""
    name = _get_expected(None)
    return name if name in names else names[0]


def choose_default_methods(methods: Iterable[Method]) -> list[str]:
    """Return the four methods shown initially: the newest of each family.

    With more than four families, those that newer ones replaced are left out.
    """
    newest = {family: keys[-1] for family, keys in group_by_family(methods).items()}
    for family in REPLACED_FAMILIES:
        if len(newest) > DEFAULT_METHODS:
            newest.pop(family, None)
    return list(newest.values())


def pick_methods(
    catalogue: Catalogue,
    messages: DeltaGenerator,
    *,
    by_text: bool = False,
    show_more: Callable[[], None] = lambda: None,
) -> list[Method]:
    """Let the visitor choose methods; return them in the order of their families.

    With `by_text`, only methods that can search by text, all of them by default. The URL keeps that
    choice apart from the one for pictures. `show_more` shows what else belongs to the choice.
    """
    built = catalogue.methods
    if not built:
        messages.warning("This catalogue has no index yet. Build them:")
        messages.code(format_build_command(catalogue), language="bash")
        st.stop()
    parameter, candidates = (
        ("text_methods", list_text_methods(catalogue)) if by_text else ("methods", built)
    )
    selection, unavailable = _get_requested(catalogue, parameter, candidates)
    if unavailable:
        messages.warning(escape(_describe_unavailable(catalogue, unavailable)))
    registry = catalogue.registry
    families = group_by_family(registry[key] for key in built)
    keys = {
        family: url.widget_key(f"{parameter} {family}", candidates)
        for family in group_by_family(registry[key] for key in candidates)
    }

    def get_selected() -> list[str]:
        selected = {key for widget in keys.values() for key in st.session_state.get(widget) or []}
        return [key for key in candidates if key in selected]

    label = f"Methods: {len(selection)} of {len(candidates)}"
    with (
        st.popover(label, icon=":material/category:", width="content"),
        st.container(key="families", gap="xsmall"),
    ):
        for family, family_keys in families.items():
            st.caption(escape(family))
            with st.container(horizontal=True, gap="xsmall"):
                available = [key for key in family_keys if key in candidates]
                if available:
                    st.pills(
                        family,
                        available,
                        selection_mode="multi",
                        default=url.set_widget(
                            keys[family], [key for key in selection if key in available]
                        ),
                        format_func=lambda method: escape(registry[method].title),
                        key=keys[family],
                        on_change=lambda: url.update_url(**{parameter: ",".join(get_selected())}),
                        label_visibility="collapsed",
                        wrap=True,
                    )
                for key in family_keys:
                    if key not in candidates:
                        show_unavailable(registry[key], "Can't search by text.")
        show_more()
        show_missing_methods(catalogue)
        st.page_link(
            "methods.py",
            label="What each of them is",
            icon=":material/info:",
            query_params=url.get_shared_parameters(),
        )
    show_requested_commands(catalogue)
    return [catalogue.resolve_method_for_display(key) for key in get_selected()]


def list_text_methods(catalogue: Catalogue) -> list[str]:
    """Return the keys of built methods that can search by text."""
    return [key for key in catalogue.methods if catalogue.registry[key].answers_text]


def get_picture_methods(catalogue: Catalogue) -> list[str]:
    """Return the keys of the methods that are chosen for pictures."""
    return _get_requested(catalogue, "methods", catalogue.methods)[0]


def _get_requested(
    catalogue: Catalogue, parameter: str, candidates: list[str]
) -> tuple[list[str], list[str]]:
    """Return the candidates that the URL names, or the default, and what else it names."""
    requested = st.query_params.get(parameter)
    names = [name for name in (requested or "").split(",") if name]
    selection = [key for key in candidates if key in names]
    unavailable = [name for name in dict.fromkeys(names) if name not in candidates]
    if requested is None or (unavailable and not selection):
        is_by_text = parameter == "text_methods"
        methods = [catalogue.registry[key] for key in candidates]
        selection = candidates if is_by_text else choose_default_methods(methods)
    return selection, unavailable


def _describe_unavailable(catalogue: Catalogue, names: list[str]) -> str:
    """Return which methods of the URL can't be shown."""
    registry = catalogue.registry
    titles = [registry[name].title if name in registry else truncate(name, 40) for name in names]
    if len(titles) > MAX_NAMES:
        titles[MAX_NAMES - 1 :] = [f"{len(titles) - MAX_NAMES + 1} others"]
    return f"Not available here: {join_names(titles)}. Showing the available methods."


def pick_k(catalogue: Catalogue, messages: DeltaGenerator) -> int:
    """Let the visitor choose the number of results per method."""
    product_count = len(catalogue.products)
    larger = [k for k in K_CHOICES if k >= product_count][:1]  # the first that shows all products
    choices = [k for k in K_CHOICES if k < product_count] + larger
    if len(choices) == 1:
        return product_count
    requested = url.get_number("k", DEFAULT_K)
    key = url.widget_key("k", choices)
    st.selectbox(
        "Results per method",
        choices,
        choices.index(url.set_widget(key, min(choices, key=lambda k: abs(k - requested)))),
        format_func=lambda k: f"{k} results",
        key=key,
        on_change=lambda: url.update_url(k=str(st.session_state[key])),
        label_visibility="collapsed",
        width=130,
    )
    k = min(st.session_state[key], product_count)
    if requested != k < product_count:
        messages.info(f"{requested} results aren't one of the choices; showing {k}.")
    return k


def pick_details() -> bool:
    """Let the visitor switch scores, times and agreement on; off by default."""
    return _pick_flag(
        "details", "Details", "Scores, attributes, times, and how far the methods agree"
    )


def pick_intervals() -> bool:
    """Let the visitor show the intervals in a table; off by default."""
    return _pick_flag(
        "intervals", "Intervals", "95 % intervals of all figures. They are also in the tooltips."
    )


def _pick_flag(name: str, label: str, description: str) -> bool:
    """Let the visitor switch something on: `name` is 1 in the URL then."""
    key = url.widget_key(name)
    return st.toggle(
        label,
        url.set_widget(key, st.query_params.get(name) == "1"),
        key=key,
        on_change=lambda: url.update_url(**{name: "1" if st.session_state[key] else None}),
        help=description,
    )


def pick_option(
    name: str,
    label: str,
    options: Sequence[str],
    format_option: Callable[[str], str] = str,
    **changes: str | None,
) -> str:
    """Let the visitor choose one of several options, stored in the URL; the first by default.

    `changes` are other URL parameters that change with it.
    """
    key = url.widget_key(name, [format_option(option) for option in options])
    requested = st.query_params.get(name)
    st.segmented_control(
        label,
        options,
        default=url.set_widget(key, requested if requested in options else options[0]),
        format_func=lambda option: escape(format_option(option)),
        key=key,
        required=True,
        on_change=lambda: url.update_url(**{name: st.session_state[key]}, **changes),
        label_visibility="collapsed",
    )
    return st.session_state[key]


def _handle_catalogue(key: str) -> None:
    # Products, methods and categories are specific to a catalogue; texts are not.
    of_catalogue = (
        *(name for name in url.OF_QUERY if name != "text"),
        "methods",
        "text_methods",
        "category",
        "page",
        "pair",
        "rows",
        "attribute",
        "good",
        "products",
    )
    of_map = ("selected", "by", "colour")
    of_filter = ("unlike", "one_per", *(n for n in st.query_params if n.startswith(PREFIX)))
    names = (*of_catalogue, *of_map, *of_filter)
    url.update_url(catalogue=st.session_state[key], **dict.fromkeys(names))
