"""What Compare shows: a query, and every method's results with what of them is right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.display.colours import get_colour
from similarity.display.criterion import (
    Criterion,
    find_criterion,
    list_shared_attributes,
    mark_wrong,
)
from similarity.display.filters import describe_clause, read_parameters
from similarity.display.headline import (
    MethodResult,
    compose_headline,
    describe_query,
    describe_whole_query,
)
from similarity.display.products import ProductRow, get_name
from similarity.errors import SimilarityError
from similarity.filters import Selection
from similarity.findings.content import Content, Grid, Query, Result, Table
from similarity.findings.link import Link
from similarity.hits import Hit
from similarity.indexes import RandomPairs
from similarity.measures.neighbours.agreement import count_common, rank_biased_overlap, rank_hits
from similarity.methods import Method
from similarity.parts import Part, Term, read_balance, weigh

DEFAULT_K = 12
SCORES = (
    "A score is a cosine, and each method has its own scale: don't compare scores between methods."
)

ReadPicture = Callable[[str], bytes]  # an uploaded picture's content by its id


@dataclass(frozen=True)
class Request:
    """What a link asks for, resolved in a catalogue."""

    terms: Sequence[Term]
    parts: Sequence[Part]
    k: int
    weak: int  # % of random pairs
    attribute: str
    bridge: str
    options: Mapping[str, Any]  # of Catalogue.search
    among: Selection | None
    notes: Sequence[str]


def compose_compare(catalogue: Catalogue, link: Link, read_picture: ReadPicture) -> Content:
    """Return what Compare shows for a link that names all settings.

    Raises SimilarityError if the link has no query, or one that isn't in the catalogue.
    """
    request = read_request(catalogue, link, read_picture)
    criterion = None
    if request.attribute:
        criterion = find_criterion(catalogue, request.terms, request.attribute, request.among)
    stand_ins = _find_stand_ins(catalogue, request)
    grids, hits_by_method, results = [], {}, []
    for method in _list_methods(catalogue, link, request):
        grid = Grid(method.key, method.title, get_colour(catalogue, method.key))
        try:
            hits = _search(catalogue, method, request, stand_ins)
        except SimilarityError as error:
            grids.append(replace(grid, message=explain_error(error)))
            continue
        rows = [catalogue.products.loc[hit.product].to_dict() for hit in hits]
        fair = None
        if criterion and hits:
            absent = [product for text, product in stand_ins.items() if not method.answers_text]
            absent = [product for product in set(absent) if product not in _list_products(request)]
            fair = criterion.leave_out([catalogue.products.loc[p].to_dict() for p in absent])
            results.append(MethodResult(method.title, rows, sum(map(criterion.is_met, rows))))
        pairs = _get_pairs(catalogue, method, request)
        grids.append(_fill_grid(grid, method, hits, rows, fair, pairs, request.weak))
        hits_by_method[method.key] = hits
    subject, values = _describe_subject(catalogue, request)
    headline = compose_headline(subject, criterion, results, values) if criterion else ""
    query = _make_query(catalogue, request)
    notes = [*request.notes]
    if stand_ins and any(not catalogue.registry[grid.method].answers_text for grid in grids):
        title = catalogue.registry[request.bridge].title
        notes.append(
            f"For methods that can't read words, {title}'s best result stands in for them."
        )
    if criterion:
        notes.append(f"A cross marks a result that is not one of the {criterion.noun}.")
    if any(catalogue.registry[grid.method].training_labels for grid in grids) and criterion:
        notes.append("* Trained on these labels; not a fair comparison.")
    return Content(
        headline or f"{query.lead} {query.text}",
        [headline] if headline else [],
        query,
        grids,
        _tabulate_agreement(catalogue, hits_by_method),
        notes=[*notes, SCORES],
    )


def read_request(catalogue: Catalogue, link: Link, read_picture: ReadPicture) -> Request:
    """Return what a link asks for. Raises SimilarityError for a product that isn't there."""
    terms = link.terms
    if not terms:
        raise SimilarityError("This link has no query. Copy it from Compare.")
    parts = [
        replace(part, value=read_picture(part.value)) if part.kind == "picture" else part
        for part in weigh(terms, read_balance(link.get("balance")))
    ]
    looked_for = [
        catalogue.find_position(term.value)
        for term in terms
        if term.kind == "product" and term.role != "less"
    ]
    clauses, remark = read_parameters(catalogue, link.parameters)
    names = {str(name) for name in catalogue.products}
    unlike = [name for name in link.list_names("unlike") if name in names]
    one_per = link.get("one_per") if link.get("one_per") in names else ""
    differing = catalogue.attributes.differ_from(looked_for, [*unlike, *filter(None, [one_per])])
    options = {
        "where": {clause.attribute: list(clause.conditions) for clause in clauses},
        "unlike": unlike,
        "fold_duplicates": link.get("fold") == "1",
        "one_per": one_per or None,
    }
    notes = [remark] if remark else []
    if clauses:
        notes.append(f"Only products with {', '.join(map(describe_clause, clauses))}.")
    if unlike:
        notes.append("Only products of other categories than the query's.")
    if options["fold_duplicates"]:
        notes.append("Near-duplicates share one result.")
    if one_per:
        notes.append(f"One result per {one_per}.")
    attributes = list_shared_attributes(catalogue.products)
    requested = link.get("attribute")
    attribute = requested if requested in attributes else next(iter(attributes), "")
    bridge = link.get("bridge")
    return Request(
        terms,
        parts,
        min(_read_number(link.get("k"), DEFAULT_K) or DEFAULT_K, len(catalogue.products)),
        _read_number(link.get("weak"), 0),
        attribute,
        bridge if bridge in catalogue.methods else "",
        options,
        catalogue.attributes.select(clauses + differing),
        notes,
    )


