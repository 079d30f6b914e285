"""Judgments: what is imported counts once and as a whole, and measures are those of ir_measures."""

import csv
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import ir_measures
import pandas as pd
import pytest

from precompute.__main__ import main
from similarity import METHODS, Catalogue, open_catalogue
from similarity.errors import SimilarityError
from similarity.judgments.comparison import compare_by_judgments
from similarity.judgments.database import FILE
from similarity.judgments.evidence import select_present
from similarity.judgments.judgment import Judgment, combine_grades, format_query, parse_query
from similarity.judgments.measures import (
    MEASURES,
)
from similarity.judgments.rankings import rank_queries
from similarity.judgments.store import Judgments, Source
from similarity.parts import Term
from tests.conftest import PROJECT
from tests.units.conftest import Fake
from tests.units.drawing import draw, encode, write_pictures

PRODUCTS = 15
TEXT = Term("text", "red shirt")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """A catalogue with the real pixels, and a quick method that answers texts."""
    folder = tmp_path_factory.mktemp("judged")
    before = dict(METHODS)
    METHODS["wordy"] = Fake("wordy", True, "1").method
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMILARITY_CATALOGUES", str(folder / "built"))
        source = write_pictures(folder / "shop", PRODUCTS)
        assert main(["--catalogue", str(source), "--methods", "pixels,wordy"]) == 0
        yield open_catalogue("shop")
    METHODS.clear()
    METHODS.update(before)


@pytest.fixture
def catalogue(built: Catalogue) -> Catalogue:
    """The catalogue without judgments."""
    for path in built.folder.glob(f"{FILE}*"):
        path.unlink()
    return built


def judge(*arguments: object) -> int:
    return main(["judge", "shop", *map(str, arguments)])


def read(catalogue: Catalogue) -> dict[Term, dict[str, int]]:
    return Judgments(catalogue.folder).read_grades("people")


def write_table(path: Path, rows: Sequence[tuple[object, ...]], *more: str) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([("query", "product", "grade", *more), *rows])
    return path


def add(catalogue: Catalogue, judgments: list[Judgment], name: str = "a test") -> None:
    Judgments(catalogue.folder).add(Source(name, None), judgments)


# ---- clicks


def write_log(folder: Path, ids: list[str], searches: int = 20) -> list[Path]:
    """A log of searches that returned two products, of which the second was always clicked."""
    queries = [
        {"query_id": f"q{i}", "user_query": "red shirt", "query_response_hit_ids": ids[:2]}
        for i in range(searches)
    ]
    events = [
        {
            "query_id": f"q{i}",
            "action_name": "click",
            "event_attributes": {"object": {"object_id": ids[1]}, "position": {"ordinal": 2}},
        }
        for i in range(searches)
    ]
    paths = [folder / "queries.jsonl", folder / "events.jsonl"]
    for path, lines in zip(paths, (map(json.dumps, queries), map(json.dumps, events)), strict=True):
        path.write_text("\n".join(lines), encoding="utf-8")
    return paths


def test_a_click_log_is_evidence_of_its_own(catalogue: Catalogue, tmp_path: Path) -> None:
    ids = catalogue.products.index.tolist()
    assert judge("--import", *write_log(tmp_path, ids)) == 0
    judgments = Judgments(catalogue.folder)
    (clicks,) = [each for each in judgments.list_clicks() if each.product == ids[1]]
    assert (clicks.impressions, clicks.clicks, clicks.expected) == (20, 20, 20)
    assert judgments.read_grades("clicks") == {TEXT: {ids[1]: 2}}  # the first: none expected
    assert judgments.read_grades("people") == {}


def test_a_click_log_as_csv_says_the_same(catalogue: Catalogue, tmp_path: Path) -> None:
    ids = catalogue.products.index.tolist()
    lines = write_log(tmp_path, ids)
    records = [json.loads(line) for path in lines for line in path.read_text().splitlines()]
    path = tmp_path / "log.csv"
    frame = pd.DataFrame(records)
    for column in ("query_response_hit_ids", "event_attributes"):
        frame[column] = [json.dumps(v) if isinstance(v, dict | list) else "" for v in frame[column]]
    frame.to_csv(path, index=False)
    assert judge("--import", path) == 0
    assert Judgments(catalogue.folder).read_grades("clicks") == {TEXT: {ids[1]: 2}}


