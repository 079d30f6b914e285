"""The API: open a catalogue, ask for what is similar, get hits or a clear error."""

import io
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from precompute.__main__ import main
from similarity import (
    METHODS,
    Catalogue,
    Hit,
    SimilarityError,
    list_catalogues,
    open_catalogue,
)
from similarity.embedding import LONGEST_TEXT, embed_pictures
from similarity.indexes import get_kind_folder, get_row_kind, write_index
from similarity.networks import networks
from similarity.store.publish import Staging, link_unchanged
from tests.units.conftest import NO_PAIRS, PROJECT, SHOP, Fake
from tests.units.drawing import draw, encode, write_pictures
from tests.units.refusals import refusal


def test_a_catalogue_opens_by_its_name_and_by_its_path(shop: Catalogue, tmp_path: Path) -> None:
    for place in ("shop", str(tmp_path / "built/shop"), tmp_path / "built" / "shop"):
        opened = open_catalogue(place)
        assert (opened.name, len(opened.products)) == ("shop", SHOP)
    assert list_catalogues() == ["shop"]
    assert {"path", "category"} <= set(shop.products.columns)
    assert shop.products.index.name == "id"
    assert shop.products["path"].iloc[0] == "000.png"
    assert shop.methods == ["pixels", "tiny", "wordy"]
    assert Image.open(io.BytesIO(shop.read_thumbnail(shop.products.index[0]))).size == (48, 40)


@pytest.mark.parametrize("name", ["nowhere", "No Where", "/no", "", "../shop", Path("nowhere")])
def test_an_unknown_catalogue_error_lists_the_existing_ones(
    shop: Catalogue, name: str | Path
) -> None:
    with refusal(r"no built catalogue.*shop.*python -m precompute"):
        open_catalogue(name)


def test_without_any_catalogue_the_command_that_builds_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "nothing"))
    assert list_catalogues() == []
    with refusal("python -m precompute --catalogue demo"):
        open_catalogue("demo")


@pytest.mark.parametrize("method", ["pixels", "tiny"])
def test_a_product_finds_its_neighbours_but_not_itself(shop: Catalogue, method: str) -> None:
    pictures = [draw(seed) for seed in range(SHOP)]
    vectors = embed_pictures(METHODS[method], pictures).astype(np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for position, product in enumerate(shop.products.index):
        hits = shop.search(method, product=product, k=5)
        scores = vectors @ vectors[position]
        expected = [p for p in np.argsort(-scores, kind="stable") if p != position][:5]
        assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5]
        assert [hit.product for hit in hits] == list(shop.products.index[expected])
        np.testing.assert_allclose([hit.score for hit in hits], scores[expected], atol=1e-6)
        assert type(hits[0].product) is str
        assert type(hits[0].score) is float


