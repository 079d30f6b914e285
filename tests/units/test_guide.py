"""The guide to a first method: every path ends, and what it ends in exists."""

import shlex
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from precompute.options import make_parser as build_parser
from precompute.train.__main__ import make_parser as train_parser
from similarity import METHODS
from similarity.catalogue import Catalogue
from similarity.methods import RESERVED
from similarity.methods.trained_files import KEY
from similarity.ui.learn import guide
from similarity.ui.learn.start import format_ending_commands

ENDINGS = list(guide.list_endings())


def test_every_path_ends_in_a_method_that_exists_and_every_method_of_ours_ends_one() -> None:
    ends = {ending.method for _, ending in ENDINGS}
    assert RESERVED < ends <= set(METHODS)
    for path, ending in ENDINGS:
        assert guide.follow_path(path) == (path.split("."), ending)
        assert ending.reason
        assert ending.next_step
        assert not ending.training or ending.method.startswith(ending.training)


def test_shipped_trained_methods_can_be_trained_again() -> None:
    assert {ending.training for _, ending in ENDINGS} == {"", "simclr", "lit"}


@pytest.mark.parametrize("path", ["", ".", "nonsense", "words.nonsense", "words.no.english.more"])
def test_an_address_is_followed_as_far_as_it_goes(path: str) -> None:
    answers_given, node = guide.follow_path(path)
    assert path.startswith(".".join(answers_given))
    assert node == guide.follow_path(".".join(answers_given))[1]
    assert isinstance(node, guide.Question) == (answers_given in ([], ["words"]))


@pytest.mark.parametrize("name", ["demo", "my-shop-with-a-name-of-40-characters-or-so"])
@pytest.mark.parametrize(("path", "ending"), ENDINGS)
def test_every_ending_has_an_existing_command(path: str, ending: guide.Ending, name: str) -> None:
    folder = Path("assets/catalogues") / name
    built = SimpleNamespace(name=name, folder=folder, source="~/my pictures", registry=METHODS)
    catalogue = cast(Catalogue, built)
    lines = [shlex.split(line) for line in format_ending_commands(catalogue, ending).splitlines()]
    assert all(line[:2] == ["python", "-m"] for line in lines)
    last: Any = build_parser().parse_args(lines[-1][3:])
    methods = last.methods
    if ending.training:
        trained = train_parser().parse_args(lines[0][3:])
        assert trained.kind == ending.training
        assert trained.out.stem == methods
        assert KEY.fullmatch(methods)
    else:
        assert methods == ending.method
        assert (lines[0][3] == "fetch") == (METHODS[methods].published is not None)
