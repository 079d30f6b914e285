"""Register Streamlit components from the CSS and JavaScript files next to a module."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

HELPERS = Path(__file__).with_name("element.js")


def register_component(module: str, *files: str) -> Any:
    """Register a module's component; call it once, when the module is imported.

    It is an element with the module's name and the styles in NAME.css. Scripts are NAME.js unless
    others are named, and can use the helpers in element.js. `files` are other scripts, and styles
    that come before its own, relative to the module.
    """
    path = Path(module)
    others = [path.parent / file for file in files]
    scripts = [file for file in others if file.suffix == ".js"] or [path.with_suffix(".js")]
    styles = [file for file in others if file.suffix == ".css"]
    return st.components.v2.component(
        f"similarity_{path.stem}",
        html=f'<div class="{path.stem}"></div>',
        css=_read_files([*styles, path.with_suffix(".css")]),
        js=_read_files([HELPERS, *scripts]),
    )


def _read_files(paths: Sequence[Path]) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)
