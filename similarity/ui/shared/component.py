"""Register Streamlit components from the CSS and JavaScript files next to a module."""

from pathlib import Path
from typing import Any

import streamlit as st

HELPERS = Path(__file__).with_name("element.js")


def register_component(module: str, *scripts: str) -> Any:
    """Register a module's component; call it once, when the module is imported.

    It is an element with the module's name and the styles in NAME.css. Scripts are NAME.js unless
    others are named, and can use the helpers in element.js.
    """
    path = Path(module)
    files = [path.with_name(script) for script in scripts] or [path.with_suffix(".js")]
    return st.components.v2.component(
        f"similarity_{path.stem}",
        html=f'<div class="{path.stem}"></div>',
        css=path.with_suffix(".css").read_text(encoding="utf-8"),
        js="\n".join(file.read_text(encoding="utf-8") for file in (HELPERS, *files)),
    )
