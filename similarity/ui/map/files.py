"""Serve maps by URL, so that a browser fetches each once and page runs don't send them."""

import hashlib
import json

import pandas as pd
import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from similarity.catalogue import Catalogue
from similarity.display.criterion import list_shared_attributes
from similarity.display.products import get_name
from similarity.errors import SimilarityError
from similarity.measures.maps.schema import Maps
from similarity.store.paths import NAME
from similarity.ui.shared.caches import get_catalogue, get_maps
from similarity.ui.shared.thumbnails import get_base_path

MAX_COLOURS = 16  # distinct colours, as in colours.js
MAX_VALUE = 30  # characters of a value, as under pictures
# A URL contains a hash of the generation, so its content never changes.
HEADERS = {
    "Cache-Control": "private, max-age=86400, immutable",
    "X-Content-Type-Options": "nosniff",
}


def get_files_url(catalogue: Catalogue) -> str:
    """Return the URL of the files of a catalogue's current maps, relative to that of a page."""
    return f"maps/{catalogue.name}/{_compute_version(catalogue)}/"


def list_colour_attributes(products: pd.DataFrame) -> list[str]:
    """Return the attributes to colour points by: those with values that products share.

    The category precedes others, and the first attribute whose values all get a colour precedes it.
    """
    attributes = list_shared_attributes(products)
    with_colours = [name for name in attributes if products[name].nunique() <= MAX_COLOURS]
    return sorted(attributes, key=lambda name: name not in with_colours[:1])


def get_colour_attributes(catalogue: Catalogue) -> list[str]:
    """Return a catalogue's attributes to colour points by, cached."""
    return _list_colour_attributes(catalogue.generation.pointer, catalogue)


@st.cache_data(max_entries=4, show_spinner=False)
def _list_colour_attributes(pointer: bytes, _catalogue: Catalogue) -> list[str]:
    return list_colour_attributes(_catalogue.products)


def serialise_products(catalogue: Catalogue, maps: Maps) -> bytes:
    """Return the products on the maps as JSON: ids, names and attributes.

    Each attribute has its values, most common first, their counts, and each product's value as a
    number, -1 without one.
    """
    products = catalogue.products.iloc[maps.neighbours.queries]
    attributes = []
    for name in get_colour_attributes(catalogue):
        texts = products[name].str.slice(0, MAX_VALUE)
        counts = texts[texts != ""].value_counts(sort=False).sort_index()
        counts = counts.sort_values(ascending=False, kind="stable")
        codes = pd.Categorical(texts, counts.index).codes
        attributes.append(
            {
                "name": name,
                "values": counts.index.tolist(),
                "counts": counts.tolist(),
                "codes": codes.tolist(),
            }
        )
    names = [get_name(row) for row in products.to_dict("records")]
    content = {"ids": products.index.tolist(), "names": names, "attributes": attributes}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def serialise_map(maps: Maps, method: str) -> bytes:
    """Return one map: coordinates as float32, then neighbours as uint16, little-endian."""
    coordinates, neighbours = maps.coordinates[method], maps.map_neighbours[method]
    return coordinates.astype("<f4").tobytes() + neighbours.astype("<u2").tobytes()


def _compute_version(catalogue: Catalogue) -> str:
    return hashlib.sha256(catalogue.generation.pointer).hexdigest()[:20]


@st.cache_resource(max_entries=32, show_spinner=False)
def _serialise_file(version: str, file: str, _catalogue: Catalogue) -> bytes:
    maps = get_maps(_catalogue)
    if file == "products.json":
        return serialise_products(_catalogue, maps)
    method, _, kind = file.partition(".")
    if kind != "bin" or method not in maps.coordinates:
        raise SimilarityError(f"there is no {file}")
    return serialise_map(maps, method)


def _respond(request: Request) -> Response:
    # In a thread, unlike thumbnails, because the names of 20,000 products take a while.
    name, version = request.path_params["catalogue"], request.path_params["version"]
    if NAME.fullmatch(name):
        try:
            catalogue = get_catalogue(name)
            if version == _compute_version(catalogue):
                file = request.path_params["file"]
                kind = "application/json" if file.endswith(".json") else "application/octet-stream"
                return Response(
                    _serialise_file(version, file, catalogue), media_type=kind, headers=HEADERS
                )
        except SimilarityError:
            pass
    return PlainTextResponse("There is no such map.", status_code=404)


ROUTE = Route(get_base_path() + "/maps/{catalogue}/{version}/{file}", _respond)
