"""`python -m precompute handover CATALOGUE --method M --to FOLDER`: what production runs."""

import argparse
from pathlib import Path

from rich.console import Console

from precompute.progress import Steps, print_line
from similarity.catalogues import open_catalogue
from similarity.decisions.question import Question
from similarity.handover.folder import write_handover
from similarity.handover.networks import list_obstacles

DESCRIPTION = """\
Write a folder that production can run without this project: the decision with its figures, the
vectors of all products, loaders for FAISS, Qdrant, OpenSearch, pgvector and Milvus, code that
embeds new pictures and words, and a check that repeats stored searches.
"""

EXAMPLES = """\
examples:
  python -m precompute handover demo --method lit --to lit-for-production
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    options_parser = argparse.ArgumentParser(
        "python -m precompute handover",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options_parser.add_argument("name", help="a catalogue's name, or the folder of a built one")
    options_parser.add_argument("--method", required=True, metavar="M", help="the method to deploy")
    options_parser.add_argument(
        "--to", type=Path, required=True, metavar="FOLDER", help="a new or an empty folder"
    )
    return options_parser


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the folder, and say what to do with it. Raises SimilarityError, OSError."""
    catalogue = open_catalogue(options.name)
    with Steps(console) as steps:
        folder = write_handover(catalogue, options.method, options.to, Question(), steps)
    for obstacle in list_obstacles(catalogue.resolve_method(options.method)):
        print_line(console, f"Without its network: {obstacle}.", "yellow")
    print_line(console, f"Wrote {folder}. Its README.md says how to run it.")
    return 0
