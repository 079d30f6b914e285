"""Run `python -m tests.demo`: `python -m precompute` with a small demo.

It has a dozen products of each kind, a few of which are measured distorted. Everything else is as
users have it.
"""

import csv
import io
import sys
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

from drawing import KINDS
from drawing.catalogue import TABLE
from precompute.__main__ import main
from precompute.sources import SOURCES
from precompute.sources.demo import DEMO
from similarity.measures.robustness import compute
from similarity.methods import METHODS

PER_KIND = 12  # products, 40 in the real one
PRODUCTS = PER_KIND * len(KINDS)
SAMPLE = 50  # products that are asked for distorted, 100 in the real one
BUILT = [key for key, method in METHODS.items() if not method.published]  # what everybody has


def write_small(place: Path) -> Path:
    """Write an archive with the first products of each kind of the demo; return its path."""
    with zipfile.ZipFile(DEMO.place) as whole, zipfile.ZipFile(place, "w") as small:
        table = list(csv.DictReader(io.StringIO(whole.read(TABLE).decode())))
        by_kind = {kind: [row for row in table if row["category"] == kind] for kind in KINDS}
        selected = [row for rows in by_kind.values() for row in rows[:PER_KIND]]
        for row in selected:
            small.writestr(row["path"], whole.read(row["path"]))
        text = io.StringIO()
        writer = csv.DictWriter(text, list(table[0]))
        writer.writeheader()
        writer.writerows(selected)
        small.writestr(TABLE, text.getvalue())
    return place


if __name__ == "__main__":
    compute.SAMPLE = SAMPLE
    with tempfile.TemporaryDirectory() as folder:
        SOURCES["demo"] = replace(DEMO, place=write_small(Path(folder, "demo.zip")))
        sys.exit(main())
