"""The demo: drawn by the project itself."""

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from precompute.demo import VERSION, write_demo
from precompute.progress import Steps
from precompute.sources.base import Source
from similarity.errors import SimilarityError


class Demo(Source):
    """Drawings, which need no network."""

    def prepare(self, folder: Path, given: Path | None, console: Console) -> Callable[[], None]:
        if given:
            raise SimilarityError("The demo is drawn, not taken --from anywhere: leave that out.")

        def draw() -> None:
            with Steps(console) as step:
                write_demo(folder, progress=lambda d, t: step("Drawing products", d, t))

        return draw


DEMO = Demo(key="demo", version=VERSION, about="drawn here")
