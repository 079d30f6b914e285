"""`python -m similarity search CATALOGUE`: search a built catalogue on the command line."""

import argparse
import json
import sys
from pathlib import Path

from similarity.catalogues import open_catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError

EXAMPLES = """\
examples:
  python -m similarity search demo --method lit --text "red dress"
  python -m similarity search shop --method efficientnet --picture photo.jpg --json
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    options_parser = argparse.ArgumentParser(
        "python -m similarity", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = options_parser.add_subparsers(dest="command", required=True)
    search = commands.add_parser(
        "search",
        help="the products most similar to a text, a picture or a product",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    search.add_argument("name", help="a catalogue's name, or the folder of a built one")
    search.add_argument("--method", required=True, metavar="M", help="the method that searches")
    query = search.add_mutually_exclusive_group(required=True)
    query.add_argument("--text", metavar="WORDS")
    query.add_argument("--picture", type=Path, metavar="FILE")
    query.add_argument("--product", metavar="ID")
    search.add_argument("--k", type=int, default=10, metavar="N", help="10 by default")
    search.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return options_parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code: 0, or 1 if it can't search."""
    options = make_parser().parse_args(arguments)
    try:
        catalogue = open_catalogue(options.name)
        hits = catalogue.search(
            options.method,
            text=options.text,
            image=options.picture,
            product=options.product,
            k=options.k,
        )
    except SimilarityError as error:
        print(explain_error(error), file=sys.stderr)
        return 1
    paths = catalogue.products["path"]
    rows = [
        {"rank": hit.rank, "product": hit.product, "score": hit.score, "path": paths[hit.product]}
        for hit in hits
    ]
    if options.json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
        return 0
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("rank", "product", "score", "path")
    for row in rows:
        cells = (str(row["rank"]), row["product"], f"{row['score']:.4f}", row["path"])
        table.add_row(*(Text(str(cell)) for cell in cells))
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