def test_the_same_log_counts_once(
    catalogue: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = write_log(tmp_path, catalogue.products.index.tolist())
    assert judge("--import", *paths) == 0
    assert judge("--import", *reversed(paths)) == 1
    assert "would count twice" in capsys.readouterr().err
    assert sum(each.clicks for each in Judgments(catalogue.folder).list_clicks()) == 20


def test_a_log_that_does_not_say_what_was_shown_is_refused(
    catalogue: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, events = write_log(tmp_path, catalogue.products.index.tolist())
    assert judge("--import", events) == 1
    assert "doesn't say which products were shown" in " ".join(capsys.readouterr().err.split())


# ---- import and export


def test_a_query_is_a_product_a_picture_or_a_text(catalogue: Catalogue, tmp_path: Path) -> None:
    table = catalogue.products
    product, path = table.index[0], table["path"].iloc[1]
    (tmp_path / "photo.png").write_bytes(encode(draw(99, (40, 40))))
    rows = [
        (product, path, 3),
        (path, product, 2),
        ("red shirt", product, 1),
        ("photo.png", product, 0),
    ]
    assert judge("--import", write_table(tmp_path / "judged.csv", rows)) == 0
    grades = read(catalogue)
    (picture,) = [query.value for query in grades if query.kind == "picture"]
    assert grades == {
        Term("product", product): {table.index[1]: 3},
        Term("product", table.index[1]): {product: 2},
        TEXT: {product: 1},
        Term("picture", picture): {product: 0},
    }
    content = Judgments(catalogue.folder).read_picture(picture)
    assert content == (tmp_path / "photo.png").read_bytes()


def test_what_is_exported_is_imported_as_the_same(catalogue: Catalogue, tmp_path: Path) -> None:
    rng, ids = Random(0), catalogue.products.index.tolist()
    (tmp_path / "photo.png").write_bytes(encode(draw(99, (40, 40))))
    names = [*ids[:5], "red shirt", "größe 42 % ☂", "a:b c", "photo.png"]
    rows = [(name, p, rng.randrange(4)) for name in names for p in ids[5:]]
    assert judge("--import", write_table(tmp_path / "judged.csv", rows)) == 0
    grades = read(catalogue)
    assert judge("--export", tmp_path / "trec") == 0
    files = sorted((tmp_path / "trec").glob("*.qrels"))
    assert len(files) == 3
    with sqlite3.connect(catalogue.folder / FILE) as db:
        db.execute("DELETE FROM judgment")
    assert judge("--import", *files) == 0
    assert read(catalogue) == grades


def test_the_exported_files_reproduce_every_figure(catalogue: Catalogue, tmp_path: Path) -> None:
    rng, ids = Random(1), catalogue.products.index.tolist()
    rows = [
        (ids[i], p, rng.randrange(4)) for i in range(6) for p in rng.sample(ids, 9) if p != ids[i]
    ]
    assert judge("--import", write_table(tmp_path / "judged.csv", rows)) == 0
    assert judge("--export", tmp_path) == 0
    grades = read(catalogue)
    method = catalogue.resolve_method("pixels")
    rankings = {"pixels": rank_queries(catalogue, method, list(grades))}
    figures = compare_by_judgments(rankings, grades).table.figures["pixels"]
    qrels = list(ir_measures.read_trec_qrels(str(tmp_path / "shop-people-product.qrels")))
    run = list(ir_measures.read_trec_run(str(tmp_path / "shop-people-product-pixels.run")))
    for measure in MEASURES:
        parsed = ir_measures.parse_measure(measure)
        reference = ir_measures.calc_aggregate([parsed], qrels, run)[parsed]
        assert figures[measure].mean == pytest.approx(reference, abs=1e-9)


def test_judgments_survive_a_build_and_those_of_products_that_are_gone_are_reported(
    catalogue: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing, present = "0" * 20, catalogue.products.index[0]
    add(
        catalogue,
        [
            Judgment(Term("product", missing), present, 3),
            Judgment(TEXT, missing, 3),
            Judgment(TEXT, present, 1),
        ],
    )
    assert main(["--catalogue", "shop", "--methods", "pixels,wordy"]) == 0
    judged = select_present(read(catalogue), catalogue.products.index)
    assert judged.grades == {TEXT: {present: 1}}
    capsys.readouterr()
    assert judge() == 0
    assert "From a test," in capsys.readouterr().err
    assert judge() == 0
    assert "left out: 1 product and 1 query" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("red", "PRODUCT", 1), ("red", "PRODUCT", 4)], "line 3: the grade '4' is not one of"),
        ([("red", "PRODUCT", "nan")], "line 2: the grade 'nan'"),
        ([("red", "PRODUCT", "1.5")], "line 2: the grade '1.5'"),
        ([("red", "no such", 1)], "line 2: there is no product 'no such'"),
        ([("product:no such", "PRODUCT", 1)], "line 2: there is no product 'no such'"),
        ([("../photo.png", "PRODUCT", 1)], "line 2: '../photo.png' is outside"),
        ([("gone.png", "PRODUCT", 1)], "line 2: there is no picture 'gone.png'"),
        ([("judged.png", "PRODUCT", 1)], "line 2: "),
        ([("", "PRODUCT", 1)], "line 2: it has no query"),
        ([("x" * 2000, "PRODUCT", 1)], "line 2: The text is longer"),
    ],
)
def test_a_file_with_a_wrong_line_names_it_and_nothing_is_imported(
    catalogue: Catalogue,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    rows: Sequence[tuple[object, ...]],
    reason: str,
) -> None:
    (tmp_path / "judged.png").write_text("no picture")
    (tmp_path.parent / "photo.png").write_bytes(encode(draw(1, (40, 40))))
    product = catalogue.products.index[0]
    rows = [tuple(product if value == "PRODUCT" else value for value in row) for row in rows]
    assert judge("--import", write_table(tmp_path / "judged.csv", [*rows])) == 1
    message = " ".join(capsys.readouterr().err.split())
    assert reason in message
    assert "Nothing was imported" in message
    assert read(catalogue) == {}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "name,price\na,1\n", "it has no 'query'"),
        ("a.csv", 'query,product,grade\n"a,b,1\n', "line 2 is not CSV"),
        ("a.jsonl", '{"query": 1, "product": 1, "grade": 1}\n{"qu', "line 2 is not JSON"),
        ("a.jsonl", "[" * 100_000, "line 1 is not JSON"),
        ("a.jsonl", '{"query_id": "1", "action_name": "click"}', "the event has no object_id"),
        ("a.parquet", "PAR1 and no more", "it is not Parquet"),
        ("a.qrels", "red 0 product\n", "line 1 has 3 fields"),
    ],
)
def test_a_malformed_file_is_refused(
    catalogue: Catalogue,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: str,
    reason: str,
) -> None:
    (tmp_path / name).write_text(content)
    assert judge("--import", tmp_path / name) == 1
    assert reason in " ".join(capsys.readouterr().err.split())


