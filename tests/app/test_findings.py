"""Keeping pages on the real demo: a finding has what the page shows, then and now."""

import html
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from similarity import Catalogue, open_catalogue
from similarity.errors import SimilarityError
from similarity.findings.boards import Boards
from similarity.findings.compose.page import NAMES, compose_page, refuse_picture
from similarity.findings.content import Content
from similarity.findings.database import FILE
from similarity.findings.finding import DEFAULT_BOARD
from similarity.findings.link import parse_link
from similarity.findings.report.html import write_report
from tests.app.test_other_catalogues import read_columns, visit
from tests.conftest import copy_by_links


@pytest.fixture(scope="module")
def folder(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo, which may have findings of its own."""
    folder = tmp_path_factory.mktemp("kept")
    copy_by_links(built / "demo", folder / "demo")
    return folder


@pytest.fixture
def catalogue(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """That copy, without findings."""
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(folder))
    for path in (folder / "demo").glob(f"{FILE}*"):
        path.unlink()
    return open_catalogue("demo")


def keep(page: AppTest, catalogue: Catalogue) -> Content:
    """Press Keep; return what was kept."""
    page.button(key="keep").click().run()
    assert not page.exception
    assert "Kept on" in page.toast[0].value
    return Boards(catalogue.folder).list_findings(DEFAULT_BOARD)[-1].content


def get_query(catalogue: Catalogue) -> dict[str, Any]:
    """Queries of every kind, by name."""
    ids = catalogue.products.index
    one, other, third = (ids[len(ids) * share // 10] for share in (1, 5, 8))
    return {
        "product": {"product": one},
        "words": {"text": "red dress"},
        "nothing named": {"text": "something nice"},
        "combined": {"product": one, "text": "red", "bridge": "lit"},
        "avoided": {"product": one, "less": other, "minus": "striped"},
        "filtered": {"product": other, "where.colour": "red", "k": "24"},
        "varied": {"product": other, "unlike": "category", "fold": "1", "attribute": "colour"},
        "one per": {"product": third, "one_per": "colour"},
    }


@pytest.mark.parametrize(
    "name",
    ["product", "words", "nothing named", "combined", "avoided", "filtered", "varied", "one per"],
)
def test_a_finding_of_compare_has_the_results_of_the_page(catalogue: Catalogue, name: str) -> None:
    page = visit(**get_query(catalogue)[name])
    columns, content = read_columns(page), keep(page, catalogue)
    assert [grid.title for grid in content.grids] == [column["title"] for column in columns]
    for grid, column in zip(content.grids, columns, strict=True):
        assert [
            (each.product, each.name, each.rank, f"{each.score:.3f}", each.is_wrong, each.is_weak)
            for each in grid.results
        ] == [
            tuple(cell[part] for part in ("id", "alt", "rank", "score", "is_wrong", "is_weak"))
            for cell in column["pictures"]
        ]
        assert grid.note == column["headline"]
        assert grid.colour == column["colour"]
    (card,) = [
        json.loads(element.proto.json)["query"]
        for element in page.get("bidi_component")
        if element.proto.id.endswith("-compare.query")
    ]
    if card["headline"]:
        assert content.title == card["headline"]
    else:
        assert content.title == f"{card['lead']} {card['text']}"


def read_text(page: AppTest) -> str:
    texts = [each.value for each in (*page.markdown, *page.caption, *page.info)]
    text = "\n".join([*texts, *(button.label for button in page.button)])
    return re.sub(r"\\(.)", r"\1", text)


def test_a_finding_of_accuracy_has_its_conclusions_figures_and_open_charts(
    catalogue: Catalogue,
) -> None:
    page = visit("measure.py", open="attribute-1,costs", metric="MAP@R", near="without")
    (card,) = [
        json.loads(element.proto.json)
        for element in page.get("bidi_component")
        if element.proto.id.endswith("-measure.scorecard")
    ]
    content = keep(page, catalogue)
    for sentence in content.sentences:
        assert sentence in read_text(page)
    table = content.tables[0]
    for row, line in zip(table.rows, card["rows"], strict=True):
        assert row[0] == line["title"]
        for text, value in zip(row[1:], line["values"], strict=True):
            expected = value["text"] + (f" ({value['interval']})" if value["interval"] else "")
            assert text == expected
    (chart,) = content.charts
    assert chart.title.startswith("MAP@R by category, n ")
    differences = page.table[0].value
    assert content.tables[1].rows == differences.to_numpy().tolist()


@pytest.mark.parametrize("name", [f"{page}.py" for page in NAMES])
def test_every_page_can_be_kept_and_opened_again(catalogue: Catalogue, name: str) -> None:
    page = visit(name)
    content = keep(page, catalogue)
    assert content.title
    (finding,) = Boards(catalogue.folder).list_findings(DEFAULT_BOARD)
    assert finding.link.page == name.removesuffix(".py")
    again = visit(name, **{n: texts[-1] for n, texts in finding.link.parameters.items()})
    assert keep(again, catalogue) == content


@pytest.mark.parametrize(
    "link", ["compare?product=gone", "robustness?product=gone&change=turn:30&methods=pixels"]
)
def test_a_page_whose_product_is_gone_is_refused_with_the_reason(
    catalogue: Catalogue, link: str
) -> None:
    with pytest.raises(SimilarityError, match="has no product 'gone'"):
        compose_page(catalogue, parse_link(link), refuse_picture)


def test_a_page_without_results_keeps_nothing(catalogue: Catalogue) -> None:
    page = visit(text="red", text_methods="")
    page.button(key="keep").click().run()
    assert "nothing to keep" in page.toast[0].value
    assert not (catalogue.folder / FILE).exists()


@pytest.mark.parametrize("parameters", [{"vote": "1"}, {"judge": "1"}])
def test_participants_have_no_such_button(catalogue: Catalogue, parameters: dict[str, str]) -> None:
    page = visit("ballot.py" if "vote" in parameters else "grade.py", **parameters)
    assert all(button.key != "keep" for button in page.button)


@pytest.mark.parametrize("name", ["product", "words", "avoided", "filtered"])
def test_the_python_in_a_report_repeats_the_results(
    catalogue: Catalogue, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    content = keep(visit(**get_query(catalogue)[name]), catalogue)
    report = write_report(catalogue, DEFAULT_BOARD, datetime(2026, 1, 5))
    (code,) = re.findall(r'repeats it">(.*?)</pre>', report, re.DOTALL)
    capsys.readouterr()
    exec(html.unescape(code), {})
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("[Hit")]
    assert [re.findall(r"product='(\w+)'", line) for line in lines] == [
        [result.product for result in grid.results] for grid in content.grids
    ]


def test_what_python_would_not_repeat_has_only_the_link(catalogue: Catalogue) -> None:
    keep(visit(**get_query(catalogue)["combined"]), catalogue)
    report = write_report(catalogue, DEFAULT_BOARD, datetime(2026, 1, 5))
    assert "bridge=lit" in report
    assert "read_link" not in report
