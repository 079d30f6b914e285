"""Small real pictures, and a quick method that counts what it embeds."""

import ctypes
import hashlib
import struct
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from precompute import network
from precompute.__main__ import main
from similarity import METHODS, Catalogue, open_catalogue
from similarity.candidates import python_code
from similarity.indexes.pairs import KINDS, RandomPairs
from similarity.methods import (
    Embedder,
    Method,
    MethodInputs,
    Vectors,
    bind_available_weights,
)
from similarity.methods.base import load_preprocessing
from similarity.networks import networks
from similarity.store.generations import CURRENT, SUMS, Generation, make_pointer
from similarity.store.publish import Staging
from similarity.store.sums import format_sums
from tests.units.drawing import write_pictures
from tests.units.own_models import PICTURES, Build, make_vectors, write_mine, write_model
from tests.units.serving import Server, serving
from tests.units.small import shrink

PROJECT = Path(__file__).parents[2]
SHOP = 15  # products in the fixture `shop`
NO_PAIRS = {kind: RandomPairs(np.empty(0, np.float32), "") for kind in KINDS}


def png(
    size: tuple[int, int], depth: int, kind: int, rows: bytes = b"", extra: bytes = b""
) -> bytes:
    """A PNG file made by hand, for what Pillow does not write."""

    def chunk(name: bytes, content: bytes) -> bytes:
        whole = name + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    header = struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def sealed(folder: Path, path: str, write: Callable[[Path], None]) -> Generation:
    """A catalogue's folder with one generation, into whose folder `path` something is written."""
    staging = Staging(folder, None)
    write(staging.folder / path)
    staging.record(path)
    staging.publish("demo")
    return Generation(folder)


def forge(folder: Path, path: str, content: bytes) -> None:
    """Replace a file and every checksum on the way to it, as an attacker would."""
    generation = Generation(folder)
    (generation.folder / path).unlink(missing_ok=True)
    (generation.folder / path).write_bytes(content)
    sums = format_sums(generation.sums.to_dict() | {path: hashlib.sha256(content).hexdigest()})
    (generation.folder / SUMS).write_bytes(sums)
    (folder / CURRENT).write_bytes(make_pointer(generation.number, sums, generation.source))


def four_colours(picture: Image.Image) -> MethodInputs:
    """What the fake methods need of a picture: uint8 (12,)."""
    return np.asarray(picture.resize((2, 2))).reshape(-1)


class Fake:
    """A quick method of 12 colour means; it remembers its batches and may be made to fail."""

    def __init__(self, key: str, texts: bool, revision: str) -> None:
        self.batches: list[int] = []
        self.loads = 0
        self.loading = 0.0  # seconds
        self.scale = 1.0
        self.before: Callable[[], None] = lambda: None
        self.method = Method(
            key=key,
            title=key.title(),
            family="Fake",
            summary="Looks for the same four colours.",
            weights="No weights.",
            licence="none needed",
            revision=revision,
            dim=12,
            answers_text=texts,
            load=self.load,
            make_preprocessing=lambda: four_colours,
        )

    def load(self) -> Embedder:
        time.sleep(self.loading)
        self.loads += 1
        return Embedder(self.embed, self.embed_texts if self.method.answers_text else None)

    def embed(self, small: MethodInputs, features: Vectors) -> Vectors:
        self.before()
        self.batches.append(len(small))
        return (small.astype(np.float32) + 1) * np.float32(self.scale)

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        seeds = [[len(text), *text.encode()] for text in texts]
        return np.stack([np.random.default_rng(s).random(12, np.float32) for s in seeds])


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Fake]]:
    """Yield a function that registers fake methods, which can be given texts=True."""

    def register(key: str = "tiny", texts: bool = False, revision: str = "1") -> Fake:
        # none is loaded: this method is loaded again, and real ones of other tests stay loaded
        monkeypatch.setattr(networks, "_entries", OrderedDict())
        monkeypatch.setattr(load_preprocessing, "loaded", {})
        fake_method = Fake(key, texts, revision)
        METHODS[key] = fake_method.method
        return fake_method

    before = dict(METHODS)
    yield register
    METHODS.clear()  # their order counts
    METHODS.update(before)


