"""The app: `streamlit run app.py`. Pages, and the thumbnails and maps that they show."""

import streamlit as st

from similarity.ui.map import files
from similarity.ui.shared.sockets import send_at_once
from similarity.ui.shared.thumbnails import ROUTE

app = st.App("pages/frame.py", routes=[ROUTE, files.ROUTE], lifespan=send_at_once)
