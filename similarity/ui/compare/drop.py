"""Search with a picture that is dropped or pasted anywhere on the page."""

from similarity.ui.shared import query as url
from similarity.ui.shared.component import register_component

_component = register_component(__file__)


def accept_pictures_anywhere() -> None:
    """Pass pictures that are dropped or pasted to the page's file upload."""
    _component(key=url.widget_key("drop"), data={})
