"""Compose what a page shows, whichever it is."""

from collections.abc import Callable

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.findings.compose.accuracy import compose_accuracy
from similarity.findings.compose.compare import ReadPicture, compose_compare
from similarity.findings.compose.decide import compose_decide
from similarity.findings.compose.map import compose_map
from similarity.findings.compose.robustness import compose_robustness
from similarity.findings.content import Content, Table
from similarity.findings.link import COMPARE, Link

CONCLUSIONS: dict[str, Callable[[Catalogue, Link], Content]] = {
    "measure": compose_accuracy,
    "decide": compose_decide,
    "map": compose_map,
    "robustness": compose_robustness,
}
TITLES = {  # of pages that are kept as links
    "learn": "What is an embedding?",
    "vote": "Ask people: a blind vote",
    "judge": "Ask people: judgments",
}
METHODS = "methods"
NAMES = {  # of all pages that can be kept
    COMPARE: "Compare",
    "measure": "Accuracy",
    "map": "Map",
    "robustness": "Robustness",
    "decide": "Decide",
    METHODS: "Methods",
    "learn": "Learn",
    "vote": "Blind vote",
    "judge": "Judgments",
}


def compose_page(catalogue: Catalogue, link: Link, read_picture: ReadPicture) -> Content:
    """Return what a page shows.

    Raises SimilarityError if it can't show it, or for an unknown page.
    """
    if link.page == COMPARE:
        return compose_compare(catalogue, link, read_picture)
    if link.page in CONCLUSIONS:
        return CONCLUSIONS[link.page](catalogue, link)
    if link.page == METHODS:
        return _compose_methods(catalogue)
    if link.page in TITLES:
        return Content(TITLES[link.page])
    raise SimilarityError(f"There is no page '{link.page[:40]}'. Choose one of {', '.join(NAMES)}.")


def refuse_picture(name: str) -> bytes:
    """Raise SimilarityError: an uploaded picture is only in the session that uploaded it."""
    raise SimilarityError("Uploaded pictures aren't kept. Upload the picture again, and ask again.")


def _compose_methods(catalogue: Catalogue) -> Content:
    methods = [catalogue.resolve_method_for_display(key) for key in catalogue.methods]
    count = len(methods)
    sentence = f"{count} of {len(catalogue.registry)} methods are installed."
    rows = [
        [method.title, method.family, method.summary, method.weights, method.licence]
        for method in methods
    ]
    columns = ["method", "family", "what it is", "weights", "licence"]
    return Content(sentence, [sentence], tables=[Table("Installed methods", columns, rows)])
