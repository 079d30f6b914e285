"""The app: `streamlit run app.py`. Pages, and the thumbnails that they show."""

import streamlit as st

from similarity.ui.thumbnails import ROUTE

app = st.App("pages/frame.py", routes=[ROUTE])
