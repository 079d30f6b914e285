"""`python -m precompute`: what it builds, and that nothing is ever embedded twice."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import precompute.__main__ as command
from precompute import scan
from precompute.build import WORK_FOLDER
from precompute.rows import UnfinishedRows
from similarity import METHODS, SimilarityError, open_catalogue
from similarity.inference import Network
from similarity.methods import Backbone, Embedder, Vectors
from similarity.methods.base import NetworkInputs, reject_unbound, return_features
from similarity.pictures.read import Reading
from similarity.store.paths import THUMBNAILS, get_catalogues_folder
from similarity.store.publish import lock_catalogue
from tests.units.conftest import Fake
from tests.units.drawing import draw, encode, write_pictures

main = command.main
Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where catalogues go, if nothing else is said."""
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    return tmp_path / "built"


def build(source: Path, methods: str = "tiny", *more: str) -> int:
    return main(["--catalogue", str(source), "--methods", methods, *more])


def check_answers(name: str | Path, source: Path, method: str = "tiny") -> None:
    """Every product's stored vector is that of its own picture."""
    catalogue = open_catalogue(name)
    assert len(catalogue.products) == len(list(source.glob("*.png")))
    for product, path in catalogue.products["path"].items():
        assert catalogue.search(method, image=source / path, k=1)[0].product == product


def test_a_folder_becomes_a_catalogue(tiny: Fake, tmp_path: Path, capsys: Output) -> None:
    source = write_pictures(tmp_path / "My Shop", 5)
    (source / "bad.png").write_text("no picture")
    (source / "copy.jpg").write_bytes((source / "003.png").read_bytes())
    assert build(source, "tiny,pixels") == 0
    catalogue = open_catalogue("my-shop")
    assert catalogue.methods == ["pixels", "tiny"]
    assert (catalogue.skipped, catalogue.source) == (1, str(source))
    assert catalogue.root / catalogue.products["path"].iloc[0] == source / "000.png"
    output = capsys.readouterr().err
    for part in (
        "bad.png: it is not a picture",
        "copy.jpg and 003.png",
        "5 products can be searched",
        "skipped.csv",
    ):
        assert part in output
    assert not list((tmp_path / "built/my-shop" / WORK_FOLDER).glob("*/*")), (
        "nothing unfinished is left"
    )


def test_every_method_is_built_unless_some_are_named(tiny: Fake, tmp_path: Path) -> None:
    for key in METHODS.keys() - {"tiny", "pixels"}:
        del METHODS[key]  # the fixture puts them back
    assert main(["--catalogue", str(write_pictures(tmp_path / "shop", 2))]) == 0
    assert open_catalogue("shop").methods == ["pixels", "tiny"]


def test_a_second_run_embeds_nothing_and_one_more_picture_embeds_one(
    tiny: Fake, tmp_path: Path, capsys: Output
) -> None:
    source = write_pictures(tmp_path / "shop", 40)
    assert build(source) == 0
    assert tiny.batches == [32, 8]
    assert build(source) == 0
    assert (tiny.batches, tiny.loads) == ([32, 8], 1)
    write_pictures(source, 1, first=40)
    (source / "000.png").rename(source / "zzz.png")
    assert build(source) == 0
    assert tiny.batches == [32, 8, 1]
    check_answers("shop", source)
    assert re.search(r"40 │ +0 ", capsys.readouterr().err)


