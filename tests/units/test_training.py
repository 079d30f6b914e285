"""Training, on little data and for a few steps, by the commands that a user runs."""

import csv
import hashlib
import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from rich.console import Console
from safetensors.numpy import load_file

from benchmarks.words import QUERIES, list_trained_words, split_words
from drawing import write_folder
from precompute.__main__ import main as build
from precompute.progress import Steps
from precompute.train import lit
from precompute.train import simclr as training
from precompute.train.__main__ import main, make_default_output
from precompute.train.captions import make_captions
from precompute.train.curve import CHECKPOINT, AtomicCheckpointIO, Curve, TorchCheckpointIO
from similarity import inference
from similarity.embedding import embed_pictures
from similarity.indexes import normalise
from similarity.methods import Embedder, Vectors, colours
from similarity.methods import simclr as method
from similarity.methods.trained_files import FOLDER, read_method
from similarity.pictures.read import load_rgb
from tests.units.drawing import write_pictures

Output = pytest.CaptureFixture[str]
TABLE = "path,caption\n" + "".join(f"{number:03}.png,a thing\n" for number in range(20))
SAME = "path,category\n" + "".join(f"{number:03}.png,hat\n" for number in range(40))
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
    return main(["simclr", "--catalogue", str(images), "--out", str(out), *small, *more])


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
    loss = training.SmallSimCLR.nt_xent_loss(None, one, two, temperature)
    assert loss.item() == pytest.approx(expected, rel=1e-4)


def test_in_bf16_the_loss_is_nearly_that_of_full_precision() -> None:
    torch.manual_seed(0)
    pictures = torch.randint(0, 256, (48, 48, 48, 3), dtype=torch.uint8)
    settings = training.Settings(None, 1, 48, 32)
    module = training.SmallSimCLR(pictures, settings, lambda: 0.0)
    losses = []
    for enabled in (False, True):
        torch.manual_seed(1)  # the same views
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            losses.append(module.shared_step(torch.arange(48)).item())
    assert losses[1] == pytest.approx(losses[0], rel=0.02)


def test_two_views_of_a_picture_differ_and_stay_in_range() -> None:
    torch.manual_seed(0)
    pictures = torch.rand(1, 3, 48, 40).expand(6, -1, -1, -1)
    views = method.make_augmentation(32, 1.0, 0.08)(pictures)
    assert views.shape == (6, 3, 32, 32)
    assert views.min() >= 0
    assert views.max() <= 1
    for one, two in combinations(views, 2):
        assert (one - two).abs().mean() > 0.01, "each picture of a batch has chances of its own"


@pytest.mark.parametrize(
    ("units", "precision"),
    [
        ({"avx2": True, "avx512_f": True}, "32"),
        ({"avx2": True, "avx512_bf16": True}, "bf16"),
        ({"amx_bf16": True}, "bf16"),
        ({"neon": True, "bf16": False}, "32"),
    ],
    ids=["AVX-512 without bf16", "AVX-512 BF16", "AMX", "an old ARM"],
)
def test_bf16_is_chosen_only_where_the_processor_computes_it(
    monkeypatch: pytest.MonkeyPatch, units: dict[str, bool], precision: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: units)
    assert training.choose_hardware() == ("cpu", precision)


@pytest.mark.parametrize(("native", "precision"), [(True, "bf16"), (False, "32")])
def test_a_gpu_is_used_where_there_is_one_and_bf16_if_it_computes_it(
    monkeypatch: pytest.MonkeyPatch, native: bool, precision: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: native)
    assert training.choose_hardware() == ("cuda", precision)


