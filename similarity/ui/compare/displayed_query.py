"""The query as the page displays it: its picture or words, its parts, and a link to it."""

from collections.abc import Sequence
from urllib.parse import urlencode

from similarity.catalogue import Catalogue
from similarity.display.filters import list_parameters
from similarity.display.headline import describe_whole_query
from similarity.display.products import describe_attributes, get_name
from similarity.display.text import truncate
from similarity.filters import Filter
from similarity.methods import Method
from similarity.parts import LESS, MORE, UNWANTED, Term
from similarity.ui.compare.answers import Settings
from similarity.ui.compare.bridge import PARAMETER as BRIDGE
from similarity.ui.compare.query_card import Chip, DisplayedQuery, show_query_card
from similarity.ui.compare.refine import add_words, pop_refusal, remove_term
from similarity.ui.shared import query as url
from similarity.ui.shared import uploads
from similarity.ui.shared.gallery import make_data_url
from similarity.ui.shared.thumbnails import thumbnail_url

MAX_CHIP = 40  # characters


def make_displayed_query(catalogue: Catalogue, query: url.Query, headline: str) -> DisplayedQuery:
    """Return the query as it is displayed, with what its results show."""
    if query.kind == "combined":
        return _make_combined(catalogue, query, headline)
    if query.kind == "text":
        return DisplayedQuery("Pictures for", f"“{query.value}”", headline=headline)
    if query.upload:
        return DisplayedQuery(
            "Similar to your picture",
            truncate(query.upload.name),
            details=f"Damaged picture: {query.upload.note}" if query.upload.note else "",
            src=make_data_url(query.upload.thumbnail),
            headline=headline,
        )
    row = catalogue.products.loc[query.value].to_dict()
    return DisplayedQuery(
        "Similar to",
        get_name(row),
        details=describe_attributes(row),
        src=thumbnail_url(catalogue.name, query.value),
        headline=headline,
    )


def _make_combined(catalogue: Catalogue, query: url.Query, headline: str) -> DisplayedQuery:
    chips = [_make_chip(catalogue, query, term) for term in query.terms]
    picture = next((chip for chip in chips if chip.src and not chip.is_unwanted), None)
    name = picture.name if picture and query.picture else ""
    words = [term for term in query.terms if term.role == "text"]
    return DisplayedQuery(
        "Similar to" if name else "Pictures for",
        describe_whole_query(name, query.terms),
        src=picture.src if picture and query.picture else "",
        headline=headline,
        chips=chips,
        facts=_explain(query, chips),
        balance=query.balance if words and query.picture else None,
    )


def _make_chip(catalogue: Catalogue, query: url.Query, term: Term) -> Chip:
    is_unwanted = term.role in UNWANTED
    wanted_count = sum(other.role not in UNWANTED for other in query.terms)
    name = text = f"“{truncate(term.value, MAX_CHIP)}”"
    src = ""
    if term.kind == "product":
        name = get_name(catalogue.products.loc[term.value].to_dict())
        text, src = "", thumbnail_url(catalogue.name, term.value)
    elif upload := uploads.find_picture(term.value) if term.kind == "picture" else None:
        name, text, src = truncate(upload.name), "", make_data_url(upload.thumbnail)
    return Chip(
        term.role,
        term.value,
        name,
        text,
        src,
        is_unwanted,
        is_removable=is_unwanted or wanted_count > 1,
    )


def _explain(query: url.Query, chips: Sequence[Chip]) -> list[str]:
    """Return how the parts are combined."""
    terms = [
        f"{'−' if part.weight < 0 else '+'} {abs(part.weight):.3g} × {chip.name}"
        for part, chip in zip(query.parts, chips, strict=True)
    ]
    return [
        f"Each method adds up its own vectors of the parts, at length 1 and times a weight: "
        f"{' '.join(terms).removeprefix('+ ')}. The results are the products nearest to the sum.",
        f"What you look for counts 1 in all, “more like this” {MORE} in all, and what you avoid "
        f"−{LESS} in all. This is Rocchio's formula (1971) with the weights of Salton and "
        "Buckley (1990).",
        "Products that are part of the query are left out of its results.",
    ]


def list_link_parameters(
    catalogue: Catalogue,
    query: url.Query,
    methods: Sequence[Method],
    settings: Settings,
    attribute: str,
    filter: Filter,
) -> url.Parameters:
    """Return the parameters of a link to this comparison that doesn't depend on defaults."""
    by_text = query.has_words and not settings.bridge
    parameters = [
        ("catalogue", catalogue.name),
        ("text_methods" if by_text else "methods", ",".join(method.key for method in methods)),
        ("k", str(settings.k)),
        ("weak", str(settings.weak_threshold)),
        *query.terms,
    ]
    if query.kind == "combined":
        parameters.append(("balance", str(query.balance)))
    if settings.bridge:
        parameters.append((BRIDGE, settings.bridge.key))
    if attribute:
        parameters.append(("attribute", attribute))
    if settings.details:
        parameters.append(("details", "1"))
    parameters += [*list_parameters(filter), *settings.variety.list_parameters().items()]
    by_name: url.Parameters = {}
    for name, text in parameters:
        by_name.setdefault(name, []).append(text)
    return by_name


def make_link(query: url.Query, parameters: url.Parameters) -> str:
    """Return a link with these parameters.

    Uploaded pictures have no link, because other sessions don't have them.
    """
    if any(term.kind == "picture" for term in query.terms):
        return ""
    return "?" + urlencode(parameters, doseq=True)


def show_displayed_query(
    catalogue: Catalogue, query: url.Query, displayed: DisplayedQuery, link: str
) -> None:
    """Show the query with its parts, and a field to add words to it."""
    show_query_card(
        url.widget_key("query"),
        displayed,
        link=link,
        refusal=pop_refusal(),
        on_add=lambda role, words: add_words(catalogue, query, Term(role, words)),
        on_remove=lambda term: remove_term(query, term),
        on_balance=lambda balance: url.set_terms(query.terms, balance),
    )
