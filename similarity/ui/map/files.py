"""Serve maps by address: a browser fetches each once, and no run of the page sends it again."""

import hashlib
import json

import pandas as pd
import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.measures.maps.schema import Maps
from similarity.store.paths import NAME
from similarity.ui.shared.caches import shared_catalogue, shared_maps
from similarity.ui.shared.gallery import HIDDEN, name_of
from similarity.ui.shared.thumbnails import base_path

COLOURS = 16  # that differ, as in colours.js
LONGEST = 30  # characters of a value, as under pictures
# The address names what is in the file: that never changes.
KEEP = {"Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff"}


def files_url(catalogue: Catalogue) -> str:
    """The address below which the files of a catalogue's maps are, as it is now."""
    return f"{base_path()}/maps/{catalogue.name}/{_version(catalogue)}/"


def colourings(products: pd.DataFrame) -> list[str]:
    """The attributes that points can be coloured by: those whose values products share.

    First the first whose values all have a colour, if there is one; the category before others.
    """
    found = []
    for name in products:
        values = products[name]
        if name in HIDDEN or not pd.api.types.is_string_dtype(values):
            continue
        counts = values[values != ""].value_counts()
        if len(counts) > 1 and counts[counts > 1].sum() > counts.sum() / 2:
            found.append(str(name))
    found.sort(key=lambda name: name != "category")
    few = [name for name in found if products[name].nunique() <= COLOURS]
    return sorted(found, key=lambda name: name not in few[:1])


def shared_colourings(catalogue: Catalogue) -> list[str]:
    """Those of a catalogue, counted once: every run of the page asks."""
    return _colourings(catalogue.generation.pointer, catalogue)


@st.cache_data(max_entries=4, show_spinner=False)
def _colourings(pointer: bytes, _catalogue: Catalogue) -> list[str]:
    return colourings(_catalogue.products)


def products_json(catalogue: Catalogue, found: Maps) -> bytes:
    """The products on the maps: ids, names, and of each attribute the values, most common first,
    how many have each, and each product's as a number, -1 where it has none."""
    products = catalogue.products.iloc[found.near.queries]
    attributes = []
    for name in shared_colourings(catalogue):
        texts = products[name].str.slice(0, LONGEST)
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
    names = [name_of(row) for row in products.to_dict("records")]
    content = {"ids": products.index.tolist(), "names": names, "attributes": attributes}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def map_bytes(found: Maps, method: str) -> bytes:
    """One map: all places as float32, then the numbers of all nearest as uint16, little-endian."""
    places, near = found.places[method], found.numbers[method]
    return places.astype("<f4").tobytes() + near.astype("<u2").tobytes()


def _version(catalogue: Catalogue) -> str:
    return hashlib.sha256(catalogue.generation.pointer).hexdigest()[:20]


@st.cache_resource(max_entries=32, show_spinner=False)
def _content(version: str, file: str, _catalogue: Catalogue) -> bytes:
    found = shared_maps(_catalogue)
    if file == "products.json":
        return products_json(_catalogue, found)
    method, _, kind = file.partition(".")
    if kind != "bin" or method not in found.places:
        raise SimilarityError(f"there is no {file}")
    return map_bytes(found, method)


def _answer(request: Request) -> Response:
    # Not in the event loop, as thumbnails are: the names of 20,000 products take a while.
    name, version = request.path_params["catalogue"], request.path_params["version"]
    if NAME.fullmatch(name):
        try:
            catalogue = shared_catalogue(name)
            if version == _version(catalogue):
                file = request.path_params["file"]
                kind = "application/json" if file.endswith(".json") else "application/octet-stream"
                return Response(_content(version, file, catalogue), media_type=kind, headers=KEEP)
        except SimilarityError:
            pass
    return PlainTextResponse("There is no such map.", status_code=404)


ROUTE = Route(base_path() + "/maps/{catalogue}/{version}/{file}", _answer)
