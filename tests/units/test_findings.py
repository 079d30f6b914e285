"""Findings: what people keep is whole, in their order, and never lost to somebody else's change."""

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from similarity.errors import SimilarityError
from similarity.findings import boards as boards_module
from similarity.findings.boards import Boards
from similarity.findings.content import Content, Grid, Query, Result
from similarity.findings.finding import DEFAULT_BOARD, MAX_NAME, ChangedError, Finding
from similarity.findings.link import MAX_LINK, Link, parse_link
from similarity.store import sqlite
from tests.conftest import PROJECT

LINK = Link("compare", {"product": ["p1"], "methods": ["pixels,lit"]})
CONTENT = Content(
    "Pixels finds watches",
    query=Query("Similar to", "a dress", "p1"),
    grids=[Grid("pixels", "Pixels", "#777777", results=[Result("p2", "a watch", "1", 0.5, True)])],
)
FINDING = Finding(0, DEFAULT_BOARD, "Pixels", "", LINK, CONTENT, {"products": "1"}, "0.1.0", 5.0)
PICTURES = {"p1": b"one", "p2": b"two"}


@pytest.fixture
def boards(tmp_path: Path) -> Boards:
    return Boards(tmp_path)


def add(boards: Boards, *titles: str, board: str = DEFAULT_BOARD) -> list[int]:
    return [boards.add(replace(FINDING, title=t, board=board), PICTURES) for t in titles]


def list_titles(boards: Boards, board: str = DEFAULT_BOARD) -> list[str]:
    return [finding.title for finding in boards.list_findings(board)]


def test_nothing_is_written_before_something_is_kept(boards: Boards) -> None:
    assert [tuple(each) for each in boards.list_boards()] == [(DEFAULT_BOARD, 0)]
    assert boards.list_findings(DEFAULT_BOARD) == []
    with pytest.raises(ChangedError):
        boards.get_finding(1)
    assert not boards.path.exists()


def test_a_finding_comes_back_as_it_was_kept(boards: Boards) -> None:
    (number,) = add(boards, "Pixels")
    assert Boards(boards.path.parent).list_findings(DEFAULT_BOARD) == [
        replace(FINDING, number=number)
    ]
    assert boards.read_pictures(number) == PICTURES


@settings(deadline=None)  # every move is synced to the disk
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-2, 8)), max_size=6))
def test_findings_move_as_in_a_list(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[int, int]]
) -> None:
    boards, names = Boards(tmp_path_factory.mktemp("moves")), list("abcdef")
    numbers = dict(zip(names, add(boards, *names), strict=True))
    for which, place in moves:
        name = names[which]
        boards.move(numbers[name], place)
        names.remove(name)
        names.insert(max(place, 0), name)
        assert list_titles(boards) == names


def test_deleting_is_undone_at_the_same_place_even_after_a_restart(boards: Boards) -> None:
    _, second, _ = add(boards, "a", "b", "c")
    boards.delete(second)
    assert list_titles(boards) == ["a", "c"]
    with pytest.raises(ChangedError, match="deleted meanwhile"):
        boards.edit(second, "x", "", 0)
    Boards(boards.path.parent).restore(second)
    assert list_titles(boards) == ["a", "b", "c"]


def test_what_was_deleted_long_ago_goes_with_its_pictures(
    boards: Boards, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = add(boards, "a", "b")
    boards.delete(first)
    monkeypatch.setattr(boards_module, "UNDO_TIME", -1)
    add(boards, "c")
    assert list_titles(boards) == ["b", "c"]
    with pytest.raises(ChangedError):
        boards.restore(first)
    with sqlite3.connect(boards.path) as db:
        assert db.execute("SELECT COUNT(*) FROM picture").fetchone() == (2,), "others show them"


def test_of_two_people_who_edit_a_finding_the_second_is_told_and_nothing_is_lost(
    boards: Boards,
) -> None:
    (number,) = add(boards, "a")
    before = boards.get_finding(number)
    boards.edit(number, "first", "a note", before.revision)
    with pytest.raises(ChangedError, match="Somebody has changed this finding meanwhile"):
        boards.edit(number, "second", "", before.revision)
    after = boards.get_finding(number)
    assert (after.title, after.note) == ("first", "a note")
    boards.edit(number, "second", "", after.revision)
    assert boards.get_finding(number).title == "second"


def test_several_people_keep_at_once_and_nothing_is_lost(boards: Boards) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda i: add(boards, f"t{i}")[0], range(40)))
    assert len(set(numbers)) == 40
    assert sorted(list_titles(boards)) == sorted(f"t{i}" for i in range(40))


