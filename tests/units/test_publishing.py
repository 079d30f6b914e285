"""A catalogue is published whole: whatever is killed, and whoever reads meanwhile."""

import errno
import hashlib
import json
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from queue import SimpleQueue
from subprocess import PIPE
from typing import Any, NoReturn

import pytest

import precompute.__main__ as command_line
from precompute import stages
from precompute.__main__ import main
from similarity import METHODS, SimilarityError, open_catalogue
from similarity.measures.metrics.schema import load_metrics
from similarity.measures.robustness.schema import load_robustness
from similarity.store.generations import CURRENT, GENERATIONS, Generation
from similarity.store.progress import (
    LOCK,
    UNKNOWN,
    Progress,
    is_unfinished,
    read_progress,
    write_progress,
)
from similarity.store.publish import lock_catalogue
from tests.units.conftest import PROJECT, Fake
from tests.units.drawing import draw, encode, write_pictures
from tests.units.killing import BUILT, check_whole
from tests.units.refusals import refusal

Run = Callable[..., tuple[int, int, list[str]]]
NEAR, OTHERS = 2, 5  # of the changes that a build is killed at: around publishing, and elsewhere
AT_ONCE = 2  # builds
KILLING = [sys.executable, "-m", "tests.units.killing"]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Build in a process of its own: see tests.units.killing.build.

    As many at once as AT_ONCE.
    """
    servers = [
        subprocess.Popen(KILLING, cwd=PROJECT, stdin=PIPE, stdout=PIPE, text=True)
        for _ in range(AT_ONCE)
    ]
    idle: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
    for server in servers:
        idle.put(server)

    def build(source: Path, root: Path, die_at: int = 0) -> tuple[int, int, list[str]]:
        server = idle.get()
        assert server.stdin
        assert server.stdout
        print(json.dumps([str(source), str(root), die_at]), file=server.stdin, flush=True)
        code, embedded, changes = json.loads(server.stdout.readline())
        idle.put(server)
        return code, embedded, changes

    yield build
    for server in servers:
        assert server.stdin
        server.stdin.close()
        server.wait(60)


def tree(folder: Path) -> dict[str, str]:
    """Every file and folder of a catalogue and the hash of its content."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file()
        else "folder"
        for path in folder.rglob("*")
    }


def ids(source: Path) -> set[str]:
    return {hashlib.sha256(path.read_bytes()).hexdigest()[:20] for path in source.glob("*.png")}


def embedded_already(folder: Path, products: set[str]) -> set[str]:
    """Products that `tiny` need not embed again."""
    embedded: set[str] = set()
    for place in folder.glob("work/rows/tiny@*/ids.txt"):
        embedded |= set(place.read_text().split())
    for place in folder.glob(f"{GENERATIONS}/*/indexes/tiny/flat/ids.txt"):
        embedded |= set(place.read_text().split())
    return embedded & products


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("before", [0, 2], ids=["the first build", "a rebuild"])
@pytest.mark.parametrize(
    "everywhere",
    [pytest.param(False, id="at some"), pytest.param(True, id="at all", marks=pytest.mark.slow)],
)
def test_a_build_that_is_killed_anywhere_changes_nothing_and_the_next_one_finishes(
    everywhere: bool, before: int, tmp_path: Path, run: Run
) -> None:
    source, start = write_pictures(tmp_path / "shop", 2), tmp_path / "start"
    start.mkdir()
    old = ids(source) if before else None
    if before:
        assert run(source, start)[:2] == (0, 2)
        (source / "001.png").unlink()
        write_pictures(source, 1, first=77)
    new, whole = ids(source), tmp_path / "whole"
    shutil.copytree(start, whole)
    code, _, changes = run(source, whole)
    assert code == 0
    expected = tree(whole / "shop")
    assert not any(path.startswith("work") for path in expected)

    assert len(changes) > 60
    # the numbers of two changes, from 1: first indexes are published, then what is measured
    published, measured = [n for n, name in enumerate(changes, 1) if name == "replace"][-2:]
    assert 40 < published < measured < len(changes)
    places = list(range(1, len(changes)))
    if not everywhere:
        seed = date.today().toordinal()
        print(f"the changes of day {seed}")  # is told if it fails
        near = {p for p in places if min(abs(p - published), abs(p - measured)) <= NEAR}
        others = random.Random(seed).sample(sorted({*places} - near), OTHERS)
        places = sorted([*near, *others])

    def killed(die_at: int) -> set[str] | None:
        """The products that are seen after a build was killed, before the next one ends it."""
        root = tmp_path / f"killed-{die_at}"
        shutil.copytree(start, root)
        assert run(source, root, die_at)[0] == -signal.SIGKILL
        before_products = None
        if (root / "shop" / CURRENT).exists():
            opened = open_catalogue(root / "shop")
            before_products = set(opened.products.index)
            check_whole(opened)
            del opened
        else:
            with pytest.raises(SimilarityError, match="no built catalogue"):
                open_catalogue(root / "shop")
        reused = embedded_already(root / "shop", new)
        assert run(source, root)[:2] == (0, len(new - reused)), "nothing is embedded twice"
        check_whole(open_catalogue(root / "shop"))
        assert tree(root / "shop") == expected, f"killed at change {die_at}"
        shutil.rmtree(root)
        return before_products

    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(killed, places))
    assert results == [old if place <= published else new for place in places]


