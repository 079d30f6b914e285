"""`python -m precompute report CATALOGUE --board NAME`: write a board's findings as one file."""

import argparse
import time
from datetime import datetime
from pathlib import Path

from rich.console import Console

from precompute.progress import print_line
from similarity.catalogues import open_catalogue
from similarity.findings.finding import DEFAULT_BOARD
from similarity.findings.report.html import write_report
from similarity.store.files import write_atomically
from similarity.store.paths import make_name

DESCRIPTION = """\
Write the findings of a board, which people keep in the app, as one HTML file. It needs nothing
else: pictures and charts are inside, and it loads nothing and runs no code.
"""

EXAMPLES = """\
examples:
  python -m precompute report demo
      the board "Findings" of the demo, into demo-findings.html
  python -m precompute report shop --board "For Monday" --out monday.html
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    options_parser = argparse.ArgumentParser(
        "python -m precompute report",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options_parser.add_argument("name", help="a catalogue's name, or the folder of a built one")
    options_parser.add_argument(
        "--board", default=DEFAULT_BOARD, metavar="NAME", help=f"{DEFAULT_BOARD} by default"
    )
    options_parser.add_argument(
        "--out", type=Path, metavar="FILE", help="CATALOGUE-BOARD.html by default"
    )
    return options_parser


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the report, and say where. Raises SimilarityError, OSError."""
    started = time.perf_counter()
    catalogue = open_catalogue(options.name)
    report = write_report(catalogue, options.board, datetime.now()).encode()
    path = options.out or Path(f"{catalogue.name}-{make_name(options.board)}.html")
    write_atomically(path, report)
    seconds = time.perf_counter() - started
    print_line(console, f"Wrote {path}: {len(report) / 1e6:.1f} MB in {seconds:.0f} s.")
    return 0