def test_unknown_products_can_be_left_out(catalogue: Catalogue, tmp_path: Path) -> None:
    product = catalogue.products.index[0]
    path = write_table(tmp_path / "judged.csv", [("red", "no such", 1), ("red", product, 2)])
    assert judge("--import", path, "--allow-unmatched") == 0
    assert read(catalogue) == {Term("text", "red"): {product: 2}}


def test_hostile_texts_are_kept_as_they_are(catalogue: Catalogue, tmp_path: Path) -> None:
    texts = [
        "'; DROP TABLE judgment; --",
        "<script>alert(1)</script>",
        "=1+1",
        "\u202eabc",
        "text:x",
    ]
    product = catalogue.products.index[0]
    rows = [(text, product, 1, text, text) for text in texts]
    assert judge("--import", write_table(tmp_path / "judged.csv", rows, "judge", "note")) == 0
    judgments = Judgments(catalogue.folder).list_judgments()
    assert [each.note for each in judgments] == texts
    assert [each.query.value for each in judgments] == [*texts[:-1], "x"]


@pytest.mark.parametrize("query", [TEXT, Term("text", "a b%/:☂"), Term("product", "0" * 20)])
def test_a_query_is_one_word_in_trecs_files(query: Term) -> None:
    assert len(format_query(query).split()) == 1
    assert parse_query(format_query(query)) == query


# ---- the store