def forget_networks() -> None:
    """Let go of the networks that were loaded, and give the memory back to the system."""
    networks.release_idle()
    load_preprocessing.loaded.clear()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):  # glibc's
        mmap_max, trim_threshold = -4, -1
        libc.mallopt(mmap_max, 65_536)  # both as they are unless a training has changed them
        libc.mallopt(trim_threshold, 128 * 1024)
        libc.malloc_trim(0)


@pytest.fixture(scope="module", autouse=True)
def forgetting() -> Iterator[None]:
    """What the tests of a file load is let go of after them."""
    yield
    forget_networks()


@pytest.fixture(scope="session")
def bound() -> dict[str, Method]:
    """The methods that `published` gave: files are hashed once."""
    return {}


@pytest.fixture
def published(
    small: Callable[[str], Path], bound: dict[str, Method], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Method]:
    """Return a function that binds published methods of two layers to random weights.

    Their true size is for `test_true_size`.
    """
    monkeypatch.setitem(METHODS, "pe_core", METHODS["pe_core"])
    shrink(monkeypatch.setattr)

    def bind(key: str) -> Method:
        if key not in bound:
            other = METHODS[key].pictures_by
            bound[key] = bind_available_weights(
                METHODS[key], str(small(key)), other and bind(other.key)
            )
        return bound[key]

    return bind


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A web server on this machine, and little patience with it."""
    monkeypatch.setattr(network, "READ_TIMEOUT", 0.5)
    monkeypatch.setattr(network, "RETRY_INTERVAL", 0.01)
    with serving() as running:
        yield running


@pytest.fixture
def without_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds compute no maps and no robustness, and time a single search.

    Robustness would also embed distorted pictures, where a test counts the embedded ones.
    """
    monkeypatch.setattr("similarity.measures.maps.compute.MIN_PRODUCTS", 10**9)
    monkeypatch.setattr("similarity.measures.robustness.compute.MIN_PRODUCTS", 10**9)
    monkeypatch.setattr("similarity.measures.metrics.costs.TIMED_SEARCHES", 1)


@pytest.fixture
def tiny(fake: Callable[..., Fake]) -> Fake:
    return fake("tiny")


@pytest.fixture
def shop(
    tiny: Fake, fake: Callable[..., Fake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Catalogue:
    """A catalogue with the real pixels, a fake method, and a fake one that answers words."""
    fake("wordy", texts=True)
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source = write_pictures(tmp_path / "shop", SHOP)
    assert main(["--catalogue", str(source), "--methods", "pixels,tiny,wordy"]) == 0
    return open_catalogue("shop")


@pytest.fixture
def restarted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No code may run at first, and nothing is loaded; as after a start."""
    monkeypatch.setattr(python_code, "_permitted", set())
    forget_networks()
    yield
    forget_networks()


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_measures: None) -> Build:
    """A function that builds a small shop with methods, in the folder where the user is."""
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    monkeypatch.chdir(tmp_path)
    write_pictures(tmp_path / "shop", PICTURES)

    def run(*methods: str) -> int:
        named = ["--methods", ",".join(methods)] if methods else []
        return main(["--catalogue", "./shop", *named])

    return run


@pytest.fixture
def brought(build: Build, tmp_path: Path, tiny: Fake) -> Catalogue:
    """A shop with a method of the product, a model's folder, a Python file and vectors."""
    write_model(tmp_path / "model")
    write_mine(tmp_path / "mine.py")
    make_vectors(tmp_path / "shop").to_parquet(tmp_path / "vectors.parquet")
    specifications = ("net=hf:./model", "./mine.py", "vendor=vectors:vectors.parquet,words=mine")
    assert build("tiny", *specifications) == 0
    return open_catalogue("shop")
