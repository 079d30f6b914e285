"""The same on a real Milvus server, where the machine can run one apart from all networks.

pip install milvus==2.3.5        (57 MB; the newest server that PyPI has)
pytest -m server -rs
"""

import importlib.util
import os
import shutil
import subprocess
import sys

import pytest

from tests.units.conftest import PROJECT

TESTS = "same_answers or update or filters or cells or stated or vanishes or only_one_build"
TOKENS = """
import os
from similarity.errors import UnavailableError
from similarity.indexes.milvus.database import connect
address = os.environ["SIMILARITY_TEST_MILVUS"]
for token in ("root:wrong", ""):
    os.environ["MILVUS_TOKEN"] = token
    try:
        connect(address)
    except UnavailableError as error:
        print(error)
os.environ["MILVUS_TOKEN"] = "root:Milvus"
print(connect(address).list_collections())
"""


def unshared() -> list[str]:
    """The command that gives what follows a network of its own; skips the test if there is none."""
    if importlib.util.find_spec("milvus") is None:
        pytest.skip("no server here: pip install milvus==2.3.5")
    for command in (["unshare", "-n"], ["unshare", "-rn"]):
        if shutil.which("unshare") and subprocess.run([*command, "true"]).returncode == 0:
            return command
    pytest.skip("this machine gives no network namespace (unshare -n), and a server without one "
                "would listen on every interface")  # fmt: skip


def run(*command: str, token: str = "") -> str:
    """What a command beside a server prints. The server's own start takes some ten seconds."""
    start = [*unshared(), sys.executable, "-m", "harness.milvus_server"]
    done = subprocess.run(
        [*start, sys.executable, *command],
        cwd=PROJECT,
        env=os.environ | {"MILVUS_TOKEN": token},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.server
def test_a_real_server_answers_as_files_do() -> None:
    expression = f"address and ({TESTS}) or not lite and ({TESTS})"
    output = run(
        "-m", "pytest", "-v", "-p", "no:warnings", "tests/units/test_milvus.py", "-k", expression
    )
    print(output)
    assert "passed" in output


@pytest.mark.server
def test_a_real_server_with_passwords_refuses_a_wrong_token() -> None:
    output = run("-c", TOKENS, token="root:Milvus")
    assert "refuses the token in MILVUS_TOKEN" in output
    assert "refuses to answer without a token: MILVUS_TOKEN" in output
    assert "[]" in output
    assert "wrong" not in output