@pytest.mark.usefixtures("tiny")
def test_a_reader_sees_only_complete_generations_while_ten_are_published(tmp_path: Path) -> None:
    source, root = write_pictures(tmp_path / "shop", 19), tmp_path / "built"
    arguments = ["--catalogue", str(source), "--to", str(root), "--methods", ",".join(BUILT)]
    assert main(arguments) == 0
    stop = tmp_path / "stop"
    command = [*KILLING, str(root / "shop"), str(stop)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=PIPE, text=True) as reader:
        assert reader.stdout
        lines = [reader.stdout.readline()]  # it has begun
        for number in range(10):
            (source / "007.png").write_bytes(encode(draw(100 + number)))  # as many as before
            assert main(arguments) == 0
            time.sleep(0.1)
        stop.touch()
        lines += reader.stdout.readlines()
    assert not [line for line in lines if line.startswith("failed")]
    assert lines[-1] == "first 2\n", "what it opened first, it read to the end"
    assert len({line for line in lines if line.startswith("whole")}) >= 4
    generations = {path.name for path in (root / "shop" / GENERATIONS).iterdir()}
    assert {"2", "22"} <= generations, "nobody removes what is being read"
    assert len(generations) <= 4, "what nobody reads is removed"
    (source / "007.png").unlink()
    assert main(arguments) == 0
    assert [path.name for path in (root / "shop" / GENERATIONS).iterdir()] == ["24"]


