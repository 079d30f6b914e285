"""The benchmark of a million products, on few: it runs, and what it says of them is so."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import million
from benchmarks.scale import DIM
from similarity import METHODS
from similarity.indexes import TOP_K, normalise
from similarity.indexes.approximate.index import VECTORS
from similarity.indexes.stored_rows import write_rows

COUNT = 4000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Vectors in clusters, queries of the same kind and their exact answers, and both indexes."""
    monkeypatch.setitem(METHODS, "made", million.MULTIPLIED)
    monkeypatch.setattr(million, "run_in_process", lambda work, *args: work(*args))
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((40, DIM))
    owners = rng.integers(40, size=COUNT + 100)
    noise = rng.standard_normal((COUNT + 100, DIM))
    vectors = normalise((centres[owners] + 0.4 * noise).astype(np.float32))
    queries, vectors = vectors[:100], vectors[100:]
    for _ in write_rows(tmp_path / VECTORS, COUNT, DIM, np.float32, [vectors]):
        pass
    np.save(tmp_path / "queries.npy", queries)
    np.save(tmp_path / "true.npy", np.argsort(-(queries @ vectors.T), axis=1)[:, :TOP_K])
    return tmp_path


@pytest.mark.slow
def test_it_measures_every_way_on_the_same_queries(folder: Path) -> None:
    built = {kind: million.build(folder, COUNT, kind) for kind in ("flat", "approximate")}
    assert built["approximate"]["disk_mb"] > built["flat"]["disk_mb"] > 0
    flat, ours = million.measure_flat(folder), million.measure_approximate(folder)
    assert flat["curve"][0]["recall"] == 1
    built_point, stated = ours["as_built"], ours["measured_when_built"]["pictures"]
    assert built_point["recall"] >= 0.98
    assert abs(built_point["recall"] - stated["share"]) < 0.02
    assert len(ours["curve"]) == len(million.EFFORTS)
    facts = million.measure_app(folder)
    assert 0 < facts["over_bare_faiss_ms"] < facts["search_p95_ms"] + facts["search_median_ms"]
    assert million.measure_cold(folder)["queries"] == 100
    drawn = million.draw_chart([*flat["curve"], *ours["curve"]])
    drawn.save(folder / "million.png")
    assert (folder / "million.png").read_bytes().startswith(b"\x89PNG")
