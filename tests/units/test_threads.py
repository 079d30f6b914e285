"""Queries run in one thread, however many cores the machine has."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import PROJECT, run_module
from tests.units.computing import EMBEDDED
from tests.units.drawing import write_pictures


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What tests.units.computing prints, for a catalogue of 15 pictures and two threads."""
    folder = tmp_path_factory.mktemp("computing")
    pictures, built = write_pictures(folder / "shop", 15), folder / "built"
    methods = "pixels,efficientnet"
    run_module("precompute", "--catalogue", pictures, "--to", built, "--methods", methods)
    command = [sys.executable, "-m", "tests.units.computing", str(built / "shop")]
    environment = os.environ | {"OMP_NUM_THREADS": "2"}
    printed = subprocess.check_output(command, cwd=PROJECT, env=environment, text=True)
    values: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return values


def test_faiss_uses_other_threads_only_outside(measured: dict[str, Any]) -> None:
    assert measured["faiss"]["outside"] < 0.8
    assert measured["faiss"]["inside"] > 0.95


@pytest.mark.parametrize("method", EMBEDDED)
def test_a_query_is_embedded_in_one_thread_also_where_a_new_one_asks(
    measured: dict[str, Any], method: str
) -> None:
    assert max(measured["embedding"][method].values()) < 1.1


def test_other_threads_keep_their_number_and_an_error_restores_it(measured: dict[str, Any]) -> None:
    expected = {"before": [2], "other thread": [2], "inside": [1], "after an error": [2]}
    assert measured["thread counts"] == expected


def test_searches_run_in_the_thread_that_asks(measured: dict[str, Any]) -> None:
    assert set(measured["searches"]) == {"pixels", "efficientnet"}
    assert min(measured["searches"].values()) > 0.95
