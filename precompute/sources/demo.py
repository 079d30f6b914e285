"""The demo: drawn by the project itself, see the folder `drawing`."""

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from precompute.progress import Steps
from precompute.sources.base import Source
from precompute.sources.files import opened
from similarity.errors import SimilarityError
from similarity.store.publish import remove

ARCHIVE = Path(__file__).parents[2] / "assets" / "demo.zip"


class Demo(Source):
    """Drawings, which need no network."""

    def prepare(self, folder: Path, given: Path | None, console: Console) -> Callable[[], None]:
        if given:
            raise SimilarityError("The demo is drawn, not taken --from anywhere: leave that out.")

        def unpack() -> None:
            work = folder.with_name(folder.name + ".part")
            remove(work)
            with opened(ARCHIVE) as files, Steps(console) as step:
                for done, path in enumerate(files.paths, 1):
                    files.copy(path, work / path)
                    step("Unpacking", done, len(files.paths))
            remove(folder)
            work.rename(folder)

        return unpack


DEMO = Demo(key="demo", version=2, about="drawn for this project")
