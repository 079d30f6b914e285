"""What every method answers to a product's spoilt picture, beside what it answered before."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace

import streamlit as st
from PIL import Image

from similarity.catalogue import Catalogue, Hit
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.indexes import RandomPairs
from similarity.measures.metrics.verdict import listed
from similarity.methods import Method
from similarity.ui.robustness.knobs import written
from similarity.ui.shared import query as url
from similarity.ui.shared.answering import picture_row
from similarity.ui.shared.columns import cells, headed
from similarity.ui.shared.gallery import Column, Picture, gallery, pictures
from similarity.ui.shared.nearness import measured, near
from similarity.ui.shared.plain import counted

WAITING = "Asking with the changed picture… the first one after a start loads models, some seconds."


def show_answers(
    catalogue: Catalogue,
    methods: list[Method],
    product: str,
    changed: Image.Image,
    amounts: Mapping[str, int],
    k: int,
) -> list[Column]:
    """A column for each method; a click makes a picture the product that is looked at."""
    if not methods:
        st.info("Choose at least one method to see its answers.")
        return []
    columns = []
    with st.spinner(WAITING, show_time=True) if amounts else nullcontext():
        for method in methods:
            try:
                columns.append(column(catalogue, method, product, changed, amounts, k))
            except SimilarityError as error:
                columns.append(replace(headed(method), message=explain_error(error), failed=True))
    told = [f"{each.title}: {each.headline}" for each in columns if each.headline]
    gallery(
        url.key("answers"),
        columns,
        "columns",
        said=f"{listed(told)}." if told else "",
        on_pick=lambda picked: url.ask("product", picked),
        on_look=lambda key, picked: st.session_state.update(looked=(key, picked)),
    )
    return columns


def column(
    catalogue: Catalogue,
    method: Method,
    product: str,
    changed: Image.Image,
    amounts: Mapping[str, int],
    k: int,
) -> Column:
    """A method's answer now, then what it has lost; each marked. Raises SimilarityError."""
    index = catalogue.index(method)
    known, total = index.pairs["pictures"], index.count
    before: list[Hit] = []
    hits, own = catalogue.found(method, index.row(catalogue.position(product)), product, k)
    if amounts:
        row, _ = picture_row(catalogue, method, f"{product} {written(amounts)}", lambda: changed)
        before, (hits, own) = hits, catalogue.found(method, row, product, k)
    made = headed(method)
    facts = [
        *made.facts,
        "Every product is compared.",
        *measured(known, url.Query("product", product)),
    ]
    heading = replace(
        made,
        facts=facts,
        headline=f"Finds it at rank {own.rank:,}{'=' if own.tied else ''} of {total:,}",
        finds=" · ".join(filter(None, [f"cosine {own.score:.3f}", near(known, own.score)])),
    )
    shown = now(catalogue, hits, product, before, known)
    if not amounts:
        return replace(heading, pictures=shown)
    kept = len({hit.product for hit in hits} & {hit.product for hit in before})
    gone = lost(catalogue, hits, before)
    return replace(
        heading,
        pictures=[*shown, *gone],
        alone=f"{kept} of {len(hits)} kept",
        turn=f"lost: {counted(len(gone), 'picture', 'pictures')} of before",
        turn_short="lost from here",
    )


def now(
    catalogue: Catalogue, hits: list[Hit], product: str, before: list[Hit], known: RandomPairs
) -> list[Picture]:
    """The answer's pictures, each with what it was before, if there was anything before."""
    shown = cells(catalogue, hits, url.Query("product", product), known, 0)
    made = [replace(cell, found="itself" if cell.id == product else "") for cell in shown]
    if not before:
        return made
    ranks = {hit.product: hit.rank for hit in before}
    return [
        replace(
            cell,
            found=cell.found or ("kept" if cell.id in ranks else "new"),
            only=cell.id not in ranks and cell.id != product,
            elsewhere=f"rank {ranks[cell.id]} with the picture as it is"
            if cell.id in ranks
            else "not there with the picture as it is",
        )
        for cell in made
    ]


def lost(catalogue: Catalogue, hits: list[Hit], before: list[Hit]) -> list[Picture]:
    """The pictures that were in the answer, and are no longer."""
    there = {hit.product for hit in hits}
    gone = [hit for hit in before if hit.product not in there]
    shown = pictures(catalogue.name, catalogue.products, [hit.product for hit in gone])
    return [
        replace(cell, alt=f"{cell.alt}, lost; rank {hit.rank} before", rank="", weak=True, notes=())
        for cell, hit in zip(shown, gone, strict=True)
    ]
