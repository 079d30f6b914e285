"""The page Decide, run as Streamlit runs it, on the real demo catalogue."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from similarity import METHODS, open_catalogue
from similarity.decisions.evidence import decide_for, load_evidence
from similarity.decisions.question import Question
from similarity.decisions.words import recommend
from similarity.display.decision import tabulate_decision
from similarity.display.marks import get_titles
from similarity.judgments.judgment import Judgment
from similarity.judgments.store import Judgments, Source
from similarity.parts import Term
from tests.app.test_other_catalogues import visit
from tests.conftest import copy_by_links, present


def read_headings(page: AppTest) -> list[str]:
    return [re.sub(r"\\(.)", r"\1", each.value) for each in page.header]


def read_text(page: AppTest) -> str:
    texts = [each.value for each in (*page.markdown, *page.caption, *page.info, *page.warning)]
    return re.sub(r"\\(.)", r"\1", "\n".join(texts))


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("parameters", "question"),
    [
        ({}, Question()),
        ({"good": "attribute-colour:3"}, Question(weights={"attribute-colour": 3})),
        ({"languages": "english", "cost": "milliseconds"}, Question(languages="english")),
        (
            {"memory_price": "4", "machine_price": "30", "rate": "100", "cost": "euros"},
            Question(memory_price=4, machine_price=30, rate=100, machines=None, cost="euros"),
        ),
    ],
)
def test_the_page_says_what_was_decided(parameters: dict[str, str], question: Question) -> None:
    page = visit("decide.py", **parameters)
    assert not page.exception
    catalogue = open_catalogue("demo")
    decision = decide_for(catalogue, question, load_evidence(catalogue))
    titles = get_titles(catalogue, catalogue.methods)
    first, *rest = recommend(decision, titles)
    assert read_headings(page)[0] == first
    assert all(sentence in read_text(page) for sentence in rest)
    table = page.table[0].value
    rows = [row[: len(table.columns)] for row in tabulate_decision(decision, titles)]
    texts = [
        [re.sub(r"\\(.)", r"\1", text).replace("\u00a0", " ") for text in row]
        for row in table.to_numpy().tolist()
    ]
    assert texts == rows


@pytest.mark.usefixtures("demo")
def test_a_weight_and_a_limit_go_into_the_address_and_change_the_answer() -> None:
    page = visit("decide.py")
    before = read_headings(page)[0]
    page.slider[0].set_value(0).run()
    assert "Give something that counts a weight" in read_headings(page)[0]
    colour = next(each for each in page.slider if each.label == "Colour")
    colour.set_value(4).run()
    assert page.query_params["good"] == "attribute-colour:4"
    assert read_headings(page)[0] != before
    limit = next(each for each in page.number_input if each.label == "Memory, MB at most")
    limit.set_value(0.01).run()
    assert page.query_params["megabytes"] == "0.01"
    assert read_headings(page)[0] == "No method keeps all of these limits."
    (button,) = [each for each in page.button if each.label.startswith("Drop the limit")]
    button.click().run()
    assert "megabytes" not in page.query_params
    assert "colour" in read_headings(page)[0]


@pytest.mark.usefixtures("demo")
def test_wrong_values_in_the_address_are_named_and_left_out() -> None:
    page = visit("decide.py", megabytes="-3", machine_price="free", licence="gpl", cost="tea")
    assert len(page.warning) == 4
    assert read_headings(page)[0] == read_headings(visit("decide.py"))[0]


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("number", ["0.000001", "0.001", "1000000000"])
def test_every_number_that_the_address_may_have_fits_its_field(number: str) -> None:
    whole = "1" if "." in number else number
    page = visit(
        "decide.py",
        **dict.fromkeys(("megabytes", "milliseconds", "rate", "euros"), number),
        **dict.fromkeys(("products", "machines"), whole),
        **dict.fromkeys(("machine_price", "memory_price"), number),
    )
    assert not page.exception
    assert not page.warning
    assert len(page.number_input) == 8


@pytest.mark.usefixtures("demo")
def test_markup_in_the_address_stays_text() -> None:
    page = visit("decide.py", megabytes="![x](http://evil.example/a.png)")
    assert "\\!\\[x\\]" in page.warning[0].value


def test_judgments_count_first(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_by_links(built / "demo", tmp_path / "demo")
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    catalogue = open_catalogue("demo")
    ids = list(catalogue.products.index)
    graded = [
        Judgment(Term("product", query), hit.product, 3, "anna", 0.0, "")
        for query in ids[:40:5]
        for hit in catalogue.search("pixels", product=query, k=5)
    ]
    Judgments(catalogue.folder).add(Source("judgments.csv", "0" * 64), graded, [], {})
    page = visit("decide.py")
    assert "Pixels is best for judgments" in read_headings(page)[0]
    assert next(each.value for each in page.slider if each.label == "Judgments") == 1
    assert "No person has judged" not in read_text(page)


def test_methods_without_figures_are_listed_and_nothing_is_claimed(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_by_links(built / "demo", tmp_path / "demo")
    for name in ("metrics.json", "robustness.json"):
        (present(folder) / "measures" / name).unlink()
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path))
    page = visit("decide.py")
    assert not page.exception
    assert "nothing that counts as good was measured" in read_headings(page)[0]
    assert not page.slider


@pytest.mark.usefixtures("demo")
def test_the_guide_on_learn_shows_what_was_measured_and_what_others_published() -> None:
    page = visit("learn.py", guide="alike.no.clothes")
    text = read_text(page)
    assert "Start with FashionSigLIP" in "\n".join(each.value for each in page.subheader)
    assert "Measured here." in text
    assert "Marqo-FashionSigLIP 49.4 %" in text
    assert "DINOv3-ViT-L 31.8 %" in text, "a large model keeps its own name"
    assert "arxiv.org/abs/2601.14706" in text
    page = visit("learn.py", guide="alike.no.yes.laptop")
    assert "not measured here" not in read_text(page), "EfficientNet was measured"


@pytest.mark.usefixtures("demo")
def test_export_has_the_command_of_the_recommended_method() -> None:
    page = visit("decide.py")
    catalogue = open_catalogue("demo")
    choice = decide_for(catalogue, Question(), load_evidence(catalogue)).choice
    assert any(f"handover demo --method {choice} --to" in each.value for each in page.code)
    (select,) = [each for each in page.selectbox if each.label == "Method"]
    assert select.options == [METHODS[key].title for key in catalogue.methods]
