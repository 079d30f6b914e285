"""`python -m precompute replay CATALOGUE --golden FILE`: have the results changed?"""

import argparse
from pathlib import Path

from rich.console import Console

from precompute.progress import print_line
from similarity.catalogues import open_catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.handover.golden import read_golden
from similarity.handover.replay import replay

DESCRIPTION = """\
Ask the golden queries of a handed-over method again, in the catalogue as it is built now: stored
neighbours, and what people judged. Exits with 0, with 1 if the 95 % interval of a change excludes
zero, and with 2 if it can't ask. Meant for a scheduler.
"""

EXAMPLES = """\
examples:
  python -m precompute replay demo --golden lit-for-production/golden.json
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    options_parser = argparse.ArgumentParser(
        "python -m precompute replay",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options_parser.add_argument("name", help="a catalogue's name, or the folder of a built one")
    options_parser.add_argument(
        "--golden", type=Path, required=True, metavar="FILE", help="the golden.json of a handover"
    )
    return options_parser


def run(options: argparse.Namespace, console: Console) -> int:
    """Report the changes, and return the exit code."""
    try:
        golden = read_golden(options.golden)
        catalogue = open_catalogue(options.name)
        changes = replay(catalogue, catalogue.resolve_method(golden.method), golden)
    except (SimilarityError, OSError) as error:  # 1 would say that the results have changed
        print_line(console, f"Error: {explain_error(error)}", "red")
        return 2
    for change in changes:
        print_line(console, change.describe(), "yellow" if change.is_certain else "")
    return 1 if any(change.is_certain for change in changes) else 0
