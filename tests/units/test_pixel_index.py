"""Pixels: the ranking of the article's plain float computation, in a small part of its memory."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from similarity.indexes import Positions, compute_fingerprint, open_index, write_index
from similarity.indexes.pixels import PixelIndex
from similarity.indexes.stored_rows import StoredRows
from similarity.methods.pixels import METHOD, SIDE, preprocess, scale_pixels
from tests.units.conftest import NO_PAIRS, PROJECT, sealed
from tests.units.drawing import draw

Pixels = npt.NDArray[np.uint8]


def pictures() -> list[Image.Image]:
    """Products on white, smooth pictures, noise, flat colours, black, near copies.

    A dozen are alike in their finest detail alone, which the means of blocks do not show.
    """
    rng = np.random.default_rng(0)
    drawn = [draw(seed, (SIDE, SIDE)) for seed in range(60)]
    drawn += [
        draw(seed, (9, 9)).resize((SIDE, SIDE), Image.Resampling.BICUBIC) for seed in range(60)
    ]
    drawn += [Image.fromarray(rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8)) for _ in range(5)]
    detail = rng.random((SIDE, SIDE, 1)) < 0.5
    drawn += [
        Image.fromarray(
            np.where(detail ^ (rng.random(detail.shape) < part), 255, np.zeros(3, np.uint8))
        )
        for part in np.linspace(0, 0.2, 12)
    ]
    drawn += [Image.new("RGB", (SIDE, SIDE), (g, g, g)) for g in (0, 1, 128, 255)]
    drawn += [
        drawn[3].point(lambda value: max(value - 1, 0)),
        drawn[3].rotate(180),
        drawn[0].copy(),
    ]
    return [drawn[i] for i in rng.permutation(len(drawn))]


def embedded(pictures_given: list[Image.Image]) -> npt.NDArray[np.float32]:
    return scale_pixels(np.stack([preprocess(picture) for picture in pictures_given]))


@pytest.fixture(scope="module")
def everything() -> Pixels:
    return PixelIndex.to_rows(embedded(pictures()))


@pytest.fixture(scope="module")
def index(everything: Pixels, tmp_path_factory: pytest.TempPathFactory) -> PixelIndex:
    folder = tmp_path_factory.mktemp("pixels")
    ids = [f"{i:020x}" for i in range(len(everything))]
    blocks = np.array_split(everything, 3)
    whole = sealed(folder, "index", lambda place: write_index(place, METHOD, ids, blocks, NO_PAIRS))
    opened = open_index(whole.folder_files("index"), METHOD, compute_fingerprint(ids))
    assert isinstance(opened, PixelIndex)
    return opened


def plain(vectors: npt.NDArray[np.float64], query: npt.NDArray[np.float64]) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(query)
    return np.divide(vectors @ query, lengths, np.zeros(len(vectors)), where=lengths > 0)


def test_the_top_ten_are_those_of_the_plain_float_computation(
    index: PixelIndex, everything: Pixels
) -> None:
    vectors = everything / 255.0
    for position in range(0, len(vectors), 2):
        scores = plain(vectors, vectors[position])
        expected = np.argsort(-scores.round(12), kind="stable")
        expected = expected[expected != position][:10]
        positions, hits = index.search(index.read_row(position), 10, leave_out=position)
        np.testing.assert_allclose(hits, scores[expected], atol=1e-12)
        assert list(positions) == list(expected)


def test_the_stored_row_is_the_picture_itself(index: PixelIndex, everything: Pixels) -> None:
    assert np.array_equal(np.stack([index.read_row(i) for i in range(index.count)]), everything)
    for outside in (-1, index.count):
        with pytest.raises(IndexError):
            index.read_row(outside)


def test_an_unindexed_picture_finds_what_a_plain_comparison_finds(
    index: PixelIndex, everything: Pixels
) -> None:
    queries = embedded([draw(seed, (300, 200)) for seed in range(100, 110)])
    for query in PixelIndex.to_rows(queries):
        scores = plain(everything / 255.0, query / 255.0)
        positions, hits = index.search(query, 10)
        assert list(positions) == list(np.argsort(-scores.round(12), kind="stable")[:10])
        np.testing.assert_allclose(hits, scores[positions], atol=1e-12)


def test_a_combination_finds_what_a_plain_comparison_with_the_sum_finds(
    index: PixelIndex, everything: Pixels
) -> None:
    lengths = np.linalg.norm(everything / 255.0, axis=1, keepdims=True)
    units = everything / 255.0 / np.where(lengths == 0, 1, lengths)
    rng = np.random.default_rng(0)
    for count, low in ((2, -1), (3, 0), (3, -1), (16, -1)):
        for _ in range(6):
            chosen_positions = rng.permutation(len(everything))[:count]
            weights = rng.uniform(low, 1, count)
            total = weights @ units[chosen_positions]
            scores = plain(units, total)
            row = index.combine(index.read(chosen_positions), weights.tolist())
            positions, hits = index.search(row, 10)
            np.testing.assert_allclose(hits, np.sort(scores)[::-1][:10], atol=1e-9)
            np.testing.assert_allclose(scores[positions], hits, atol=1e-9)


def test_a_black_picture_has_no_direction_and_finds_all_in_catalogue_order(
    index: PixelIndex,
) -> None:
    positions, scores = index.search(np.zeros(METHOD.dim, np.uint8), 10)
    assert list(positions) == list(range(10))
    assert list(scores) == [0] * 10


def test_k_above_the_number_of_products_returns_all(index: PixelIndex) -> None:
    positions, _ = index.search(index.read_row(0), index.count + 5, leave_out=0)
    assert sorted(positions) == list(range(1, index.count))


def test_most_of_a_catalogue_is_never_read_from_disk(
    index: PixelIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    read_rows = StoredRows.read

    def counted(self: StoredRows, positions: Positions) -> Pixels:
        read.extend(positions)
        return read_rows(self, positions)

    query = index.read_row(0)
    monkeypatch.setattr(StoredRows, "read", counted)
    index.search(query, 1)
    assert 0 < len(read) <= index.count / 2


MEMORY = """
import sys
from pathlib import Path
import numpy as np
from precompute.plan import Plan
from precompute.pairs import sample_pairs
from similarity.store.publish import Staging
from similarity.store.generations import Generation
from similarity.indexes import compute_fingerprint, get_kind_folder, open_index, write_index
from similarity.methods.pixels import METHOD, SIDE

