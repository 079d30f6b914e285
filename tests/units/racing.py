"""Run `python -m tests.units.racing NAME`: what several threads do first in a process, at once.

Prints as JSON what failed in the race of a method, or of everything.
"""

import ast
import importlib
import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from similarity.embedding import embed_pictures, embed_texts, preprocess
from similarity.inference import prepare_inputs
from similarity.methods import METHODS, Method

HEAVY = {"torch", "transformers", "timm", "open_clip", "openvino"}
PAGES = Path(__file__).parents[2] / "pages"
THREADS = 8
LATER = 0.02  # s after the one before, as decoders come: an import takes longer
EVERYTHING = "everything"  # the race of what is not one method's


def race(uses: Sequence[Callable[[], object]]) -> list[str]:
    """The exceptions of threads that each use something, one a little later than the other."""
    together, wrong = threading.Barrier(len(uses)), []

    def begin(number: int, use: Callable[[], object]) -> None:
        together.wait()
        time.sleep(number * LATER)
        try:
            use()
        except Exception as error:
            wrong.append(repr(error))

    threads = [threading.Thread(target=begin, args=each) for each in enumerate(uses)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def prepare(method: Method, number: int) -> None:
    """Prepare a picture that differs from those of other threads."""
    picture = Image.new("RGB", (40 + number, 60), (number, 0, 0))
    if method.backbone:
        prepare_inputs(method.backbone, [picture])
    preprocess(method, [picture])


def race_of(method: Method) -> list[str]:
    """What went wrong as threads prepared pictures: exceptions, and imports by more than one."""
    importers = set()

    def note(event: str, _: Any) -> None:
        if event == "import":
            importers.add(threading.get_ident())

    sys.addaudithook(note)
    wrong = race([partial(prepare, method, number) for number in range(THREADS)])
    if len(importers) > 1:
        wrong.append(f"{len(importers)} threads imported something")
    return wrong


def race_of_everything() -> list[str]:
    """What went wrong as visitors opened all pages of a fresh server and used all methods."""
    importlib.import_module("app")  # what a server imports as it starts
    from similarity.indexes.milvus import database
    from similarity.ui.learn import explain

    picture = Image.new("RGB", (60, 50), "red")
    uses: list[Callable[[], object]] = [partial(open_page, page) for page in PAGES.glob("*.py")]
    uses += [database._load_pymilvus]
    uses += [partial(explain.make_views, METHODS["simclr_small"], picture, 1)]
    uses += [partial(explain.load_networks, METHODS["simclr_small"])]
    uses += [partial(explain.compute_classifier_outputs, [picture])]
    for method in METHODS.values():
        if method.published:
            uses.append(partial(prepare, method, 0))
            continue
        uses.append(partial(embed_pictures, method, [picture]))
        if method.answers_text:
            uses.append(partial(embed_texts, method, ["a hat"]))
    return race(uses)


def open_page(page: Path) -> None:
    """Import what a page does."""
    source = ast.parse(page.read_text(encoding="utf-8"))
    source.body = [line for line in source.body if isinstance(line, ast.Import | ast.ImportFrom)]
    exec(compile(source, page, "exec"), {})


if __name__ == "__main__":
    early = HEAVY & sys.modules.keys()
    assert not early, f"{early} would hide what is looked for"
    (name,) = sys.argv[1:]
    print(json.dumps(race_of_everything() if name == EVERYTHING else race_of(METHODS[name])))
