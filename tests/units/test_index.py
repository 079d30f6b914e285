"""An index on disk: what does not fit its manifest is refused, the old one is kept till last."""

import io
import json
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from similarity.errors import SimilarityError
from similarity.indexes.flat import FAISS_FILE
from similarity.indexes.folder import (
    FORMAT,
    IDS,
    MANIFEST,
    _checksum,
    fingerprint,
    index_class,
    open_index,
    replace_folder,
    write_index,
)
from similarity.indexes.pixels import LENGTHS, MEANS
from similarity.indexes.pixels import PIXELS as PIXELS_FILE
from similarity.methods import METHODS, Embedder, Method

IDS_OF = [f"{i:020x}" for i in range(12)]
PIXELS = METHODS["pixels"]
FLAT = Method(
    key="flat",
    title="Flat",
    family="",
    summary="",
    weights="",
    licence="",
    revision="3",
    dim=8,
    answers_text=False,
    load=lambda: Embedder(lambda pictures: np.ones((len(pictures), 8), np.float32)),
)


def rows(method: Method, seed: int = 0) -> npt.NDArray[Any]:
    vectors = np.random.default_rng(seed).random((len(IDS_OF), method.dim), np.float32)
    return index_class(method).rows(vectors)


def written(folder: Path, method: Method = FLAT, seed: int = 0) -> Path:
    write_index(folder, method, IDS_OF, np.array_split(rows(method, seed), 3))
    return folder


def opened(folder: Path, method: Method = FLAT) -> Any:
    return open_index(folder, method, fingerprint(IDS_OF))


def change(folder: Path, **facts: Any) -> None:
    """Change facts of the manifest; None takes one away."""
    manifest = json.loads((folder / MANIFEST).read_text()) | facts
    kept = {name: value for name, value in manifest.items() if value is not None}
    (folder / MANIFEST).write_text(json.dumps(kept))


def put(folder: Path, name: str, content: bytes) -> None:
    """Replace a file of the index and its checksum, as an attacker would."""
    (folder / name).write_bytes(content)
    files = json.loads((folder / MANIFEST).read_text())["files"]
    change(folder, files=files | {name: _checksum(folder / name)})


@pytest.mark.parametrize("method", [FLAT, PIXELS], ids=["flat", "pixels"])
def test_an_index_opens_as_it_was_written_and_says_what_it_is(
    method: Method, tmp_path: Path
) -> None:
    folder = written(tmp_path / "index", method)
    index = opened(folder, method)
    expected = rows(method)
    np.testing.assert_array_equal(np.stack([index.row(i) for i in range(12)]), expected)
    manifest = json.loads((folder / MANIFEST).read_text())
    del manifest["files"]
    assert manifest == {
        "format": FORMAT,
        "method": method.key,
        "revision": method.revision,
        "dim": method.dim,
        "count": 12,
        "kind": method.index,
        "exact": True,
        "catalogue": fingerprint(IDS_OF),
    }


def test_a_fingerprint_is_of_the_products_and_their_order() -> None:
    assert fingerprint(["a", "b"]) == fingerprint(iter(["a", "b"]))
    assert len({fingerprint(ids) for ids in (["a", "b"], ["b", "a"], ["a"], ["ab"], [])}) == 5


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"format": FORMAT + 1}, "its format is 3, not 2"),
        ({"method": "other"}, "its method is 'other', not 'flat'"),
        ({"revision": "2"}, "its revision is '2', not '3'"),
        ({"dim": 16}, "its dim is 16, not 8"),
        ({"count": 11}, "it holds 12 vectors, not 11"),
        ({"catalogue": "0" * 64}, "other products"),
        *(({name: None}, "damaged") for name in ("format", "method", "revision", "dim", "files")),
        ({"count": None}, "12 vectors, not None"),
        ({"catalogue": None}, "other products"),
        ({"files": {}}, "other files"),
        ({"files": {"../../secret": "0"}}, "other files"),
        ({"files": {"/etc/passwd": "0"}}, "other files"),
        ({"files": dict.fromkeys((IDS, FAISS_FILE), 5)}, "not the file"),
        *(({"files": wrong}, "damaged|other files") for wrong in (7, [IDS], "text", True)),
        ({"files": [IDS, FAISS_FILE]}, "damaged"),
    ],
    ids=str,
)
def test_a_manifest_that_does_not_fit_is_refused(
    facts: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    change(written(tmp_path / "index"), **facts)
    with pytest.raises(SimilarityError, match=reason):
        opened(tmp_path / "index")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"7", b'"x"', b"\xff", b"[" * 99_999]
)
def test_a_manifest_that_is_no_manifest_is_refused(content: bytes, tmp_path: Path) -> None:
    (written(tmp_path / "index") / MANIFEST).write_bytes(content)
    with pytest.raises(SimilarityError, match="damaged"):
        opened(tmp_path / "index")