def highest():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1000

folder, count, batch = Path(sys.argv[1]), int(sys.argv[2]), 32
rng = np.random.default_rng(0)
grid = rng.integers(0, 256, (512, 512, 3), np.uint8)
grid[:, ::3] = 255
ids = [f"{i:020x}" for i in range(count)]
before = highest()

plan = Plan(METHOD, None, folder / "work")
plan.set_target("pixels")
for start in range(0, count, batch):
    products = ids[start : start + batch]
    corners = rng.integers(0, 512 - SIDE, (len(products), 2))
    rows = np.stack([grid[y : y + SIDE, x : x + SIDE].ravel() for y, x in corners])
    plan.new_rows.append(products, rows)
staging = Staging(folder, None)
pairs = sample_pairs(METHOD, ids, [""] * count, plan.read_rows)
write_index(staging.folder / plan.path, METHOD, ids, plan.iterate_rows(ids), pairs)
staging.record(plan.path)
staging.publish("demo")
generation = Generation(folder)
second = Plan(METHOD, generation, folder / "none")
assert sum(len(block) for block in second.iterate_rows(ids)) == count
files = generation.folder_files(get_kind_folder(METHOD, METHOD.index))
index = open_index(files, METHOD, compute_fingerprint(ids))
for position in range(0, count, 1500):
    positions, scores = index.search(index.read_row(position), 10)
    assert position in positions and scores[0] > 0.999999
print(highest() - before)
"""


@pytest.mark.parametrize(
    ("count", "most"),
    [
        pytest.param(1500, 130, id="226 MB"),
        pytest.param(6000, 300, id="903 MB", marks=pytest.mark.slow),
    ],
)
def test_products_are_built_and_searched_in_far_less_memory_than_their_pixels_take(
    count: int, most: float, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", MEMORY, str(tmp_path), str(count)]
    done = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    assert float(done.stdout) < most, "MB"


@pytest.fixture(autouse=True)
def _no_large_files_left(tmp_path: Path) -> Iterator[None]:
    yield
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.stat().st_size > 100_000_000:
            path.unlink()
