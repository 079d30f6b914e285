"""Files of what people enter, opened by several at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from similarity.errors import SimilarityError
from similarity.store import sqlite
from similarity.store.sqlite import Schema, begin_transaction, open_database

SCHEMA = Schema(0x54657374, 1, "CREATE TABLE row (value INTEGER) STRICT;", "Delete it.")
PEOPLE = 8


def count_rows(path: Path) -> int:
    with open_database(path, SCHEMA) as db:
        return int(db.execute("SELECT COUNT(*) FROM row").fetchone()[0])


def test_many_open_a_new_file_at_once_and_none_sees_half_of_it(tmp_path: Path) -> None:
    def add(path: Path, barrier: threading.Barrier) -> None:
        barrier.wait()
        with open_database(path, SCHEMA) as db, begin_transaction(db):
            db.execute("INSERT INTO row VALUES (1)")

    with ThreadPoolExecutor(PEOPLE) as pool:
        for number in range(50):
            path, barrier = tmp_path / f"{number}.sqlite", threading.Barrier(PEOPLE)
            list(pool.map(lambda _, p=path, b=barrier: add(p, b), range(PEOPLE)))
            assert count_rows(path) == PEOPLE
    assert not list(tmp_path.glob("*.part")), "nothing is left of what others created meanwhile"


def test_a_file_is_not_there_until_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, existed = tmp_path / "x.sqlite", []
    real_begin: Callable[..., object] = sqlite.begin_transaction

    def begin(db: object) -> object:
        existed.append(path.exists())
        return real_begin(db)

    monkeypatch.setattr(sqlite, "begin_transaction", begin)
    assert count_rows(path) == 0
    assert existed == [False]


def test_an_unwritable_folder_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SimilarityError, match=r"can't be reached: .*Make it writable"):
        count_rows(tmp_path / "missing" / "x.sqlite")
    assert not list(tmp_path.iterdir())
