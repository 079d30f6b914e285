"""Pools that sessions share."""

from pathlib import Path

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.judgments.judging import Judging
from similarity.store.paths import NAME
from similarity.ui.shared.caches import get_catalogue
from similarity.ui.shared.plain import show_error


def open_pool() -> tuple[Judging, Catalogue]:
    """Return the pool in the URL and its catalogue, or show an error and stop."""
    try:
        name = st.query_params.get("catalogue", "")
        if not NAME.fullmatch(name):
            raise SimilarityError(
                "The link names no catalogue. Ask its host for the complete link."
            )
        catalogue = get_catalogue(name)
        return _open_judging(catalogue.folder, st.query_params.get("pool", "")), catalogue
    except SimilarityError as error:
        show_error("These results can't be judged.", explain_error(error))
        st.stop()


@st.cache_resource(max_entries=32, show_spinner=False)
def _open_judging(folder: Path, name: str) -> Judging:
    return Judging(folder, name)


def count_missing_products(judging: Judging, catalogue: Catalogue) -> int:
    """Return how many products of a pool are no longer in the catalogue."""
    return _count_missing(judging.name, catalogue.generation.pointer, judging, catalogue)


@st.cache_data(max_entries=32, show_spinner=False)
def _count_missing(name: str, pointer: bytes, _judging: Judging, _catalogue: Catalogue) -> int:
    return len(_judging.pool.list_products() - set(_catalogue.products.index))
