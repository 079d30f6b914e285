"""Training, on little data and for a few steps, by the commands that a user runs."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.words import QUERIES, trained_words, words_of
from precompute.demo import write_demo
from precompute.train import lit
from precompute.train import simclr as training
from precompute.train.__main__ import main
from similarity.methods.trained import read_method
from similarity.pictures import as_rgb
from tests.units.conftest import write_pictures

Output = pytest.CaptureFixture[str]
CATEGORIES = {"dress", "hat", "longsleeve", "outwear", "pants"} | {
    "shirt",
    "shoes",
    "shorts",
    "skirt",
    "t-shirt",
}


def simclr(images: Path, out: Path, *more: str) -> int:
    """The command with a batch and a side for a few small pictures."""
    small = ["--batch", "16", "--side", "32", "--epochs", "6"]
    return main(["simclr", "--images", str(images), "--out", str(out), *small, *more])


def curve(out: Path) -> list[dict[str, str]]:
    with out.with_suffix(".csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_nt_xent_is_the_papers_formula() -> None:
    torch.manual_seed(0)
    one, two = (torch.nn.functional.normalize(torch.randn(7, 5), dim=1) for _ in range(2))
    z, temperature, n = torch.cat([one, two]).double().numpy(), 0.3, 7
    expected = 0.0
    for i in range(2 * n):
        other = (i + n) % (2 * n)
        above = np.exp(z[i] @ z[other] / temperature)
        below = sum(np.exp(z[i] @ z[k] / temperature) for k in range(2 * n) if k != i)
        expected -= np.log(above / below) / (2 * n)
    found = training.SmallSimCLR.nt_xent_loss(None, one, two, temperature)
    assert found.item() == pytest.approx(expected, rel=1e-4)


def test_simclr_learns_goes_on_after_an_interruption_and_is_a_method(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    images = write_pictures(tmp_path / "shop", 72)
    out = tmp_path / "weights" / "simclr_shop.safetensors"
    end = training.Curve.on_train_epoch_end

    def interrupt(self: Any, trainer: Any, module: Any) -> None:
        if trainer.current_epoch == 3:
            raise KeyboardInterrupt
        end(self, trainer, module)

    with monkeypatch.context() as patch:
        patch.setattr(training.Curve, "on_train_epoch_end", interrupt)
        assert simclr(images, out) == 130
    assert "goes on where this one stopped" in capsys.readouterr().err
    before = curve(out)
    assert [row["epoch"] for row in before] == ["1", "2", "3"]
    assert not out.exists()

    assert simclr(images, out, "--rate", "0.1") == 1
    assert "unfinished run with other settings" in capsys.readouterr().err

    assert simclr(images, out) == 0
    after = curve(out)
    assert after[:3] == before, "what was learnt is not learnt again"
    assert [row["epoch"] for row in after] == [str(n) for n in range(1, 7)]
    losses = [float(row["train_loss"]) for row in after]
    assert np.mean(losses[-2:]) < np.mean(losses[:2])
    assert after[-1]["held_out_loss"]
    assert not (out.parent / ".simclr_shop.run").exists()

    method = read_method(out)
    assert "without labels" in method.weights
    assert method.labels == ""
    pictures = [as_rgb(path) for path in sorted(images.glob("*.png"))[:4]]
    vectors = method.load().pictures(pictures)
    assert vectors.shape == (4, method.dim)
    assert np.isfinite(vectors).all()

    content = out.read_bytes()
    assert simclr(images, out) == 1
    assert "exists: delete it" in capsys.readouterr().err
    assert out.read_bytes() == content


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda folder: folder.mkdir(), "No usable picture"),
        (lambda folder: None, "neither a built catalogue nor a folder"),
        (lambda folder: write_pictures(folder, 5), "fewer than a batch of 16"),
    ],
    ids=["an empty folder", "no folder", "fewer pictures than a batch"],
)
def test_training_on_too_little_says_what_is_missing_and_writes_nothing(
    tmp_path: Path, capsys: Output, prepare: Callable[[Path], object], message: str
) -> None:
    prepare(tmp_path / "shop")
    out = tmp_path / "net.safetensors"
    assert simclr(tmp_path / "shop", out) == 1
    assert message in capsys.readouterr().err.replace("\n", " ")
    assert not out.exists()


def test_pictures_that_can_not_be_read_are_named_and_the_others_are_trained_on(
    tmp_path: Path, capsys: Output
) -> None:
    images = write_pictures(tmp_path / "shop", 20)
    (images / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing")
    out = tmp_path / "net.safetensors"
    assert simclr(images, out, "--epochs", "1") == 0
    assert "Skipped broken.jpg" in capsys.readouterr().err
    assert out.exists()


@pytest.mark.parametrize("name", ["My Net.safetensors", "net.pt"])
def test_a_name_that_could_be_no_method_is_refused_before_training(
    tmp_path: Path, capsys: Output, name: str
) -> None:
    assert simclr(tmp_path, tmp_path / name) == 1
    assert "name it like" in capsys.readouterr().err


def test_lit_learns_from_captions_and_finds_by_words(tmp_path: Path, capsys: Output) -> None:
    write_demo(tmp_path / "shop", per_kind=3)
    out = tmp_path / "lit_shop.safetensors"
    images = ["--images", str(tmp_path / "shop"), "--out", str(out)]
    assert main(["lit", *images, "--batch", "32", "--epochs", "12"]) == 0
    method = read_method(out)
    assert method.answers_text
    assert "not CLIP" in method.weights
    assert method.labels
    losses = [float(n) for n in re.findall(r"loss (\d+\.\d+)", capsys.readouterr().err)]
    assert losses[-1] < 5

    table = pd.read_csv(tmp_path / "shop" / "metadata.csv")
    loaded = method.load()
    assert loaded.texts is not None
    vectors = loaded.pictures([as_rgb(tmp_path / "shop" / path) for path in table["path"]])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for kind in ("teapot", "sneaker", "sofa"):
        scores = vectors @ loaded.texts([kind])[0]
        assert table["category"][int(scores.argmax())] == kind


def test_captions_are_the_products_own_and_what_its_attributes_say() -> None:
    product = {"caption": "Old mug", "category": "mug", "colour": "red", "pattern": "plain"}
    found = lit.captions(product)
    assert found[0] == "Old mug"
    assert "a red mug" in found
    assert "plain mug" in found
    assert lit.captions({"category": "mug"}) == ["mug", "a photo of a mug"]
    assert "a covering for the head" in lit.captions({"category": "hat"})
    assert lit.captions({"category": ""}) == []


def test_the_loss_of_captions_is_least_where_every_right_one_is_likeliest() -> None:
    right = torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    good = lit.contrast(torch.tensor([[9.0, 9.0, 0.0], [0.0, 0.0, 9.0]]), right)
    bad = lit.contrast(torch.tensor([[9.0, 0.0, 9.0], [0.0, 0.0, 9.0]]), right)
    assert good < bad
    assert good.item() == pytest.approx(np.log(2) / 2, abs=0.01)


@pytest.mark.usefixtures("demo")
def test_half_of_the_query_list_shares_no_word_with_what_was_trained_on() -> None:
    table = pd.read_csv(QUERIES)
    assert len(table) >= 40
    assert not table["text"].duplicated().any()
    assert set(table["categories"].str.split(";").explode()) == CATEGORIES
    known = trained_words(CATEGORIES)
    unseen = [text for text in table["text"] if not words_of(text) & known]
    assert len(unseen) >= len(table) / 2
