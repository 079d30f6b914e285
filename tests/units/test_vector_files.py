"""Files of vectors: read as they are, and refused by name where they can't be used."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from similarity.candidates.vector_file import VectorFile, find_vectors
from tests.units.refusals import refusal

Change = Callable[[pd.DataFrame], pd.DataFrame]


def make_table(count: int = 6, dim: int = 3) -> pd.DataFrame:
    vectors = np.random.default_rng(0).normal(size=(count, dim)).astype(np.float32)
    return pd.DataFrame({"path": [f"a/{i}.jpg" for i in range(count)], "vector": list(vectors)})


def write(path: Path, table: pd.DataFrame) -> Path:
    """Write a table in the format that a path's name says."""
    if path.suffix == ".parquet":
        table.to_parquet(path)
    elif path.suffix == ".csv":
        texts = [json.dumps([float(x) for x in vector]) for vector in table["vector"]]
        table.assign(vector=texts).to_csv(path, index=False)
    else:
        np.save(path, np.stack(table["vector"].tolist()))
        path.with_suffix(".txt").write_text("\n".join(table["path"]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", ["parquet", "csv", "npy"])
def test_every_format_gives_the_vectors_of_products_in_the_order_asked(
    suffix: str, tmp_path: Path
) -> None:
    table = make_table()
    vectors = VectorFile(find_vectors(str(write(tmp_path / f"v.{suffix}", table))))
    assert (vectors.count, vectors.dim) == (6, 3)
    rows = vectors.read([["x", "a/4.jpg"], ["a/0.jpg", "b" * 20]])
    np.testing.assert_allclose(rows, [table["vector"][4], table["vector"][0]], rtol=1e-6)
    assert rows.dtype == np.float32
    assert vectors.count_unused(["a/1.jpg", "zzz"]) == 5


def test_rows_may_be_named_by_product(tmp_path: Path) -> None:
    table = make_table().rename(columns={"path": "id"})
    vectors = VectorFile(write(tmp_path / "v.parquet", table))
    np.testing.assert_allclose(vectors.read([["new.jpg", "a/2.jpg"]]), [table["vector"][2]])


def test_paths_are_read_however_a_system_writes_them(tmp_path: Path) -> None:
    table = make_table(2).assign(path=["a\\0.jpg", "./a/1.jpg"])
    VectorFile(write(tmp_path / "v.csv", table)).require([["a/0.jpg"], ["a/1.jpg"]])


def set_vector(row: int, values: object) -> Change:
    def change(table: pd.DataFrame) -> pd.DataFrame:
        vectors = table["vector"].tolist()
        vectors[row] = values
        return table.assign(vector=vectors)

    return change


def repeat_first(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table, table.head(1)])


BAD: dict[str, Change] = {
    r"1 vectors in 'v.parquet' are all zeros: 'a/2.jpg'": set_vector(2, [0.0, 0.0, 0.0]),
    r"1 vectors .* have infinite or missing numbers: 'a/1.jpg'": set_vector(1, [0, np.nan, 1]),
    r"have infinite or missing numbers: 'a/3.jpg'": set_vector(3, [0, np.inf, 1]),
    r"1 vectors .* don't have 3 numbers, as most have: 'a/0.jpg'": set_vector(0, [1.0, 2.0]),
    r"don't have 3 numbers, as most have: 'a/5.jpg'": set_vector(5, None),
    r"1 vectors .* are there more than once: 'a/0.jpg'": repeat_first,
    r"has no vectors": lambda table: table.head(0),
    r"needs a column 'path' or 'id'.* It has: 'file', 'vector'": lambda table: table.rename(
        columns={"path": "file"}
    ),
    r"needs a column .* It has: 'path', 'embedding'": lambda table: table.rename(
        columns={"vector": "embedding"}
    ),
    r"can't be read \(ValueError": lambda table: table.assign(vector=["abc"] * len(table)),
    r"4 vectors .*'a/0.jpg', 'a/1.jpg', 'a/2.jpg' and 1 more": lambda table: table.assign(
        vector=[[0.0] * 3] * 4 + table["vector"].tolist()[4:]
    ),
}


@pytest.mark.parametrize(("message", "change"), BAD.items(), ids=BAD)
def test_rows_that_cannot_be_used_are_named(message: str, change: Change, tmp_path: Path) -> None:
    path = write(tmp_path / "v.parquet", change(make_table()))
    with refusal(message):
        VectorFile(path)


def test_products_without_a_vector_are_named(tmp_path: Path) -> None:
    vectors = VectorFile(write(tmp_path / "v.parquet", make_table()))
    with refusal(r"has no vector for 2 of 3 products: 'b.jpg', 'c.jpg'"):
        vectors.require([["a/1.jpg"], ["b.jpg", "id"], ["c.jpg"]])


def test_names_from_a_file_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    table = make_table().assign(path=["\x1b[2J" + "x" * 500, *make_table()["path"][1:]])
    with refusal("all zeros") as refused:
        VectorFile(write(tmp_path / "v.parquet", set_vector(0, [0.0] * 3)(table)))
    assert "\x1b" not in str(refused.value)
    assert len(str(refused.value)) < 200


def test_an_array_without_its_paths_or_of_another_length_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "v.npy", make_table())
    names = path.with_suffix(".txt")
    names.write_text("a/1.jpg\n")
    with refusal("has 6 vectors and 1 paths"):
        VectorFile(path)
    names.unlink()
    with refusal("There is no list of paths 'v.txt' beside 'v.npy'"):
        VectorFile(path)


def test_an_array_of_objects_is_never_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str, str]]:
            return open, (str(tmp_path / "trap"), "w")

    path = tmp_path / "v.npy"
    np.save(path, np.array([Trap()], object), allow_pickle=True)
    path.with_suffix(".txt").write_text("a.jpg\n")
    with refusal("can't be read"):
        VectorFile(path)
    path.write_bytes(pickle.dumps([Trap()]))
    with refusal("can't be read"):
        VectorFile(path)
    assert not (tmp_path / "trap").exists()


def test_a_damaged_file_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "v.parquet"
    path.write_bytes(b"PAR1 no")
    with refusal(r"'v.parquet' can't be read \("):
        VectorFile(path)
