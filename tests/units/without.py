"""Build a catalogue twice on a system or a disk that lacks something.

`python -m tests.units.without names FOLDER` hides what only POSIX systems have, as on Windows, and
imports every module of the product first. `without locks FOLDER` lets file locks fail, as on many
network disks.
"""

import errno
import importlib
import os
import sys
from pathlib import Path
from typing import Any

import pytest

POSIX = ("O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC", "preadv", "pread", "pwrite", "posix_fadvise")
MORE_POSIX = ("RWF_NOWAIT", "setpriority", "mkfifo", "wait")
PACKAGES = ("similarity", "precompute", "install", "drawing")
LOCKS = ("flock", "lockf")


def hide_posix() -> None:
    """Hide names after the libraries have used them, which have their own ways on Windows."""
    for library in ("streamlit", "pandas", "faiss", "PIL", "sklearn", "psutil", "requests"):
        importlib.import_module(library)
    sys.modules["fcntl"] = None  # type: ignore[assignment]
    for name in (*POSIX, *MORE_POSIX):
        delattr(os, name)
    os.supports_dir_fd.discard(os.open)


def forbid_locks() -> None:
    """Let every lock fail as on a disk without a lock service."""
    import fcntl

    def fail(*_: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    for name in LOCKS:
        setattr(fcntl, name, fail)


SCRIPTS = "similarity/handover/files"  # copied to a folder of their own


def import_everything() -> None:
    """Import every module of the product but the pages and those of a handover, all scripts."""
    project = Path(__file__).parents[2]
    for package in PACKAGES:
        for path in sorted((project / package).rglob("*.py")):
            if path.name != "__main__.py" and path.parent != project / SCRIPTS:
                parts = path.relative_to(project).with_suffix("").parts
                importlib.import_module(".".join(parts).removesuffix(".__init__"))


def list_numbers(folder: Path) -> list[int]:
    """List the numbers of the generations that are on the disk."""
    return sorted(int(path.name) for path in (folder / "generations").iterdir())


def build_and_search(folder: Path) -> None:
    """Build a catalogue of more and more pictures, search it meanwhile, and check it."""
    from precompute.__main__ import main
    from similarity import SimilarityError, open_catalogue
    from similarity.store.paths import get_thumbnail_path
    from similarity.store.progress import is_unfinished, read_progress
    from tests.units.drawing import write_pictures

    os.environ["SIMILARITY_CATALOGUES"] = str(folder / "built")
    shop, readers = folder / "built" / "shop", []
    for count in (4, 5, 6):
        source = write_pictures(folder / "shop", count)
        assert main(["--catalogue", str(source), "--methods", "pixels"]) == 0
        catalogue = open_catalogue("shop")
        readers.append(catalogue)
        assert not catalogue.generation.is_locked
        assert read_progress(shop) is None
        assert not is_unfinished(shop)
        product = catalogue.products.index[0]
        assert len(catalogue.search("pixels", product=product, k=count - 1)) == count - 1
        assert catalogue.read_thumbnail(product)
    current = readers[-1].generation.number
    numbers = list_numbers(shop)
    assert numbers[-1] == current, numbers
    assert len(numbers) == 2, f"the previous generation stays for readers: {numbers}"
    assert main(["check", "shop"]) == 0
    if hasattr(os, "symlink"):
        thumbnail = readers[-1].generation.folder / get_thumbnail_path(product)
        thumbnail.rename(folder / "elsewhere.webp")
        thumbnail.symlink_to(folder / "elsewhere.webp")  # to the same content
        with pytest.raises(SimilarityError, match="can't be read"):
            open_catalogue("shop").read_thumbnail(product)
        target = readers[-1].generation.folder / "thumbs"
        target.rename(folder / "elsewhere")
        target.symlink_to(folder / "elsewhere")
        with pytest.raises(SimilarityError, match="can't be read"):
            open_catalogue("shop").read_thumbnail(product)


if __name__ == "__main__":
    if sys.argv[1] == "names":
        hide_posix()
        import_everything()
    else:
        forbid_locks()
    build_and_search(Path(sys.argv[2]))
    print("built")
