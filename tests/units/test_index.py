"""An index on disk: what does not fit its manifest, or its kind, is refused."""

import io
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt
import pytest

from similarity.errors import SimilarityError
from similarity.indexes import (
    IDS_FILE,
    MANIFEST,
    compute_fingerprint,
    get_kind_folder,
    get_row_kind,
    open_index,
    write_index,
)
from similarity.indexes.flat import FAISS_FILE
from similarity.indexes.folder import FORMAT
from similarity.indexes.pixels import LENGTHS, SKETCHES
from similarity.indexes.pixels import PIXELS as PIXELS_FILE
from similarity.methods import METHODS, Embedder, Method
from similarity.store.generations import Generation
from tests.units.conftest import NO_PAIRS, forge, sealed

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
    load=lambda: Embedder(lambda inputs, features: np.ones((len(inputs), 8), np.float32)),
)


def rows(method: Method, seed: int = 0) -> npt.NDArray[Any]:
    vectors = np.random.default_rng(seed).random((len(IDS_OF), method.dim), np.float32)
    return get_row_kind(method).to_rows(vectors)


def written(folder: Path, method: Method = FLAT) -> Path:
    blocks = np.array_split(rows(method), 3)
    sealed(
        folder,
        get_kind_folder(method, method.index),
        lambda place: write_index(place, method, IDS_OF, blocks, NO_PAIRS),
    )
    return folder


def opened(folder: Path, method: Method = FLAT) -> Any:
    part = Generation(folder).folder_files(get_kind_folder(method, method.index))
    return open_index(part, method, compute_fingerprint(IDS_OF))


def file(folder: Path, name: str, method: Method = FLAT) -> Path:
    return Generation(folder).folder / get_kind_folder(method, method.index) / name


def change(folder: Path, **facts: Any) -> None:
    """Change facts of the manifest; None takes one away."""
    manifest = json.loads(file(folder, MANIFEST).read_text()) | facts
    remaining = {name: value for name, value in manifest.items() if value is not None}
    put(folder, MANIFEST, json.dumps(remaining).encode())


def put(folder: Path, name: str, content: bytes, method: Method = FLAT) -> None:
    """Replace a file of the index and its checksum, as an attacker would."""
    forge(folder, f"{get_kind_folder(method, method.index)}/{name}", content)


@pytest.mark.parametrize("method", [FLAT, PIXELS], ids=["flat", "pixels"])
def test_an_index_opens_as_written_with_its_manifest(method: Method, tmp_path: Path) -> None:
    folder = written(tmp_path / "index", method)
    index = opened(folder, method)
    expected = rows(method)
    np.testing.assert_array_equal(np.stack([index.read_row(i) for i in range(12)]), expected)
    manifest = json.loads(file(folder, MANIFEST, method).read_text())
    assert manifest == {
        "format": FORMAT,
        "method": method.key,
        "revision": method.vectors_revision,
        "dim": method.dim,
        "count": 12,
        "kind": method.index,
        "exact": True,
        "precision": "fp32",
        "catalogue": compute_fingerprint(IDS_OF),
        "pairs": {kind: {"n": 0, "of": ""} for kind in NO_PAIRS},
    }


def test_a_fingerprint_depends_on_the_products_and_their_order() -> None:
    assert compute_fingerprint(["a", "b"]) == compute_fingerprint(iter(["a", "b"]))
    assert (
        len({compute_fingerprint(ids) for ids in (["a", "b"], ["b", "a"], ["a"], ["ab"], [])}) == 5
    )


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"format": FORMAT + 1}, f"its format is {FORMAT + 1}, not {FORMAT}"),
        ({"format": FORMAT - 1}, f"its format is {FORMAT - 1}, not {FORMAT}"),
        ({"method": "other"}, "its method is 'other', not 'flat'"),
        ({"revision": "2"}, "its revision is '2', not 'read"),
        ({"dim": 16}, "its dim is 16, not 8"),
        ({"kind": "pixels"}, "its kind is 'pixels', not 'flat'"),
        ({"exact": False}, "its exact is False, not True"),
        ({"count": 11}, "damaged .*it has shape 12 x 8, not 11 x 8"),
        ({"count": "many"}, "damaged"),
        ({"catalogue": "0" * 64}, "products have changed"),
        *(
            ({name: None}, "damaged")
            for name in ("format", "method", "revision", "dim", "kind", "exact", "count")
        ),
        ({"catalogue": None}, "damaged"),
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
def test_an_invalid_manifest_is_refused(content: bytes, tmp_path: Path) -> None:
    put(written(tmp_path / "index"), MANIFEST, content)
    with pytest.raises(SimilarityError, match="damaged"):
        opened(tmp_path / "index")


