"""Searching on the command line."""

import json
from typing import Any

import pytest

from similarity import Catalogue
from similarity.__main__ import main as command_line


@pytest.mark.parametrize("kind", ["text", "product", "picture"])
def test_the_command_line_finds_what_the_catalogue_finds(
    kind: str, shop: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    product = str(shop.products.index[1])
    path = shop.root / shop.products["path"][product]
    value: dict[str, Any] = {"text": "red dress", "product": product, "picture": path}
    query = {"image" if kind == "picture" else kind: value[kind]}
    hits = shop.search("wordy", **query, k=3)
    arguments = ["search", "shop", "--method", "wordy", f"--{kind}", str(value[kind]), "--k", "3"]
    assert command_line([*arguments, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["product"], row["score"], row["rank"]) for row in rows] == [
        (hit.product, hit.score, hit.rank) for hit in hits
    ]
    assert command_line(arguments) == 0
    printed = capsys.readouterr().out
    assert all(hit.product in printed for hit in hits)


def test_the_command_line_says_what_is_wrong(
    shop: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line(["search", "shop", "--method", "gone", "--text", "red"]) == 1
    assert "There is no method 'gone'" in capsys.readouterr().err
    assert command_line(["search", "nowhere", "--method", "tiny", "--text", "red"]) == 1
    assert "nowhere" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        command_line(["search", "shop", "--method", "tiny"])
