"""The frame around every page: its settings and the navigation."""

import sys
from pathlib import Path

import streamlit as st

from similarity.ui.shared import query as url
from similarity.ui.shared.caches import freeze_gc_after

ASSETS = Path(__file__).parents[1] / "assets"
STYLE = Path(url.__file__).with_name("page.css")

# A file of our own, because Streamlit would fetch a named icon from another host.
st.set_page_config(page_title="Similarity", page_icon=str(ASSETS / "icon.svg"), layout="wide")
st.html(STYLE)  # spacing, sticky elements, focus and print
st.logo(str(ASSETS / "logo.svg"), size="large")
page = st.navigation(
    [
        st.Page("compare.py", title="Compare", icon=":material/view_column:", default=True),
        st.Page("measure.py", title="Measure", icon=":material/insights:"),
        st.Page("map.py", title="Map", icon=":material/scatter_plot:"),
        st.Page("robustness.py", title="Robustness", icon=":material/healing:"),
        st.Page("methods.py", title="Methods", icon=":material/category:"),
        st.Page("learn.py", title="Learn", icon=":material/school:"),
        st.Page("vote.py", title="Blind vote", icon=":material/how_to_vote:"),
        st.Page("host.py", title="Your vote", visibility="hidden"),
        st.Page("ballot.py", title="Vote", visibility="hidden"),
    ],
    # Participants of a vote see nothing but the vote.
    position="hidden" if "vote" in st.query_params and "host" not in st.query_params else "top",
)
url.enter_page(page.url_path or "compare")
page.run()
freeze_gc_after(len(sys.modules))