def test_keeping_that_is_killed_leaves_nothing_and_can_be_repeated(boards: Boards) -> None:
    add(boards, "before")
    code = (
        "import os, sys\nfrom pathlib import Path\n"
        "from tests.units.test_findings import FINDING\n"
        "from similarity.findings.boards import Boards\n"
        "class Deadly(dict):\n"
        "    def items(self): yield ('p1', b'1'); os.kill(os.getpid(), 9)\n"
        "Boards(Path(sys.argv[1])).add(FINDING, Deadly())\n"
    )
    command = [sys.executable, "-c", code, str(boards.path.parent)]
    assert subprocess.run(command, cwd=PROJECT, check=False).returncode == -9
    assert list_titles(boards) == ["before"]
    add(boards, "after")
    assert list_titles(boards) == ["before", "after"]


def test_a_full_disk_is_reported_and_keeps_what_was_there(
    boards: Boards, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(boards, "before")
    real_connect = sqlite.connect

    def connect(path: Path, mode: str = "rw") -> sqlite3.Connection:
        db = real_connect(path, mode)
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages}")
        return db

    monkeypatch.setattr(sqlite, "connect", connect)
    with pytest.raises(SimilarityError, match=r"can't be reached: .*full.*try again"):
        boards.add(FINDING, {"big": os.urandom(1_000_000)})
    monkeypatch.undo()
    assert list_titles(boards) == ["before"]


def test_a_catalogue_that_is_gone_is_reported(tmp_path: Path) -> None:
    boards = Boards(tmp_path / "gone")
    with pytest.raises(SimilarityError, match="can't be reached"):
        add(boards, "a")
    assert boards.list_findings(DEFAULT_BOARD) == []


@pytest.mark.parametrize(
    "harm",
    [
        "content = '{}'",
        "content = 'x'",
        "fingerprint = '[1]'",
        """content = replace(content, '"p2"', '7')""",
    ],
)
def test_rows_that_somebody_else_made_are_refused(boards: Boards, harm: str) -> None:
    add(boards, "a")
    with sqlite3.connect(boards.path) as db:
        db.execute(f"UPDATE finding SET {harm}")
    with pytest.raises(SimilarityError, match=r"is damaged \(a row is invalid\)"):
        boards.list_findings(DEFAULT_BOARD)


def test_a_damaged_file_is_refused_and_left_as_it_is(boards: Boards) -> None:
    boards.path.write_bytes(b"no database" * 100)
    with pytest.raises(SimilarityError, match="is damaged"):
        boards.list_boards()
    assert boards.path.read_bytes() == b"no database" * 100


def test_boards_are_made_renamed_and_limited(
    boards: Boards, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert boards.add_board("  For \n Monday ") == "For Monday"
    add(boards, "a", board="For Monday")
    assert boards.rename_board("For Monday", "For Tuesday") == "For Tuesday"
    assert list_titles(boards, "For Tuesday") == ["a"]
    boards.add_board("Other")
    with pytest.raises(SimilarityError, match="There is a board “Other” already"):
        boards.rename_board("For Tuesday", "Other")
    for name in ("", "\n", "x" * (MAX_NAME + 1)):
        with pytest.raises(SimilarityError, match="1 to 60 characters"):
            boards.add_board(name)
    monkeypatch.setattr(boards_module, "MAX_BOARDS", 2)
    with pytest.raises(SimilarityError, match="takes no more"):
        boards.add_board("Third")
    monkeypatch.setattr(boards_module, "MAX_FINDINGS", 1)
    with pytest.raises(SimilarityError, match="Choose another board, or delete some"):
        add(boards, "b", board="For Tuesday")


def test_texts_are_cleaned_and_long_addresses_refused(boards: Boards) -> None:
    hostile = replace(FINDING, title="a\x00\n<script>" + "x" * 500, note="1\r\n2\x1b[31m")
    (number,) = [boards.add(hostile, {})]
    finding = boards.get_finding(number)
    assert finding.title.startswith("a <script>x")
    assert len(finding.title) == 200
    assert finding.note == "1\n2[31m"
    with pytest.raises(SimilarityError, match="too long to be kept"):
        boards.add(replace(FINDING, link=Link("compare", {"text": ["x" * MAX_LINK]})), {})


@given(
    st.dictionaries(
        st.sampled_from(["product", "text", "minus", "where.colour", "k"]),
        st.lists(st.text(min_size=1), min_size=1, max_size=3),
    )
)
def test_a_link_that_is_written_is_read_as_it_was(parameters: dict[str, list[str]]) -> None:
    assert parse_link(str(Link("compare", parameters))) == Link("compare", parameters)


def test_asking_for_a_product_keeps_everything_but_the_query() -> None:
    link = Link("compare", {"text": ["red"], "balance": ["20"], "k": ["4"]}).ask("p9")
    assert link.parameters == {"k": ["4"], "product": ["p9"]}
    assert link.is_complete
    assert not Link("compare", {"picture": ["p9"]}).is_complete
