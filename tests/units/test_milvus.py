"""A catalogue in Milvus answers as one in files: parity, updates, and bad weather."""

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import numpy as np
import pandas as pd
import pytest

import similarity.indexes.milvus.collection
from harness.databases import get_address, open_lite, refuse_calls, serve_lite
from precompute.__main__ import main
from similarity import METHODS, Catalogue, Part, SimilarityError, open_catalogue
from similarity.errors import UnavailableError
from similarity.filters import Where
from similarity.indexes import MANIFEST, VectorIndex, get_kind_folder
from similarity.indexes.milvus import database as speaking
from similarity.indexes.milvus.collection import Collection
from similarity.indexes.milvus.database import (
    FACTS,
    TOKEN,
    connect,
    disconnect,
    parse_address,
    read_properties,
)
from similarity.indexes.milvus.index import MilvusCells, MilvusIndex
from similarity.pictures import REVISION
from tests.units.conftest import PROJECT, Fake, forge
from tests.units.drawing import draw, encode, write_pictures
from tests.units.refusals import refusal

Output = pytest.CaptureFixture[str]
pytest.importorskip("pymilvus", reason="python3 -m install --scale")
pytestmark = pytest.mark.usefixtures("without_measures")

PICTURES = 64
ROUNDING = 1e-6  # of cosines that two programs compute of the same float32 numbers


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make pymilvus poll for a new index at once, not after half a second."""
    clock = SimpleNamespace(time=time.time, sleep=lambda seconds: time.sleep(min(seconds, 0.01)))
    monkeypatch.setattr("pymilvus.client.grpc_handler.time", clock)


@pytest.fixture(params=["lite", "address"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A folder of Milvus Lite, and an address with a database behind it."""
    kind = open_lite if request.param == "lite" else get_address
    with kind(tmp_path / "database") as address:
        yield address


@pytest.fixture
def at(tmp_path: Path) -> Iterator[str]:
    """An address alone, where what is tested is the same with a folder."""
    with get_address(tmp_path / "database") as address:
        yield address


