"""6: which embedding to start with, and what to try before it goes into a shop."""

from typing import Any

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import build_command, train_command
from similarity.methods import METHODS
from similarity.methods.trained import title
from similarity.ui.learn import guide
from similarity.ui.learn.part import heading
from similarity.ui.shared import query as url
from similarity.ui.shared.component import component
from similarity.ui.shared.plain import plain
from similarity.ui.shared.unbuilt import build_lines

MILLION = 1_000_000

_guide = component(__file__)


def show_start(catalogue: Catalogue) -> None:
    """The chart of questions, and the method at the end of the path."""
    heading(
        6,
        "Which embedding should I start with?",
        "Answer the questions: the path lights up and ends in a method. **It is a place to start, "
        "not a verdict**: on Compare you see what it does with your own products.",
        "The idea of a flowchart is the article's; questions and answers are ours.",
    )
    st.fragment(_show)(catalogue)


def _show(catalogue: Catalogue) -> None:
    given, node = guide.follow(st.query_params.get("guide", ""))
    key = url.key("guide")

    def chosen() -> None:
        path = st.session_state[key].get("chosen")
        if isinstance(path, str):
            url.put(guide=".".join(guide.follow(path)[0]) or None)

    data = {"tree": tree(guide.ROOT), "given": ".".join(given)}
    _guide(key=key, data=data, on_chosen_change=chosen)
    if isinstance(node, guide.Ending):
        _show_ending(catalogue, node)


def tree(node: guide.Node, path: str = "") -> dict[str, Any]:
    """The chart as the component draws it: questions with their answers, and titles at the ends."""
    if isinstance(node, guide.Ending):
        return {"ending": called(node)}
    return {
        "question": node.text,
        "answers": [
            {"path": (at := f"{path}.{key}".strip(".")), "label": label, "to": tree(after, at)}
            for key, (label, after) in node.answers.items()
        ],
    }


def called(ending: guide.Ending) -> str:
    """What a person calls an ending's method."""
    if ending.train:
        return f"{title(ending.train)}, trained on your pictures"
    return METHODS[ending.method].title


def commands(catalogue: Catalogue, ending: guide.Ending) -> str:
    """What to type to have an ending's method for this catalogue, a command a line."""
    if ending.train:
        method = f"{ending.train}_{catalogue.name}"[:32]
        out = f"assets/weights/{method}.safetensors"
        train = train_command(ending.train, catalogue.name, out)
        return "\n".join([train, build_command(catalogue, [method])])
    return build_lines(catalogue, [ending.method])


def _show_ending(catalogue: Catalogue, ending: guide.Ending) -> None:
    method = METHODS[ending.method]
    size = 4 * method.dim if method.index == "flat" else method.dim  # bytes a product on disk
    whose = f"{plain(method.weights)} Licence: {plain(method.licence)}."
    if ending.train:
        whose = "What is trained is your own."
    if ending.train == "lit":
        whose += f" It stands on the two networks of ConSE, licence {METHODS['conse'].licence}."
    with st.container(border=True):
        st.subheader(plain(f"Start with {called(ending)}"))
        st.markdown(f"**Why.** {plain(ending.why)}")
        st.markdown(f"**Then.** {plain(ending.then)}")
        st.markdown(
            f"**What it takes.** {method.dim:,} numbers a product: "
            f"{_bytes(size * len(catalogue.products))} for this catalogue, "
            f"{_bytes(size * MILLION)} for a million products. "
            f"{whose}"
        )
        st.code(commands(catalogue, ending), language="bash", wrap_lines=True)
        if ending.method in catalogue.methods:
            said = "as it comes, not trained on your pictures" if ending.train else "built here"
            st.page_link(
                "compare.py",
                label=plain(f"See {method.title} on Compare ({said})"),
                icon=":material/view_column:",
                query_params={"catalogue": catalogue.name, "methods": ending.method},
            )


def _bytes(count: float) -> str:
    for unit in ("KB", "MB", "GB"):
        count /= 1000
        if count < 1000 or unit == "GB":
            break
    return f"{count:,.0f} {unit}" if count >= 10 else f"{count:.1f} {unit}"