def test_a_backbone_embeds_each_picture_once_for_all_its_methods(
    fake: Callable[..., Fake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []

    def features(pictures: NetworkInputs) -> Vectors:
        batches.append(len(pictures))
        return pictures.reshape(-1, 12) + np.float32(1)

    def running(*_: object, **__: object) -> Network:
        return Network("here fp32", features)

    monkeypatch.setattr("precompute.embed.load_network", running)
    monkeypatch.setattr("similarity.inference.load_network", running)
    zero, one = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    small = lambda: lambda picture: np.asarray(picture.resize((2, 2)))  # noqa: E731
    network = Backbone("network", 12, 2, zero, one, small, reject_unbound)
    for key in ("one", "two", "three"):
        METHODS[key] = replace(
            fake(key).method,
            backbone=network,
            load=lambda: Embedder(return_features),
            make_preprocessing=None,
        )
    source = write_pictures(tmp_path / "shop", 40)
    assert build(source, "one,pixels,two") == 0
    assert batches == [32, 8, 4, 16], "and some once more, for its time"
    batches.clear()
    write_pictures(source, 3, first=40)
    assert build(source, "one,two,three") == 0
    assert batches == [32, 11, 4, 16], "the third lacks them all, the others the last three"
    for key in ("one", "two", "three"):
        check_answers("shop", source, key)


def test_a_picture_is_decoded_once_for_everything(
    tiny: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[bytes] = []
    read = scan.read_with_note

    def counted(content: bytes) -> Reading:
        decoded.append(content)
        return read(content)

    monkeypatch.setattr(scan, "read_with_note", counted)
    source = write_pictures(tmp_path / "shop", 40)
    assert build(source, "tiny,pixels") == 0
    assert len(decoded) == len(set(decoded)) == 40
    assert build(source, "tiny,pixels") == 0
    assert len(decoded) == 40, "and not again where nothing is new"


def test_vectors_of_another_precision_are_made_again(
    fake: Callable[..., Fake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses: list[str] = []

    def running(_: Backbone, precision: str = "fp32", threads: int = 0) -> Network:
        addresses.append(precision)
        return Network(
            f"here {precision}", lambda pictures: pictures.reshape(-1, 12) + np.float32(1)
        )

    monkeypatch.setattr("precompute.embed.load_network", running)
    zero, one = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    small = lambda: lambda picture: np.asarray(picture.resize((2, 2)))  # noqa: E731
    backbone = Backbone("network", 12, 2, zero, one, small, reject_unbound)
    plain, METHODS["tiny"] = fake("plain"), replace(fake("tiny").method, backbone=backbone)
    METHODS["words"] = replace(fake("words", texts=True).method, pictures_by=METHODS["tiny"])
    source = write_pictures(tmp_path / "shop", 4)
    arguments = ["--catalogue", str(source), "--methods", "tiny,plain,words", "--precision"]
    for precision, times in (("bf16", 1), ("bf16", 1), ("fp32", 2), ("fp32", 2)):
        assert main([*arguments, precision]) == 0
        assert len(addresses) == times
        assert addresses[-1] == precision
        shop = open_catalogue("shop")
        precisions = {
            key: shop.open_index(shop.resolve_method(key)).precision for key in shop.methods
        }
        assert precisions == {"tiny": precision, "words": precision, "plain": "fp32"}
    assert plain.batches == [4], "a method without a network has no precision"


def test_a_removed_picture_leaves_the_index_and_the_thumbnails(
    tiny: Fake, tmp_path: Path, built: Path
) -> None:
    source = write_pictures(tmp_path / "shop", 6)
    assert build(source, "tiny,pixels") == 0
    product = open_catalogue("shop").products.index[2]
    (source / "002.png").unlink()
    assert build(source, "tiny,pixels", "--allow-loss") == 0
    assert tiny.batches == [6]
    check_answers("shop", source)
    for method in ("tiny", "pixels"):
        hits = open_catalogue("shop").search(method, image=draw(2), k=5)
        assert product not in {hit.product for hit in hits}
    left = [p.stem for p in (open_catalogue("shop").generation.folder / THUMBNAILS).rglob("*.*")]
    assert sorted(left) == sorted(open_catalogue("shop").products.index)


@pytest.mark.usefixtures("without_measures")
def test_after_an_interruption_only_missing_pictures_are_embedded(
    tiny: Fake, tmp_path: Path, built: Path, capsys: Output
) -> None:
    source = write_pictures(tmp_path / "shop", 10)
    assert build(source) == 0
    write_pictures(source, 100, first=10)

    def third() -> None:
        if len(tiny.batches) == 3:
            raise KeyboardInterrupt

    tiny.before = third
    assert build(source) == 130
    assert tiny.batches == [10, 32, 32]
    assert "The same command resumes" in capsys.readouterr().err
    old = open_catalogue("shop")
    assert len(old.search("tiny", product=old.products.index[0], k=10)) == 9, "it is still there"

    work = built / "shop" / WORK_FOLDER / "rows" / f"tiny@{METHODS['tiny'].vectors_revision}"
    with (work / "rows.bin").open("ab") as rows, (work / "ids.txt").open("ab") as ids:
        rows.write(b"half a row of a batch that was torn")
        ids.write(b"0123")
    tiny.before = lambda: None
    assert build(source) == 0
    assert tiny.batches == [10, 32, 32, 32, 4]
    check_answers("shop", source)
    what_was_embedded_before_is_not_counted = r"110 │ +36 "
    assert re.search(what_was_embedded_before_is_not_counted, capsys.readouterr().err)


@pytest.mark.parametrize(
    ("torn", "extra"), [("rows.bin", b"12345"), ("ids.txt", b"0123"), ("rows.bin", b"x" * 48)]
)
def test_torn_rows_are_cut_off(tiny: Fake, tmp_path: Path, torn: str, extra: bytes) -> None:
    ids = [f"{i:020x}" for i in range(5)]
    vectors = np.random.default_rng(0).random((5, 12), np.float32)
    rows = UnfinishedRows(tmp_path / "work", tiny.method)
    assert rows.read().shape == (0, 12)
    rows.append(ids[:3], vectors[:3])
    with (tmp_path / "work" / torn).open("ab") as file:
        file.write(extra)
    again = UnfinishedRows(tmp_path / "work", tiny.method)
    again.append(ids[3:], vectors[3:])
    for opened in (again, UnfinishedRows(tmp_path / "work", tiny.method)):
        assert opened.positions == {product: i for i, product in enumerate(ids)}
        np.testing.assert_array_equal(opened.read(), vectors)


def test_another_revision_of_a_method_is_embedded_again(
    fake: Callable[..., Fake], tmp_path: Path
) -> None:
    source = write_pictures(tmp_path / "shop", 3)
    fake("tiny")
    assert build(source) == 0
    newer = fake("tiny", revision="2")
    assert build(source) == 0
    assert newer.batches == [3]
    check_answers("shop", source)


def test_other_methods_become_stale_and_are_named(
    tiny: Fake, tmp_path: Path, capsys: Output
) -> None:
    source = write_pictures(tmp_path / "shop", 3)
    assert build(source, "pixels,tiny") == 0
    assert "any more" not in capsys.readouterr().err
    write_pictures(source, 1, first=3)
    assert build(source) == 0
    assert (
        "Out of date because the products have changed; build them again: pixels."
        in capsys.readouterr().err
    )
    with pytest.raises(SimilarityError, match="products have changed since it was built"):
        open_catalogue("shop").search("pixels", image=draw(0), k=1)
    assert build(source, "pixels") == 0
    assert open_catalogue("shop").search("pixels", image=draw(3), k=1)[0].score > 0.999


@pytest.mark.usefixtures("without_measures")
def test_a_file_that_changes_while_building_stops_it_and_the_next_run_goes_on(
    tiny: Fake, tmp_path: Path, capsys: Output
) -> None:
    source = write_pictures(tmp_path / "shop", 80)

    def change() -> None:
        (source / "079.png").write_bytes(encode(draw(500)))

    tiny.before = change
    assert build(source) == 1
    output = " ".join(capsys.readouterr().err.split())  # without the terminal's line breaks
    assert "079.png' changed while it was read (its content changed)" in output
    tiny.before = lambda: None
    assert build(source) == 0
    assert tiny.batches[:2] == [32, 32]
    assert sum(tiny.batches) == 80
    check_answers("shop", source)


def test_two_builds_at_once_are_refused(
    tiny: Fake, tmp_path: Path, built: Path, capsys: Output
) -> None:
    source = write_pictures(tmp_path / "shop", 2)
    with lock_catalogue(built / "shop"):
        assert build(source) == 1
    assert "Another build of 'shop' is running" in capsys.readouterr().err
    assert build(source) == 0


def test_the_default_place_is_the_one_that_the_app_reads(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert get_catalogues_folder() == built
    monkeypatch.delenv("SIMILARITY_CATALOGUES")
    assert get_catalogues_folder().parts[-2:] == ("assets", "catalogues")