@pytest.fixture
def source(
    tiny: Fake, fake: Callable[..., Fake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder of pictures with attributes, among them two of the same vector."""
    fake("wordy", texts=True)
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    monkeypatch.delenv(TOKEN, raising=False)
    folder = write_pictures(tmp_path / "shop", PICTURES)
    (folder / "again.png").write_bytes(encode(draw(7), compress_level=1))
    describe(folder, lambda n: "mug" if n % 3 else "red dress")
    return folder


def describe(folder: Path, caption: Callable[[int], str]) -> None:
    lines = [
        "path,caption,the 'sleeve\"",
        *(f"{n:03}.png,{caption(n)},long" for n in range(PICTURES)),
    ]
    (folder / "metadata.csv").write_text("\n".join(lines))


def build(source: Path, name: str, *options: str, methods: str = "tiny") -> Catalogue:
    arguments = ["--catalogue", str(source), "--name", name, "--methods", methods, *options]
    assert main(arguments) == 0
    return open_catalogue(name)


def in_milvus(
    source: Path, where: str, name: str = "theirs", *options: str, methods: str = "tiny"
) -> Catalogue:
    arguments = ["--index", "milvus", "--milvus-uri", where, *options]
    return build(source, name, *arguments, methods=methods)


def milvus(catalogue: Catalogue, method: str = "tiny") -> MilvusIndex:
    index = catalogue.open_index(catalogue.resolve_method(method))
    assert isinstance(index, MilvusIndex)
    return index


def check_parity(local: Catalogue, remote: Catalogue, method: str, queries: int = 200) -> None:
    """Rows are equal, and answers but for the order of those whose cosines differ by rounding."""
    one, other = (
        local.open_index(local.resolve_method(method)),
        remote.open_index(remote.resolve_method(method)),
    )
    positions = np.arange(one.count)
    np.testing.assert_array_equal(one.read(positions), other.read(positions))
    ids = list(local.products.index)
    assert ids == list(remote.products.index)
    for product in ids[:: max(1, len(ids) // queries)][:queries]:
        k = 12
        expected = local.search(method, product=product, k=k)
        hits = remote.search(method, product=product, k=k)
        scores = [hit.score for hit in expected]
        np.testing.assert_allclose([hit.score for hit in hits], scores, atol=ROUNDING, rtol=0)
        scores_by_product = {
            hit.product: hit.score for hit in local.search(method, product=product, k=k + 9)
        }
        for one_hit, other_hit in zip(expected, hits, strict=True):
            assert (
                one_hit.product == other_hit.product
                or abs(scores_by_product[other_hit.product] - one_hit.score) <= ROUNDING
            )
            assert remote.find_position(other_hit.product) >= 0


def manifest(catalogue: Catalogue, kind: str = "milvus") -> dict[str, Any]:
    path = catalogue.generation.folder / get_kind_folder(METHODS["tiny"], kind) / MANIFEST
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def everything_in(index: MilvusIndex) -> dict[str, Any]:
    """What a collection holds, by product."""
    rows = connect(index.address).query(
        index.collection,
        filter='id >= ""',
        output_fields=["id", "vector", "attributes"],
        limit=16_000,
        consistency_level="Strong",
    )
    return {row["id"]: row for row in rows}


# ---- parity


def test_files_and_milvus_give_the_same_answers(source: Path, where: str) -> None:
    methods = "tiny,wordy"
    local, remote = (
        build(source, "ours", methods=methods),
        in_milvus(source, where, methods=methods),
    )
    assert isinstance(remote.open_index(remote.resolve_method("tiny")), MilvusIndex)
    for method in ("tiny", "wordy"):
        check_parity(local, remote, method)
    for text in ("a red dress", "mug"):
        for hits, expected in zip(
            remote.search("wordy", text=text, k=20),
            local.search("wordy", text=text, k=20),
            strict=True,
        ):
            assert hits.score == pytest.approx(expected.score, abs=ROUNDING)
    check_parts(local, remote)


def check_parts(local: Catalogue, remote: Catalogue) -> None:
    """Queries of several parts have the same scores."""
    ids = list(local.products.index)
    for one, other, third in zip(ids[:9:3], ids[1:9:3], ids[2:9:3], strict=True):
        parts = [
            Part("product", one, 0.5),
            Part("text", "a red dress", 0.5),
            Part("product", other, 0.75),
            Part("product", third, -0.25),
        ]
        expected = local.search("wordy", parts=parts, k=20)
        hits = remote.search("wordy", parts=parts, k=20, exact=True)
        assert not {hit.product for hit in hits} & {one, other, third}
        for hit, same in zip(hits, expected, strict=True):
            assert hit.score == pytest.approx(same.score, abs=ROUNDING)


def test_equal_vectors_share_a_rank_and_stand_in_catalogue_order(source: Path, at: str) -> None:
    remote = in_milvus(source, at)
    hits = remote.search("tiny", image=draw(7), k=3)
    assert [hit.rank for hit in hits[:2]] == [1, 1]
    assert hits[0].tied
    assert remote.find_position(hits[0].product) < remote.find_position(hits[1].product)


def test_all_products_can_be_asked_for_at_once(source: Path, where: str) -> None:
    remote = in_milvus(source, where)
    count = len(remote.products)
    hits = remote.search("tiny", image=draw(3), k=count)
    assert {hit.product for hit in hits} == set(remote.products.index)
    left = remote.search("tiny", product=hits[0].product, k=count)
    assert {hit.product for hit in left} == set(remote.products.index) - {hits[0].product}


def test_more_results_than_milvus_returns_at_once_are_compared_locally(
    source: Path, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = in_milvus(source, at)
    expected = remote.search("tiny", image=draw(3), k=40)
    monkeypatch.setattr("similarity.indexes.milvus.index.MAX_RESULTS", 50)
    monkeypatch.setattr("similarity.indexes.milvus.index.BATCH_BYTES", 1000)
    hits = remote.search("tiny", image=draw(3), k=40)
    for one, other in zip(hits, expected, strict=True):
        assert one.score == pytest.approx(other.score, abs=ROUNDING)


@pytest.mark.parametrize(
    "query_given",
    [
        {"product": "0" * 20},
        {"product": "nothing"},
        {"text": "mug"},
        {"text": " "},
        {"k": 0},
        {"k": 1000},
    ],
)
def test_invalid_searches_are_refused_with_the_same_messages(
    query_given: dict[str, Any], source: Path, at: str
) -> None:
    results = []
    for catalogue in (build(source, "ours"), in_milvus(source, at)):
        query = query_given if query_given.keys() - {"k"} else query_given | {"image": draw(1)}
        with pytest.raises(SimilarityError) as error:
            catalogue.search("tiny", **query)
        results.append(str(error.value).replace("theirs", "ours"))
    assert results[0] == results[1]


def test_an_update_leaves_files_and_milvus_equal(
    source: Path, where: str, tiny: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(source, "ours")
    remote = in_milvus(source, where)
    missing_paths = {product: remote.products["path"][product] for product in remote.products.index}
    remote.generation.close()  # nobody reads it any more
    (source / "003.png").unlink()  # one removed
    (source / "004.png").write_bytes(encode(draw(904)))  # one changed
    write_pictures(source, 1, first=900)  # one added
    tiny.batches.clear()
    ours, after = build(source, "ours"), build(source, "theirs")
    assert sum(tiny.batches) == 4, "two for each, and nothing else"
    check_parity(ours, after, "tiny")
    entities = everything_in(milvus(after))
    assert entities.keys() == set(after.products.index)
    removed = {product for product, path in missing_paths.items() if path in ("003.png", "004.png")}
    assert not removed & entities.keys()
    assert read_properties(where, milvus(after).collection)["holds"] == [after.fingerprint]


def test_a_reader_during_an_update_keeps_the_old_rows(source: Path, at: str) -> None:
    before = in_milvus(source, at)
    filters = {
        product: before.search("tiny", product=product, k=12)
        for product in before.products.index[::20]
    }
    (source / "003.png").unlink()
    write_pictures(source, 30, first=500)
    after = build(source, "theirs")
    assert len(everything_in(milvus(after))) == PICTURES + 1 + 30, "the removed one is still read"
    assert filters == {product: before.search("tiny", product=product, k=12) for product in filters}
    check_parity(build(source, "ours"), after, "tiny", queries=40)
    before.generation.close()
    assert build(source, "theirs").generation.number == after.generation.number
    assert everything_in(milvus(after)).keys() == set(after.products.index)


def test_the_same_build_again_writes_nothing(
    source: Path, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = in_milvus(source, at)
    monkeypatch.setattr(Collection, "write", None)
    assert build(source, "theirs").generation.number == first.generation.number


def test_attributes_are_kept_where_filters_can_run(source: Path, at: str) -> None:
    index = milvus(in_milvus(source, at))

    def captioned(caption: str) -> set[str]:
        entities = connect(at).query(
            index.collection,
            filter=f'attributes["caption"] == "{caption}"',
            output_fields=["id"],
            limit=1000,
            consistency_level="Strong",
        )
        return {row["id"] for row in entities}

    assert len(captioned("red dress")) == (PICTURES + 2) // 3
    near = connect(at).search(
        index.collection,
        [index.read_row(0)],
        limit=5,
        filter='attributes["caption"] == "red dress"',
        consistency_level="Strong",
    )
    assert {hit["id"] for hit in near[0]} <= captioned("red dress")
    describe(source, lambda n: "kettle" if n == 5 else "mug")
    after = build(source, "theirs")
    assert captioned("kettle") == {after.products.index[after.products["path"] == "005.png"][0]}
    assert captioned("red dress") == set()


NASTY = ['a"b', "it's", "back\\slash", "Größe 😀", 'x"] or true or ["', "{v}", "%", "null", "1e1"]


def test_filters_run_inside_milvus_and_leave_what_they_leave_in_files(
    source: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"path": [f"{n:03}.png" for n in range(PICTURES)]})
    for name in ("colour", "the 'sleeve\"", "back\\slash"):
        table[name] = rng.choice([*NASTY, ""], PICTURES)
    table["price"] = rng.choice(["5", "12.50", "1e3", "-3", "on request", ""], PICTURES)
    table.to_csv(source / "metadata.csv", index=False)
    local, remote = build(source, "ours"), in_milvus(source, where)
    monkeypatch.setattr(MilvusIndex, "blocks", None)  # nothing is compared in this process
    products = local.products
    wheres: list[Where] = [{name: [value]} for name in table.columns[1:4] for value in NASTY[:8]]
    wheres += [{"colour": NASTY[:3], "price": [(0, 20), "on request"]}, {"price": (-3, 5)}]
    wheres += [{"price": [""]}, {"price": (5, float("inf"))}, {"colour": "", "price": ["5", "-3"]}]
    answers = 0
    for number, conditions in enumerate(wheres):
        try:
            among = local.attributes.select(local.attributes.make_filter(conditions))
        except SimilarityError:  # nothing has this value
            continue
        assert among is not None
        k = max(1, min(3, len(among.positions) - 1))
        product = str(products.index[number])
        if len(among.positions) < k + 1:
            continue
        expected = local.search("tiny", product=product, where=conditions, k=k)
        hits = remote.search("tiny", product=product, where=conditions, k=k)
        assert {remote.find_position(hit.product) for hit in hits} <= set(among.positions.tolist())
        np.testing.assert_allclose(
            [hit.score for hit in hits], [hit.score for hit in expected], atol=ROUNDING
        )
        answers += 1
    assert answers > 15
    different = remote.search("tiny", product=product, unlike=["colour"], k=5)
    colour = products.colour[product]
    assert all(products.colour[hit.product] != colour for hit in different) or not colour


def test_what_milvus_cannot_filter_is_compared_here(source: Path, at: str) -> None:
    long = " ".join(["long"] * 400)
    describe(source, lambda n: long if n % 2 else "line\u2028break")
    remote = in_milvus(source, at)
    products = remote.products
    assert not milvus(remote).can_filter
    for caption in products.caption.unique():
        hits = remote.search("tiny", image=draw(3), where={"caption": [caption]}, k=12)
        assert len(hits) == min(12, (products.caption == caption).sum())
        assert {products.caption[hit.product] for hit in hits} == {caption}
    few = products.index[:3].tolist()
    remote_hits = remote.search("tiny", product=few[0], where={"caption": [long]}, k=PICTURES)
    assert len(remote_hits) == (products.caption == long).sum() - (products.caption[few[0]] == long)


def test_attributes_of_any_length_and_name_are_kept_as_far_as_milvus_can(
    source: Path, at: str
) -> None:
    names = [f"column {n}" for n in range(100)]
    lines = [",".join(["path", "told", "vector", *names])]
    lines += [",".join([f"{n:03}.png", "mine", "theirs", *(["ü" * 3000] * 100)]) for n in (0, 1)]
    (source / "metadata.csv").write_text("\n".join(lines))
    entities = everything_in(milvus(in_milvus(source, at)))
    longest = max(entities.values(), key=lambda row: len(json.dumps(row["attributes"])))[
        "attributes"
    ]
    assert longest["told"] == "mine"
    assert longest["column 0"] == "ü" * 1000
    assert "column 99" not in longest


# ---- large catalogues


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is too much for an exact search."""
    monkeypatch.setattr("similarity.indexes.folder.EXACT_LIMIT", 100)


def test_a_large_catalogue_is_sorted_into_cells_and_shows_its_recall(
    source: Path, where: str, large: None, capsys: Output
) -> None:
    remote = in_milvus(source, where, methods="tiny,wordy")
    index = remote.open_index(remote.resolve_method("wordy"))
    assert isinstance(index, MilvusCells)
    assert not index.exact
    assert index.cells == 16
    assert 1 <= index.probes <= index.cells
    assert 0.9 <= index.recall["pictures"].share <= 1
    assert "words" in index.recall
    assert "wordy is searched approximately" in " ".join(capsys.readouterr().err.split())
    ours = build(source, "ours", "--exact", methods="tiny,wordy")
    check_parts(ours, remote)
    exact = ours.search("tiny", product=ours.products.index[9], k=12)
    hits = remote.search("tiny", product=ours.products.index[9], k=12, exact=True)
    np.testing.assert_allclose(
        [hit.score for hit in hits], [hit.score for hit in exact], atol=ROUNDING
    )
    assert len(remote.search("wordy", text="mug", k=PICTURES)) == PICTURES
    described = connect(where).describe_index(index.collection, "vector")
    assert described["index_type"] == "IVF_FLAT"
    assert int(described.get("nlist", described["params"]["nlist"])) == 16


def test_the_stated_recall_equals_a_new_measurement(source: Path, at: str, large: None) -> None:
    remote = in_milvus(source, at, "theirs", "--recall", "0.5")
    index = milvus(remote)
    assert index.target_recall == 0.5
    shares = []
    for position in range(0, index.count, 2):
        row = index.read_row(position)
        last = index.search_exactly(row, 10, leave_out=position)[1][-1]
        scores = index.search(row, 10, leave_out=position)[1]
        shares.append(np.mean(scores >= last - ROUNDING))
    stated = index.recall["pictures"]
    assert stated.low - 0.1 <= np.mean(shares) <= min(1, stated.high + 0.1)


def test_within_a_filter_all_cells_are_probed(source: Path, at: str, large: None) -> None:
    remote = in_milvus(source, at, "theirs", "--recall", "0.5")
    index = milvus(remote)
    assert index.probes < index.cells
    among = remote.attributes.select(remote.attributes.make_filter({"caption": "mug"}))
    assert among is not None
    assert index.compares_all(among)
    rows = index.read(among.positions)
    for position in range(0, index.count, 5):
        row = index.read_row(position)
        cosines = np.sort(index.compute_cross_cosines(row[None], rows)[0])[::-1]
        positions, scores = index.search(row, 10, among=among)
        assert set(positions) <= set(among.positions)
        np.testing.assert_allclose(scores, cosines[:10], atol=ROUNDING)


def test_a_catalogue_that_grows_or_becomes_exact_reuses_its_vectors(
    source: Path, at: str, tiny: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = in_milvus(source, at)
    former = milvus(small).collection
    embedded = sum(tiny.batches)
    small.generation.close()
    monkeypatch.setattr("similarity.indexes.folder.EXACT_LIMIT", 100)
    grown = build(source, "theirs")
    assert isinstance(grown.open_index(grown.resolve_method("tiny")), MilvusCells)
    assert former not in connect(at).list_collections(), "nobody needs it"
    grown.generation.close()
    assert type(build(source, "theirs", "--exact").open_index(METHODS["tiny"])) is MilvusIndex
    assert sum(tiny.batches) == embedded


def test_a_catalogue_moves_to_milvus_to_another_and_back_to_files(
    source: Path, at: str, tmp_path: Path, tiny: Fake
) -> None:
    here = build(source, "shop")
    expected = here.open_index(here.resolve_method("tiny")).read(np.arange(PICTURES))
    here.generation.close()
    with open_lite(tmp_path / "elsewhere") as folder:
        remote = in_milvus(source, folder, "shop")
        assert not list(remote.generation.sums.list_paths("indexes/tiny/flat"))
        remote.generation.close()
        moved = in_milvus(source, at, "shop")
        assert milvus(moved).address == at
        moved.generation.close()
        assert not connect(folder).list_collections(), "what was there is not used any more"
    back = build(source, "shop", "--index", "faiss")
    assert not isinstance(back.open_index(METHODS["tiny"]), MilvusIndex)
    np.testing.assert_array_equal(
        back.open_index(METHODS["tiny"]).read(np.arange(PICTURES)), expected
    )
    assert not connect(at).list_collections()
    assert sum(tiny.batches) == PICTURES + 1


def test_a_collection_that_somebody_reads_is_left_and_named(
    source: Path, at: str, capsys: Output
) -> None:
    reader = in_milvus(source, at)
    hits = reader.search("tiny", image=draw(3), k=5)
    build(source, "theirs", "--index", "faiss")
    output = " ".join(capsys.readouterr().err.split())
    assert (
        f"The collection {milvus(reader).collection} in Milvus at {at} is no longer used" in output
    )
    assert reader.search("tiny", image=draw(3), k=5) == hits


def test_pixels_stay_in_files_and_the_summary_says_so(
    source: Path, at: str, capsys: Output
) -> None:
    shop = build(source, "shop", "--milvus-uri", at, methods="pixels,tiny")
    output = " ".join(capsys.readouterr().err.split())
    assert (
        "pixels stays in local files: it has 150,528 dimensions, and Milvus supports 32,768."
        in output
    )
    assert shop.open_index(shop.resolve_method("pixels")).exact
    assert f"tiny is in Milvus at {at}: {milvus(shop).collection} (FLAT)" in output


def test_milvus_lite_gets_a_folder_if_none_is_given(source: Path) -> None:
    shop = build(source, "shop", "--index", "milvus")
    assert milvus(shop).address == str(shop.folder / "milvus.db")
    disconnect(milvus(shop).address)
    again = open_catalogue("shop")
    assert again.search("tiny", product=again.products.index[3], k=3)
    disconnect(milvus(again).address)


# ---- secrets and addresses


def test_the_token_is_sent_and_kept_nowhere(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Output
) -> None:
    monkeypatch.setenv(TOKEN, "root:very-secret")
    with serve_lite(tmp_path / "database") as at:
        shop = in_milvus(source, at)
        shop.search("tiny", image=draw(1))
        disconnect(at)
    with refuse_calls(grpc.StatusCode.UNAVAILABLE, "no root:very-secret, no very-secret") as at:
        with pytest.raises(UnavailableError) as error:
            connect(at)
        assert "secret" not in str(error.value)
    output = capfd.readouterr()
    assert "secret" not in output.out + output.err
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"very-secret" not in path.read_bytes(), path


@pytest.mark.parametrize("address", ["http://root:secret@host:19530", "http://host?token=secret"])
def test_an_address_with_a_secret_is_refused(address: str, source: Path, capsys: Output) -> None:
    arguments = ["--catalogue", str(source), "--milvus-uri", address]
    assert main(arguments) == 1
    output = capsys.readouterr().err
    assert TOKEN in output
    assert "secret@" not in output
    assert "token=" not in output


@pytest.mark.parametrize("address", ["ftp://host", "http://", "http://host/path", "http://a:b:c"])
def test_an_invalid_address_is_refused(address: str) -> None:
    with pytest.raises(SimilarityError, match="not the address of a Milvus server"):
        parse_address(address)


def test_a_uri_is_refused_without_milvus(source: Path, capsys: Output) -> None:
    arguments = ["--catalogue", str(source), "--index", "faiss", "--milvus-uri", "x"]
    assert main(arguments) == 1
    assert "--milvus-uri is for --index milvus" in capsys.readouterr().err


# ---- bad weather


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaking, "TIMEOUT", 1.0)
    monkeypatch.setattr(speaking, "RETRY_AFTER", 0.3)
    monkeypatch.setattr("similarity.indexes.milvus.index.TIMEOUT", 1.0)
    monkeypatch.setattr(similarity.indexes.milvus.collection, "BUILD_TIMEOUT", 1.0)


@pytest.mark.parametrize("at", ["http://127.0.0.1:9", "http://192.0.2.1:19530"])
def test_a_server_that_does_not_answer_is_reported_within_five_seconds(
    at: str, source: Path, tiny: Fake, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.delenv(name, raising=False)
    started = time.monotonic()
    arguments = ["--catalogue", str(source), "--methods", "tiny", "--milvus-uri", at]
    assert main(arguments) == 1
    assert time.monotonic() - started < 5 + 2  # and what else a command does
    assert f"Milvus at {at} doesn't answer" in " ".join(capsys.readouterr().err.split())
    assert not tiny.batches, "nothing is embedded for nobody"
    disconnect(at)


def test_a_wrong_token_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "wrong")
    reply = "auth check failure, please check username and password are correct"
    with refuse_calls(grpc.StatusCode.UNAUTHENTICATED, reply) as at:
        with pytest.raises(UnavailableError, match=f"refuses the token in {TOKEN}"):
            connect(at)
        monkeypatch.delenv(TOKEN)
        with pytest.raises(UnavailableError, match=f"refuses to answer without a token: {TOKEN}"):
            connect(at)


def test_a_failure_during_a_build_is_resumed(
    source: Path,
    tiny: Fake,
    tmp_path: Path,
    impatient: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Output,
) -> None:
    monkeypatch.setattr(similarity.indexes.milvus.collection, "BATCH_SIZE", 20)
    upserts = []
    with ExitStack() as running:
        at = running.enter_context(serve_lite(tmp_path / "database"))
        upsert = type(connect(at)).upsert

        def cut(self: Any, name: str, rows: list[Any], **options: Any) -> Any:
            upserts.append(len(rows))
            if len(upserts) == 3:
                running.close()  # the server is gone
            return upsert(self, name, rows, **options)

        monkeypatch.setattr(type(connect(at)), "upsert", cut)
        arguments = ["--catalogue", str(source), "--name", "theirs", "--methods", "tiny,wordy"]
        assert main([*arguments, "--milvus-uri", at]) == 1
    output = " ".join(capsys.readouterr().err.split())
    assert "doesn't answer" in output
    assert "nothing is lost" in output
    embedded = sum(tiny.batches)
    upserts[:] = [0, 0, 0]
    disconnect(at)
    with serve_lite(tmp_path / "database", int(at.rpartition(":")[2])) as again:
        remote = in_milvus(source, again, methods="tiny,wordy")
        assert sum(upserts) == 2 * (PICTURES + 1) - 40, "what was written is there"
        assert sum(tiny.batches) == embedded
        check_parity(build(source, "ours"), remote, "tiny")
        disconnect(again)


def test_a_brief_failure_is_retried(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similarity.indexes.milvus.collection, "BATCH_SIZE", 20)
    monkeypatch.setattr(similarity.indexes.milvus.collection, "RETRY_INTERVAL", 0.2)
    monkeypatch.setattr(speaking, "RETRY_AFTER", 0.3)
    with ExitStack() as first, ExitStack() as second:
        at = first.enter_context(serve_lite(tmp_path / "database"))
        upsert, calls = type(connect(at)).upsert, []

        def cut(self: Any, name: str, rows: list[Any], **options: Any) -> Any:
            calls.append(len(rows))
            if len(calls) == 2:
                first.close()
                port = int(at.rpartition(":")[2])
                start = lambda: second.enter_context(serve_lite(tmp_path / "database", port))  # noqa: E731
                threading.Timer(0.5, start).start()
            return upsert(self, name, rows, **options)

        monkeypatch.setattr(type(connect(at)), "upsert", cut)
        remote = in_milvus(source, at)
        assert len(calls) > 4
        assert calls == [20] * (len(calls) - 1) + [5], "the one that broke again, no other"
        assert everything_in(milvus(remote)).keys() == set(remote.products.index)
        disconnect(at)


def test_a_collection_of_another_dimension_is_left_alone(
    source: Path, at: str, tiny: Fake, capsys: Output
) -> None:
    folder = Path(os.environ["SIMILARITY_CATALOGUES"]) / "theirs"
    name = Collection(at, folder, tiny.method, "milvus", PICTURES + 1).name
    connect(at).create_collection(name, dimension=7)
    arguments = ["--catalogue", str(source), "--name", "theirs", "--methods", "tiny"]
    assert main([*arguments, "--milvus-uri", at]) == 1
    output = " ".join(capsys.readouterr().err.split())
    assert f"The collection '{name}' in Milvus at {at} is not of this catalogue" in output
    assert "--name" in output
    assert connect(at).describe_collection(name)["fields"][1]["params"]["dim"] == 7


def test_another_catalogue_of_the_same_name_is_left_alone(
    source: Path, at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    first = in_milvus(source, at)
    entities = everything_in(milvus(first)).keys()
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "of somebody else"))
    others = write_pictures(tmp_path / "others", 5, first=700)
    arguments = ["--catalogue", str(others), "--name", "theirs", "--methods", "tiny"]
    assert main([*arguments, "--milvus-uri", at]) == 1
    assert "is not of this catalogue" in " ".join(capsys.readouterr().err.split())
    assert everything_in(milvus(first)).keys() == entities


def test_a_copied_catalogue_refuses_a_collection_that_the_original_has_changed(
    source: Path, at: str, tmp_path: Path
) -> None:
    first = in_milvus(source, at)
    copied = tmp_path / "copies" / "theirs"
    shutil.copytree(first.folder, copied)
    first.generation.close()
    write_pictures(source, 1, first=900)
    build(source, "theirs")
    with refusal(r"holds other products now.*Build it again: python -m prec"):
        open_catalogue(copied).search("tiny", image=draw(3))


def test_a_moved_copy_leaves_the_first_ones_collection_unchanged(
    source: Path, at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = in_milvus(source, at)
    shutil.copytree(first.folder, tmp_path / "copies" / "theirs")
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "copies"))
    assert build(source, "theirs", "--index", "faiss").open_index(METHODS["tiny"]).exact
    assert first.search("tiny", image=draw(3))


