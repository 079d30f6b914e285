"""The benchmark of a million products, on few: it runs, and what it says of them is so."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import million
from benchmarks.scale import DIM
from similarity import METHODS
from similarity.indexes import AT, unit
from similarity.indexes.approximate.index import VECTORS
from similarity.indexes.stored import written

COUNT = 4000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Vectors in clusters, queries of the same kind and their exact answers, and both indexes."""
    monkeypatch.setitem(METHODS, "made", million.MADE)
    monkeypatch.setattr(million, "apart", lambda work, *given: work(*given))
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((40, DIM))
    owners = rng.integers(40, size=COUNT + 100)
    noise = rng.standard_normal((COUNT + 100, DIM))
    vectors = unit((centres[owners] + 0.4 * noise).astype(np.float32))
    queries, vectors = vectors[:100], vectors[100:]
    for _ in written(tmp_path / VECTORS, COUNT, DIM, np.float32, [vectors]):
        pass
    np.save(tmp_path / "queries.npy", queries)
    np.save(tmp_path / "true.npy", np.argsort(-(queries @ vectors.T), axis=1)[:, :AT])
    return tmp_path


@pytest.mark.slow
def test_it_measures_every_way_on_the_same_queries(folder: Path) -> None:
    built = {kind: million.build(folder, COUNT, kind) for kind in ("flat", "approximate")}
    assert built["approximate"]["disk_mb"] > built["flat"]["disk_mb"] > 0
    flat, ours = million.flat(folder), million.ours(folder)
    assert flat["curve"][0]["recall"] == 1
    chosen, stated = ours["as_built"], ours["measured_when_built"]["pictures"]
    assert chosen["recall"] >= 0.98
    assert abs(chosen["recall"] - stated["share"]) < 0.02
    assert len(ours["curve"]) == len(million.EFFORTS)
    told = million.app(folder)
    assert 0 < told["over_bare_faiss_ms"] < told["search_p95_ms"] + told["search_median_ms"]
    assert million.cold(folder)["queries"] == 100
    drawn = million.chart([*flat["curve"], *ours["curve"]])
    drawn.save(folder / "million.png")
    assert (folder / "million.png").read_bytes().startswith(b"\x89PNG")
