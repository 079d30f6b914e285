"""The options of `python -m precompute`, and their help."""

import argparse
from pathlib import Path

from precompute.sources import SOURCES
from similarity.errors import SimilarityError
from similarity.indexes.approximate.build import RECALL
from similarity.indexes.milvus.database import TOKEN
from similarity.methods import METHODS

DESCRIPTION = """\
Build a catalogue for the app: read the pictures, make thumbnails, embed every picture by every
method, write one FAISS index a method. The app can search it from then on; what is measured of it
follows, stage by stage.

A catalogue is one that has a name, of which the demo is drawn by the project itself and the others
are fetched; or any folder of pictures, nested or not (./demo, if it is called as one of these). The
name of a picture's folder is its category; one that lies in no folder of its own has none. A
metadata.csv or metadata.parquet in the folder may add attributes: its column 'path' is relative to
the folder, 'caption' is the product's text, every other column is an attribute.

Pictures that can't be read are skipped and listed with the reason in skipped.csv. A method that
fails is reported and the others are built; the exit status is then 1. Ctrl-C is safe: the same
command goes on where it stopped. Run it again after adding or removing pictures: only new ones are
embedded.
"""

EXAMPLES = """\
examples:
  python -m precompute                                  the demo, every method
  python -m precompute --catalogue digikala             the article's data, from Kaggle
  python -m precompute --catalogue clothing --from clothing.zip      an archive that is here
  python -m precompute --catalogue ~/shop/pictures      a folder of pictures
  python -m precompute --catalogue ~/shop/pictures --name shop --methods efficientnet,conse
  python -m precompute --catalogue ~/shop/pictures --index milvus    keep its vectors in Milvus
  python -m precompute check shop                       read every file of a built catalogue
  python -m precompute fetch resnet50 simclr clip       get weights that their authors publish
"""


def parser() -> argparse.ArgumentParser:
    """The options and their help."""
    made = argparse.ArgumentParser(
        "python -m precompute",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--catalogue",
        default="demo",
        metavar="NAME|FOLDER",
        help="what to build from, the demo if left out: "
        + "".join(f"{source.key} ({source.about}), " for source in SOURCES.values())
        + "or any folder",
    )
    made.add_argument(
        "--from",
        dest="archive",
        type=lambda given: Path(given).expanduser(),
        metavar="PATH",
        help="a zip archive, or a folder, of the named catalogue that is here already: nothing is "
        "fetched then",
    )
    made.add_argument("--name", help="the catalogue's name in the app (default: the folder's name)")
    made.add_argument(
        "--methods",
        metavar="a,b",
        help=f"methods to build, of: {', '.join(METHODS)} (default: all whose weights are here)",
    )
    made.add_argument(
        "--weights",
        action="append",
        default=[],
        metavar="METHOD=PATH",
        help="a copy of a method's published weights, which the catalogue remembers (no PATH: "
        "those that fetch got again); or a file that python -m precompute.train wrote: it is "
        "copied to assets/weights/ and is a method of that name from now on",
    )
    effort = made.add_mutually_exclusive_group()
    effort.add_argument(
        "--recall",
        type=share,
        default=RECALL,
        metavar="0.99",
        help="where comparing every product would take over 10 ms, the share of the exact top 10 "
        "that a search is to find; what it does find is measured, and shown",
    )
    effort.add_argument(
        "--exact",
        dest="recall",
        action="store_const",
        const=1.0,
        help="compare every product, whatever it takes: as --recall 1",
    )
    made.add_argument(
        "--precision",
        choices=("fp32", "bf16"),
        default="fp32",
        help="in which networks compute: fp32 repeats the published result; bf16 takes half the "
        "time where the processor has units for it, and changes answers. Vectors of the other "
        "are embedded again (default: fp32)",
    )
    made.add_argument(
        "--index",
        choices=("faiss", "milvus"),
        help="where vectors are kept and searched: in files beside the catalogue, or in Milvus "
        "(default: where those of the catalogue are now; of a new one faiss)",
    )
    made.add_argument(
        "--milvus-uri",
        metavar="PATH|URI",
        help="a folder for Milvus Lite, which runs inside of whatever command opens it (default: "
        f"milvus.db in the catalogue's folder), or a server, http://HOST:19530, its token in "
        f"{TOKEN}",
    )
    made.add_argument(
        "--to",
        type=Path,
        metavar="FOLDER",
        help="the folder that holds the built catalogues, one folder each (default: "
        "$SIMILARITY_CATALOGUES, or assets/catalogues of the project)",
    )
    return made


def split(keys: str) -> list[str]:
    """The keys in a comma-separated list, each once. Raises SimilarityError if there is none."""
    found = list(dict.fromkeys(key.strip() for key in keys.split(",") if key.strip()))
    if not found:
        raise SimilarityError(f"--methods names none: choose from {', '.join(METHODS)}.")
    return found


def share(given: str) -> float:
    """A share above one half; raises ArgumentTypeError for anything else."""
    try:
        found = float(given)
        if 0.5 <= found <= 1:
            return found
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"'{given}' is no share from 0.5 to 1")
