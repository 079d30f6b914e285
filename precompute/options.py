"""The options of `python -m precompute`, and their help."""

import argparse

from precompute.sources import SOURCES
from similarity.indexes.approximate.build import RECALL
from similarity.indexes.milvus.database import TOKEN
from similarity.methods import METHODS
from similarity.store.paths import parse_path

DESCRIPTION = """\
Build a catalogue for the app: read the pictures, make thumbnails, embed every picture with every
method, and write one index per method. After that the app can search it; measures follow, stage by
stage.

A catalogue is a named one, of which the demo is part of the project and the others are downloaded,
or any folder or zip archive of pictures, nested or not (./demo if its name is that of a named one).
A picture's category is the name of its folder; pictures directly in the catalogue's folder have
none. A table in the folder, metadata.csv, .tsv, .xlsx, .jsonl or .parquet, can add attributes: its
column 'path' or 'file_name' has the file, 'caption' the product's text, and every other column is
an attribute. The build prints what it took for what.

Pictures that can't be read are skipped and listed with the reason in skipped.csv. If a method
fails, the others are built and the exit status is 1. Ctrl-C is safe: the same command resumes. Run
it again after adding or removing pictures: only new ones are embedded.
"""

EXAMPLES = """\
examples:
  python -m precompute                                  the demo, every method
  python -m precompute --catalogue digikala             the article's data, from Kaggle
  python -m precompute --catalogue clothing --from clothing.zip      an archive that is here
  python -m precompute --catalogue ~/shop/pictures      a folder of pictures
  python -m precompute --catalogue ~/shop/pictures --name shop --methods efficientnet,conse
  python -m precompute --catalogue ~/shop/pictures --index milvus    keep its vectors in Milvus
  python -m precompute --methods clip,mine=timm:./checkpoint,vendor=vectors:vectors.parquet
  python -m precompute check shop                       read every file of a built catalogue
  python -m precompute judge shop --import judgments.csv     keep grades of results
  python -m precompute fetch resnet50 simclr clip       get weights that their authors publish
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    options_parser = argparse.ArgumentParser(
        "python -m precompute",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options_parser.add_argument(
        "--catalogue",
        default="",
        metavar="NAME|FOLDER|ZIP",
        help="what to build from (default: the demo): "
        + "".join(f"{source.key} ({source.about}), " for source in SOURCES.values())
        + "any folder or zip archive of pictures, or a catalogue that is built",
    )
    options_parser.add_argument(
        "--from",
        dest="archive",
        type=parse_path,
        metavar="PATH",
        help="a zip archive or a folder with the pictures of a named catalogue, instead of a "
        "download",
    )
    options_parser.add_argument(
        "--name",
        default="",
        help="the catalogue's name in the app, in any script (default: the folder's name)",
    )
    options_parser.add_argument(
        "--methods",
        metavar="a,b",
        help=f"methods to build (default: all whose weights are here): {', '.join(METHODS)}; and "
        "models of your own as [NAME=]timm:MODEL, open_clip:NETWORK/DATA, st:MODEL, hf:MODEL, each "
        "with ./FOLDER for MODEL, vectors:FILE[,words=METHOD], plugin:NAME or ./FILE.py",
    )
    options_parser.add_argument(
        "--weights",
        action="append",
        default=[],
        metavar="METHOD=PATH",
        help="a copy of a method's published weights, which the catalogue remembers (without PATH: "
        "the fetched ones again); or a file written by python -m precompute.train, which is "
        "copied to assets/weights/ and becomes a method of that name",
    )
    effort = options_parser.add_mutually_exclusive_group()
    effort.add_argument(
        "--recall",
        type=parse_share,
        default=RECALL,
        metavar="0.99",
        help="if comparing every product takes over 10 ms, the share of the exact top 10 that a "
        "search should find; the share that it does find is measured and shown",
    )
    effort.add_argument(
        "--exact",
        dest="recall",
        action="store_const",
        const=1.0,
        help="always compare every product, as --recall 1",
    )
    options_parser.add_argument(
        "--precision",
        choices=("fp32", "bf16"),
        default="fp32",
        help="the precision of networks: fp32 reproduces published results; bf16 takes half the "
        "time on processors that support it, but changes results. Vectors of the other precision "
        "are computed again (default: fp32)",
    )
    options_parser.add_argument(
        "--index",
        choices=("faiss", "milvus"),
        help="where to keep and search vectors: in files of the catalogue, or in Milvus "
        "(default: where the catalogue has them; faiss for a new one)",
    )
    options_parser.add_argument(
        "--milvus-uri",
        metavar="PATH|URI",
        help="a folder for Milvus Lite, which runs inside the command that opens it (default: "
        f"milvus.db in the catalogue's folder), or a server, http://HOST:19530, with its token in "
        f"{TOKEN}",
    )
    options_parser.add_argument(
        "--allow-unmatched",
        action="store_true",
        help="build even if most rows of the table of attributes fit no file",
    )
    options_parser.add_argument(
        "--allow-loss",
        action="store_true",
        help="build even if more than a tenth of the catalogue's products are gone",
    )
    options_parser.add_argument(
        "--to",
        type=parse_path,
        metavar="FOLDER",
        help="the folder that holds the built catalogues, one folder each (default: "
        "$SIMILARITY_CATALOGUES, or assets/catalogues of the project)",
    )
    return options_parser


def parse_share(text: str) -> float:
    """Return a share from 0.5 to 1. Raises ArgumentTypeError for anything else."""
    try:
        value = float(text)
        if 0.5 <= value <= 1:
            return value
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"'{text}' is not a share from 0.5 to 1")