def test_a_picture_of_the_catalogue_finds_itself_first(shop: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "shop" / "004.png"
    answers = [
        shop.search("tiny", image=image, k=3)
        for image in (path, path.read_bytes(), Image.open(path), draw(4).convert("RGBA"))
    ]
    assert answers[0][0] == Hit(1, shop.products.index[4], answers[0][0].score)
    assert answers[0][0].score == pytest.approx(1, abs=1e-6)
    assert all(answer == answers[0] for answer in answers)


def test_k_may_be_the_size_of_the_catalogue(shop: Catalogue) -> None:
    first = shop.products.index[0]
    assert len(shop.search("tiny", image=draw(0), k=SHOP)) == SHOP
    others = shop.search("tiny", product=first, k=SHOP)
    assert len(others) == SHOP - 1
    assert first not in {hit.product for hit in others}
    assert len(shop.search("pixels", product=first)) == 10


def test_equal_scores_share_a_rank_and_say_so_also_beyond_what_is_shown(
    tiny: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source = write_pictures(tmp_path / "shop", 3)
    for name in ("alike-1.png", "alike-2.png"):  # other files, the same picture as 002.png
        (source / name).write_bytes(encode(draw(2), compress_level=int(name[6])))
    assert main(["--catalogue", str(source), "--methods", "pixels,tiny"]) == 0
    shop = open_catalogue("shop")
    for method in ("pixels", "tiny"):
        for k in range(1, 6):
            hits = shop.search(method, image=draw(2), k=k)
            assert [hit.rank for hit in hits] == [1, 1, 1, 4, 5][:k]
            assert [hit.tied for hit in hits] == [True, True, True, False, False][:k]
            assert [hit.product for hit in hits[:3]] == list(shop.products.index[[2, 3, 4]])[:k]


@pytest.mark.parametrize(
    ("method", "query", "message"),
    [
        ("tiny", {"k": 0}, "k is 0.*choose k from 1 to 15"),
        ("tiny", {"k": -3}, "k is -3"),
        ("tiny", {"k": 16}, "k is 16, but 'shop' has 15 products"),
        ("pixel", {}, "no method 'pixel'. Choose from pixels, .*Did you mean 'pixels'"),
        ("../tiny", {}, "no method"),
        ("", {}, "no method ''"),
        (
            "efficientnet",
            {},
            "not built for 'shop', which has pixels, tiny, wordy. Build it: ",
        ),
        ("tiny", {"text": "a hat"}, "can't search by text\\. These methods can: .*wordy"),
        ("wordy", {"text": ""}, "text is empty"),
        ("wordy", {"text": " \t\n"}, "text is empty"),
        ("wordy", {"text": "\udcff"}, "text is empty"),
        ("wordy", {"text": "x" * (LONGEST_TEXT + 1)}, "longer than 1000"),
        ("wordy", {"text": "a hat", "image": b"x"}, "Give one query"),
        ("tiny", {"product": None}, "Give one query"),
        ("tiny", {"product": "0" * 20}, "no product '0"),
        ("tiny", {"product": ""}, "no product ''"),
        ("tiny", {"image": b"no picture"}, "not a picture"),
        ("tiny", {"image": Path("/no/where.png")}, "can't be read"),
        ("tiny", {"image": "where.png"}, "not str"),
    ],
)
def test_a_query_that_cannot_be_answered_is_a_clear_error(
    shop: Catalogue, method: str, query: dict[str, Any], message: str
) -> None:
    if query.keys() <= {"k"}:
        query = query | {"product": shop.products.index[0]}
    with refusal(message):
        shop.search(method, **query)


def test_a_text_that_names_a_file_is_a_text(
    shop: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path / "shop")
    hits = shop.search("wordy", text="004.png")
    Path("004.png").unlink()
    assert shop.search("wordy", text=" 004.png\n") == hits
    assert hits != shop.search("wordy", image=draw(4))


def test_a_method_that_returns_broken_numbers_is_named(shop: Catalogue, tiny: Fake) -> None:
    tiny.scale = np.nan
    with pytest.raises(SimilarityError, match=r"Tiny returned .* 12 infinite or missing values"):
        shop.search("tiny", image=draw(0))


def test_stored_vectors_are_searched_without_torch_and_streamlit(
    shop: Catalogue, tmp_path: Path
) -> None:
    ids = list(shop.products.index)
    staging = Staging(shop.folder, shop.generation)
    link_unchanged(staging, shop.generation, ())
    for key in ("efficientnet", "conse"):
        method = METHODS[key]
        vectors = np.random.default_rng(0).random((SHOP, method.dim), np.float32)
        place = staging.folder / get_kind_folder(method, method.index)
        write_index(place, method, ids, [get_row_kind(method).to_rows(vectors)], NO_PAIRS)
        staging.record(get_kind_folder(method, method.index))
    staging.publish(shop.source)
    script = (
        "import sys; from similarity import open_catalogue; shop = open_catalogue('shop')\n"
        "for method in ('pixels', 'efficientnet', 'conse'):\n"
        "    assert len(shop.search(method, product=shop.products.index[3], k=5)) == 5\n"
        "heavy = {'torch', 'streamlit', 'towhee', 'transformers', 'sentence_transformers'}\n"
        "assert not heavy & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True)


def test_importing_the_package_imports_no_library_that_takes_long() -> None:
    script = (
        "import sys, similarity\n"
        "heavy = {'numpy', 'pandas', 'faiss', 'PIL', 'torch', 'transformers'}\n"
        "assert not heavy & sys.modules.keys()\n"
        "assert similarity.open_catalogue and similarity.Hit and similarity.METHODS['pixels']"
    )
    subprocess.run([sys.executable, "-c", script], cwd=PROJECT, check=True)


def test_a_method_is_loaded_once_when_two_ask_at_once(shop: Catalogue, tiny: Fake) -> None:
    networks.release_idle()
    tiny.loads, tiny.loading, together = 0, 0.2, threading.Barrier(4)

    def ask(seed: int) -> str:
        together.wait()
        return shop.search("tiny", image=draw(seed), k=1)[0].product

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == list(shop.products.index[:4])
    assert tiny.loads == 1


def test_searches_from_several_threads_give_the_same_answers(shop: Catalogue) -> None:
    def ask(number: int) -> list[list[Hit]]:
        product = shop.products.index[number % SHOP]
        return [
            shop.search("pixels", product=product, k=5),
            shop.search("tiny", image=encode(draw(number)), k=5),
            shop.search("wordy", text=f"number {number}", k=5),
        ]

    expected = [ask(number) for number in range(60)]
    shop = open_catalogue("shop")
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(60))) == expected