def test_simclr_learns_goes_on_after_an_interruption_and_is_a_method(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    images = write_pictures(tmp_path / "shop", 72)
    out = tmp_path / "weights" / "simclr_shop.safetensors"
    end = Curve.on_train_epoch_end

    def interrupt(self: Any, trainer: Any, module: Any) -> None:
        if trainer.current_epoch == 3:
            raise KeyboardInterrupt
        end(self, trainer, module)

    with monkeypatch.context() as patch:
        patch.setattr(Curve, "on_train_epoch_end", interrupt)
        assert simclr(images, out) == 130
    assert "The same command resumes" in capsys.readouterr().err
    before = curve(out)
    assert [row["epoch"] for row in before] == ["1", "2", "3"]
    assert not out.exists()

    assert simclr(images, out, "--side", "48") == 1
    assert "unfinished run with other settings" in capsys.readouterr().err

    with monkeypatch.context() as patch:
        patch.setattr(training.method, "ARCHITECTURE", "resnet99")
        assert simclr(images, out) == 1
    assert "unfinished run with other settings" in capsys.readouterr().err

    last = out.parent / ".simclr_shop.run" / CHECKPOINT
    whole = last.read_bytes()
    for damage in (whole[:-100], whole[:90_000] + b"?" + whole[90_001:], b""):
        last.write_bytes(damage)
        assert simclr(images, out) == 1
        assert "Delete the folder" in capsys.readouterr().err.replace("\n", " ")
        assert last.read_bytes() == damage, "what could be looked at is left"
    last.write_bytes(whole)

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
    assert method.training_labels == ""
    pictures = [load_rgb(path) for path in sorted(images.glob("*.png"))[:4]]
    vectors = embed_pictures(method, pictures)
    assert vectors.shape == (4, method.dim)
    assert np.isfinite(vectors).all()

    undisturbed = tmp_path / "undisturbed.safetensors"
    assert simclr(images, undisturbed) == 0
    for first, second in zip(curve(undisturbed), after, strict=True):
        assert first["train_loss"] == second["train_loss"]
        assert first["held_out_loss"] == second["held_out_loss"]
    one, two = (load_file(path) for path in (undisturbed, out))
    for name, values in one.items():
        np.testing.assert_allclose(values, two[name], atol=1e-5, err_msg=name)

    content = out.read_bytes()
    assert simclr(images, out) == 1
    assert "exists. Delete it" in capsys.readouterr().err
    assert out.read_bytes() == content
    out.unlink()
    assert simclr(images, out) == 1
    assert "the file of the curve, exists" in capsys.readouterr().err
    assert curve(out) == after


@pytest.mark.parametrize("until", [["--epochs", "3"], ["--minutes", "0.05"]])
def test_simclr_interrupted_after_its_training_says_how_long_that_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: list[str]
) -> None:
    images, out = write_pictures(tmp_path / "shop", 40), tmp_path / "net.safetensors"
    arguments = ["simclr", "--catalogue", str(images), "--out", str(out), "--batch", "16"]
    arguments += ["--side", "32", *until]

    def interrupt(_: Vectors) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(method, "compute_whitening", interrupt)
        assert main(arguments) == 130
    rows = curve(out)
    assert main(arguments) == 0
    assert curve(out) == rows, "the training is over and is not done again"
    assert f": {len(rows)} epochs, " in read_method(out).weights


def test_a_checkpoint_that_is_cut_off_in_writing_leaves_the_last_one_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / CHECKPOINT
    AtomicCheckpointIO().save_checkpoint({"epoch": 1}, place)

    def cut_off(self: Any, checkpoint: Any, path: Any, storage_options: Any) -> None:
        Path(path).write_bytes(b"PK")
        raise KeyboardInterrupt

    monkeypatch.setattr(TorchCheckpointIO, "save_checkpoint", cut_off)
    with pytest.raises(KeyboardInterrupt):
        AtomicCheckpointIO().save_checkpoint({"epoch": 2}, place)
    assert torch.load(place, weights_only=True) == {"epoch": 1}


def test_simclr_learns_the_same_whatever_the_labels_say(tmp_path: Path) -> None:
    images, paths = write_pictures(tmp_path / "shop", 40), []
    for category in ("right", "wrong"):
        table = pd.DataFrame({"path": sorted(path.name for path in images.glob("*.png"))})
        table["category"] = [category, "other"] * 20
        table["caption"] = f"a {category} thing"
        table.to_csv(images / "metadata.csv", index=False)
        paths.append(tmp_path / f"{category}.safetensors")
        assert simclr(images, paths[-1], "--epochs", "2") == 0
    one, two = (load_file(path) for path in paths)
    for name, values in one.items():
        np.testing.assert_array_equal(values, two[name], err_msg=name)