def test_a_collection_that_vanishes_while_it_is_used_says_how_to_build_it(
    source: Path, at: str
) -> None:
    shop = in_milvus(source, at, methods="tiny,wordy")
    assert shop.search("tiny", image=draw(3))
    connect(at).drop_collection(milvus(shop).collection)
    with refusal(r"no longer exists.*Build it again: python -m"):
        shop.search("tiny", image=draw(3))
    assert shop.search("wordy", image=draw(3)), "the others go on"
    again = build(source, "theirs")
    assert again.search("tiny", image=draw(3))


def test_a_collection_that_a_restart_left_on_the_disk_is_loaded_again(
    source: Path, at: str
) -> None:
    shop = in_milvus(source, at)
    hits = shop.search("tiny", image=draw(3))
    connect(at).release_collection(milvus(shop).collection)
    with pytest.raises(UnavailableError, match=r"is loading .* wait a moment"):
        shop.search("tiny", image=draw(3))
    for _ in range(50):
        time.sleep(0.1)
        with suppress(UnavailableError):
            assert shop.search("tiny", image=draw(3)) == hits
            return
    pytest.fail("it never was")


def test_removed_rows_are_reported_by_name(source: Path, at: str) -> None:
    shop = in_milvus(source, at)
    product = shop.products.index[11]
    connect(at).delete(milvus(shop).collection, ids=[product])
    connect(at).query(
        milvus(shop).collection, output_fields=["count(*)"], consistency_level="Strong"
    )
    with pytest.raises(SimilarityError, match=f"is missing product {product}"):
        shop.search("tiny", product=product)
    with pytest.raises(SimilarityError, match="is missing products"):
        shop.search("tiny", image=draw(3), k=len(shop.products))
    assert main(["check", "theirs"]) == 1
    assert main(["--catalogue", str(source), "--name", "theirs", "--methods", "tiny"]) == 0


