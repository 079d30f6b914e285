"""A catalogue's judgments, read once for all visitors until there are more."""

from pathlib import Path

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.judgments.evidence import Judged, select_present
from similarity.judgments.judgment import EVIDENCE, GRADES, Evidence
from similarity.judgments.store import Judgments
from similarity.parts import Term


def get_judged(catalogue: Catalogue) -> dict[Evidence, Judged]:
    """Return the judgments by kind of evidence, those that there are, people's first.

    Raises SimilarityError if they can't be read.
    """
    revision = Judgments(catalogue.folder).get_revision()
    return _read_judged(catalogue.folder, catalogue.generation.pointer, revision, catalogue)


def has_judgments(catalogue: Catalogue) -> bool:
    """Return whether there are judgments, or a file that can't be read."""
    try:
        return bool(get_judged(catalogue))
    except SimilarityError:
        return True


@st.cache_resource(max_entries=8, show_spinner=False)
def _read_judged(
    folder: Path, pointer: bytes, revision: tuple[int, int, int], _catalogue: Catalogue
) -> dict[Evidence, Judged]:
    judgments, products = Judgments(folder), frozenset(_catalogue.products.index)
    judged = {each: select_present(judgments.read_grades(each), products) for each in EVIDENCE}
    return {evidence: each for evidence, each in judged.items() if each.grades}


def get_grade_names(catalogue: Catalogue, query: Term) -> dict[str, str]:
    """Return the names of people's grades for a query's judged products; none if unreadable."""
    try:
        judged = get_judged(catalogue).get("people")
    except SimilarityError:  # Accuracy says why
        return {}
    grades = judged.grades.get(query, {}) if judged else {}
    return {product: GRADES[grade] for product, grade in grades.items()}
