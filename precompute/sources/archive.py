"""Pictures in a zip archive that is here: the demo's, or one that a user has."""

import errno
import hashlib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from precompute.progress import Steps, print_line
from precompute.sources.base import Source
from precompute.sources.files import open_files
from similarity.errors import SimilarityError
from similarity.store.publish import remove

# Names that a file system refuses: too long, taken by a name in other letter case, or of characters
# that it doesn't have.
REFUSED = (errno.ENAMETOOLONG, errno.EEXIST, errno.EINVAL, errno.EILSEQ)


@dataclass(frozen=True)
class Archive(Source):
    """A zip archive at `place`. If all of it is in one folder, that folder is left out."""

    place: Path

    def prepare(
        self, folder: Path, local_source: Path | None, console: Console
    ) -> Callable[[], None]:
        if local_source:
            raise SimilarityError(f"The pictures of '{self.key}' are here. Leave --from out.")

        def unpack() -> None:
            work = folder.with_name(folder.name + ".part")
            remove(work)
            with open_files(self.place) as files, Steps(console) as step:
                first = files.paths[0].partition("/")[0] + "/" if files.paths else ""
                wrapper = first if all(path.startswith(first) for path in files.paths) else ""
                for done, path in enumerate(files.paths, 1):
                    try:
                        files.copy(path, work / path.removeprefix(wrapper))
                    except OSError as error:
                        if error.errno not in REFUSED:
                            raise
                        print_line(console, f"{path} is skipped: {error.strerror}.")
                    step("Unpacking", done, len(files.paths))
            if not work.exists():
                raise SimilarityError(f"'{self.place}' has no files.")
            remove(folder)
            work.rename(folder)

        return unpack


def find_archive(path: Path) -> Archive:
    """Return a user's archive, whose version is the hash of its content.

    Raises SimilarityError if the file is no zip archive.
    """
    if not zipfile.is_zipfile(path):
        raise SimilarityError(
            f"'{path}' is neither a folder nor a zip archive. Unpack it, and give the folder."
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:12]
    return Archive(key=path.name, version=digest, about="", place=path)
