"""Let the visitor ask for more varied results: without near-duplicates, categories or variants."""

from typing import NamedTuple

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.filters import MAX_NAME
from similarity.display.text import truncate
from similarity.filters import Selection
from similarity.indexes.folding import NEAR, Folding
from similarity.ui.shared import query as url
from similarity.ui.shared.facets import list_facets
from similarity.ui.shared.filters import PageFilter

CATEGORY = "category"
NO_DUPLICATES, OTHER_CATEGORIES = "Hide near-duplicates", "Only other categories"
FOLD, UNLIKE, ONE_PER = "fold", "unlike", "one_per"  # URL parameters


class Variety(NamedTuple):
    """What makes results varied: see `Catalogue.search`. Empty texts are no attribute."""

    fold_duplicates: bool = False
    unlike: str = ""
    one_per: str = ""

    def list_parameters(self) -> dict[str, str]:
        """Return it as parameters of a link."""
        values = {FOLD: "1" if self.fold_duplicates else "", UNLIKE: self.unlike}
        return {name: text for name, text in (values | {ONE_PER: self.one_per}).items() if text}

    def list_labels(self) -> dict[str, str]:
        """Return what it does to the results, by the parameter of a link."""
        labels = {
            FOLD: NO_DUPLICATES,
            UNLIKE: OTHER_CATEGORIES,
            ONE_PER: f"One result per {truncate(self.one_per, MAX_NAME)}",
        }
        return {name: labels[name] for name in self.list_parameters()}

    def select(
        self, catalogue: Catalogue, query: url.Query, page_filter: PageFilter
    ) -> Selection | None:
        """Return the products that results may come from, None for all."""
        positions = [
            catalogue.find_position(term.value)
            for term in query.terms
            if term.kind == "product" and term.role != "less"
        ]
        names = list(filter(None, [self.unlike, self.one_per]))
        clauses = catalogue.attributes.differ_from(positions, names)
        return catalogue.attributes.select(page_filter.filter + clauses)

    def make_folding(self, catalogue: Catalogue) -> Folding | None:
        """Return what shares one result, if anything does."""
        return catalogue.make_folding(self.fold_duplicates, self.one_per or None)

    def describe(self) -> list[str]:
        """Return what was folded, and how."""
        facts = []
        if self.fold_duplicates:
            facts.append(
                "Near-duplicates share one result. They have a cosine of at least "
                f"{NEAR} by every method of this catalogue."
            )
        if self.one_per:
            facts.append(
                f"Each {truncate(self.one_per, MAX_NAME)} has one result at most, and the query's "
                "own has none."
            )
        if facts:
            facts.append("“+3” marks a result that stands for three others further down.")
        return facts


def get_variety(catalogue: Catalogue) -> Variety:
    """Return the choice in the URL."""
    names = list_facets(catalogue)
    one_per = st.query_params.get(ONE_PER, "")
    return Variety(
        st.query_params.get(FOLD) == "1",
        CATEGORY if st.query_params.get(UNLIKE) == CATEGORY and CATEGORY in names else "",
        one_per if one_per in names else "",
    )


def pick_variety(catalogue: Catalogue, query: url.Query) -> None:
    """Let the visitor choose it; nothing is left out at first."""
    variety = get_variety(catalogue)
    names = list_facets(catalogue)
    st.divider()
    _pick_flag(FOLD, "1", NO_DUPLICATES, variety.fold_duplicates)
    if CATEGORY in names and query.products:
        _pick_flag(UNLIKE, CATEGORY, OTHER_CATEGORIES, bool(variety.unlike))
    if names:
        options = ["", *names]
        key = url.widget_key(ONE_PER, options)
        st.selectbox(
            "One result per",
            options,
            options.index(url.set_widget(key, variety.one_per)),
            format_func=lambda name: truncate(name, MAX_NAME) if name else "product",
            key=key,
            on_change=lambda: url.update_url(**{ONE_PER: st.session_state[key] or None}),
            help="Choose the column that variants of a product share, such as the model's number.",
        )


def _pick_flag(name: str, value: str, label: str, is_on: bool) -> None:
    key = url.widget_key(name)
    st.toggle(
        label,
        url.set_widget(key, is_on),
        key=key,
        on_change=lambda: url.update_url(**{name: value if st.session_state[key] else None}),
    )


def show_if_empty(among: Selection | None, page_filter: PageFilter) -> None:
    """Say why there are no results, if only the choice of varied ones is the reason."""
    is_filter_empty = page_filter.among is not None and not len(page_filter.among.positions)
    if among is not None and not len(among.positions) and not is_filter_empty:
        st.info(
            "All products that fit have the query's values. Remove "
            f"“{OTHER_CATEGORIES}” or “One result per”."
        )
