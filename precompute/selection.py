"""Select the methods of a build: keys of the product's own, and those that users bring."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from precompute.weights import SkippedMethod
from similarity.candidates.method import make_method
from similarity.candidates.specification import (
    Specification,
    is_specification,
    make_absolute,
    parse_specification,
    split_specifications,
)
from similarity.errors import SimilarityError
from similarity.failures import Failures
from similarity.indexes import list_methods
from similarity.methods import METHODS
from similarity.methods.candidate import Candidate
from similarity.store.publish import open_base_generation


@dataclass(frozen=True)
class Selection:
    """What a build is for: keys of the product's methods, and methods that users bring.

    `skipped` are those whose code runs only if the user names it again.
    """

    keys: list[str]
    specifications: list[Specification]
    skipped: list[SkippedMethod]


def select_methods(argument: str | None, folder: Path, failures: Failures) -> Selection:
    """Return the methods that `--methods` names; without it all, and what the catalogue has.

    A key may be that of a method that was brought before to the catalogue in `folder`. What can't
    be understood counts as a failure.
    """
    brought = _list_brought(folder)
    if not argument:
        return Selection(
            list(METHODS),
            [_specify_again(each) for each in brought.values() if not each.runs_code],
            [_skip_code(each) for each in brought.values() if each.runs_code],
        )
    keys: list[str] = []
    specifications: list[Specification] = []
    for text in split_specifications(argument):
        if text in METHODS:
            keys.append(text)
        elif text in brought or is_specification(text):
            try:
                if text in brought:
                    specification = _specify_again(brought[text])
                else:
                    specification = make_absolute(parse_specification(text))
                _require_free_key(specification, specifications)
                specifications.append(specification)
            except SimilarityError as error:
                failures.causes[text] = error
        else:
            keys.append(text)  # unknown, which `find_method` explains
    return Selection(keys, specifications, [])


def _skip_code(candidate: Candidate) -> SkippedMethod:
    return SkippedMethod(
        make_method(candidate),
        "it runs Python code, which has to be named",
        f"--methods {candidate.argument}",
    )


def _list_brought(folder: Path) -> Mapping[str, Candidate]:
    base = open_base_generation(folder)
    if base is None:
        return {}
    methods = list_methods(base).values()
    base.close()
    return {method.key: method.candidate for method in methods if method.candidate}


def _specify_again(candidate: Candidate) -> Specification:
    return replace(parse_specification(candidate.argument), title=candidate.title)


def _require_free_key(specification: Specification, others: Collection[Specification]) -> None:
    key = specification.key
    if key in METHODS or key in {other.key for other in others}:
        raise SimilarityError(
            f"There is already a method '{key}'. Give this one another name: "
            f"NAME={specification.text}"
        )
