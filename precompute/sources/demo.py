"""The demo: pictures drawn by the project, see the folder `drawing`."""

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from precompute.progress import Steps
from precompute.sources.base import Source
from precompute.sources.files import open_files
from similarity.errors import SimilarityError
from similarity.store.publish import remove

ARCHIVE = Path(__file__).parents[2] / "assets" / "demo.zip"


class Demo(Source):
    """Drawings that are part of the project."""

    def prepare(
        self, folder: Path, local_source: Path | None, console: Console
    ) -> Callable[[], None]:
        if local_source:
            raise SimilarityError("The demo is part of the project. Leave --from out.")

        def unpack() -> None:
            work = folder.with_name(folder.name + ".part")
            remove(work)
            with open_files(ARCHIVE) as files, Steps(console) as step:
                for done, path in enumerate(files.paths, 1):
                    files.copy(path, work / path)
                    step("Unpacking", done, len(files.paths))
            remove(folder)
            work.rename(folder)

        return unpack


DEMO = Demo(key="demo", version=2, about="drawn for this project")
