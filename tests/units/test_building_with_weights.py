"""Builds and catalogues of methods whose weights are published: found, named, remembered, lost."""

import io
import shutil
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from precompute.__main__ import main
from similarity import METHODS, Catalogue, SimilarityError, open_catalogue
from similarity.commands import explain_error, format_build_command
from similarity.indexes import MANIFEST, get_kind_folder
from similarity.indexes.flat import FlatIndex
from similarity.measures.neighbours.schema import load_neighbours
from similarity.methods import Embedder, Method, MethodInputs, Vectors
from similarity.methods.base import File, Files, Published, reject_pictures, reject_unbound
from similarity.networks import networks
from tests.units.conftest import Fake, forge, four_colours
from tests.units.drawing import write_pictures
from tests.units.refusals import refusal

Output = pytest.CaptureFixture[str]


@dataclass
class Fetched:
    """A quick method whose one file of weights is a number, and what it embedded."""

    key: str
    pictures_by: Method | None = None
    batches: list[int] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)

    def method(self) -> Method:
        return Method(
            key=self.key,
            title=self.key.title(),
            family="Fake",
            summary="Looks for the same four colours.",
            weights="One number.",
            licence="none needed",
            revision="1",
            dim=12,
            answers_text=True,
            load=reject_unbound,
            published=Published("owner/fake", "c" * 40, (File(f"{self.key}.txt", 1),), self.open),
            pictures_by=self.pictures_by,
            make_preprocessing=lambda: four_colours,
        )

    def open(self, files: Files) -> Embedder:
        (path,) = files.values()
        self.opened.append(path.read_text())
        scale = np.linspace(1, float(path.read_text()), 12, dtype=np.float32)

        def pictures(small: MethodInputs, _: Vectors) -> Vectors:
            self.batches.append(len(small))
            return (small.astype(np.float32) + 1) * scale

        def texts(texts_asked: Sequence[str]) -> Vectors:
            seeds = [[len(text), *text.encode()] for text in texts_asked]
            drawn = [np.random.default_rng(seed).random(12, np.float32) for seed in seeds]
            return np.stack(drawn) * scale

        return Embedder(reject_pictures if self.pictures_by else pictures, texts)


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    return tmp_path / "built"


@pytest.fixture
def near(tiny: Fake) -> Fetched:
    """A fake method with published weights, beside `tiny`, which has none; nothing else."""
    fake_method = Fetched("near")
    for key in METHODS.keys() - {"tiny"}:
        del METHODS[key]  # the fixture of `tiny` puts them back
    METHODS["near"] = fake_method.method()
    return fake_method


@pytest.fixture
def far(near: Fetched) -> Fetched:
    """A second one, with words for the pictures of the first."""
    fake_method = Fetched("far", METHODS["near"])
    METHODS["far"] = fake_method.method()
    return fake_method


@pytest.fixture
def source(tmp_path: Path) -> list[str]:
    return ["--catalogue", str(write_pictures(tmp_path / "shop", 5))]


def copy(folder: Path, key: str, number: float) -> str:
    """A copy of a fake method's weights, as --weights names it."""
    folder.mkdir(exist_ok=True)
    (folder / f"{key}.txt").write_text(str(number))
    return f"{key}={folder}"


