"""The ASGI app for `streamlit run app.py`: the pages, and routes for thumbnails and maps."""

import streamlit as st

from similarity.ui.map import files
from similarity.ui.shared.sockets import disable_nagle
from similarity.ui.shared.thumbnails import ROUTE

app = st.App("pages/frame.py", routes=[ROUTE, files.ROUTE], lifespan=disable_nagle)
