"""The summary at the top of Accuracy. Each sentence leads to its figures."""

from collections.abc import Sequence

import streamlit as st

from similarity.measures.summary import Sentence
from similarity.ui.shared import query as url
from similarity.ui.shared.plain import escape
from similarity.ui.shared.section import open_section


def show_summary(sentences: Sequence[Sentence], sections: Sequence[str]) -> None:
    """Show sentences as links; `sections` are the names of the page's sections.

    The scorecard stands below the summary, so what is about it opens its first chart.
    """
    with st.container(key="summary", gap=None):
        for number, (text, topic) in enumerate(sentences):
            label = f"**{escape(text)}**" if topic == "scorecard" else escape(text)
            if topic == "methods":
                parameters = url.get_shared_parameters()
                st.page_link("methods.py", label=label, query_params=parameters)
                continue
            section = topic if topic in sections else sections[0]
            st.button(
                label,
                key=url.widget_key(f"summary {number}"),
                type="tertiary",
                on_click=open_section,
                args=(section,),
                wrap=True,
            )
