"""Components of our own: a file of styles and some scripts that lie beside the module of each."""

from pathlib import Path
from typing import Any

import streamlit as st

SHARED = Path(__file__).with_name("element.js")


def component(module: str, *scripts: str) -> Any:
    """Register the component of a module's file, once, when the module is imported.

    It is an element of the module's name with its styles, NAME.css; the scripts, NAME.js unless
    others are named, find that element and the helper of element.js.
    """
    path = Path(module)
    files = [path.with_name(script) for script in scripts] or [path.with_suffix(".js")]
    return st.components.v2.component(
        f"similarity_{path.stem}",
        html=f'<div class="{path.stem}"></div>',
        css=path.with_suffix(".css").read_text(encoding="utf-8"),
        js="\n".join(file.read_text(encoding="utf-8") for file in (SHARED, *files)),
    )