def test_only_one_build_writes_into_a_collection(
    source: Path, at: str, tiny: Fake, tmp_path: Path, capsys: Output
) -> None:
    other = Collection(at, tmp_path / "far" / "theirs", tiny.method, "milvus", PICTURES + 1)
    with other.hold_lock():
        arguments = ["--catalogue", str(source), "--name", "theirs", "--methods", "tiny"]
        assert main([*arguments, "--milvus-uri", at]) == 1
    output = capsys.readouterr().err
    assert "Another build is writing" in " ".join(output.split())
    assert str(tmp_path / "far") in output.replace("\n", "")
    assert main([*arguments, "--milvus-uri", at]) == 0
    assert not [name for name in connect(at).list_collections() if name.endswith("_build")]


def test_a_lock_that_a_killed_build_left_is_taken_over(source: Path, at: str, tiny: Fake) -> None:
    folder = Path(os.environ["SIMILARITY_CATALOGUES"]) / "theirs"
    killed = Collection(at, folder, tiny.method, "milvus", PICTURES + 1).hold_lock()
    killed.__enter__()
    assert in_milvus(source, at).search("tiny", image=draw(3))


def test_a_folder_opened_by_another_process_is_reported(
    source: Path, tmp_path: Path, capsys: Output
) -> None:
    folder = tmp_path / "database"
    code = (
        "import sys; from similarity.indexes.milvus.database import connect\n"
        "connect(sys.argv[1], create=True); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as app:
        assert app.stdout
        assert app.stdin
        assert app.stdout.readline() == "open\n"
        arguments = ["--catalogue", str(source), "--name", "theirs", "--methods", "tiny"]
        assert main([*arguments, "--milvus-uri", str(folder)]) == 1
        assert "is open in another process" in " ".join(capsys.readouterr().err.split())
        app.stdin.close()
    disconnect(str(folder))
    assert main([*arguments, "--milvus-uri", str(folder)]) == 0
    disconnect(str(folder))


def test_a_full_disk_is_reported_and_the_next_run_resumes(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    """Milvus Lite's own write-ahead log meets the error that a full disk gives."""
    from milvus_lite.storage.wal import WAL

    full = OSError(28, "No space left on device")
    with open_lite(tmp_path / "database") as folder:
        arguments = ["--catalogue", str(source), "--name", "theirs", "--methods", "tiny"]
        with monkeypatch.context() as patched:

            def write(*_: Any, **__: Any) -> None:
                raise full

            patched.setattr(WAL, "write_insert", write)
            assert main([*arguments, "--milvus-uri", folder]) == 1
        output = " ".join(capsys.readouterr().err.split())
        assert "is full. Free some space and run the same command again" in output
        assert main([*arguments, "--milvus-uri", folder]) == 0


def test_missing_packages_are_named(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    arguments = ["--catalogue", str(source), "--methods", "tiny", "--index", "milvus"]
    assert main(arguments) == 1
    assert "python3 -m install --scale" in " ".join(capsys.readouterr().err.split())


def test_a_catalogue_asks_for_milvus_only_when_a_method_there_is_searched(
    source: Path, tmp_path: Path, impatient: None
) -> None:
    with serve_lite(tmp_path / "database") as at:
        build(source, "theirs", "--milvus-uri", at, methods="pixels,tiny")
        disconnect(at)
    shop = open_catalogue("theirs")
    assert shop.methods == ["pixels", "tiny"]
    assert shop.search("pixels", image=draw(3))
    started = time.monotonic()
    for _ in range(5):
        with pytest.raises(
            UnavailableError, match=r"Tiny can.t be searched now\. Milvus at .* doesn.t answer"
        ):
            shop.search("tiny", image=draw(3))
    assert time.monotonic() - started < 4, "one that doesn't answer is not asked five times"
    with serve_lite(tmp_path / "database", int(at.rpartition(":")[2])):
        time.sleep(0.4)
        assert shop.search("tiny", image=draw(3)), "and it is found again"
        disconnect(at)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("address", "ftp://host"),
        ("address", 7),
        ("address", "/nowhere/at/all"),
        ("collection", 'a" or "b'),
        ("collection", None),
        ("cells", "many"),
        ("probes", -1),
    ],
)
def test_a_hostile_manifest_is_refused(
    name: str, value: object, source: Path, tmp_path: Path
) -> None:
    with open_lite(tmp_path / "database") as folder:
        shop = in_milvus(source, folder)
        manifest_content = manifest(shop)
        manifest_content["milvus"][name] = value
        path = f"{get_kind_folder(METHODS['tiny'], 'milvus')}/{MANIFEST}"
        forge(shop.folder, path, json.dumps(manifest_content).encode())
        with pytest.raises(SimilarityError, match="Tiny"):
            open_catalogue("theirs").open_index(METHODS["tiny"])
    assert not Path("/nowhere").exists()


def test_the_manifest_describes_the_index(source: Path, at: str) -> None:
    shop = in_milvus(source, at)
    milvus_facts, index = manifest(shop)["milvus"], milvus(shop)
    assert milvus_facts["address"] == at
    assert milvus_facts["index"] == "FLAT"
    assert re.fullmatch("similarity_theirs_tiny_[0-9a-f]{8}", milvus_facts["collection"])
    facts = json.loads(connect(at).describe_collection(index.collection)["properties"][FACTS])
    assert facts["catalogue"] == "theirs"
    assert (facts["method"], facts["revision"]) == ("tiny", f"read{REVISION}-1")
    assert facts["holds"] == [shop.fingerprint]


def test_indexes_in_milvus_are_checked_too(source: Path, at: str, capsys: Output) -> None:
    shop = in_milvus(source, at)
    assert main(["check", "theirs"]) == 0
    connect(at).drop_collection(milvus(shop).collection)
    assert main(["check", "theirs"]) == 1
    assert "no longer exists in Milvus at" in " ".join(capsys.readouterr().err.split())


def test_any_index_gives_the_rows_of_many_products(source: Path, at: str) -> None:
    for catalogue in (build(source, "ours"), in_milvus(source, at)):
        index: VectorIndex = catalogue.open_index(catalogue.resolve_method("tiny"))
        positions = np.array([5, 0, 5, index.count - 1])
        np.testing.assert_array_equal(
            index.read(positions), [index.read_row(i) for i in positions.tolist()]
        )
        assert index.read(np.array([], np.int64)).shape == (0, 12)
        for outside in (-1, index.count):
            with pytest.raises(IndexError):
                index.read_row(outside)


def test_vectors_of_another_precision_have_a_collection_of_their_own(
    tiny: Fake, tmp_path: Path
) -> None:
    places = ("nowhere", tmp_path, tiny.method, "milvus", PICTURES)
    assert Collection(*places, "fp32").name == Collection(*places).name
    assert Collection(*places, "bf16").name != Collection(*places).name
