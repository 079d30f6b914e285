"""Every method's results for a distorted picture, compared with those for the original."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace

import streamlit as st
from PIL import Image

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.display.products import get_attributes
from similarity.display.text import format_count
from similarity.errors import SimilarityError
from similarity.hits import Hit
from similarity.indexes import RandomPairs, Rows
from similarity.measures.metrics.verdict import join_names
from similarity.measures.rankings import find_with_product
from similarity.methods import Method
from similarity.pictures.read import read_picture
from similarity.ui.robustness.sliders import format_parameter
from similarity.ui.shared import query as url
from similarity.ui.shared.columns import make_cells, make_heading
from similarity.ui.shared.gallery import Column, Picture, make_pictures, read_rows, show_gallery
from similarity.ui.shared.nearness import describe_pairs, format_nearness
from similarity.ui.shared.search import encode_picture

WAITING_MESSAGE = "Searching with the changed picture… the first search loads models, some seconds."


@dataclass(frozen=True)
class Subject:
    """What is distorted: a product of the catalogue, or an uploaded picture, and its name.

    `picture` is its picture at the size for perturbations.
    """

    query: url.Query
    name: str
    picture: Image.Image


def show_answers(
    catalogue: Catalogue,
    methods: list[Method],
    subject: Subject,
    changed_picture: Image.Image,
    amounts: Mapping[str, int],
    k: int,
) -> list[Column]:
    """Show a column for each method. A click makes a picture the product."""
    if not methods:
        st.info("Choose at least one method to see its results.")
        return []
    columns = []
    is_waiting = amounts or subject.query.upload
    with st.spinner(WAITING_MESSAGE, show_time=True) if is_waiting else nullcontext():
        for method in methods:
            try:
                columns.append(make_column(catalogue, method, subject, changed_picture, amounts, k))
            except SimilarityError as error:
                columns.append(
                    replace(
                        make_heading(catalogue, method), message=explain_error(error), failed=True
                    )
                )
    headlines = [
        f"{shown_column.title}: {shown_column.headline}"
        for shown_column in columns
        if shown_column.headline
    ]
    show_gallery(
        url.widget_key("answers"),
        columns,
        "columns",
        announcement=f"{join_names(headlines)}." if headlines else "",
        on_pick=lambda picked: url.set_query("product", picked),
        on_look=lambda key, picked: st.session_state.update(looked=(key, picked)),
    )
    return columns


def make_column(
    catalogue: Catalogue,
    method: Method,
    subject: Subject,
    changed_picture: Image.Image,
    amounts: Mapping[str, int],
    k: int,
) -> Column:
    """Return a method's column: its current results, then those that it has lost.

    Raises SimilarityError if the method can't answer.
    """
    query, index = subject.query, catalogue.open_index(method)
    random_pairs = index.pairs["pictures"]
    product = query.value if query.kind == "product" else ""
    previous: list[Hit] = []
    hits, own_hit = _find_hits(catalogue, method, subject, _read_row(catalogue, method, query), k)
    if amounts:
        name = f"{query.value} {format_parameter(amounts)}"
        row, _ = encode_picture(catalogue, method, name, lambda: changed_picture)
        previous, (hits, own_hit) = hits, _find_hits(catalogue, method, subject, row, k)
    heading_column = make_heading(catalogue, method)
    heading = replace(
        heading_column,
        facts=[
            *heading_column.facts,
            "Every product is compared.",
            *describe_pairs(random_pairs, query),
        ],
    )
    if own_hit:
        rank = f"{own_hit.rank:,}{'=' if own_hit.tied else ''}"
        score = [f"cosine {own_hit.score:.3f}", format_nearness(random_pairs, own_hit.score)]
        heading = replace(
            heading,
            headline=f"Finds it at rank {rank} of {index.count:,}",
            recall=" · ".join(filter(None, score)),
        )
    current = make_current_pictures(catalogue, hits, product, previous, random_pairs)
    if not amounts:
        return replace(heading, pictures=current)
    kept_count = len({hit.product for hit in hits} & {hit.product for hit in previous})
    lost_pictures = make_lost_pictures(catalogue, hits, previous)
    return replace(
        heading,
        headline=heading.headline or f"{kept_count} of {len(hits)} results stay the same",
        pictures=[*current, *lost_pictures],
        unique_note=f"{kept_count} of {len(hits)} kept",
        weak_heading=f"lost: {format_count(len(lost_pictures), 'picture', 'pictures')} of before",
        weak_heading_short="lost from here",
    )


def _read_row(catalogue: Catalogue, method: Method, query: url.Query) -> Rows:
    """Return the vector of the picture as it is."""
    if query.upload is None:
        return catalogue.open_index(method).read_row(catalogue.find_position(query.value))
    content = query.upload.content
    return encode_picture(catalogue, method, query.value, lambda: read_picture(content))[0]


def _find_hits(
    catalogue: Catalogue, method: Method, subject: Subject, row: Rows, k: int
) -> tuple[list[Hit], Hit | None]:
    """Return the nearest products and, if the subject is a product, its own hit."""
    if subject.query.kind == "product":
        return find_with_product(catalogue, method, row, subject.query.value, k)
    return catalogue.find_nearest(method, row, min(k, len(catalogue.products)), exact=True), None


def make_current_pictures(
    catalogue: Catalogue,
    hits: list[Hit],
    product: str,
    previous: list[Hit],
    random_pairs: RandomPairs,
) -> list[Picture]:
    """Return the current pictures, marked by whether they were in the previous results.

    `product` is the product itself, or empty for an upload.
    """
    ids = [*filter(None, [product]), *(hit.product for hit in hits)]
    rows = read_rows(catalogue.products, ids)
    query = get_attributes(rows[product]) if product else {}
    cells = make_cells(catalogue.name, hits, rows, query, random_pairs, 0)
    marked = [replace(cell, shared_by="itself" if cell.id == product else "") for cell in cells]
    if not previous:
        return marked
    ranks = {hit.product: hit.rank for hit in previous}
    return [
        replace(
            cell,
            shared_by=cell.shared_by or ("kept" if cell.id in ranks else "new"),
            is_unique=cell.id not in ranks and cell.id != product,
            other_ranks=f"rank {ranks[cell.id]} for the original"
            if cell.id in ranks
            else "not a result for the original",
        )
        for cell in marked
    ]


def make_lost_pictures(catalogue: Catalogue, hits: list[Hit], previous: list[Hit]) -> list[Picture]:
    """Return the pictures that were in the previous results only."""
    current = {hit.product for hit in hits}
    lost_hits = [hit for hit in previous if hit.product not in current]
    rows = read_rows(catalogue.products, [hit.product for hit in lost_hits])
    cells = make_pictures(catalogue.name, rows)
    return [
        replace(
            cell, alt=f"{cell.alt}, lost; rank {hit.rank} before", rank="", is_weak=True, notes=()
        )
        for cell, hit in zip(cells, lost_hits, strict=True)
    ]
