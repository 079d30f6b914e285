"""Eight threads prepare the first pictures of a process at once: `python -m tests.units.racing`
tells as JSON what went wrong, by method.

Each method has a process of its own, forked from one that has imported no library of networks.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from PIL import Image

from similarity.inference import seen
from similarity.methods import METHODS, Method
from similarity.search import prepared

THREADS = 8
LATER = 0.02  # s after the one before, as decoders come: an import takes longer
AT_ONCE = 2  # processes


def race(method: Method) -> list[str]:
    """What went wrong: exceptions, and imports by any but one thread."""
    together, wrong, importers = threading.Barrier(THREADS), [], set()

    def note(event: str, _: Any) -> None:
        if event == "import":
            importers.add(threading.get_ident())

    def first(number: int) -> None:
        picture = Image.new("RGB", (40 + number, 60), (number, 0, 0))
        together.wait()
        time.sleep(number * LATER)
        try:
            if method.backbone:
                seen(method.backbone, [picture])
            prepared(method, [picture])
        except Exception as error:
            wrong.append(repr(error))

    threads = [threading.Thread(target=first, args=[number]) for number in range(THREADS)]
    sys.addaudithook(note)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(importers) > 1:
        wrong.append(f"{len(importers)} threads imported something")
    return wrong


def forked(methods: Sequence[Method]) -> dict[str, list[str]]:
    """`race` for each method, in a process of its own."""
    found, running = {}, []
    for number, method in enumerate(methods):
        read, write = os.pipe()
        if not (child := os.fork()):
            with os.fdopen(write, "w") as out:
                json.dump(race(method), out)
            os._exit(0)
        os.close(write)
        running.append((method.key, child, read))
        while len(running) >= AT_ONCE or (running and number == len(methods) - 1):
            key, child, read = running.pop(0)
            with os.fdopen(read) as told:
                found[key] = json.loads(told.read() or '["it told nothing"]')
            os.waitpid(child, 0)
    return found


if __name__ == "__main__":
    early = {"torch", "transformers", "timm", "open_clip", "openvino"} & sys.modules.keys()
    assert not early, f"{early} would hide what is looked for"
    print(json.dumps(forked(list(METHODS.values()))))
