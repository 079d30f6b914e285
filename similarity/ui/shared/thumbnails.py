"""Serve thumbnails by address, so that browsers fetch them in parallel and keep them."""

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from similarity.errors import SimilarityError
from similarity.store.paths import NAME, PRODUCT_ID
from similarity.ui.shared.caches import shared_catalogue

# A product's id is its content's hash: what is at an address never changes, only how it is made.
KEEP = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}


def thumbnail_url(catalogue: str, product: str) -> str:
    """The address of a product's thumbnail."""
    return f"{base_path()}/thumbs/{catalogue}/{product}.webp"


def base_path() -> str:
    """What stands before every path of the app, where it is not at the top of its host."""
    given = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{given}" if given else ""


async def _answer(request: Request) -> Response:
    # Read in the event loop: for 48 small files at once that is several times as fast as handing
    # each to a thread.
    name, product = request.path_params["catalogue"], request.path_params["product"]
    if NAME.fullmatch(name) and PRODUCT_ID.fullmatch(product):
        try:
            content = shared_catalogue(name).thumbnail(product)
            return Response(content, media_type="image/webp", headers=KEEP)
        except SimilarityError:
            pass
    return PlainTextResponse("There is no such picture.", status_code=404)


ROUTE = Route(base_path() + "/thumbs/{catalogue}/{product}.webp", _answer)
