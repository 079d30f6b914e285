"""Part 6 of the Learn page: which embedding to start with."""

from typing import Any

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import format_build_command, format_train_command
from similarity.methods import METHODS
from similarity.methods.trained_files import format_title
from similarity.ui.learn import guide
from similarity.ui.learn.evidence import show_evidence
from similarity.ui.learn.part import show_part_heading
from similarity.ui.shared import query as url
from similarity.ui.shared.component import register_component
from similarity.ui.shared.missing_methods import format_commands
from similarity.ui.shared.plain import escape

MILLION = 1_000_000

_component = register_component(__file__)


def show_start(catalogue: Catalogue) -> None:
    """Show the questions, and the method at the end of the path."""
    show_part_heading(
        6,
        "Which embedding should I start with?",
        "Answer the questions to get a method to start with. **It is a suggestion, not a "
        "verdict**: try it with your own products on Compare.",
        "The idea of a flowchart is the article's; the questions and answers are ours.",
    )
    st.fragment(_show)(catalogue)


def _show(catalogue: Catalogue) -> None:
    answers, node = guide.follow_path(st.query_params.get("guide", ""))
    key = url.widget_key("guide")

    def handle_path() -> None:
        path = st.session_state[key].get("chosen")
        if isinstance(path, str):
            url.update_url(guide=".".join(guide.follow_path(path)[0]) or None)

    data = {"tree": build_tree(guide.ROOT), "path": ".".join(answers)}
    _component(key=key, data=data, on_chosen_change=handle_path)
    if isinstance(node, guide.Ending):
        _show_ending(catalogue, node, answers)


def build_tree(node: guide.Node, path: str = "") -> dict[str, Any]:
    """Return the questions as the component draws them, with titles at the ends."""
    if isinstance(node, guide.Ending):
        return {"ending": get_ending_title(node)}
    return {
        "question": node.text,
        "answers": [
            {
                "path": (answer_path := f"{path}.{key}".strip(".")),
                "label": label,
                "to": build_tree(after, answer_path),
            }
            for key, (label, after) in node.answers.items()
        ],
    }


def get_ending_title(ending: guide.Ending) -> str:
    """Return the title of an ending's method."""
    if ending.training:
        return f"{format_title(ending.training)}, trained on your pictures"
    return METHODS[ending.method].title


def format_ending_commands(catalogue: Catalogue, ending: guide.Ending) -> str:
    """Return the commands that add an ending's method to this catalogue, one per line."""
    if ending.training:
        method = f"{ending.training}_{catalogue.name}"[:32]
        out = f"assets/weights/{method}.safetensors"
        train = format_train_command(ending.training, catalogue.name, out)
        return "\n".join([train, format_build_command(catalogue, [method])])
    return format_commands(catalogue, [ending.method])


def _show_ending(catalogue: Catalogue, ending: guide.Ending, answers: list[str]) -> None:
    method = METHODS[ending.method]
    bytes_per_product = 4 * method.dim if method.index == "flat" else method.dim  # on disk
    weights_text = f"{escape(method.weights)} Licence: {escape(method.licence)}."
    if ending.training:
        weights_text = "The trained weights are your own."
    if ending.training == "lit":
        weights_text += (
            f" It builds on the two networks of ConSE, licence {METHODS['conse'].licence}."
        )
    with st.container(border=True):
        st.subheader(escape(f"Start with {get_ending_title(ending)}"))
        st.markdown(f"**Why.** {escape(ending.reason)}")
        st.markdown(f"**Then.** {escape(ending.next_step)}")
        st.markdown(
            f"**What it takes.** {method.dim:,} numbers a product: "
            f"{_format_bytes(bytes_per_product * len(catalogue.products))} for this catalogue, "
            f"{_format_bytes(bytes_per_product * MILLION)} for a million products. "
            f"{weights_text}"
        )
        show_evidence(catalogue, answers, ending.method)
        st.code(format_ending_commands(catalogue, ending), language="bash", wrap_lines=True)
        if ending.method in catalogue.methods:
            note = "not yet trained on your pictures" if ending.training else "installed"
            st.page_link(
                "compare.py",
                label=escape(f"See {method.title} on Compare ({note})"),
                icon=":material/view_column:",
                query_params={"catalogue": catalogue.name, "methods": ending.method},
            )


def _format_bytes(count: float) -> str:
    for unit in ("KB", "MB", "GB"):
        count /= 1000
        if count < 1000 or unit == "GB":
            break
    return f"{count:,.0f} {unit}" if count >= 10 else f"{count:.1f} {unit}"