def test_methods_without_weights_are_skipped_with_a_reason_and_a_remedy(
    far: Fetched, source: list[str], capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(source) == 0
    output = capsys.readouterr().err
    assert open_catalogue("shop").methods == ["tiny"]
    assert "no weights of Near here" in output
    for key in ("near", "far"):
        assert f"python -m precompute fetch {key} " in output


def test_a_requested_method_without_weights_is_an_error_before_any_work(
    near: Fetched, source: list[str], built: Path, capsys: Output
) -> None:
    assert main([*source, "--methods", "tiny,near"]) == 1
    output = capsys.readouterr().err
    assert "Near can't be built: no weights of Near here" in output
    assert "python -m precompute fetch near" in output
    assert "--weights near=PATH" in output
    assert "Traceback" not in output
    assert not built.exists()


def test_a_copy_of_weights_that_does_not_exist_is_an_error(
    near: Fetched, source: list[str], tmp_path: Path, capsys: Output
) -> None:
    assert main([*source, "--weights", f"near={tmp_path}/nowhere"]) == 1
    assert f"there is no near.txt of Near in '{tmp_path}/nowhere'" in capsys.readouterr().err


def test_a_named_copy_is_remembered_by_later_builds_and_by_the_app(
    near: Fetched, source: list[str], tmp_path: Path
) -> None:
    option = copy(tmp_path / "mine", "near", 2)
    assert main([*source, "--weights", option]) == 0
    shop = open_catalogue("shop")
    assert shop.methods == ["tiny", "near"]
    assert len(shop.search("near", text="a hat", k=3)) == 3
    write_pictures(tmp_path / "shop", 6)
    assert main(source) == 0
    assert near.batches == [5, 1], "nothing is embedded twice"
    assert set(near.opened) == {"2"}
    shop = open_catalogue("shop")
    at = shop.resolve_method("near").bound_weights
    assert at is not None
    assert at.copy == str(tmp_path / "mine")
    description = shop.resolve_method_for_display("near").weights
    assert description.startswith(f"A copy provided by the user (SHA-256 {at.sha256[:16]}…)")
    assert description.endswith("not verified against the published weights: One number.")
    assert shop.resolve_method_for_display("tiny") == METHODS["tiny"]


def test_other_weights_embed_everything_again(
    near: Fetched, source: list[str], tmp_path: Path
) -> None:
    assert main([*source, "--weights", copy(tmp_path / "mine", "near", 2)]) == 0
    before = open_catalogue("shop").open_index(METHODS["near"]).read_row(0)
    assert main([*source, "--weights", copy(tmp_path / "other", "near", 3)]) == 0
    assert near.batches == [5, 5]
    assert not np.allclose(open_catalogue("shop").open_index(METHODS["near"]).read_row(0), before)
    shutil.copytree(tmp_path / "other", tmp_path / "third")
    assert main([*source, "--weights", f"near={tmp_path}/third"]) == 0
    assert near.batches == [5, 5], "the same weights, elsewhere"


def test_weights_reset_by_an_empty_option_must_be_fetched(
    near: Fetched, source: list[str], tmp_path: Path, capsys: Output
) -> None:
    assert main([*source, "--weights", copy(tmp_path / "mine", "near", 2)]) == 0
    assert main([*source, "--weights", "near="]) == 1
    assert "no weights of Near here" in capsys.readouterr().err


def test_two_catalogues_use_their_own_weights_for_texts(
    near: Fetched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = str(write_pictures(tmp_path / "shop", 4))
    for name, number in (("one", 1), ("two", 50)):
        option = copy(tmp_path / name, "near", number)
        assert main(["--catalogue", pictures, "--name", name, "--weights", option]) == 0
    one, two = open_catalogue("one"), open_catalogue("two")
    rows = [
        shop.encode_query(shop.resolve_method("near"), text="a hat") for shop in (one, two, one)
    ]
    np.testing.assert_array_equal(rows[0], rows[2])
    assert not np.allclose(rows[0], rows[1])


def test_products_are_searched_without_any_weights(
    near: Fetched, source: list[str], tmp_path: Path
) -> None:
    assert main([*source, "--weights", copy(tmp_path / "mine", "near", 2)]) == 0
    shutil.rmtree(tmp_path / "mine")
    near.opened.clear()
    shop = open_catalogue("shop")
    assert len(shop.search("near", product=shop.products.index[0], k=3)) == 3
    assert not near.opened


@pytest.mark.parametrize("change", ["changed", "removed"])
def test_texts_are_refused_when_the_weights_changed_or_are_missing(
    change: str, near: Fetched, source: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main([*source, "--weights", copy(tmp_path / "mine", "near", 2)]) == 0
    monkeypatch.setattr(networks, "_entries", OrderedDict())
    if change == "changed":
        copy(tmp_path / "mine", "near", 3)
    else:
        shutil.rmtree(tmp_path / "mine")
    expected = (
        "was built with other weights than"
        if change == "changed"
        else "are missing: there is no near.txt"
    )
    shop = open_catalogue("shop")
    with pytest.raises(SimilarityError, match=expected) as refused:
        shop.search("near", text="a hat", k=3)
    assert explain_error(refused.value).endswith(
        f"Build it again: {format_build_command(shop, ['near'])}"
    )


def test_an_index_whose_weights_are_forged_is_refused_with_the_command(
    near: Fetched, source: list[str], tmp_path: Path
) -> None:
    assert main([*source, "--weights", copy(tmp_path / "mine", "near", 2)]) == 0
    shop = open_catalogue("shop")
    place = f"{get_kind_folder(METHODS['near'], METHODS['near'].index)}/{MANIFEST}"
    manifest = shop.generation.read(place).decode()
    at = shop.resolve_method("near").bound_weights
    assert at is not None
    for damaged in (manifest.replace(at.sha256, "0" * 64), manifest.replace(at.sha256, "x")):
        forge(shop.folder, place, damaged.encode())
        assert open_catalogue("shop").resolve_method_for_display("near").title == "Near"
        with refusal(r"refused: .*--methods near"):
            open_catalogue("shop").open_index(METHODS["near"])


@pytest.mark.parametrize(
    "path", ["a\\u0000b", "x" * 5000, "/etc/passwd", "/dev/zero", "/root/" * 9]
)
def test_a_forged_path_of_weights_is_refused_with_a_clear_message(
    path: str, near: Fetched, source: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main([*source, "--weights", copy(tmp_path / "mine", "near", 2)]) == 0
    shop = open_catalogue("shop")
    place = f"{get_kind_folder(METHODS['near'], METHODS['near'].index)}/{MANIFEST}"
    manifest = shop.generation.read(place).decode()
    forge(shop.folder, place, manifest.replace(f"{tmp_path}/mine", path).encode())
    monkeypatch.setattr(networks, "_entries", OrderedDict())
    with refusal("--methods near"):
        open_catalogue("shop").search("near", text="a hat", k=3)


def test_a_copy_for_a_method_that_is_not_built_is_an_error(
    near: Fetched, source: list[str], tmp_path: Path, capsys: Output
) -> None:
    arguments = ["--weights", copy(tmp_path / "mine", "near", 2)]
    assert main([*source, "--methods", "tiny", *arguments]) == 1
    assert "--weights names near, which --methods doesn't contain" in capsys.readouterr().err


def same_file(shop: Catalogue, one: str, other: str) -> bool:
    places = [
        shop.generation.folder / get_kind_folder(METHODS[key], "flat") / "index.faiss"
        for key in (one, other)
    ]
    return places[0].samefile(places[1])


@pytest.mark.parametrize("keys", ["near,far", "far"])
def test_a_text_method_shares_the_index_of_its_picture_method(
    keys: str, far: Fetched, near: Fetched, source: list[str], tmp_path: Path
) -> None:
    weights = [copy(tmp_path / key, key, 2) for key in ("near", "far")]
    arguments = [part for each in weights for part in ("--weights", each)]
    assert main([*source, *arguments, "--methods", keys]) == 0
    assert near.batches == [5], "its pictures are embedded once, by the other"
    shop = open_catalogue("shop")
    assert shop.methods == ["near", "far"]
    assert same_file(shop, "near", "far"), "no second copy on the disk"
    near_index, far_index = (
        cast(FlatIndex, shop.open_index(shop.resolve_method(key))) for key in ("near", "far")
    )
    assert near_index._faiss is far_index._faiss, "nor in memory"
    product = shop.products.index[0]
    assert shop.search("far", product=product, k=4) == shop.search("near", product=product, k=4)
    assert (
        shop.open_index(shop.resolve_method("near")).pairs["words"].source_hash
        == shop.open_index(shop.resolve_method("far")).pairs["words"].source_hash
    )
    assert list(load_neighbours(shop).methods) == ["near", "far"]
    assert len(shop.search("far", text="a hat", k=2)) == 2
    buffer = io.BytesIO()
    shop.read_picture(product).save(buffer, "PNG")
    assert shop.search("far", image=buffer.getvalue(), k=1)[0].product == product

    near.batches.clear()
    write_pictures(tmp_path / "shop", 6)
    assert main(source) == 0
    assert near.batches == [1]
    assert same_file(open_catalogue("shop"), "near", "far")


def test_a_text_method_is_refused_if_its_picture_method_has_other_weights(
    far: Fetched, source: list[str], tmp_path: Path
) -> None:
    arguments = [f"--weights={copy(tmp_path / key, key, 2)}" for key in ("near", "far")]
    assert main([*source, *arguments]) == 0
    other = copy(tmp_path / "other", "near", 7)
    assert main([*source, "--methods", "near", "--weights", other]) == 0
    shop = open_catalogue("shop")
    assert len(shop.search("near", text="a hat", k=2)) == 2
    assert shop.list_stale_methods() == ["far"]
    with refusal(r"Far .* is refused.*--methods far"):
        shop.search("far", text="a hat", k=2)
    assert main([*source, "--methods", "far"]) == 0
    assert len(open_catalogue("shop").search("far", text="a hat", k=2)) == 2


def test_embedded_pictures_of_an_interrupted_build_are_kept_by_other_builds(
    near: Fetched, tiny: Fake, source: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = [*source, "--weights", copy(tmp_path / "mine", "near", 2)]
    monkeypatch.setattr("precompute.build.write_index", lambda *_: (_ for _ in ()).throw(OSError()))
    assert main([*arguments, "--methods", "near"]) == 1
    monkeypatch.undo()
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    assert main([*source, "--methods", "tiny"]) == 0
    assert main(arguments) == 0
    assert near.batches == [5]


def test_a_new_revision_of_the_code_makes_an_index_stale(
    near: Fetched, source: list[str], tmp_path: Path
) -> None:
    assert main([*source, "--weights", copy(tmp_path / "mine", "near", 2)]) == 0
    METHODS["near"] = replace(METHODS["near"], revision="2")
    assert open_catalogue("shop").list_stale_methods() == ["near"]
