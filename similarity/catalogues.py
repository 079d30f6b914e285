"""The built catalogues: list them, and open one by its name."""

from pathlib import Path

from similarity.catalogue import Catalogue
from similarity.errors import Remedy, SimilarityError
from similarity.store.generations import CURRENT
from similarity.store.paths import NAME, find_catalogue, get_catalogues_folder


def list_catalogues() -> list[str]:
    """Return the names of the built catalogues, the demo first."""
    folder = get_catalogues_folder()
    if not folder.is_dir():
        return []
    names = [p.parent.name for p in folder.glob(f"*/{CURRENT}") if NAME.fullmatch(p.parent.name)]
    return sorted(names, key=lambda name: (name != "demo", name))


def open_catalogue(name: str | Path) -> Catalogue:
    """Open a built catalogue by its name, its title, its source or the path of its folder.

    Raises SimilarityError that lists the built catalogues, or says how to build one.
    """
    folder = Path(name)
    is_name = isinstance(name, str) and NAME.fullmatch(name)
    if isinstance(name, str) and (is_name or not (folder / CURRENT).is_file()):
        folder = get_catalogues_folder() / (find_catalogue(name) or name)
    if not (folder / CURRENT).is_file() and (names := list_catalogues()):
        raise SimilarityError(
            f"There is no built catalogue '{name}'; the built ones are {', '.join(names)}.",
            Remedy("other"),
        )
    return Catalogue(folder)
