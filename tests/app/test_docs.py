"""The Python of the docs runs as it stands."""

from pathlib import Path

import pytest

from tests.units.documents import PAGES, Block, list_blocks

EXAMPLES = [block for page in PAGES for block in list_blocks(page) if block.language == "python"]


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: block.page.stem)
def test_an_example_runs(
    block: Block,
    demo: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)  # some write a file
    exec(compile(block.code, str(block.page), "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) >= block.code.count("print(")


def test_there_are_examples() -> None:
    assert {block.page.name for block in EXAMPLES} >= {"README.md", "getting-started.md"}
