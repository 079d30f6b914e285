"""`python -m precompute judge CATALOGUE`: import judgments and clicks, and export judgments."""

import argparse
import hashlib
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path

from rich.console import Console

from precompute.judgments.clicks import ClickLog, is_click_log
from precompute.judgments.export import export_files
from precompute.judgments.names import Names
from precompute.judgments.records import Problems, Record, count_lines, read_records
from precompute.judgments.table import COLUMNS, read_judgments
from precompute.progress import Steps, print_line
from similarity.catalogue import Catalogue
from similarity.catalogues import open_catalogue
from similarity.errors import SimilarityError
from similarity.judgments.evidence import Judged, select_present
from similarity.judgments.judgment import EVIDENCE, QUERY_KINDS, Clicks, Judgment
from similarity.judgments.store import Judgments, Source

STEP = 1000  # records between updates of the progress
DESCRIPTION = """\
Keep judgments beside a catalogue: which products are good results for which queries. The page
Accuracy then compares methods by them. They outlive builds.
"""

EXAMPLES = """\
examples:
  python -m precompute judge shop --import judgments.csv
      a table (CSV, TSV, Parquet, JSON lines) with the columns query, product and grade, and maybe
      judge, judged (a time) and note; or TREC's judgments (any other ending)
  python -m precompute judge shop --import queries.jsonl events.jsonl
      a log of searches and clicks in the format of User Behavior Insights
  python -m precompute judge shop --export FOLDER
      TREC's files of the judgments and of what each method finds, for ir_measures or trec_eval
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    options_parser = argparse.ArgumentParser(
        "python -m precompute judge",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options_parser.add_argument("name", help="a catalogue's name, or the folder of a built one")
    options_parser.add_argument(
        "--import",
        dest="files",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help="judgments or clicks to add, all of them or none. A query is a product's id or path, "
        "the path of a picture beside the file, or else a text; a grade is 0 (wrong) to 3",
    )
    options_parser.add_argument(
        "--allow-unmatched",
        action="store_true",
        help="leave out what names products that the catalogue doesn't have",
    )
    options_parser.add_argument(
        "--export", type=Path, metavar="FOLDER", help="write TREC's files into this folder"
    )
    return options_parser


def run(options: argparse.Namespace, console: Console) -> int:
    """Import, export, and say what there is. Raises SimilarityError, OSError."""
    catalogue = open_catalogue(options.name)
    judgments = Judgments(catalogue.folder)
    if options.files:
        import_files(catalogue, options.files, options.allow_unmatched, console)
    if options.export:
        export_files(catalogue, options.export, console)
    for source in judgments.list_sources():
        print_line(console, f"From {source.name}, {datetime.fromtimestamp(source.added):%d %b %Y}.")
    for evidence in EVIDENCE:
        judged = select_present(judgments.read_grades(evidence), catalogue.products.index)
        print_line(console, describe(evidence, judged))
    return 0


def import_files(
    catalogue: Catalogue, paths: list[Path], allow_unmatched: bool, console: Console
) -> None:
    """Add what is in the files to a catalogue's judgments, all or nothing.

    Raises SimilarityError that names the lines that can't be used.
    """
    digests = []
    for path in paths:
        try:
            with path.open("rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise SimilarityError(f"{path} can't be read: {error.strerror or error}.") from error
    judged: list[Judgment] = []
    log = ClickLog()
    has_log = False
    unknown = []
    with Steps(console) as steps:
        names = [Names(catalogue, path.parent) for path in paths]
        for path, file_names in zip(paths, names, strict=True):
            problems, unknown_of_file = Problems(path), Problems(path)
            unknown.append(unknown_of_file)
            records, is_log = _look_at(_count(read_records(path), path, steps), path)
            if is_log:
                has_log = True
                log.read(records, problems)
            else:
                judged += read_judgments(records, file_names, problems, unknown_of_file)
            if problems.count:
                raise SimilarityError(
                    f"{path.name} can't be imported: {problems.describe()}. Nothing was imported."
                )
        clicks = log.count(names[0], unknown[0]) if has_log else []
    for each in unknown:
        if each.count and not allow_unmatched:
            raise SimilarityError(
                f"{each.path.name} names what isn't in '{catalogue.name}': {each.describe()}. "
                "Nothing was imported. Correct it, or leave these out with --allow-unmatched."
            )
        if each.count:
            print_line(console, f"Left out of {each.path.name}: {each.describe()}.", "yellow")
    if not judged and not clicks:
        raise SimilarityError("There is nothing to import in these files.")
    pictures = {key: picture for each in names for key, picture in each.pictures.items()}
    Judgments(catalogue.folder).add(
        Source(
            ", ".join(path.name for path in paths),
            hashlib.sha256(b"".join(sorted(digests))).hexdigest(),
        ),
        judged,
        clicks,
        pictures,
    )
    print_line(console, _describe_import(judged, clicks))


def _count(
    records: Iterator[tuple[str, Record]], path: Path, steps: Steps
) -> Iterator[tuple[str, Record]]:
    """Show how many records were read, of about as many as there are lines."""
    total = count_lines(path)
    for number, record in enumerate(records, 1):
        if number % STEP == 0:
            steps(f"Reading {path.name}", number, max(total, number))
        yield record


def _look_at(
    records: Iterator[tuple[str, Record]], path: Path
) -> tuple[Iterator[tuple[str, Record]], bool]:
    """Return the records, and whether they are a log's. Raises SimilarityError for others."""
    first = next(records, None)
    if first is None:
        raise SimilarityError(f"{path} is empty.")
    record = first[1]
    if not is_click_log(record) and (missing := [c for c in COLUMNS if c not in record]):
        raise SimilarityError(
            f"{path} is neither a list of judgments nor a log of UBI: it has no "
            f"'{missing[0]}'. Judgments have the columns {', '.join(COLUMNS)}; see --help."
        )
    return chain([first], records), is_click_log(record)


def _describe_import(judged: list[Judgment], clicks: list[Clicks]) -> str:
    parts = []
    if judged:
        pairs = {(each.query, each.product, each.judge) for each in judged}
        parts.append(f"{len(judged):,} judgments")
        if again := len(judged) - len(pairs):
            parts.append(
                f"{again:,} of them of a pair that its judge graded again: the last counts"
            )
    if clicks:
        click_count, impressions = sum(c.clicks for c in clicks), sum(c.impressions for c in clicks)
        parts.append(f"{click_count:,} clicks on {impressions:,} results")
    return f"Imported {'; '.join(parts)}."


def describe(evidence: str, judged: Judged) -> str:
    """Return what there is of a kind of evidence."""
    kinds = judged.count_kinds()
    queries = ", ".join(f"{kinds[kind]:,} by {kind}" for kind in QUERY_KINDS if kinds[kind])
    source = "people" if evidence == "people" else "clicks, which are biased"
    sentence = f"Judged by {source}: {judged.judgments:,} pairs"
    if judged.grades:
        sentence += f" of {len(judged.grades):,} queries ({queries})"
    counts = (
        (judged.gone_products, "product", "products"),
        (judged.gone_queries, "query", "queries"),
    )
    if names := [
        f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count
    ]:
        sentence += f". Gone from the catalogue, and left out: {' and '.join(names)}"
    return f"{sentence}."
