"""The folder of a handover as one file to download."""

import tempfile
import threading
import zipfile
from pathlib import Path

from similarity.catalogue import Catalogue
from similarity.decisions.question import Question
from similarity.handover.folder import Report, write_handover
from similarity.methods import Method

MAX_BYTES = 200_000_000  # of vectors: larger folders are written by the command
BYTES_PER_NUMBER = 4

_one_at_a_time = threading.Lock()  # whatever many visitors ask for


def is_small(catalogue: Catalogue, method: Method) -> bool:
    """Return whether a browser can download the folder of a method."""
    return len(catalogue.products) * method.dim * BYTES_PER_NUMBER <= MAX_BYTES


def make_archive(catalogue: Catalogue, method: str, question: Question, report: Report) -> bytes:
    """Return the folder that `write_handover` writes as a ZIP file. Raises as it does."""
    name = f"{catalogue.name}-{method}"
    with (
        _one_at_a_time,
        tempfile.TemporaryDirectory() as temporary,
        tempfile.TemporaryFile() as file,
    ):
        folder = write_handover(catalogue, method, Path(temporary) / name, question, report)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in sorted(folder.rglob("*")):
                archive.write(path, path.relative_to(folder.parent))
        file.seek(0)
        return file.read()