@pytest.fixture
def shop(tiny: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built catalogue of three products; its pictures are in the folder `shop` beside it."""
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    assert rebuild(write_pictures(tmp_path / "shop", 3)) == 0
    return tmp_path / "built" / "shop"


def rebuild(source: Path) -> int:
    return main(["--catalogue", str(source), "--methods", ",".join(BUILT)])


def test_a_second_build_of_the_same_changes_nothing(shop: Path, tmp_path: Path) -> None:
    opened, before = open_catalogue("shop"), tree(shop)
    assert rebuild(tmp_path / "shop") == 0
    assert tree(shop) == before
    assert opened.is_current()


def test_unchanged_files_are_not_written_again(shop: Path, tmp_path: Path) -> None:
    old = Generation(shop)
    write_pictures(tmp_path / "shop", 1, first=50)
    assert main(["--catalogue", str(tmp_path / "shop"), "--methods", "tiny"]) == 0
    new = Generation(shop)
    assert new.number == 4
    same = [path for path, sha256 in old.sums.to_dict().items() if new.sums.get(path) == sha256]
    assert any(path.startswith("indexes/pixels/") for path in same)
    assert sum(path.startswith("thumbs/") for path in same) == 3
    for path in same:
        if path.endswith("/pairs-words.npy"):
            continue  # it is empty, and of a folder that is written whole
        assert (old.folder / path).samefile(new.folder / path), path


def test_an_older_format_is_refused_with_the_command_that_rebuilds_it(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(shop)
    (shop / "methods" / "tiny").mkdir(parents=True)
    (shop / "thumbs").mkdir()
    (shop / "products.parquet").touch()
    source = str(tmp_path / "shop")
    (shop / CURRENT).write_text(f'{{"format": 1, "name": "shop", "source": "{source}"}}')
    command = f"python -m precompute --catalogue {source} --name shop --methods tiny"
    with refusal(f"its format is 1, not 2. Build it again: {command}"):
        open_catalogue("shop")
    assert main(command.split()[3:]) == 0
    assert open_catalogue("shop").methods == ["tiny"]
    assert sorted(p.name for p in shop.iterdir()) == [".lock", CURRENT, GENERATIONS]


LIMITED = """
import resource, signal, sys
from tests.units.killing import BUILT, main, register
register()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.exit(main(["--catalogue", sys.argv[2], "--to", sys.argv[3], "--methods", ",".join(BUILT)]))
"""


@pytest.mark.parametrize("room", [0, 500, 200_000, 500_000])
def test_a_full_disk_stops_a_build_and_the_next_one_finishes(
    room: int, shop: Path, tmp_path: Path
) -> None:
    before = tree(shop)
    source = write_pictures(tmp_path / "shop", 2, first=60)
    command = [sys.executable, "-c", LIMITED, str(room), str(source), str(shop.parent)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "run the same command again; it resumes" in " ".join(done.stderr.split())
    left = tree(shop) | {LOCK: before[LOCK]}  # it says that the build did not end
    assert {path: content for path, content in left.items() if path in before} == before
    assert is_unfinished(shop) or room == 0
    check_whole(open_catalogue("shop"))
    assert rebuild(source) == 0
    assert len(open_catalogue("shop").products) == 5
    check_whole(open_catalogue("shop"))


@pytest.mark.parametrize("reason", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_a_later_stage_that_fails_costs_nothing_of_the_earlier_ones(
    reason: BaseException, shop: Path, tmp_path: Path, tiny: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        raise reason

    source = write_pictures(tmp_path / "shop", 2, first=60)
    with monkeypatch.context() as patch:
        patch.setattr(stages, "compute_maps", fail)
        assert rebuild(source) in (1, 130)
    assert is_unfinished(shop)
    opened = open_catalogue("shop")
    check_whole(opened)
    assert (len(opened.products), load_metrics(opened).products) == (5, 5)
    before = len(tiny.batches)
    assert rebuild(source) == 0
    assert len(tiny.batches) == before, "nothing is embedded twice"
    assert not is_unfinished(shop)


def test_a_picture_that_vanishes_between_the_stages_is_left_out(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_pictures(tmp_path / "shop", 60)
    publish = stages.publish_stages

    def vanish(folder: Path, source: Path, *args: Any) -> dict[str, float]:
        (source / "007.png").unlink()
        return publish(folder, source, *args)

    monkeypatch.setattr(command_line, "publish_stages", vanish)
    assert rebuild(source) == 0
    robustness = load_robustness(open_catalogue("shop"))
    assert {curve.n for curve in robustness.methods["tiny"].curves.values()} == {59}


def test_reading_the_progress_does_not_stop_a_build(shop: Path, tmp_path: Path) -> None:
    assert read_progress(shop) is None
    with lock_catalogue(shop) as lock:
        write_progress(lock, Progress("Drawing maps", 3, 5, 20.0))
        assert read_progress(shop) == Progress("Drawing maps", 3, 5, 20.0)
        assert is_unfinished(shop)
    assert (read_progress(shop), is_unfinished(shop)) == (None, False)
    requested = threading.Event()

    def ask() -> None:
        while not requested.is_set():
            read_progress(shop)

    with ThreadPoolExecutor(2) as pool:
        queries = [pool.submit(ask) for _ in range(2)]
        assert [rebuild(tmp_path / "shop") for _ in range(3)] == [0, 0, 0]
        requested.set()
    assert not any(each.exception() for each in queries)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 600,
        b"[]",
        b'{"doing": "x", "done": 2, "total": 1, "left": null}',
        b'{"doing": "x", "done": 0, "total": 1, "left": -1}',
        b'{"doing": "x", "done": 0, "total": 1, "left": 1e999}',
        b'{"doing": "' + b"x" * 101 + b'", "done": 0, "total": 1, "left": 1}',
    ],
)
def test_other_content_of_the_lock_file_means_unknown_progress(content: bytes, shop: Path) -> None:
    with lock_catalogue(shop):
        (shop / LOCK).write_bytes(content)
        assert read_progress(shop) == UNKNOWN


def test_leftovers_of_other_revisions_and_of_killed_builds_are_cleared(
    shop: Path, tmp_path: Path
) -> None:
    for path in ("work/rows/tiny@0/rows.bin", "work/index/x", f"{GENERATIONS}/3/half", "x.part"):
        (shop / path).parent.mkdir(parents=True, exist_ok=True)
        (shop / path).touch()
    going_on = shop / "work" / "rows" / f"conse@{METHODS['conse'].vectors_revision}" / "ids.txt"
    going_on.parent.mkdir(parents=True)
    going_on.touch()
    assert rebuild(tmp_path / "shop") == 0
    left = {str(path.relative_to(shop)) for path in shop.rglob("*")}
    assert not [path for path in left if re.match("work/(index|rows/tiny)|generations/3", path)]
    assert going_on.exists(), "another method goes on from there"
    assert (shop / "x.part").exists(), "what is not ours stays"


def test_a_folder_that_is_something_else_is_left_alone(tiny: Fake, tmp_path: Path) -> None:
    source, place = write_pictures(tmp_path / "shop", 1), tmp_path / "documents" / "shop"
    (place / "thumbs").mkdir(parents=True)
    (place / "thumbs" / "mine").touch()
    arguments = ["--catalogue", str(source), "--to", str(place.parent), "--methods", "tiny"]
    assert main(arguments) == 1
    assert [str(path.relative_to(place)) for path in place.rglob("*")] == ["thumbs", "thumbs/mine"]
