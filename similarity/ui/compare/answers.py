"""Every method's results for a query, as columns of pictures."""

from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from statistics import median

import streamlit as st
from PIL import Image

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.display.criterion import Criterion, mark_wrong
from similarity.display.headline import MethodResult
from similarity.display.products import ProductRow, get_attributes, get_name
from similarity.display.text import format_count
from similarity.errors import SimilarityError
from similarity.filters import Selection
from similarity.hits import Hit
from similarity.judgments.judgment import GRADES
from similarity.measures.metrics.verdict import join_names
from similarity.methods import Method
from similarity.parts import Term
from similarity.pictures.read import read_picture
from similarity.ui.compare.agreement import add_agreement, make_agreement
from similarity.ui.compare.match import describe_match
from similarity.ui.compare.overall import describe_overall
from similarity.ui.compare.refine import add_term
from similarity.ui.compare.variety import Variety
from similarity.ui.shared import query as url
from similarity.ui.shared.columns import make_cells, make_heading
from similarity.ui.shared.gallery import Column, read_rows, show_gallery
from similarity.ui.shared.judgments import get_grade_names
from similarity.ui.shared.nearness import describe_pairs, get_random_pairs
from similarity.ui.shared.search import Answer, find_answer
from similarity.ui.shared.shortcut import describe_recall, describe_search
from similarity.ui.shared.uploads import find_picture

FIRST_MODEL_MESSAGE = (
    "Searching… the first words or picture after a start load a model, some ten seconds."
)
GRADE_FACT = (
    f"{join_names(list(GRADES.values()), 'or')}: how people judged a result for this query."
)
MIN_SEARCHES, MAX_SEARCHES = 5, 25  # searches whose median time is shown


@dataclass(frozen=True)
class Settings:
    """What decides how results are shown.

    `criterion` makes a result right, if anything does. Matches are weak if they are nearer than
    less than `weak_threshold` percent of random pairs. `details` are scores, times and agreement.
    The best result of `bridge` stands in for words that a method can't read. Results are `among`
    some products, and as varied as `variety` says.
    """

    k: int
    weak_threshold: int
    criterion: Criterion | None
    details: bool
    bridge: Method | None = None
    among: Selection | None = None
    variety: Variety = field(default_factory=Variety)


@dataclass(frozen=True)
class Answers:
    """The columns of all methods, the hits of those that have any, and the hits' attributes.

    `hits` are by the key of a method, `rows` by product.
    """

    columns: list[Column]
    hits: dict[str, list[Hit]]
    rows: Mapping[str, ProductRow]

    def list_results(self, criterion: Criterion) -> list[MethodResult]:
        """Return how many results of each method are right."""
        results = []
        for column in self.columns:
            if column.key in self.hits:
                rows = [self.rows[hit.product] for hit in self.hits[column.key]]
                results.append(MethodResult(column.title, rows, sum(map(criterion.is_met, rows))))
        return results


def find_answers(
    catalogue: Catalogue, methods: list[Method], query: url.Query, settings: Settings
) -> Answers:
    """Search with every method. A method that fails has a column with the reason."""

    @cache  # once for all methods, and only if needed
    def decode(picture: str) -> Image.Image:
        upload = find_picture(picture)
        assert upload is not None
        return read_picture(upload.content)

    folding = settings.variety.make_folding(catalogue)
    answers: dict[str, Answer] = {}
    errors: dict[str, str] = {}
    spinner = (
        st.spinner(FIRST_MODEL_MESSAGE, show_time=True) if query.needs_model else nullcontext()
    )
    with spinner:
        for method in methods:
            try:
                recent = _get_recent_times(catalogue, method.key)
                repetitions = max(1, MIN_SEARCHES - len(recent)) if settings.details else 1
                answers[method.key] = find_answer(
                    catalogue,
                    method,
                    query,
                    settings.k,
                    decode,
                    bridge=settings.bridge,
                    among=settings.among,
                    folding=folding,
                    repetitions=repetitions,
                )
                recent.extend(answers[method.key].search_ms)
            except SimilarityError as error:
                errors[method.key] = explain_error(error)
    hits = {key: answers[key].hits for key in answers if answers[key].hits}
    products = [hit.product for method_hits in hits.values() for hit in method_hits]
    products.extend(query.products)
    products.extend(p for answer in answers.values() for p in answer.stand_ins.values())
    rows = read_rows(catalogue.products, products)
    grades = get_grade_names(catalogue, query.terms[0]) if query.kind != "combined" else {}
    columns = [
        make_column(catalogue, method, query, answers[method.key], rows, grades, settings)
        if method.key in answers
        else replace(make_heading(catalogue, method), message=errors[method.key], failed=True)
        for method in methods
    ]
    return Answers(add_agreement(columns, hits), hits, rows)