def test_simclr_stops_when_its_minutes_are_over_and_goes_on_with_the_rest_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, out = write_pictures(tmp_path / "shop", 40), tmp_path / "net.safetensors"
    arguments = ["simclr", "--catalogue", str(images), "--out", str(out), "--batch", "16"]
    arguments += ["--side", "32", "--minutes", "0.1"]
    end = Curve.on_train_epoch_end

    def interrupt(self: Any, trainer: Any, module: Any) -> None:
        if trainer.current_epoch == 2:
            raise KeyboardInterrupt
        end(self, trainer, module)

    with monkeypatch.context() as patch:
        patch.setattr(Curve, "on_train_epoch_end", interrupt)
        assert main(arguments) == 130
    before = curve(out)
    assert main(arguments) == 0
    after = curve(out)
    assert after[:2] == before
    assert [row["epoch"] for row in after] == [str(n) for n in range(1, len(after) + 1)]
    seconds = [float(row["seconds"]) for row in after]
    assert seconds == sorted(seconds)
    assert seconds[-1] >= 6
    assert after[-1]["knn_p1"] == "", "pictures of one folder have one label: nothing to measure"


def test_a_thumbnail_that_is_lost_is_named(tmp_path: Path, capsys: Output) -> None:
    images, built = write_pictures(tmp_path / "shop", 20), tmp_path / "built"
    assert build(["--catalogue", str(images), "--to", str(built), "--methods", "pixels"]) == 0
    sorted(built.rglob("*.webp"))[5].unlink()
    out = tmp_path / "net.safetensors"
    assert simclr(built / "shop", out) == 1
    output = " ".join(capsys.readouterr().err.split())
    assert re.search(
        r"The thumbnail of '[^']+' can't be read: .* python -m precompute --catalogue", output
    )
    assert not out.exists()


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda folder: folder.mkdir(), "There is no usable picture"),
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


def test_pictures_that_cannot_be_read_are_named_and_the_others_are_trained_on(
    tmp_path: Path, capsys: Output
) -> None:
    images = write_pictures(tmp_path / "shop", 20)
    (images / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing")
    out = tmp_path / "net.safetensors"
    assert simclr(images, out, "--epochs", "1") == 0
    assert "Skipped broken.jpg" in capsys.readouterr().err
    assert out.exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--minutes", "0"], "--minutes of more than 0"),
        (["--minutes", "nan"], "--minutes of more than 0"),
        (["--minutes", "inf"], "--minutes of more than 0"),
        (["--side", "16"], "--side of at least 32"),
        (["--epochs", "-1"], "--epochs of at least 0"),
        (["--batch", "1"], "--batch of at least 2"),
    ],
)
def test_impossible_numbers_are_refused_before_any_work(
    tmp_path: Path, capsys: Output, more: list[str], message: str
) -> None:
    images, out = write_pictures(tmp_path / "shop", 2), tmp_path / "net.safetensors"
    assert main(["simclr", "--catalogue", str(images), "--out", str(out), *more]) == 1
    assert message in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shop"]


@pytest.mark.parametrize("name", ["My Net.safetensors", "net.pt"])
def test_a_name_that_cannot_be_a_method_is_refused_before_training(
    tmp_path: Path, capsys: Output, name: str
) -> None:
    assert simclr(tmp_path, tmp_path / name) == 1
    assert "a name like my_method" in capsys.readouterr().err


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some of the demo's products: a folder."""
    folder = tmp_path_factory.mktemp("drawn") / "shop"
    write_folder(folder, per_kind=4)
    return folder


def train_lit(images: Path, out: Path, *more: str) -> int:
    """The command for a few pictures."""
    small = ["--batch", "32", "--epochs", "12", *more]
    return main(["lit", "--catalogue", str(images), "--out", str(out), *small])


