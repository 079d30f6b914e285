"""Serve thumbnails by URL, so that browsers fetch them in parallel and cache them."""

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from similarity.errors import SimilarityError
from similarity.store.paths import NAME, PRODUCT_ID
from similarity.ui.shared.caches import find_opened, get_catalogue

# A product's id is the hash of its content, so a URL's picture never changes.
HEADERS = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}


def thumbnail_url(catalogue: str, product: str) -> str:
    """Return the URL of a product's thumbnail, relative to that of a page.

    Every page is directly below the app's root, whatever prefix a proxy adds to it or strips.
    """
    return f"thumbs/{catalogue}/{product}.webp"


def get_base_path() -> str:
    """Return the path prefix under which this server has the app, if any."""
    path = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{path}" if path else ""


async def _respond(request: Request) -> Response:
    # Read in the event loop: for 48 small files at once that is several times as fast as handing
    # each to a thread.
    name, product = request.path_params["catalogue"], request.path_params["product"]
    if NAME.fullmatch(name) and PRODUCT_ID.fullmatch(product):
        try:
            # opening takes seconds for a million products, and the event loop serves all visitors
            catalogue = find_opened(name)
            if catalogue is None:
                catalogue = await run_in_threadpool(get_catalogue, name)
            content = catalogue.read_thumbnail(product)
            return Response(content, media_type="image/webp", headers=HEADERS)
        except SimilarityError:
            pass
    return PlainTextResponse("There is no such picture.", status_code=404)


ROUTE = Route(get_base_path() + "/thumbs/{catalogue}/{product}.webp", _respond)