@pytest.mark.parametrize(
    ("method", "name"),
    [
        *((FLAT, name) for name in (IDS, FAISS_FILE)),
        *((PIXELS, name) for name in (IDS, PIXELS_FILE, MEANS, LENGTHS)),
    ],
)
def test_one_changed_byte_or_a_missing_file_is_noticed(
    method: Method, name: str, tmp_path: Path
) -> None:
    file = written(tmp_path / "index", method) / name
    content = bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)
    with pytest.raises(SimilarityError, match=f"{name} is not the file that was written"):
        opened(tmp_path / "index", method)
    file.unlink()
    with pytest.raises(SimilarityError, match="damaged"):
        opened(tmp_path / "index", method)


def test_another_revision_of_the_method_refuses_the_index(tmp_path: Path) -> None:
    written(tmp_path / "index")
    with pytest.raises(SimilarityError, match="its revision is '3', not '4'"):
        opened(tmp_path / "index", replace(FLAT, revision="4"))


class Trap:
    """Unpickling this would write a file."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> Any:
        return (Path.touch, (self.place,))


@pytest.mark.parametrize("name", [PIXELS_FILE, LENGTHS])
def test_pickled_objects_are_never_loaded(name: str, tmp_path: Path) -> None:
    folder, place = written(tmp_path / "index", PIXELS), tmp_path / "sprung"
    out = io.BytesIO()
    np.save(out, np.array([Trap(place)], dtype=object), allow_pickle=True)
    for content in (out.getvalue(), pickle.dumps(Trap(place))):
        put(folder, name, content)
        with pytest.raises(SimilarityError, match="damaged"):
            opened(folder, PIXELS)
    assert not place.exists()


@pytest.mark.parametrize("content", [b"", b"IxFI", b"no faiss file at all" * 10])
def test_a_file_that_faiss_can_not_read_is_refused(content: bytes, tmp_path: Path) -> None:
    put(written(tmp_path / "index"), FAISS_FILE, content)
    with pytest.raises(SimilarityError, match="damaged"):
        opened(tmp_path / "index")


def test_an_interrupted_write_leaves_the_old_index_usable(tmp_path: Path) -> None:
    place = written(tmp_path / "index")

    def torn() -> Iterator[npt.NDArray[Any]]:
        yield rows(FLAT, 1)[:4]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_index(tmp_path / "new", FLAT, IDS_OF, torn())
    assert np.array_equal(opened(place).row(5), rows(FLAT)[5])
    with pytest.raises(SimilarityError):
        opened(tmp_path / "new")
    with pytest.raises(FileExistsError):
        write_index(place, FLAT, IDS_OF, [rows(FLAT, 1)])


def test_a_new_index_takes_the_old_ones_place(tmp_path: Path) -> None:
    place, new = written(tmp_path / "index"), written(tmp_path / "new", seed=1)
    searching = opened(place)
    replace_folder(new, place)
    assert np.array_equal(opened(place).row(5), rows(FLAT, 1)[5])
    assert np.array_equal(searching.row(5), rows(FLAT)[5]), "who has it open is not disturbed"
    assert [p.name for p in tmp_path.iterdir()] == ["index"]


def test_a_failed_replacement_puts_the_old_index_back(tmp_path: Path) -> None:
    place = written(tmp_path / "index")
    with pytest.raises(FileNotFoundError):
        replace_folder(tmp_path / "nothing", place)
    assert np.array_equal(opened(place).row(5), rows(FLAT)[5])