@pytest.fixture(scope="module")
def trained_lit(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was trained on them without an interruption: a file."""
    out = tmp_path_factory.mktemp("taught") / "lit_shop.safetensors"
    assert train_lit(drawn, out) == 0
    return out


def test_lit_learns_from_captions_and_finds_by_words(drawn: Path, trained_lit: Path) -> None:
    rows = curve(trained_lit)
    assert float(rows[-1]["train_loss"]) < float(rows[0]["train_loss"])
    probed = [row for row in rows if row["caption_p1"]]
    assert float(probed[-1]["held_out_loss"]) < float(probed[0]["held_out_loss"])

    method = read_method(trained_lit)
    assert method.title == "LiT shop"
    assert method.answers_text
    assert "not CLIP" in method.weights
    assert method.training_labels
    table = pd.read_csv(drawn / "metadata.csv")
    loaded = method.load()
    assert loaded.embed_texts is not None
    vectors = normalise(embed_loaded(loaded, [load_rgb(drawn / path) for path in table["path"]]))
    for column, words in (("category", ("teapot", "sneaker", "sofa")), ("colour", ("red", "blue"))):
        for word in words:
            nearest = int((vectors @ loaded.embed_texts([word])[0]).argmax())
            assert table[column][nearest] == word


def test_a_trained_network_equals_the_loaded_method(drawn: Path) -> None:
    pictures = [load_rgb(path) for path in sorted(drawn.rglob("*.*")) if path.suffix != ".csv"][:12]
    features = inference.compute_features(lit.lite0.BACKBONE, pictures)
    colours_seen = np.stack([lit.compute_colours(picture) for picture in pictures])
    texts = [[f"thing {number % 5}"] for number in range(12)]
    everything = np.ones(12, bool)
    with Steps(Console(quiet=True)) as step:
        lesson, text_mean = lit.prepare_data(features, colours_seen, texts, everything, step)
    module = lit.LiT(lesson, torch.arange(12), 1).eval()
    with torch.inference_mode():
        logits, _ = module(lesson.features, lesson.colours)
    weights = {
        f"{lit.method.NETWORK_PREFIX}{k}": v.numpy() for k, v in module.network.state_dict().items()
    }
    means = {"mean": lesson.mean.numpy(), "deviation": lesson.deviation.numpy()}
    loaded = lit.method.load(weights | means | {"text_mean": text_mean}, {})
    np.testing.assert_allclose(
        normalise(loaded.embed_pictures(colours_seen, features)), logits, atol=1e-5
    )


def embed_loaded(loaded: Embedder, pictures: list[Image.Image]) -> Vectors:
    descriptors = np.stack([colours.compute_colours(picture) for picture in pictures])
    return loaded.embed_pictures(
        descriptors, inference.compute_features(lit.lite0.BACKBONE, pictures)
    )


def test_interrupted_lit_training_ends_as_if_uninterrupted(
    drawn: Path, trained_lit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    parts = tmp_path / "parts.safetensors"
    compute_features = inference.compute_features

    def interrupted(backbone: Any, pictures: Any) -> Vectors:
        if (tmp_path / ".parts.run" / "32.npy").exists():
            raise KeyboardInterrupt
        return compute_features(backbone, pictures)

    with monkeypatch.context() as patch:
        patch.setattr(inference, "compute_features", interrupted)
        assert train_lit(drawn, parts) == 130
    assert "The same command resumes" in capsys.readouterr().err

    end = Curve.on_train_epoch_end

    def stop(self: Any, trainer: Any, module: Any) -> None:
        if trainer.current_epoch == 7:
            raise KeyboardInterrupt
        end(self, trainer, module)

    batches: list[int] = []

    def counted(backbone: Any, pictures: Any) -> Vectors:
        batches.append(len(pictures))
        return compute_features(backbone, pictures)

    with monkeypatch.context() as patch:
        patch.setattr(Curve, "on_train_epoch_end", stop)
        patch.setattr(inference, "compute_features", counted)
        assert train_lit(drawn, parts) == 130
    assert sum(batches) == 4 * 33 - 64, "what was embedded is kept"
    assert [row["epoch"] for row in curve(parts)] == [str(n) for n in range(1, 8)]
    assert not parts.exists()
    assert train_lit(drawn, parts, "--epochs", "13") == 1
    assert "unfinished run with other settings" in capsys.readouterr().err

    assert train_lit(drawn, parts) == 0
    assert not (tmp_path / ".parts.run").exists()
    for first, second in zip(curve(trained_lit), curve(parts), strict=True):
        assert first["train_loss"] == second["train_loss"]
    one, two = (load_file(path) for path in (trained_lit, parts))
    for name, values in one.items():
        np.testing.assert_allclose(values, two[name], atol=1e-5, err_msg=name)

    content = trained_lit.read_bytes()
    assert train_lit(drawn, trained_lit) == 1
    assert "exists. Delete it" in capsys.readouterr().err
    assert trained_lit.read_bytes() == content


@pytest.mark.parametrize(
    ("count", "table", "message"),
    [
        (40, "", "0 pictures with texts to train on are fewer than a batch of 32"),
        (40, SAME, "All pictures have the same text, 'hat'"),
        (20, TABLE, "pictures with texts to train on are fewer than a batch of 32"),
    ],
    ids=["no words", "one word", "fewer products than a batch"],
)
def test_lit_without_enough_texts_reports_it_and_writes_nothing(
    tmp_path: Path, capsys: Output, count: int, table: str, message: str
) -> None:
    images = write_pictures(tmp_path / "shop", count)
    if table:
        (images / "metadata.csv").write_text(table)
    out = tmp_path / "lit_shop.safetensors"
    assert train_lit(images, out) == 1
    output = " ".join(capsys.readouterr().err.split())
    assert message in output
    assert "metadata.csv with captions" in output
    assert not out.exists()


def test_a_trained_file_is_named_after_what_it_is_trained_on() -> None:
    assert make_default_output("lit", ["~/My Shop/", "demo"]).name == "lit_my-shop_demo.safetensors"


def test_the_shipped_weights_match_their_card() -> None:
    for card in FOLDER.glob("*.md"):
        content = card.with_suffix(".safetensors").read_bytes()
        assert hashlib.sha256(content).hexdigest() in card.read_text(), card
        assert len(content) < 12_000_000
    facts = read_method(FOLDER / "lit.safetensors")
    card_text = (FOLDER / "lit.md").read_text()
    match = re.search(r"trained on ([\d,]+) pictures", facts.weights)
    assert match is not None
    assert match[1] in card_text
    assert (FOLDER / "lit.safetensors").stat().st_size < 5_000_000
    last = curve(FOLDER / "lit.safetensors")[-1]
    assert f"{float(last['caption_p1']):.2f}" in card_text
    epochs = f"{curve(FOLDER / 'simclr_small.safetensors')[-1]['epoch']} epochs"
    assert epochs in read_method(FOLDER / "simclr_small.safetensors").weights
    assert epochs in (FOLDER / "simclr_small.md").read_text()


def test_captions_come_from_the_product_and_its_attributes() -> None:
    product = {"caption": "Old mug", "category": "mug", "colour": "red", "pattern": "plain"}
    captions = make_captions(product)
    assert captions[0] == "Old mug"
    assert "a red mug" in captions
    assert "plain mug" in captions
    assert "red plain kitchen" in make_captions(product | {"department": "kitchen"})
    assert make_captions({"category": "mug"}) == ["mug", "a photo of a mug"]
    assert "a covering for the head" in make_captions({"category": "hat"})
    assert make_captions({"category": ""}) == []


def test_the_loss_of_captions_is_the_papers_formula() -> None:
    """L = -1/n sum over i of 1/|P(i)| sum over p in P(i) of log(exp(l_ip) / sum over j exp(l_ij)).

    Khosla et al. 2020, equation 2, with the captions of a batch in the place of its pictures.
    """
    rng = np.random.default_rng(0)
    logits, right = rng.normal(size=(6, 6)) * 3, np.eye(6)
    right[0, 3] = right[3, 0] = right[2, 5] = 1  # equal captions, and one more right one
    expected = 0.0
    for i in range(6):
        below = sum(np.exp(logits[i, j]) for j in range(6))
        positives = [j for j in range(6) if right[i, j]]
        expected -= sum(np.log(np.exp(logits[i, p]) / below) for p in positives) / len(positives)
    loss = lit.compute_contrastive_loss(torch.from_numpy(logits), torch.from_numpy(right))
    assert loss.item() == pytest.approx(expected / 6)


@pytest.mark.usefixtures("demo")
def test_half_of_the_query_list_shares_no_word_with_what_was_trained_on() -> None:
    table = pd.read_csv(QUERIES)
    assert len(table) >= 40
    assert not table["text"].duplicated().any()
    assert set(table["categories"].str.split(";").explode()) == CATEGORIES
    words = list_trained_words(CATEGORIES)
    unseen = [text for text in table["text"] if not split_words(text) & words]
    assert len(unseen) >= len(table) / 2
