"""Networks run as this machine does best, and give what the plain module gives."""

import logging
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from similarity import METHODS, SimilarityError, compiled
from similarity.compiled import MODEL, SUMS, WEIGHTS
from similarity.embedding import embed_pictures, embed_preprocessed, embed_texts, preprocess
from similarity.indexes import normalise
from similarity.inference import choose_runtime, load_network, prepare_inputs, run_by_torch
from similarity.methods import Backbone, Method, conse, minilm
from similarity.networks import networks
from tests.units.conftest import PROJECT, forget_networks
from tests.units.drawing import draw
from tests.units.refusals import refusal

NEURAL = [key for key, method in METHODS.items() if method.backbone]
PICTURES = 14


class Small(torch.nn.Module):
    """Means of eight colours by eight, through a layer."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Linear(12, 5)

    def forward(self, pictures: Any) -> Any:
        return self.layer(torch.nn.functional.adaptive_avg_pool2d(pictures, 2).flatten(1))


def small(key: str, module: Callable[[], Any] = Small) -> Backbone:
    def prepare(picture: Image.Image) -> Any:
        return np.asarray(picture.resize((16, 16)))

    return Backbone(key, 5, 16, (127.0, 120.0, 110.0), (60.0, 70.0, 80.0), lambda: prepare, module)


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Each test loads what it needs, and lets go of it."""
    forget_networks()
    yield
    forget_networks()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where compiled networks of this test are kept."""
    monkeypatch.setenv("SIMILARITY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "networks"


@pytest.fixture
def inputs() -> Any:
    return prepare_inputs(small("any"), [draw(seed, (80, 60)) for seed in range(40)])


def nearest(vectors: Any) -> list[set[int]]:
    cosines = vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    np.fill_diagonal(cosines, -np.inf)
    return [set(row) for row in np.argsort(-cosines, axis=1)[:, :10].tolist()]


@pytest.mark.parametrize("key", NEURAL)
def test_vectors_and_results_equal_those_of_the_plain_module(
    key: str, published: Callable[[str], Method]
) -> None:
    method = published(key) if METHODS[key].published else METHODS[key]
    backbone = method.backbone
    assert backbone is not None
    pictures_drawn = [draw(seed, (260, 300)) for seed in range(PICTURES)]
    pictures, method_inputs = (
        prepare_inputs(backbone, pictures_drawn),
        preprocess(method, pictures_drawn),
    )
    plain = run_by_torch(backbone, backbone.build_module())(pictures)
    running = load_network(backbone)
    assert running.description == "OpenVINO fp32", "else nothing is compared"
    expected = normalise(embed_preprocessed(method, method_inputs, plain))
    vectors = normalise(embed_preprocessed(method, method_inputs, running.features(pictures)))
    assert np.einsum("ij,ij->i", vectors, expected, dtype=np.float64).min() >= 0.99999
    same = [a == b for a, b in zip(nearest(vectors), nearest(expected), strict=True)]
    assert np.mean(same) >= 0.99


def test_the_input_of_a_network_is_normalised_as_declared(cache: Path, inputs: Any) -> None:
    backbone = small("small")
    mean, deviation = np.array([backbone.mean, backbone.deviation], np.float32)
    batch = torch.from_numpy((inputs - mean) / deviation).permute(0, 3, 1, 2)
    with torch.inference_mode():
        expected = Small()(batch).numpy()
    for run in (load_network(backbone).features, run_by_torch(backbone, Small())):
        np.testing.assert_allclose(run(inputs), expected, atol=1e-5)
        assert run(inputs[:0]).shape == (0, 5)


def test_a_second_start_takes_the_compiled_network_and_needs_no_module(
    cache: Path, inputs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_network(small("small")).features(inputs)
    monkeypatch.setattr(networks, "_entries", OrderedDict())
    again = load_network(small("small", lambda: pytest.fail("it was loaded"))).features(inputs)
    np.testing.assert_array_equal(again, first)


@pytest.mark.parametrize("name", [MODEL, WEIGHTS, SUMS])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_a_damaged_compiled_network_is_made_anew(
    name: str, damage: str, cache: Path, inputs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_network(small("small")).features(inputs)
    (path,) = cache.glob(f"small@*/{name}")
    content = path.read_bytes()
    path.unlink()
    if damage != "gone":
        half = len(content) // 2
        path.write_bytes(content[:half] + (b"" if damage == "cut" else b"#" + content[half + 1 :]))
    monkeypatch.setattr(networks, "_entries", OrderedDict())
    np.testing.assert_array_equal(load_network(small("small")).features(inputs), first)
    assert [place.name for place in cache.iterdir()] == [path.parent.name]
    monkeypatch.setattr(networks, "_entries", OrderedDict())
    whole = load_network(small("small", lambda: pytest.fail("it was not kept again")))
    np.testing.assert_array_equal(whole.features(inputs), first)


def test_other_weights_and_another_preprocessing_are_other_networks(
    cache: Path, inputs: Any
) -> None:
    def other() -> Any:
        network = Small()
        torch.nn.init.zeros_(network.layer.weight)
        return network

    one, two = (
        load_network(small("one")).features(inputs),
        load_network(small("two", other)).features(inputs),
    )
    assert not np.allclose(one, two)
    networks.release_idle()
    moved = replace(small("one"), mean=(0.0, 0.0, 0.0))
    assert not np.allclose(load_network(moved).features(inputs), one)


def test_an_unwritable_cache_only_slows_the_next_start(
    tmp_path: Path, inputs: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SIMILARITY_CACHE", str(tmp_path / "file"))
    assert load_network(small("small")).features(inputs).shape == (40, 5)
    assert "can't be saved" in caplog.text


def test_torch_runs_what_openvino_cannot_and_a_warning_is_logged(
    cache: Path, inputs: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class Odd(torch.nn.Module):
        def forward(self, pictures: Any) -> Any:
            return torch.linalg.eigvalsh(pictures[:, 0, :5, :5] + pictures[:, 0, :5, :5].mT)

    with caplog.at_level(logging.WARNING):
        running = load_network(small("odd", Odd))
    assert running.description == "torch fp32"
    assert "OpenVINO can't run odd" in caplog.text
    np.testing.assert_allclose(
        running.features(inputs), run_by_torch(small("odd"), Odd())(inputs), atol=1e-5
    )


def test_without_openvino_words_and_pictures_have_the_same_vectors(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vectors() -> list[Any]:
        forget_networks()
        minilm._embed.cache_clear()
        monkeypatch.setattr(conse.embed_class_names, "loaded", {})
        method = METHODS["lit"]
        words = embed_texts(method, ["a hat", "a red and rather long dress"])
        return [words, embed_pictures(method, [draw(1, (80, 60)), draw(2, (80, 60))])]

    compiled_ones = vectors()
    monkeypatch.setattr(compiled, "get_openvino", lambda: None)
    for one, other in zip(compiled_ones, vectors(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_unusable_weights_are_refused_not_skipped(cache: Path) -> None:
    def broken() -> Any:
        raise SimilarityError("the weights are gone")

    with pytest.raises(SimilarityError, match="the weights are gone"):
        load_network(small("broken", broken))


class Plain:
    """A processor without bf16."""

    def get_property(self, *_: str) -> list[str]:
        return ["FP32", "INT8"]


def test_bf16_is_refused_where_it_would_be_emulated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "get_openvino", Plain)
    assert choose_runtime() == "OpenVINO"
    with refusal("can't compute in bf16. Leave --precision out"):
        choose_runtime("bf16")


@pytest.fixture
def has_bf16() -> None:
    try:
        choose_runtime("bf16")
    except SimilarityError:
        pytest.skip("this processor has no bf16")


@pytest.mark.usefixtures("has_bf16")
def test_bf16_is_computed_in_bf16_on_request(cache: Path, inputs: Any) -> None:
    running, plain = load_network(small("small"), "bf16"), load_network(small("small"))
    assert running.description == "OpenVINO bf16"
    vectors, expected = running.features(inputs), plain.features(inputs)
    assert not np.array_equal(vectors, expected)
    np.testing.assert_allclose(vectors, expected, atol=0.1)


SECOND_START = """
import sys
from similarity import METHODS
from similarity.embedding import embed_pictures, embed_texts
from PIL import Image
print(embed_texts(METHODS["lit"], ["a hat"]).shape)
print(embed_pictures(METHODS["lit"], [Image.new("RGB", (90, 50), "red")]).shape)
print([name for name in ("torch", "openvino_telemetry") if sys.modules.get(name)])
"""


def test_nothing_reports_its_use_and_a_second_start_imports_no_torch(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()

    def start() -> str:
        return subprocess.run(
            [sys.executable, "-c", SECOND_START],
            cwd=PROJECT,
            env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    assert start().endswith("(1, 384)\n(1, 384)\n['torch']\n")
    assert start().endswith("(1, 384)\n(1, 384)\n[]\n")
    assert [path.name for path in home.iterdir()] == [".cache"], "no visitor is given a number"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA GPU")
@pytest.mark.parametrize("key", ["efficientnet", "simclr_small"])
def test_a_gpu_gives_what_a_cpu_gives_and_not_what_tf32_would(key: str) -> None:
    backbone = METHODS[key].backbone
    assert backbone
    inputs = prepare_inputs(backbone, [draw(seed, (300, 260)) for seed in range(16)])
    plain = run_by_torch(backbone, backbone.build_module())(inputs)
    features = run_by_torch(backbone, backbone.build_module(), "cuda")(inputs)
    assert np.abs(features - plain).max() < 1e-5 * np.abs(plain).max()
    assert choose_runtime() == "cuda"


@pytest.mark.usefixtures("cache")
def test_each_number_of_threads_has_a_network_of_its_own() -> None:
    networks.release_idle()
    for threads in (0, 1, 2, 2):
        load_network(small("small"), threads=threads)
    names = [network.name for network in networks.describe_loaded()]
    assert sorted(names) == ["small, fp32", "small, fp32, threads: 1", "small, fp32, threads: 2"]