def make_column(
    catalogue: Catalogue,
    method: Method,
    query: url.Query,
    answer: Answer,
    rows: Mapping[str, ProductRow],
    grades: Mapping[str, str],
    settings: Settings,
) -> Column:
    """Return a method's column with its pictures.

    `rows` are the products' attributes by id, and `grades` what people judged some of them.
    """
    index = catalogue.open_index(method)
    random_pairs = get_random_pairs(index, query)
    time, time_fact = _describe_time(_get_recent_times(catalogue, method.key), answer.embedding_ms)
    picture = query.picture.value if query.picture else ""
    attributes = get_attributes(rows[picture]) if picture in rows else {}
    pictures = make_cells(
        catalogue.name, answer.hits, rows, attributes, random_pairs, settings.weak_threshold
    )
    pictures = [replace(each, grade=grades.get(each.id, "")) for each in pictures]
    heading = make_heading(catalogue, method)
    grade_facts = [GRADE_FACT] if any(each.grade for each in pictures) else []
    message, match_facts = describe_match(
        catalogue, method, query, answer.hits, pictures, is_filtered=settings.among is not None
    )
    is_limited = settings.among is not None or settings.variety.list_parameters()
    if answer.hits and len(answer.hits) < settings.k and is_limited:
        few = f"{len(answer.hits)} of {settings.k}: no more products fit."
        message, match_facts = message or few, [*match_facts, few]
    column = replace(
        heading,
        pictures=pictures,
        time=time,
        recall=describe_recall(index, query, settings.among),
        stand_in=describe_stand_ins(answer, rows, settings.bridge),
        facts=[
            *heading.facts,
            *filter(None, [time_fact]),
            *describe_search(index, query, settings.among),
            *settings.variety.describe(),
            *describe_pairs(random_pairs, query),
            *match_facts,
            *grade_facts,
        ],
        message=message,
    )
    if settings.criterion and answer.hits:
        hit_rows = [rows[hit.product] for hit in answer.hits]
        stand_ins = [rows[p] for p in set(answer.stand_ins.values()) - set(query.products)]
        criterion = settings.criterion.leave_out(stand_ins)
        if criterion.possible:
            column = _mark_right(method, column, hit_rows, criterion)
        if (
            query.kind != "combined" and settings.among is None
        ):  # what is measured are products and texts as queries
            overall, overall_facts = describe_overall(catalogue, method, criterion)
            column = replace(column, note=overall, facts=[*column.facts, *overall_facts])
    return column


def describe_stand_ins(
    answer: Answer, rows: Mapping[str, ProductRow], bridge: Method | None
) -> str:
    """Return which products stand in for words that the method can't read; empty if none do."""
    if not answer.stand_ins or bridge is None:
        return ""
    names = [f"“{text}”: {get_name(rows[p])}" for text, p in answer.stand_ins.items()]
    return f"{bridge.title}'s best result for {'; '.join(names)}"


def _mark_right(
    method: Method,
    column: Column,
    rows: Sequence[ProductRow],
    criterion: Criterion,
) -> Column:
    """Mark the wrong pictures, and count the right ones in the heading."""
    wrong = mark_wrong(criterion, rows)
    right, count = sum(map(criterion.is_met, rows)), min(len(rows), criterion.possible)
    return replace(
        column,
        pictures=[
            replace(cell, is_wrong=flag, notes=_sort_notes(cell.notes, criterion))
            for cell, flag in zip(column.pictures, wrong, strict=True)
        ],
        headline=f"{right}/{count} {criterion.noun}{'*' if method.training_labels else ''}",
    )


def _sort_notes(notes: Sequence[str], criterion: Criterion) -> list[str]:
    """Put what was searched for first, so that it isn't cut off."""
    return sorted(notes, key=lambda note: note.partition(": ")[0] not in criterion.values)


def _get_recent_times(catalogue: Catalogue, key: str) -> deque[float]:
    """Return the milliseconds of this visitor's recent searches with a method."""
    searches = st.session_state.setdefault("searches", {})
    return searches.setdefault((catalogue.name, key), deque(maxlen=MAX_SEARCHES))


def _describe_time(recent: deque[float], embedding_ms: float | None) -> tuple[str, str]:
    """Return the median time of searches, in short and as a sentence; empty for too few of them."""
    if len(recent) < MIN_SEARCHES:
        return "", ""
    time = f"{median(recent):.1f} ms"
    description = f"Search: {time}, the median of your last {len(recent)} searches."
    if embedding_ms is not None:
        description += f" Embedding the query came before: {embedding_ms:.0f} ms."
    return time, description


def show_answers(
    catalogue: Catalogue, query: url.Query, answers: Answers, announcement: str, *, details: bool
) -> None:
    """Show every method's results side by side. A click makes a picture the query.

    Each picture can also become a part of the query.

    `announcement` names the query for screen readers.
    """
    total = sum(len(column.pictures) for column in answers.columns)
    titles = join_names([column.title for column in answers.columns])
    show_gallery(
        url.widget_key("answers"),
        answers.columns,
        "columns",
        announcement=f"{announcement}: {format_count(total, 'picture', 'pictures')} by {titles}.",
        agreement=make_agreement(catalogue, answers.columns, answers.hits) if details else None,
        details=details,
        on_pick=lambda product: url.set_query("product", product),
        on_look=lambda key, product: st.session_state.update(looked=(key, product)),
        on_refine=lambda role, product: add_term(query, Term(role, product)),
    )