def test_of_two_grades_by_one_judge_the_last_counts_and_both_are_kept(catalogue: Catalogue) -> None:
    add(catalogue, [Judgment(TEXT, "p", 3, "ann"), Judgment(TEXT, "p", 1, "ann")])
    assert read(catalogue) == {TEXT: {"p": 1}}
    with sqlite3.connect(catalogue.folder / FILE) as db:
        assert db.execute("SELECT grade FROM judgment ORDER BY id").fetchall() == [(3,), (1,)]


@pytest.mark.parametrize(
    ("grades", "mean"), [([2], 2), ([1, 2], 2), ([0, 1], 1), ([0, 0, 1], 0), ([3, 3, 0], 2)]
)
def test_several_judges_give_their_mean(grades: list[int], mean: int) -> None:
    assert combine_grades(grades) == mean


def test_a_product_is_no_result_for_itself(catalogue: Catalogue) -> None:
    product = catalogue.products.index[0]
    add(catalogue, [Judgment(Term("product", product), product, 3)])
    assert read(catalogue) == {}


def test_an_import_that_is_killed_leaves_nothing_and_can_be_repeated(catalogue: Catalogue) -> None:
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from similarity.judgments.judgment import Judgment\n"
        "from similarity.judgments.store import Judgments, Source\n"
        "from similarity.parts import Term\n"
        "class Deadly(Judgment):\n"
        "    @property\n"
        "    def note(self): os.kill(os.getpid(), signal.SIGKILL)\n"
        "    @note.setter\n"
        "    def note(self, value): pass\n"
        "query = Term('text', 'red')\n"
        "rows = [Judgment(query, str(i), 1) for i in range(5000)]\n"
        "object.__setattr__(rows[0], 'x', 0)\n"
        "deadly = Deadly.__new__(Deadly)\n"
        "for name in ('query', 'product', 'grade', 'judge', 'judged'):\n"
        "    object.__setattr__(deadly, name, getattr(rows[0], name))\n"
        "Judgments(Path(sys.argv[1])).add(Source('a', 'a'), [*rows, deadly])\n"
    )
    command = [sys.executable, "-c", code, str(catalogue.folder)]
    killed = subprocess.run(command, cwd=PROJECT, check=False)
    assert killed.returncode == -9
    assert Judgments(catalogue.folder).get_revision() == (0, 0, 0)
    Judgments(catalogue.folder).add(Source("a", "a"), [Judgment(Term("text", "red"), "p", 1)])
    assert read(catalogue) == {Term("text", "red"): {"p": 1}}


def test_several_add_at_once_and_nothing_is_lost(catalogue: Catalogue) -> None:
    def add_one(number: int) -> None:
        add(catalogue, [Judgment(Term("text", f"q{number % 3}"), f"p{number}", 1)], f"s{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_one, range(40)))
    assert sum(map(len, read(catalogue).values())) == 40
    assert len(Judgments(catalogue.folder).list_sources()) == 40


def test_a_damaged_file_is_refused_and_left_as_it_is(catalogue: Catalogue) -> None:
    (catalogue.folder / FILE).write_bytes(b"no database" * 100)
    with pytest.raises(SimilarityError, match="is damaged"):
        read(catalogue)
    assert (catalogue.folder / FILE).read_bytes() == b"no database" * 100


@pytest.mark.parametrize(
    "values", ["'text', 'red', 'p', 99", "'text', 'red', X'00', 1", "'other', 'red', 'p', 1"]
)
def test_rows_that_somebody_else_made_are_refused(catalogue: Catalogue, values: str) -> None:
    add(catalogue, [])
    kind, value, product, grade = values.split(", ")
    with sqlite3.connect(catalogue.folder / FILE) as db:
        db.execute("DROP TABLE judgment")
        db.execute("DROP TABLE query")
        db.execute("CREATE TABLE query (id INTEGER PRIMARY KEY, kind, value)")
        db.execute(
            "CREATE TABLE judgment (id INTEGER PRIMARY KEY, source, query, product, grade, judge, "
            "judged, note)"
        )
        db.execute(f"INSERT INTO query VALUES (1, {kind}, {value})")
        db.execute(f"INSERT INTO judgment VALUES (1, 1, 1, {product}, {grade}, '', 0, '')")
    with pytest.raises(SimilarityError, match="a row is invalid"):
        read(catalogue)
