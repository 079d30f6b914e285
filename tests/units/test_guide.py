"""The guide to a first method: every path ends, and what it ends in exists."""

import shlex
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from precompute.options import parser as build_parser
from precompute.train.__main__ import parser as train_parser
from similarity import METHODS
from similarity.catalogue import Catalogue
from similarity.methods import RESERVED
from similarity.methods.trained import KEY
from similarity.ui.learn import guide
from similarity.ui.learn.start import commands

ENDINGS = list(guide.endings())


def test_every_path_ends_in_a_method_that_exists_and_every_method_of_ours_ends_one() -> None:
    ends = {ending.method for _, ending in ENDINGS}
    assert RESERVED < ends <= set(METHODS)
    for path, ending in ENDINGS:
        assert guide.follow(path) == (path.split("."), ending)
        assert ending.why
        assert ending.then
        assert not ending.train or ending.method.startswith(ending.train)


def test_what_is_trained_is_a_kind_that_can_be_trained() -> None:
    assert {ending.train for _, ending in ENDINGS} == {"", "simclr", "lit"}


@pytest.mark.parametrize("path", ["", ".", "nonsense", "words.nonsense", "words.no.english.more"])
def test_an_address_is_followed_as_far_as_it_goes(path: str) -> None:
    given, node = guide.follow(path)
    assert path.startswith(".".join(given))
    assert node == guide.follow(".".join(given))[1]
    assert isinstance(node, guide.Question) == (given in ([], ["words"]))


@pytest.mark.parametrize("name", ["demo", "my-shop-with-a-name-of-40-characters-or-so"])
@pytest.mark.parametrize(("path", "ending"), ENDINGS)
def test_the_commands_of_every_ending_are_ones_that_are_there(
    path: str, ending: guide.Ending, name: str
) -> None:
    folder = Path("assets/catalogues") / name
    built = SimpleNamespace(name=name, folder=folder, source="~/my pictures")
    catalogue = cast(Catalogue, built)
    lines = [shlex.split(line) for line in commands(catalogue, ending).splitlines()]
    assert all(line[:2] == ["python", "-m"] for line in lines)
    last: Any = build_parser().parse_args(lines[-1][3:])
    made = last.methods
    if ending.train:
        trained = train_parser().parse_args(lines[0][3:])
        assert trained.kind == ending.train
        assert trained.out.stem == made
        assert KEY.fullmatch(made)
    else:
        assert made == ending.method
        assert (lines[0][3] == "fetch") == (METHODS[made].published is not None)
