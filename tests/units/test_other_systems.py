"""Systems and disks that lack what Linux and its file systems have."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from similarity import Catalogue
from similarity.errors import SimilarityError
from similarity.store import locks
from similarity.store.progress import LOCK, read_progress
from similarity.store.publish import lock_catalogue
from tests.conftest import PROJECT


@pytest.mark.parametrize("missing", ["names", "locks"])
def test_a_catalogue_is_built_and_searched_without(missing: str, tmp_path: Path) -> None:
    """The names that only POSIX systems have, with every module imported, or file locks."""
    result = subprocess.run(
        [sys.executable, "-m", "tests.units.without", missing, str(tmp_path)],
        cwd=PROJECT,
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.endswith("built\n"), result.stderr[-3000:]
    assert "has no file locks" in result.stderr


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(next(iter(locks.UNSUPPORTED)), "No locks available")

    monkeypatch.setattr(locks.fcntl, "flock", fail)


@pytest.mark.usefixtures("no_locks")
def test_a_disk_without_locks_runs_one_build_at_a_time(shop: Catalogue) -> None:
    with lock_catalogue(shop.folder):
        progress = read_progress(shop.folder)
        assert progress is not None, "pages show that a build is running"
        with pytest.raises(SimilarityError) as refused, lock_catalogue(shop.folder):
            pass
        marker = shop.folder / locks.MARKER
        assert str(marker) in str(refused.value)
        assert marker.exists()
    assert not marker.exists()
    assert read_progress(shop.folder) is None
    with lock_catalogue(shop.folder):
        pass


@pytest.mark.usefixtures("no_locks")
def test_a_build_that_was_killed_on_a_disk_without_locks_is_resumed(
    shop: Catalogue,
) -> None:
    """Its marker names a process that is gone."""
    script = (
        "import os, sys; from filelock import SoftFileLock\n"
        "lock = SoftFileLock(sys.argv[1]); lock.acquire(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(shop.folder / locks.MARKER)], check=True)
    assert (shop.folder / locks.MARKER).exists()
    (shop.folder / LOCK).write_text("{}")
    with lock_catalogue(shop.folder):
        assert (shop.folder / locks.MARKER).exists()
    assert not (shop.folder / locks.MARKER).exists()


def test_a_catalogue_that_cannot_be_locked_is_opened_and_says_so(
    shop: Catalogue, no_locks: None
) -> None:
    opened = Catalogue(shop.folder)
    assert not opened.generation.is_locked
    assert shop.generation.is_locked
    assert opened.read_thumbnail(opened.products.index[0])
