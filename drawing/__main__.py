"""`python -m drawing assets/demo.zip`: draw the demo."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from drawing import write_demo, write_digikala
from precompute.progress import Steps, run_command

LAYOUTS = {"demo": write_demo, "digikala": write_digikala}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        "python -m drawing", description="Draw the demo's products, to build from or share."
    )
    parser.add_argument("place", type=Path, metavar="PATH", help="where to")
    parser.add_argument(
        "--layout",
        choices=LAYOUTS,
        default="demo",
        help="a zip archive with a folder for every kind, and metadata.csv (default); or, as the "
        "article's data, with a folder for every colour",
    )
    options = parser.parse_args(arguments)
    console = Console(stderr=True)

    def draw() -> int:
        with Steps(console) as step:
            write = LAYOUTS[options.layout]
            write(options.place, progress=lambda d, t: step("Drawing products", d, t))
        return 0

    return run_command(console, draw)


if __name__ == "__main__":
    sys.exit(main())
