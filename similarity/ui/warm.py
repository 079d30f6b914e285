"""Load the models that words need in the background, so that the first words are not waited for."""

import logging
import threading
import time

import streamlit as st

from similarity.methods import METHODS
from similarity.search import Catalogue, embedder

AFTER = 3  # s: the first screen and the first clicks come before


@st.cache_resource(show_spinner=False)
def warm_up(methods: tuple[str, ...], _catalogue: Catalogue) -> None:
    """Start loading once a server; clicks on products need no model and don't wait for it."""

    def load() -> None:
        time.sleep(AFTER)
        for key in methods:
            if METHODS[key].answers_text:
                try:
                    embedder(_catalogue.method(key))
                except Exception:  # the search itself will tell the visitor
                    logging.getLogger(__name__).exception("%s can't be loaded", key)

    threading.Thread(target=load, name="warm-up", daemon=True).start()
