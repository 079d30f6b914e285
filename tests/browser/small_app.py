"""app.py with published methods of two layers: see tests.units.small."""

from pathlib import Path

import streamlit as st

from similarity.ui.map import files
from similarity.ui.shared.thumbnails import ROUTE
from tests.units.small import shrink

shrink()
app = st.App(Path(__file__).parents[2] / "pages" / "frame.py", routes=[ROUTE, files.ROUTE])
