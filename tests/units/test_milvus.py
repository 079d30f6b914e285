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
import pytest

import similarity.indexes.milvus.collection
from harness.databases import addressed, lite, refusing, served
from precompute.__main__ import main
from similarity import METHODS, Catalogue, SimilarityError, open_catalogue
from similarity.errors import Unavailable
from similarity.indexes import MANIFEST, VectorIndex, place_of
from similarity.indexes.milvus import database as speaking
from similarity.indexes.milvus.collection import Collection
from similarity.indexes.milvus.database import FACTS, TOKEN, address, connect, disconnect, stated
from similarity.indexes.milvus.index import MilvusCells, MilvusIndex
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
    """pymilvus polls for a new index at once, not after half a second."""
    clock = SimpleNamespace(time=time.time, sleep=lambda seconds: time.sleep(min(seconds, 0.01)))
    monkeypatch.setattr("pymilvus.client.grpc_handler.time", clock)


@pytest.fixture(params=["lite", "address"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A folder of Milvus Lite, and an address with a database behind it."""
    kind = lite if request.param == "lite" else addressed
    with kind(tmp_path / "database") as found:
        yield found


@pytest.fixture
def at(tmp_path: Path) -> Iterator[str]:
    """An address alone, where what is tested is the same with a folder."""
    with addressed(tmp_path / "database") as found:
        yield found


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
    given = ["--catalogue", str(source), "--name", name, "--methods", methods, *options]
    assert main(given) == 0
    return open_catalogue(name)


def in_milvus(
    source: Path, where: str, name: str = "theirs", *options: str, methods: str = "tiny"
) -> Catalogue:
    given = ["--index", "milvus", "--milvus-uri", where, *options]
    return build(source, name, *given, methods=methods)


def milvus(catalogue: Catalogue, method: str = "tiny") -> MilvusIndex:
    index = catalogue.index(catalogue.method(method))
    assert isinstance(index, MilvusIndex)
    return index


def check_parity(ours: Catalogue, theirs: Catalogue, method: str, queries: int = 200) -> None:
    """Rows are equal, and answers but for the order of those whose cosines differ by rounding."""
    one, other = ours.index(ours.method(method)), theirs.index(theirs.method(method))
    positions = np.arange(one.count)
    np.testing.assert_array_equal(one.read(positions), other.read(positions))
    ids = list(ours.products.index)
    assert ids == list(theirs.products.index)
    for product in ids[:: max(1, len(ids) // queries)][:queries]:
        k = 12
        expected = ours.search(method, product=product, k=k)
        found = theirs.search(method, product=product, k=k)
        scores = [hit.score for hit in expected]
        np.testing.assert_allclose([hit.score for hit in found], scores, atol=ROUNDING, rtol=0)
        known = {hit.product: hit.score for hit in ours.search(method, product=product, k=k + 9)}
        for one_hit, other_hit in zip(expected, found, strict=True):
            assert (
                one_hit.product == other_hit.product
                or abs(known[other_hit.product] - one_hit.score) <= ROUNDING
            )
            assert theirs.position(other_hit.product) >= 0


def manifest(catalogue: Catalogue, kind: str = "milvus") -> dict[str, Any]:
    path = catalogue.generation.place / place_of(METHODS["tiny"], kind) / MANIFEST
    found: dict[str, Any] = json.loads(path.read_text())
    return found


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
    both = "tiny,wordy"
    ours, theirs = build(source, "ours", methods=both), in_milvus(source, where, methods=both)
    assert isinstance(theirs.index(theirs.method("tiny")), MilvusIndex)
    for method in ("tiny", "wordy"):
        check_parity(ours, theirs, method)
    for text in ("a red dress", "mug"):
        for found, expected in zip(
            theirs.search("wordy", text=text, k=20),
            ours.search("wordy", text=text, k=20),
            strict=True,
        ):
            assert found.score == pytest.approx(expected.score, abs=ROUNDING)


def test_equal_vectors_share_a_rank_and_stand_in_catalogue_order(source: Path, at: str) -> None:
    theirs = in_milvus(source, at)
    hits = theirs.search("tiny", image=draw(7), k=3)
    assert [hit.rank for hit in hits[:2]] == [1, 1]
    assert hits[0].tied
    assert theirs.position(hits[0].product) < theirs.position(hits[1].product)


def test_all_products_can_be_asked_for_at_once(source: Path, where: str) -> None:
    theirs = in_milvus(source, where)
    count = len(theirs.products)
    hits = theirs.search("tiny", image=draw(3), k=count)
    assert {hit.product for hit in hits} == set(theirs.products.index)
    left = theirs.search("tiny", product=hits[0].product, k=count)
    assert {hit.product for hit in left} == set(theirs.products.index) - {hits[0].product}


def test_more_than_milvus_gives_at_a_time_are_compared_here(
    source: Path, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = in_milvus(source, at)
    expected = theirs.search("tiny", image=draw(3), k=40)
    monkeypatch.setattr("similarity.indexes.milvus.index.MOST", 50)
    monkeypatch.setattr("similarity.indexes.milvus.index.AT_ONCE", 1000)
    found = theirs.search("tiny", image=draw(3), k=40)
    for one, other in zip(found, expected, strict=True):
        assert one.score == pytest.approx(other.score, abs=ROUNDING)


@pytest.mark.parametrize(
    "asked",
    [
        {"product": "0" * 20},
        {"product": "nothing"},
        {"text": "mug"},
        {"text": " "},
        {"k": 0},
        {"k": 1000},
    ],
)
def test_the_same_questions_are_refused_in_the_same_words(
    asked: dict[str, Any], source: Path, at: str
) -> None:
    said = []
    for catalogue in (build(source, "ours"), in_milvus(source, at)):
        query = asked if asked.keys() - {"k"} else asked | {"image": draw(1)}
        with pytest.raises(SimilarityError) as error:
            catalogue.search("tiny", **query)
        said.append(str(error.value).replace("theirs", "ours"))
    assert said[0] == said[1]


def test_an_update_leaves_files_and_milvus_equal(
    source: Path, where: str, tiny: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(source, "ours")
    theirs = in_milvus(source, where)
    gone = {product: theirs.products["path"][product] for product in theirs.products.index}
    theirs.generation.close()  # nobody reads it any more
    (source / "003.png").unlink()  # one removed
    (source / "004.png").write_bytes(encode(draw(904)))  # one changed
    write_pictures(source, 1, first=900)  # one added
    tiny.batches.clear()
    ours, after = build(source, "ours"), build(source, "theirs")
    assert sum(tiny.batches) == 4, "two for each, and nothing else"
    check_parity(ours, after, "tiny")
    held = everything_in(milvus(after))
    assert held.keys() == set(after.products.index)
    removed = {product for product, path in gone.items() if path in ("003.png", "004.png")}
    assert not removed & held.keys()
    assert stated(where, milvus(after).collection)["holds"] == [after.fingerprint]


def test_who_reads_during_an_update_goes_on_with_what_there_was(source: Path, at: str) -> None:
    before = in_milvus(source, at)
    asked = {
        product: before.search("tiny", product=product, k=12)
        for product in before.products.index[::20]
    }
    (source / "003.png").unlink()
    write_pictures(source, 30, first=500)
    after = build(source, "theirs")
    assert len(everything_in(milvus(after))) == PICTURES + 1 + 30, "the removed one is still read"
    assert asked == {product: before.search("tiny", product=product, k=12) for product in asked}
    check_parity(build(source, "ours"), after, "tiny", queries=40)
    before.generation.close()
    assert build(source, "theirs").generation.number == after.generation.number
    assert everything_in(milvus(after)).keys() == set(after.products.index)


def test_the_same_build_again_writes_nothing(
    source: Path, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = in_milvus(source, at)
    monkeypatch.setattr(Collection, "bring", None)
    assert build(source, "theirs").generation.number == first.generation.number


def test_attributes_are_kept_where_filters_can_run(source: Path, at: str) -> None:
    index = milvus(in_milvus(source, at))

    def captioned(caption: str) -> set[str]:
        found = connect(at).query(
            index.collection,
            filter=f'attributes["caption"] == "{caption}"',
            output_fields=["id"],
            limit=1000,
            consistency_level="Strong",
        )
        return {row["id"] for row in found}

    assert len(captioned("red dress")) == (PICTURES + 2) // 3
    near = connect(at).search(
        index.collection,
        [index.row(0)],
        limit=5,
        filter='attributes["caption"] == "red dress"',
        consistency_level="Strong",
    )
    assert {hit["id"] for hit in near[0]} <= captioned("red dress")
    describe(source, lambda n: "kettle" if n == 5 else "mug")
    after = build(source, "theirs")
    assert captioned("kettle") == {after.products.index[after.products["path"] == "005.png"][0]}
    assert captioned("red dress") == set()


def test_attributes_of_any_length_and_name_are_kept_as_far_as_milvus_can(
    source: Path, at: str
) -> None:
    names = [f"column {n}" for n in range(100)]
    lines = [",".join(["path", "told", "vector", *names])]
    lines += [",".join([f"{n:03}.png", "mine", "theirs", *(["ü" * 3000] * 100)]) for n in (0, 1)]
    (source / "metadata.csv").write_text("\n".join(lines))
    held = everything_in(milvus(in_milvus(source, at)))
    longest = max(held.values(), key=lambda row: len(json.dumps(row["attributes"])))["attributes"]
    assert longest["told"] == "mine"
    assert longest["column 0"] == "ü" * 1000
    assert "column 99" not in longest


# ---- large catalogues


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is too much for an exact search."""
    monkeypatch.setattr("similarity.indexes.folder.EXACT_UP_TO", 100)


def test_a_large_catalogue_is_sorted_into_cells_and_says_how_much_it_finds(
    source: Path, where: str, large: None, capsys: Output
) -> None:
    theirs = in_milvus(source, where, methods="tiny,wordy")
    index = theirs.index(theirs.method("wordy"))
    assert isinstance(index, MilvusCells)
    assert not index.exact
    assert index.cells == 16
    assert 1 <= index.probes <= index.cells
    assert 0.9 <= index.recall["pictures"].share <= 1
    assert "words" in index.recall
    assert "wordy is searched approximately" in " ".join(capsys.readouterr().err.split())
    ours = build(source, "ours", "--exact")
    exact = ours.search("tiny", product=ours.products.index[9], k=12)
    found = theirs.search("tiny", product=ours.products.index[9], k=12, exact=True)
    np.testing.assert_allclose(
        [hit.score for hit in found], [hit.score for hit in exact], atol=ROUNDING
    )
    assert len(theirs.search("wordy", text="mug", k=PICTURES)) == PICTURES
    described = connect(where).describe_index(index.collection, "vector")
    assert described["index_type"] == "IVF_FLAT"
    assert int(described.get("nlist", described["params"]["nlist"])) == 16


def test_what_is_stated_is_what_is_found(source: Path, at: str, large: None) -> None:
    theirs = in_milvus(source, at, "theirs", "--recall", "0.5")
    index = milvus(theirs)
    assert index.wanted == 0.5
    shares = []
    for position in range(0, index.count, 2):
        row = index.row(position)
        last = index.search_exactly(row, 10, leave_out=position)[1][-1]
        scores = index.search(row, 10, leave_out=position)[1]
        shares.append(np.mean(scores >= last - ROUNDING))
    stated = index.recall["pictures"]
    assert stated.low - 0.1 <= np.mean(shares) <= min(1, stated.high + 0.1)


def test_a_catalogue_that_grows_or_is_to_be_exact_takes_its_vectors_over(
    source: Path, at: str, tiny: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = in_milvus(source, at)
    former = milvus(small).collection
    embedded = sum(tiny.batches)
    small.generation.close()
    monkeypatch.setattr("similarity.indexes.folder.EXACT_UP_TO", 100)
    grown = build(source, "theirs")
    assert isinstance(grown.index(grown.method("tiny")), MilvusCells)
    assert former not in connect(at).list_collections(), "nobody needs it"
    grown.generation.close()
    assert type(build(source, "theirs", "--exact").index(METHODS["tiny"])) is MilvusIndex
    assert sum(tiny.batches) == embedded


def test_a_catalogue_moves_to_milvus_to_another_and_back_to_files(
    source: Path, at: str, tmp_path: Path, tiny: Fake
) -> None:
    here = build(source, "shop")
    expected = here.index(here.method("tiny")).read(np.arange(PICTURES))
    here.generation.close()
    with lite(tmp_path / "elsewhere") as folder:
        there = in_milvus(source, folder, "shop")
        assert not list(there.generation.sums.below("indexes/tiny/flat"))
        there.generation.close()
        moved = in_milvus(source, at, "shop")
        assert milvus(moved).address == at
        moved.generation.close()
        assert not connect(folder).list_collections(), "what was there is not used any more"
    back = build(source, "shop", "--index", "faiss")
    assert not isinstance(back.index(METHODS["tiny"]), MilvusIndex)
    np.testing.assert_array_equal(back.index(METHODS["tiny"]).read(np.arange(PICTURES)), expected)
    assert not connect(at).list_collections()
    assert sum(tiny.batches) == PICTURES + 1


def test_a_collection_that_somebody_reads_is_left_and_named(
    source: Path, at: str, capsys: Output
) -> None:
    reader = in_milvus(source, at)
    hits = reader.search("tiny", image=draw(3), k=5)
    build(source, "theirs", "--index", "faiss")
    said = " ".join(capsys.readouterr().err.split())
    assert f"Not used any more, but still in Milvus at {at}: {milvus(reader).collection}" in said
    assert reader.search("tiny", image=draw(3), k=5) == hits


def test_pixels_stay_in_files_and_say_so(source: Path, at: str, capsys: Output) -> None:
    shop = build(source, "shop", "--milvus-uri", at, methods="pixels,tiny")
    said = " ".join(capsys.readouterr().err.split())
    assert "pixels stays in files here: of its 150,528 dimensions Milvus could hold 32,768" in said
    assert shop.index(shop.method("pixels")).exact
    assert f"tiny is in Milvus at {at}: {milvus(shop).collection} (FLAT)" in said


def test_milvus_lite_has_a_folder_of_its_own_where_none_is_named(source: Path) -> None:
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
    with served(tmp_path / "database") as at:
        shop = in_milvus(source, at)
        shop.search("tiny", image=draw(1))
        disconnect(at)
    with refusing(grpc.StatusCode.UNAVAILABLE, "no root:very-secret, no very-secret") as at:
        with pytest.raises(Unavailable) as error:
            connect(at)
        assert "secret" not in str(error.value)
    said = capfd.readouterr()
    assert "secret" not in said.out + said.err
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"very-secret" not in path.read_bytes(), path


@pytest.mark.parametrize("given", ["http://root:secret@host:19530", "http://host?token=secret"])
def test_an_address_with_a_secret_is_refused(given: str, source: Path, capsys: Output) -> None:
    arguments = ["--catalogue", str(source), "--milvus-uri", given]
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert TOKEN in said
    assert "secret@" not in said
    assert "token=" not in said


@pytest.mark.parametrize("given", ["ftp://host", "http://", "http://host/path", "http://a:b:c"])
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(SimilarityError, match="no address of a Milvus server"):
        address(given)


def test_a_uri_is_for_milvus(source: Path, capsys: Output) -> None:
    given = ["--catalogue", str(source), "--index", "faiss", "--milvus-uri", "x"]
    assert main(given) == 1
    assert "--milvus-uri is for --index milvus" in capsys.readouterr().err


# ---- bad weather


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaking, "PATIENCE", 1.0)
    monkeypatch.setattr(speaking, "AGAIN", 0.3)
    monkeypatch.setattr("similarity.indexes.milvus.index.PATIENCE", 1.0)
    monkeypatch.setattr(similarity.indexes.milvus.collection, "PATIENT", 1.0)


@pytest.mark.parametrize("at", ["http://127.0.0.1:9", "http://192.0.2.1:19530"])
def test_a_server_that_does_not_answer_is_found_out_within_five_seconds(
    at: str, source: Path, tiny: Fake, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.delenv(name, raising=False)
    started = time.monotonic()
    given = ["--catalogue", str(source), "--methods", "tiny", "--milvus-uri", at]
    assert main(given) == 1
    assert time.monotonic() - started < 5 + 2  # and what else a command does
    assert f"Milvus at {at} does not answer" in " ".join(capsys.readouterr().err.split())
    assert not tiny.batches, "nothing is embedded for nobody"
    disconnect(at)


def test_a_wrong_token_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "wrong")
    said = "auth check failure, please check username and password are correct"
    with refusing(grpc.StatusCode.UNAUTHENTICATED, said) as at:
        with pytest.raises(Unavailable, match=f"refuses the token in {TOKEN}"):
            connect(at)
        monkeypatch.delenv(TOKEN)
        with pytest.raises(Unavailable, match=f"refuses to answer without a token: {TOKEN}"):
            connect(at)


def test_what_breaks_in_the_middle_of_a_build_goes_on_where_it_stopped(
    source: Path,
    tiny: Fake,
    tmp_path: Path,
    impatient: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Output,
) -> None:
    monkeypatch.setattr(similarity.indexes.milvus.collection, "AT_ONCE", 20)
    upserts = []
    with ExitStack() as running:
        at = running.enter_context(served(tmp_path / "database"))
        upsert = type(connect(at)).upsert

        def cut(self: Any, name: str, rows: list[Any], **options: Any) -> Any:
            upserts.append(len(rows))
            if len(upserts) == 3:
                running.close()  # the server is gone
            return upsert(self, name, rows, **options)

        monkeypatch.setattr(type(connect(at)), "upsert", cut)
        given = ["--catalogue", str(source), "--name", "theirs", "--methods", "tiny,wordy"]
        assert main([*given, "--milvus-uri", at]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "does not answer" in said
    assert "nothing is lost" in said
    embedded = sum(tiny.batches)
    upserts[:] = [0, 0, 0]
    disconnect(at)
    with served(tmp_path / "database", int(at.rpartition(":")[2])) as again:
        theirs = in_milvus(source, again, methods="tiny,wordy")
        assert sum(upserts) == 2 * (PICTURES + 1) - 40, "what was written is there"
        assert sum(tiny.batches) == embedded
        check_parity(build(source, "ours"), theirs, "tiny")
        disconnect(again)


def test_what_breaks_for_a_moment_is_tried_again(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similarity.indexes.milvus.collection, "AT_ONCE", 20)
    monkeypatch.setattr(similarity.indexes.milvus.collection, "PAUSE", 0.2)
    monkeypatch.setattr(speaking, "AGAIN", 0.3)
    with ExitStack() as first, ExitStack() as second:
        at = first.enter_context(served(tmp_path / "database"))
        upsert, calls = type(connect(at)).upsert, []

        def cut(self: Any, name: str, rows: list[Any], **options: Any) -> Any:
            calls.append(len(rows))
            if len(calls) == 2:
                first.close()
                port = int(at.rpartition(":")[2])
                start = lambda: second.enter_context(served(tmp_path / "database", port))  # noqa: E731
                threading.Timer(0.5, start).start()
            return upsert(self, name, rows, **options)

        monkeypatch.setattr(type(connect(at)), "upsert", cut)
        theirs = in_milvus(source, at)
        assert len(calls) > 4
        assert calls == [20] * (len(calls) - 1) + [5], "the one that broke again, no other"
        assert everything_in(milvus(theirs)).keys() == set(theirs.products.index)
        disconnect(at)


def test_a_collection_of_another_dimension_is_left_alone(
    source: Path, at: str, tiny: Fake, capsys: Output
) -> None:
    folder = Path(os.environ["SIMILARITY_CATALOGUES"]) / "theirs"
    name = Collection(at, folder, tiny.method, "milvus", PICTURES + 1).name
    connect(at).create_collection(name, dimension=7)
    given = ["--catalogue", str(source), "--name", "theirs", "--methods", "tiny"]
    assert main([*given, "--milvus-uri", at]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert f"The collection '{name}' in Milvus at {at} is not of this catalogue" in said
    assert "--name" in said
    assert connect(at).describe_collection(name)["fields"][1]["params"]["dim"] == 7


def test_another_catalogue_of_the_same_name_is_left_alone(
    source: Path, at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    first = in_milvus(source, at)
    held = everything_in(milvus(first)).keys()
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "of somebody else"))
    others = write_pictures(tmp_path / "others", 5, first=700)
    given = ["--catalogue", str(others), "--name", "theirs", "--methods", "tiny"]
    assert main([*given, "--milvus-uri", at]) == 1
    assert "is not of this catalogue" in " ".join(capsys.readouterr().err.split())
    assert everything_in(milvus(first)).keys() == held


def test_a_copy_of_a_catalogue_that_was_built_on_refuses_what_is_there_now(
    source: Path, at: str, tmp_path: Path
) -> None:
    first = in_milvus(source, at)
    copied = tmp_path / "copies" / "theirs"
    shutil.copytree(first.folder, copied)
    first.generation.close()
    write_pictures(source, 1, first=900)
    build(source, "theirs")
    with refusal(r"is of others now.*Build it again: python -m prec"):
        open_catalogue(copied).search("tiny", image=draw(3))


def test_a_copy_that_moves_elsewhere_leaves_what_the_first_one_has(
    source: Path, at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = in_milvus(source, at)
    shutil.copytree(first.folder, tmp_path / "copies" / "theirs")
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "copies"))
    assert build(source, "theirs", "--index", "faiss").index(METHODS["tiny"]).exact
    assert first.search("tiny", image=draw(3))


def test_a_collection_that_vanishes_while_it_is_used_says_how_to_build_it(
    source: Path, at: str
) -> None:
    shop = in_milvus(source, at, methods="tiny,wordy")
    assert shop.search("tiny", image=draw(3))
    connect(at).drop_collection(milvus(shop).collection)
    with refusal(r"any more\..*Build it again: python -m"):
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
    with pytest.raises(Unavailable, match=r"is loading .* wait a moment"):
        shop.search("tiny", image=draw(3))
    for _ in range(50):
        time.sleep(0.1)
        with suppress(Unavailable):
            assert shop.search("tiny", image=draw(3)) == hits
            return
    pytest.fail("it never was")


def test_rows_that_are_taken_away_are_missed_by_name(source: Path, at: str) -> None:
    shop = in_milvus(source, at)
    product = shop.products.index[11]
    connect(at).delete(milvus(shop).collection, ids=[product])
    connect(at).query(
        milvus(shop).collection, output_fields=["count(*)"], consistency_level="Strong"
    )
    with pytest.raises(SimilarityError, match=f"lacks {product}"):
        shop.search("tiny", product=product)
    with pytest.raises(SimilarityError, match="lacks products"):
        shop.search("tiny", image=draw(3), k=len(shop.products))
    assert main(["check", "theirs"]) == 1
    assert main(["--catalogue", str(source), "--name", "theirs", "--methods", "tiny"]) == 0


def test_only_one_build_writes_into_a_collection(
    source: Path, at: str, tiny: Fake, tmp_path: Path, capsys: Output
) -> None:
    other = Collection(at, tmp_path / "far" / "theirs", tiny.method, "milvus", PICTURES + 1)
    with other.locked():
        given = ["--catalogue", str(source), "--name", "theirs", "--methods", "tiny"]
        assert main([*given, "--milvus-uri", at]) == 1
    said = capsys.readouterr().err
    assert "Another build is writing" in " ".join(said.split())
    assert str(tmp_path / "far") in said.replace("\n", "")
    assert main([*given, "--milvus-uri", at]) == 0
    assert not [name for name in connect(at).list_collections() if name.endswith("_build")]


def test_a_lock_that_a_killed_build_left_is_taken_over(source: Path, at: str, tiny: Fake) -> None:
    folder = Path(os.environ["SIMILARITY_CATALOGUES"]) / "theirs"
    killed = Collection(at, folder, tiny.method, "milvus", PICTURES + 1).locked()
    killed.__enter__()
    assert in_milvus(source, at).search("tiny", image=draw(3))


def test_a_folder_that_another_process_has_open_says_so(
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
        given = ["--catalogue", str(source), "--name", "theirs", "--methods", "tiny"]
        assert main([*given, "--milvus-uri", str(folder)]) == 1
        assert "is open in another process" in " ".join(capsys.readouterr().err.split())
        app.stdin.close()
    disconnect(str(folder))
    assert main([*given, "--milvus-uri", str(folder)]) == 0
    disconnect(str(folder))


def test_a_full_disk_says_so_and_the_next_run_goes_on(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    """Milvus Lite's own write-ahead log meets the error that a full disk gives."""
    from milvus_lite.storage.wal import WAL

    full = OSError(28, "No space left on device")
    with lite(tmp_path / "database") as folder:
        given = ["--catalogue", str(source), "--name", "theirs", "--methods", "tiny"]
        with monkeypatch.context() as patched:

            def write(*_: Any, **__: Any) -> None:
                raise full

            patched.setattr(WAL, "write_insert", write)
            assert main([*given, "--milvus-uri", folder]) == 1
        said = " ".join(capsys.readouterr().err.split())
        assert "is full: make room, then run the same command again" in said
        assert main([*given, "--milvus-uri", folder]) == 0


def test_missing_packages_are_named(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    given = ["--catalogue", str(source), "--methods", "tiny", "--index", "milvus"]
    assert main(given) == 1
    assert "python3 -m install --scale" in " ".join(capsys.readouterr().err.split())


def test_a_catalogue_asks_for_milvus_only_when_a_method_there_is_searched(
    source: Path, tmp_path: Path, impatient: None
) -> None:
    with served(tmp_path / "database") as at:
        build(source, "theirs", "--milvus-uri", at, methods="pixels,tiny")
        disconnect(at)
    shop = open_catalogue("theirs")
    assert shop.methods == ["pixels", "tiny"]
    assert shop.search("pixels", image=draw(3))
    started = time.monotonic()
    for _ in range(5):
        with pytest.raises(
            Unavailable, match=r"Tiny can.t be searched now\. Milvus at .* does not"
        ):
            shop.search("tiny", image=draw(3))
    assert time.monotonic() - started < 4, "one that does not answer is not asked five times"
    with served(tmp_path / "database", int(at.rpartition(":")[2])):
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
    with lite(tmp_path / "database") as folder:
        shop = in_milvus(source, folder)
        told = manifest(shop)
        told["milvus"][name] = value
        path = f"{place_of(METHODS['tiny'], 'milvus')}/{MANIFEST}"
        forge(shop.folder, path, json.dumps(told).encode())
        with pytest.raises(SimilarityError, match="Tiny"):
            open_catalogue("theirs").index(METHODS["tiny"])
    assert not Path("/nowhere").exists()


def test_the_manifest_says_what_is_there(source: Path, at: str) -> None:
    shop = in_milvus(source, at)
    told, index = manifest(shop)["milvus"], milvus(shop)
    assert told["address"] == at
    assert told["index"] == "FLAT"
    assert re.fullmatch("similarity_theirs_tiny_[0-9a-f]{8}", told["collection"])
    facts = json.loads(connect(at).describe_collection(index.collection)["properties"][FACTS])
    assert facts["catalogue"] == "theirs"
    assert (facts["method"], facts["revision"]) == ("tiny", "1")
    assert facts["holds"] == [shop.fingerprint]


def test_indexes_in_milvus_are_checked_too(source: Path, at: str, capsys: Output) -> None:
    shop = in_milvus(source, at)
    assert main(["check", "theirs"]) == 0
    connect(at).drop_collection(milvus(shop).collection)
    assert main(["check", "theirs"]) == 1
    assert "is not in Milvus at" in " ".join(capsys.readouterr().err.split())


def test_any_index_gives_the_rows_of_many_products(source: Path, at: str) -> None:
    for catalogue in (build(source, "ours"), in_milvus(source, at)):
        index: VectorIndex = catalogue.index(catalogue.method("tiny"))
        wanted = np.array([5, 0, 5, index.count - 1])
        np.testing.assert_array_equal(index.read(wanted), [index.row(i) for i in wanted.tolist()])
        assert index.read(np.array([], np.int64)).shape == (0, 12)
        for outside in (-1, index.count):
            with pytest.raises(IndexError):
                index.row(outside)


def test_vectors_of_another_precision_have_a_collection_of_their_own(
    tiny: Fake, tmp_path: Path
) -> None:
    places = ("nowhere", tmp_path, tiny.method, "milvus", PICTURES)
    assert Collection(*places, "fp32").name == Collection(*places).name
    assert Collection(*places, "bf16").name != Collection(*places).name