@pytest.mark.parametrize(
    ("method", "name"),
    [
        *((FLAT, name) for name in (IDS_FILE, FAISS_FILE)),
        *((PIXELS, name) for name in (IDS_FILE, PIXELS_FILE, SKETCHES, LENGTHS)),
    ],
)
def test_one_changed_byte_or_a_missing_file_is_noticed(
    method: Method, name: str, tmp_path: Path
) -> None:
    place = file(written(tmp_path / "index", method), name, method)
    content = bytearray(place.read_bytes())
    content[-3] ^= 1
    place.write_bytes(content)
    path = f"{get_kind_folder(method, method.index)}/{name}"
    with pytest.raises(SimilarityError, match=f"{path} has changed since it was written"):
        Generation(tmp_path / "index").verify(path)
    if name not in (
        IDS_FILE,
        PIXELS_FILE,
    ):  # searching needs not the one, and reads parts of the other
        with pytest.raises(SimilarityError, match=f"{path} has changed since it was written"):
            opened(tmp_path / "index", method)
    place.unlink()
    with pytest.raises(SimilarityError, match=f"{path} can't be read"):
        Generation(tmp_path / "index").verify(path)


def test_another_revision_of_the_method_refuses_the_index(tmp_path: Path) -> None:
    written(tmp_path / "index")
    with pytest.raises(SimilarityError, match=r"its revision is 'read\d-3', not 'read\d-4'"):
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
        put(folder, name, content, PIXELS)
        with pytest.raises(SimilarityError, match="damaged"):
            opened(folder, PIXELS)
    assert not place.exists()


@pytest.mark.parametrize("content", [b"", b"IxFI", b"no faiss file at all" * 10])
def test_a_file_that_faiss_cannot_read_is_refused(content: bytes, tmp_path: Path) -> None:
    put(written(tmp_path / "index"), FAISS_FILE, content)
    with pytest.raises(SimilarityError, match="damaged"):
        opened(tmp_path / "index")


def test_a_faiss_file_of_another_shape_or_kind_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "index")
    wrong = (faiss.IndexFlatIP(9), faiss.IndexFlatL2(8), faiss.IndexHNSWFlat(8, 4))
    for index in wrong:
        index.add(np.zeros((12, index.d), np.float32))
        put(folder, FAISS_FILE, faiss.serialize_index(index).tobytes())
        with pytest.raises(SimilarityError, match=r"damaged .*(12 x 9|IndexFlatL2|HNSW)"):
            opened(folder)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        (LENGTHS, np.zeros(12, np.float32)),
        (LENGTHS, np.zeros(11)),
        (PIXELS_FILE, np.zeros((12, 10), np.uint8)),
        (PIXELS_FILE, np.zeros((12, PIXELS.dim), np.int8)),
        (PIXELS_FILE, np.zeros((PIXELS.dim, 12), np.uint8).T),
    ],
)
def test_pixels_of_another_shape_or_type_are_refused(
    name: str, array: np.ndarray, tmp_path: Path
) -> None:
    folder, out = written(tmp_path / "index", PIXELS), io.BytesIO()
    np.save(out, array)
    put(folder, name, out.getvalue(), PIXELS)
    with pytest.raises(SimilarityError, match=f"damaged .*{name} holds"):
        opened(folder, PIXELS)


def test_pixels_that_are_cut_short_are_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "index", PIXELS)
    put(folder, PIXELS_FILE, file(folder, PIXELS_FILE, PIXELS).read_bytes()[:-1], PIXELS)
    with pytest.raises(SimilarityError, match=r"holds .* in 1806335 bytes"):
        opened(folder, PIXELS)
