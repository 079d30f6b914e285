"""The frame around every page: its settings and the navigation."""

import sys
from pathlib import Path

import streamlit as st

from similarity.ui.shared import query as url
from similarity.ui.shared.caches import freeze_gc_after
from similarity.ui.shared.keep import show_keep_button, withdraw_page
from similarity.ui.shared.navigation import show_navigation, show_tabs

ASSETS = Path(__file__).parents[1] / "assets"
STYLE = Path(url.__file__).with_name("page.css")

# A file of our own, because Streamlit would fetch a named icon from another host.
st.set_page_config(page_title="Similarity", page_icon=str(ASSETS / "icon.svg"), layout="wide")
st.html(STYLE)  # spacing, sticky elements, focus and print
st.logo(str(ASSETS / "logo.svg"), size="large")
compare = st.Page("compare.py", title="Compare", default=True)
evidence = [
    st.Page("measure.py", title="Accuracy"),
    st.Page("map.py", title="Map"),
    st.Page("robustness.py", title="Robustness"),
]
people = [
    st.Page("vote.py", title="Blind vote"),
    st.Page("judge.py", title="Judgments"),
]
linked = [  # pages that only a link leads to
    st.Page("host.py", title="Your vote"),
    st.Page("ballot.py", title="Vote"),
    st.Page("grade.py", title="Judge"),
]
decide = st.Page("decide.py", title="Decide")
methods, learn = st.Page("methods.py", title="Methods"), st.Page("learn.py", title="Learn")
findings = [
    st.Page("findings.py", title="Findings"),
    st.Page("present.py", title="Present"),  # only Findings leads to it
]
# The navigation is drawn below, because Streamlit's own loses the query when it changes pages.
page = st.navigation(
    [compare, *evidence, *people, *linked, decide, methods, learn, *findings], position="hidden"
)
url.enter_page(page.url_path or "compare")
# participants only see what they are asked, and nothing stands around what is presented
is_participant = {"vote", "judge"} & set(st.query_params) and "host" not in st.query_params
if not is_participant and page != findings[1]:
    groups = {"Compare": [compare], "Evidence": evidence, "People": [*people, *linked]}
    groups |= {"Decide": [decide], "Methods": [methods], "Learn": [learn], "Findings": findings}
    show_navigation(groups, page, None if page in (*linked, *findings) else show_keep_button)
    for tabs in (evidence, people):
        if page in tabs:
            show_tabs(tabs, page)
withdraw_page()  # after the button, which keeps what was there when it was pressed
page.run()
freeze_gc_after(len(sys.modules))