def _read_number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else default


def _list_methods(catalogue: Catalogue, link: Link, request: Request) -> list[Method]:
    """Return the methods of a link that are built here; all of them if it names none."""
    by_text = link.has_words and not request.bridge
    names = link.list_names("text_methods" if by_text else "methods")
    names = names or link.list_names("methods") or link.list_names("text_methods")
    keys = [key for key in catalogue.methods if key in names] or catalogue.methods
    methods = [catalogue.resolve_method_for_display(key) for key in keys]
    return [method for method in methods if method.answers_text or not by_text]


def _list_products(request: Request) -> list[str]:
    return [term.value for term in request.terms if term.kind == "product"]


def _find_stand_ins(catalogue: Catalogue, request: Request) -> dict[str, str]:
    """Return the products that stand in for words, by text."""
    if not request.bridge:
        return {}
    texts = [term.value for term in request.terms if term.role == "text"]
    return {text: catalogue.search(request.bridge, text=text, k=1)[0].product for text in texts}


def _search(
    catalogue: Catalogue, method: Method, request: Request, stand_ins: Mapping[str, str]
) -> list[Hit]:
    parts = list(request.parts)
    if not method.answers_text:
        parts = [
            replace(part, kind="product", value=stand_ins[part.value])
            if part.kind == "text" and part.value in stand_ins
            else part
            for part in parts
        ]
    return catalogue.search(method.key, parts=parts, k=request.k, **request.options)


def _get_pairs(catalogue: Catalogue, method: Method, request: Request) -> RandomPairs | None:
    """Return the random pairs that scores are compared with; none for a combined query."""
    if len(request.terms) > 1:
        return None
    is_text = request.terms[0].kind == "text"
    return catalogue.open_index(method).pairs["words" if is_text else "pictures"]


def _fill_grid(
    grid: Grid,
    method: Method,
    hits: Sequence[Hit],
    rows: Sequence[ProductRow],
    criterion: Criterion | None,
    pairs: RandomPairs | None,
    weak: int,
) -> Grid:
    wrong, note = [False] * len(hits), ""
    if criterion and criterion.possible:
        wrong = mark_wrong(criterion, rows)
        right, count = sum(map(criterion.is_met, rows)), min(len(rows), criterion.possible)
        note = f"{right}/{count} {criterion.noun}{'*' if method.training_labels else ''}"
    results = []
    for hit, row, is_wrong in zip(hits, rows, wrong, strict=True):
        share = pairs.share_at_most(hit.score) if pairs else None
        is_weak = share is not None and share * 100 < weak
        rank = f"{hit.rank}{'=' if hit.tied else ''}"
        results.append(Result(hit.product, get_name(row), rank, hit.score, is_wrong, is_weak))
    message = "" if results else "No product fits."
    return replace(grid, note=note, results=results, message=message)


def _describe_subject(catalogue: Catalogue, request: Request) -> tuple[str, dict[str, str]]:
    """Return the query as the subject of a sentence, and its product's shared attributes."""
    pictures = [term for term in request.terms if term.role in ("product", "picture")]
    values: dict[str, str] = {}
    picture = ""
    if pictures and pictures[0].kind == "product":
        row = catalogue.products.loc[pictures[0].value]
        names = list_shared_attributes(catalogue.products)
        values = {name: str(row[name]) for name in names}
        picture = describe_query(values)
    elif pictures:
        picture = "your picture"
    return describe_whole_query(picture, request.terms), values


def _make_query(catalogue: Catalogue, request: Request) -> Query:
    pictures = [term for term in request.terms if term.role in ("product", "picture")]
    name, identifier = "", ""
    if pictures:
        identifier = pictures[0].value
        is_product = pictures[0].kind == "product"
        row = catalogue.products.loc[identifier].to_dict() if is_product else {}
        name = get_name(row) if is_product else "your picture"
    if len(request.terms) == 1 and pictures:
        return Query("Similar to", name, identifier)
    lead = "Similar to" if pictures else "Pictures for"
    return Query(lead, describe_whole_query(name, request.terms), identifier)


def _tabulate_agreement(
    catalogue: Catalogue, hits_by_method: Mapping[str, Sequence[Hit]]
) -> list[Table]:
    """Return how many results each pair of methods shares, if there are pairs."""
    rows = []
    for one, other in combinations(hits_by_method, 2):
        first, second = rank_hits(hits_by_method[one]), rank_hits(hits_by_method[other])
        names = [catalogue.registry[key].title for key in (one, other)]
        depth = min(len(first), len(second))
        has_overlap = depth and len(first) == len(second)
        rbo = f"{rank_biased_overlap(first, second):.2f}" if has_overlap else "–"
        rows.append([*names, f"{count_common(first, second)} of {depth}", rbo])
    columns = ["method", "and", "results in common", "rank-biased overlap"]
    return [Table("How far the methods agree", columns, rows)] if rows else []
