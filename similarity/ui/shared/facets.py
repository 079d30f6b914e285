"""Let the visitor filter the products by their attributes."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from similarity.catalogue import Catalogue
from similarity.display.filters import MAX_NAME, describe_condition
from similarity.display.products import HIDDEN_COLUMNS
from similarity.display.text import truncate
from similarity.filters import MISSING, Condition, Filter, Range, Values
from similarity.ui.shared import query as url
from similarity.ui.shared.filters import set_conditions
from similarity.ui.shared.plain import escape

MAX_OPTIONS = 200  # values of an attribute that are listed at a time, the most frequent
MIN_RANGE = 12  # distinct numbers, above which an attribute is filtered by a range
MAX_FACETS = 8  # attributes that are shown at first


def show_panel(filter: Filter) -> DeltaGenerator:
    """Show the button of an empty panel for `pick_filter`; return the panel."""
    label = f"Filter: {len(filter)}" if filter else "Filter"
    return st.popover(label, icon=":material/filter_list:", width="content")


def pick_filter(
    panel: DeltaGenerator,
    catalogue: Catalogue,
    filter: Filter,
    show_more: Callable[[], None] = lambda: None,
) -> None:
    """Let the visitor choose values and ranges of every attribute; the URL has the choice.

    `show_more` shows what else decides which products are results.
    """
    names = list_facets(catalogue)
    with panel, st.container(key="facets", gap="small"):
        for name in _choose_facets(names, [clause.attribute for clause in filter]):
            _pick_conditions(catalogue, name, filter)
        if not names:
            st.caption("Products have no attributes to filter by. A table beside them adds some.")
        show_more()


def list_facets(catalogue: Catalogue) -> list[str]:
    """Return the attributes that can be filtered by: those with two values, the category first."""
    names = [name for name in catalogue.attributes.names if name not in HIDDEN_COLUMNS]
    names.sort(key=lambda name: name != "category")
    return [name for name in names if len(catalogue.attributes.get_values(name).texts) > 1]


def _choose_facets(names: list[str], filtered: list[str]) -> list[str]:
    """Return the first attributes, those of the filter, and one that the visitor adds."""
    visible = [name for name in names if name in names[:MAX_FACETS] or name in filtered]
    others = [name for name in names if name not in visible]
    if not others:
        return visible
    added = st.selectbox(
        "Attribute",
        others,
        None,
        key=url.widget_key("facet", others),
        format_func=lambda name: truncate(name, MAX_NAME),
        placeholder=f"{len(others)} more attributes",
        label_visibility="collapsed",
    )
    return [*visible, added] if added else visible


def _pick_conditions(catalogue: Catalogue, name: str, filter: Filter) -> None:
    """Let the visitor choose the conditions on one attribute.

    Counts are of the products that the conditions on all other attributes leave.
    """
    values = catalogue.attributes.get_values(name)
    conditions = next((c.conditions for c in filter if c.attribute == name), ())
    others = tuple(clause for clause in filter if clause.attribute != name)
    counts = values.count(catalogue.attributes.match(others) if others else None)
    ranges = [each for each in conditions if not isinstance(each, str)]
    has_range = bool(ranges) or (values.is_numeric and len(values.distinct_numbers) > MIN_RANGE)
    if has_range:
        _pick_range(name, values.distinct_numbers, ranges, conditions)
    _pick_values(name, values, counts, conditions, without_numbers=has_range)


def _pick_range(
    name: str, numbers: np.ndarray, ranges: list[Range], conditions: tuple[Condition, ...]
) -> None:
    low, high = (float(ranges[0][0]), float(ranges[0][1])) if ranges else (-np.inf, np.inf)
    values = [c for c in conditions if isinstance(c, str)]
    keys = [url.widget_key(f"{bound} {name}") for bound in ("lowest", "highest")]

    def handle_change() -> None:
        first, last = (st.session_state[key] for key in keys)
        if first is None and last is None:
            set_conditions(name, values)
            return
        bounds = (-np.inf if first is None else first, np.inf if last is None else last)
        set_conditions(name, [(min(bounds), max(bounds)), *values])

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for key, bound, limit, label in (
            (keys[0], low, numbers[0], "from"),
            (keys[1], high, numbers[-1], "to"),
        ):
            st.number_input(
                escape(f"{truncate(name, MAX_NAME).capitalize()} {label}"),
                value=url.set_widget(key, bound if np.isfinite(bound) else None),
                key=key,
                format="%.6g",
                placeholder=f"{limit:g}",
                on_change=handle_change,
            )


def _pick_values(
    name: str,
    values: Values,
    counts: npt.NDArray[np.int64],
    conditions: tuple[Condition, ...],
    *,
    without_numbers: bool,
) -> None:
    """Let the visitor choose values; `counts` has the number of products of each."""
    selected = [condition for condition in conditions if isinstance(condition, str)]
    ranges = [condition for condition in conditions if not isinstance(condition, str)]
    selected_codes = [values.code_by_text[text] for text in selected]
    is_option = counts > 0
    if without_numbers:
        is_option &= ~np.isfinite(values.numbers)
    is_option[selected_codes] = True
    codes = np.flatnonzero(is_option)
    if not len(codes):
        return
    title = truncate(name, MAX_NAME)
    total = len(codes)
    if total > MAX_OPTIONS:
        part = st.text_input(
            escape(f"Find values of {title}"), key=url.widget_key(f"find {name}"), type="search"
        ).casefold()
        if part:
            codes = np.array([c for c in codes if part in values.texts[c].casefold()], np.int64)
        codes = codes[np.argsort(-counts[codes], kind="stable")[:MAX_OPTIONS]]
        codes = np.union1d(codes, np.array(selected_codes, np.int64))
    labels = {
        values.texts[code]: f"{describe_condition(values.texts[code])} ({counts[code]:,})"
        for code in sorted(
            codes, key=lambda c: (values.texts[c] == MISSING, -counts[c], values.texts[c])
        )
    }
    key = url.widget_key(f"values {name}", list(labels.values()))
    st.multiselect(
        escape(title.capitalize()),
        list(labels),
        url.set_widget(key, selected),
        key=key,
        format_func=labels.__getitem__,
        placeholder="Without a number" if without_numbers else "Any",
        on_change=lambda: set_conditions(name, [*ranges, *st.session_state[key]]),
        filter_mode="contains",
        select_all=False,
    )
    if total > MAX_OPTIONS:
        st.caption(f"The {MAX_OPTIONS} most frequent of {total:,}; type above to find others.")
