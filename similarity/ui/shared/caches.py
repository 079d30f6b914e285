"""What sessions share: opened catalogues, and what was measured of them."""

import gc
from pathlib import Path

import streamlit as st

from similarity.catalogue import Catalogue, open_catalogue
from similarity.loading import freeze_gc
from similarity.measures.maps.schema import Maps, stored_maps
from similarity.measures.metrics.schema import Metrics, stored_metrics
from similarity.measures.neighbours.schema import Neighbours, stored_neighbours
from similarity.measures.robustness.schema import Robustness, stored_robustness
from similarity.store.paths import catalogues_folder


def shared_catalogue(name: str) -> Catalogue:
    """A built catalogue, opened once for all sessions, and again after it was rebuilt."""
    return _open(catalogues_folder() / name)


@st.cache_resource(max_entries=4, show_spinner=False, validate=Catalogue.is_current)
def _open(folder: Path) -> Catalogue:
    gc.unfreeze()  # a former generation of it goes, if nobody looks at it any more
    opened = open_catalogue(folder)
    freeze_gc()
    return opened


@st.cache_resource(max_entries=1, show_spinner=False)
def settle_after(modules: int) -> None:
    """Let garbage collection pass over what has been imported, once there are so many modules."""
    freeze_gc()


def shared_neighbours(catalogue: Catalogue) -> Neighbours:
    """What a build stored of the nearest of each product, read once.

    Raises as stored_neighbours does.
    """
    return _neighbours(catalogue.generation.pointer, catalogue)


@st.cache_resource(max_entries=4, show_spinner=False)
def _neighbours(pointer: bytes, _catalogue: Catalogue) -> Neighbours:
    return stored_neighbours(_catalogue)


def shared_robustness(catalogue: Catalogue) -> Robustness:
    """What a build measured of spoilt pictures, read once. Raises as stored_robustness does."""
    return _robustness(catalogue.generation.pointer, catalogue)


@st.cache_resource(max_entries=4, show_spinner=False)
def _robustness(pointer: bytes, _catalogue: Catalogue) -> Robustness:
    return stored_robustness(_catalogue)


def shared_maps(catalogue: Catalogue) -> Maps:
    """The maps that a build drew, read once. Raises as stored_maps does."""
    return _maps(catalogue.generation.pointer, catalogue)


@st.cache_resource(max_entries=4, show_spinner=False)
def _maps(pointer: bytes, _catalogue: Catalogue) -> Maps:
    return stored_maps(_catalogue)


def shared_metrics(catalogue: Catalogue) -> Metrics:
    """What a build measured of its methods, read once. Raises as stored_metrics does."""
    return _metrics(catalogue.generation.pointer, catalogue)


@st.cache_resource(max_entries=4, show_spinner=False)
def _metrics(pointer: bytes, _catalogue: Catalogue) -> Metrics:
    return stored_metrics(_catalogue)
