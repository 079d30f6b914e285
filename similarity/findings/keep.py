"""Keep what a page shows as a finding."""

import time
import tomllib
from collections.abc import Collection
from contextlib import suppress
from functools import cache
from pathlib import Path

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.findings.boards import Boards
from similarity.findings.compose.compare import ReadPicture
from similarity.findings.compose.page import compose_page
from similarity.findings.content import Content
from similarity.findings.finding import Finding
from similarity.findings.fingerprint import compute_finding_fingerprint
from similarity.findings.link import Link
from similarity.pictures.read import read_picture as decode
from similarity.pictures.thumbnails import make_thumbnail

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def keep_page(
    catalogue: Catalogue,
    link: Link,
    board: str,
    read_picture: ReadPicture,
    title: str = "",
    note: str = "",
) -> Finding:
    """Keep what a page shows on a board, and return the finding.

    Without a `title`, it is what the page concludes. Raises SimilarityError if the page can't be
    shown, or if the finding can't be saved.
    """
    content = compose_page(catalogue, link, read_picture)
    methods = [grid.method for grid in content.grids] or catalogue.methods
    finding = Finding(
        0,
        board,
        title or content.title,
        note,
        link,
        content,
        compute_finding_fingerprint(catalogue, methods),
        get_version(),
        time.time(),
    )
    boards = Boards(catalogue.folder)
    number = boards.add(finding, read_pictures(catalogue, content, read_picture))
    return boards.get_finding(number)


@cache
def get_version() -> str:
    """Return the version of this product."""
    return str(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"])


def read_pictures(
    catalogue: Catalogue,
    content: Content,
    read_picture: ReadPicture,
    present: Collection[str] = (),
) -> dict[str, bytes]:
    """Return the thumbnails of what is shown, without those that are already `present`.

    Those that can't be read are left out, too.
    """
    pictures = {}
    for name in content.list_products():
        if name in present:
            continue
        with suppress(SimilarityError):
            if name in catalogue.products.index:
                pictures[name] = catalogue.read_thumbnail(name)
            else:
                pictures[name] = make_thumbnail(decode(read_picture(name)))
    return pictures
