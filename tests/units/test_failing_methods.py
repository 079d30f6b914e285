"""A method that fails in a build is told with its cause, and costs no other method anything."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from precompute import scan
from precompute.__main__ import main
from similarity import METHODS, open_catalogue
from similarity.measures.robustness.schema import load_robustness
from similarity.methods import Backbone, Method, MethodInputs
from similarity.methods.base import Embedder
from tests.units.conftest import Fake, four_colours
from tests.units.drawing import draw, write_pictures

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    return tmp_path / "built"


@pytest.fixture
def hats(tmp_path: Path) -> Path:
    """Five pictures whose category can be asked for."""
    return write_pictures(tmp_path / "shop" / "hats", 5).parent


def build(source: Path, methods: str) -> int:
    return main(["--catalogue", str(source), "--methods", methods])


def fail(*_: Any, **__: Any) -> Any:
    raise ImportError("cannot import name 'Net' from 'nets'")


def fail_at_the_third(picture: Image.Image) -> MethodInputs:
    colours = four_colours(picture)
    return fail() if np.array_equal(colours, four_colours(draw(2))) else colours


def in_loading(method: Method) -> Method:
    return replace(method, load=fail)


def in_loading_the_preprocessing(method: Method) -> Method:
    return replace(method, make_preprocessing=fail)


def in_preparing_a_picture(method: Method) -> Method:
    return replace(method, make_preprocessing=lambda: fail_at_the_third)


def in_loading_the_network(method: Method) -> Method:
    zero, one = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    backbone = Backbone("failing", 12, 2, zero, one, lambda: fitted, fail)
    return replace(method, backbone=backbone)


def in_running_the_network(method: Method) -> Method:
    zero, one = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    module = torch.nn.Module()
    module.forward = fail
    backbone = Backbone("refusing", 12, 2, zero, one, lambda: fitted, lambda: module)
    return replace(method, backbone=backbone)


def fitted(picture: Image.Image) -> MethodInputs:
    return np.asarray(picture.resize((2, 2)))


def in_embedding_pictures(method: Method) -> Method:
    return replace(method, load=lambda: Embedder(fail, method.load().embed_texts))


def in_embedding_texts(method: Method) -> Method:
    return replace(method, load=lambda: Embedder(method.load().embed_pictures, fail))


@pytest.mark.parametrize(
    "broken",
    [
        in_loading,
        in_loading_the_preprocessing,
        in_preparing_a_picture,
        in_loading_the_network,
        in_running_the_network,
        in_embedding_pictures,
        in_embedding_texts,
    ],
)
def test_other_methods_are_built_and_the_cause_is_reported(
    broken: Callable[[Method], Method], fake: Callable[..., Fake], hats: Path, capsys: Output
) -> None:
    whole = fake("wordy", texts=True)
    METHODS["wordy"] = broken(whole.method)
    assert build(hats, "wordy,pixels") == 1
    output = capsys.readouterr().err
    assert "Wordy (wordy) failed: ImportError: cannot import name 'Net' from 'nets'" in output
    assert "Fix this and run the same command again; it resumes." in output
    assert "Traceback" not in output
    if broken == in_preparing_a_picture:
        assert "at 'hats/002.png'" in output
    shop = open_catalogue("shop")
    assert shop.methods == ["pixels"]
    assert len(shop.products) == 5
    assert len(shop.search("pixels", product=shop.products.index[0], k=4)) == 4

    fake("wordy", texts=True)
    assert build(hats, "wordy,pixels") == 0
    shop = open_catalogue("shop")
    assert shop.methods == ["pixels", "wordy"]
    assert len(shop.search("wordy", text="a hat", k=5)) == 5


def test_vectors_with_nan_are_a_failure(tiny: Fake, hats: Path, capsys: Output) -> None:
    tiny.scale = float("nan")
    assert build(hats, "tiny,pixels") == 1
    assert "Tiny (tiny) failed: Tiny returned vectors of shape" in capsys.readouterr().err
    assert open_catalogue("shop").methods == ["pixels"]


def test_pictures_embedded_before_a_failure_are_not_embedded_again(
    tiny: Fake, tmp_path: Path, capsys: Output
) -> None:
    source = write_pictures(tmp_path / "shop", 40)
    tiny.before = lambda: fail() if tiny.batches else None
    assert build(source, "tiny,pixels") == 1
    assert tiny.batches == [32]
    tiny.before = lambda: None
    assert build(source, "tiny,pixels") == 0
    assert tiny.batches == [32, 8]


def test_a_method_that_fails_later_keeps_the_index_that_it_had(
    tiny: Fake, hats: Path, capsys: Output
) -> None:
    assert build(hats, "tiny,pixels") == 0
    write_pictures(hats / "hats", 1, first=5)
    tiny.before = fail
    assert build(hats, "tiny,pixels") == 1
    output = capsys.readouterr().err
    assert "Out of date because the products have changed; build them again: tiny" in output
    shop = open_catalogue("shop")
    assert shop.list_stale_methods() == ["tiny"]
    assert len(shop.search("pixels", product=shop.products.index[5], k=5)) == 5
    tiny.before = lambda: None
    assert build(hats, "tiny,pixels") == 0
    assert tiny.batches == [5, 1], "and what the index has is not embedded again"
    assert open_catalogue("shop").list_stale_methods() == []


def test_a_text_method_fails_with_its_picture_method(
    tiny: Fake, fake: Callable[..., Fake], hats: Path, capsys: Output
) -> None:
    METHODS["words"] = replace(fake("words", texts=True).method, pictures_by=METHODS["tiny"])
    tiny.before = fail
    assert build(hats, "tiny,words,pixels") == 1
    output = capsys.readouterr().err
    assert "Tiny (tiny) failed: ImportError" in output
    assert "Words (words) failed: it needs the pictures of Tiny, which failed" in output
    assert open_catalogue("shop").methods == ["pixels"]


def test_if_every_method_fails_nothing_changes_and_decoding_stops(
    tiny: Fake, tmp_path: Path, built: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    decoded: list[str] = []
    source = write_pictures(tmp_path / "shop", 3)
    METHODS["tiny"] = replace(tiny.method, make_preprocessing=fail)
    monkeypatch.setattr("precompute.scan.read_picture", lambda _: decoded.append("a picture"))
    assert build(source, "tiny") == 1
    output = capsys.readouterr().err
    assert "Error: No method could be built. tiny: ImportError: cannot import" in output
    assert "Traceback" not in output
    assert not decoded
    assert not (built / "shop" / "catalogue.json").exists()


def test_a_method_that_fails_on_distorted_pictures_is_built_without_robustness(
    tiny: Fake, hats: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setattr("similarity.measures.robustness.compute.MIN_PRODUCTS", 8)
    write_pictures(hats / "hats", 3, first=5)
    tiny.before = lambda: fail() if tiny.batches else None
    assert build(hats, "tiny,pixels") == 1
    output = capsys.readouterr().err
    assert "Tiny (tiny) failed: ImportError: cannot import name 'Net' from 'nets' (Meas" in output
    assert "Traceback" not in output
    shop = open_catalogue("shop")
    assert shop.methods == ["pixels", "tiny"]
    assert list(load_robustness(shop).methods) == ["pixels"]
    tiny.before = lambda: None
    assert build(hats, "tiny,pixels") == 0
    assert list(load_robustness(open_catalogue("shop")).methods) == ["pixels", "tiny"]


def test_a_picture_that_cannot_be_prepared_ends_a_build_of_one_method_early(
    tiny: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    decoded: list[int] = []
    read = scan.read_picture

    def counted(content: bytes) -> Image.Image:
        decoded.append(len(content))
        return read(content)

    monkeypatch.setattr(scan, "read_picture", counted)
    METHODS["tiny"] = in_preparing_a_picture(tiny.method)
    assert build(write_pictures(tmp_path / "shop", 300), "tiny") == 1
    assert "No method could be built. tiny: ImportError" in capsys.readouterr().err
    assert len(decoded) < 200


def test_a_full_disk_is_not_blamed_on_a_method(
    tiny: Fake, hats: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("precompute.rows.UnfinishedRows.append", full)
    assert build(hats, "tiny,pixels") == 1
    output = capsys.readouterr().err
    assert "Error: [Errno 28] No space left on device" in output
    assert "failed:" not in output
