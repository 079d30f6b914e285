"""What a person waits for runs in one thread, whatever the machine has."""

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
def computing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What tests.units.computing tells."""
    folder = tmp_path_factory.mktemp("computing")
    pictures, built = write_pictures(folder / "shop", 15), folder / "built"
    methods = "pixels,efficientnet"
    run_module("precompute", "--catalogue", pictures, "--to", built, "--methods", methods)
    command = [sys.executable, "-m", "tests.units.computing", str(built / "shop")]
    two = os.environ | {"OMP_NUM_THREADS": "2"}
    told = subprocess.run(
        command, cwd=PROJECT, env=two, check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return found


def test_faiss_uses_other_threads_only_outside(computing: dict[str, Any]) -> None:
    assert computing["searching"]["outside"] < 0.8
    assert computing["searching"]["inside"] > 0.95


@pytest.mark.parametrize("method", EMBEDDED)
def test_a_query_is_embedded_in_one_thread_also_where_a_new_one_asks(
    computing: dict[str, Any], method: str
) -> None:
    assert max(computing[method].values()) < 1.1


def test_other_threads_keep_theirs_and_an_error_restores_them(computing: dict[str, Any]) -> None:
    expected = {"before": [2], "beside": [2], "inside": [1], "after": [2]}
    assert computing["limited"] == expected


def test_searches_run_in_the_thread_that_asks(computing: dict[str, Any]) -> None:
    assert set(computing["asking"]) == {"pixels", "efficientnet"}
    assert min(computing["asking"].values()) > 0.95
