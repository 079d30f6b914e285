"""Caches that all sessions share: opened catalogues and their measures."""

from pathlib import Path
from weakref import WeakValueDictionary

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.catalogues import open_catalogue
from similarity.loading import refreeze_gc
from similarity.measures.maps.schema import Maps, load_maps
from similarity.measures.metrics.schema import Metrics, load_metrics
from similarity.measures.neighbours.schema import Neighbours, load_neighbours
from similarity.measures.robustness.schema import Robustness, load_robustness
from similarity.store.paths import get_catalogues_folder

FREEZE_INTERVAL = 600  # s; it takes half a second

_opened: WeakValueDictionary[Path, Catalogue] = WeakValueDictionary()  # by folder


def get_catalogue(name: str) -> Catalogue:
    """Return a catalogue, opened once for all sessions and again after each build."""
    return _open_catalogue(get_catalogues_folder() / name)


@st.cache_resource(max_entries=4, show_spinner=False, validate=Catalogue.is_current)
def _open_catalogue(folder: Path) -> Catalogue:
    catalogue = open_catalogue(folder)
    _opened[folder] = catalogue
    refreeze_gc()  # lets a previous generation go that nobody uses any more
    return catalogue


def find_opened(name: str) -> Catalogue | None:
    """Return a catalogue that is open and current, or None if it would have to be opened."""
    catalogue = _opened.get(get_catalogues_folder() / name)
    return catalogue if catalogue and catalogue.is_current() else None


@st.cache_resource(max_entries=1, ttl=FREEZE_INTERVAL, show_spinner=False)
def freeze_gc_after(modules: int) -> None:
    """Exclude imported modules from garbage collection, once there are `modules` of them.

    Sessions that were open then are excluded, too. Repeating it lets those go that have ended.
    """
    refreeze_gc()


def get_neighbours(catalogue: Catalogue) -> Neighbours:
    """Return a catalogue's neighbours, loaded once. Raises as `load_neighbours`."""
    return _load_neighbours(catalogue.generation.pointer, catalogue)


@st.cache_resource(max_entries=4, show_spinner=False)
def _load_neighbours(pointer: bytes, _catalogue: Catalogue) -> Neighbours:
    return load_neighbours(_catalogue)


def get_robustness(catalogue: Catalogue) -> Robustness:
    """Return a catalogue's robustness, loaded once. Raises as `load_robustness`."""
    return _load_robustness(catalogue.generation.pointer, catalogue)


@st.cache_resource(max_entries=4, show_spinner=False)
def _load_robustness(pointer: bytes, _catalogue: Catalogue) -> Robustness:
    return load_robustness(_catalogue)


def get_maps(catalogue: Catalogue) -> Maps:
    """Return a catalogue's maps, loaded once. Raises as `load_maps`."""
    return _load_maps(catalogue.generation.pointer, catalogue)


@st.cache_resource(max_entries=4, show_spinner=False)
def _load_maps(pointer: bytes, _catalogue: Catalogue) -> Maps:
    return load_maps(_catalogue)


def get_metrics(catalogue: Catalogue) -> Metrics:
    """Return a catalogue's metrics, loaded once. Raises as `load_metrics`."""
    return _load_metrics(catalogue.generation.pointer, catalogue)


@st.cache_resource(max_entries=4, show_spinner=False)
def _load_metrics(pointer: bytes, _catalogue: Catalogue) -> Metrics:
    return load_metrics(_catalogue)
