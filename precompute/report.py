"""What the terminal shows of a build: what was built, skipped and failed."""

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from precompute.build import BuildResult, MethodResult
from precompute.metadata import Column, Metadata
from precompute.progress import escape_controls, print_line
from precompute.weights import SkippedMethod
from similarity.catalogue import Catalogue
from similarity.catalogues import open_catalogue
from similarity.commands import explain_error
from similarity.failures import Failures
from similarity.indexes import TOP_K, VectorIndex
from similarity.indexes.milvus.index import MAX_DIM, MilvusIndex
from similarity.methods import METHODS
from similarity.store.paths import SKIPPED
from similarity.store.table import NOTE

MAX_COLUMNS = 30
MAX_EXAMPLE = 40  # characters
MAX_UNBROKEN = 50  # characters of a command that is kept on one line

NO_LOCKS = (
    "This disk has no file locks. A file marks a running build, and the previous version of the "
    "catalogue stays on the disk until the next build, for pages that are open. Reload them before "
    "you build twice."
)


def print_metadata(console: Console, metadata: Metadata) -> None:
    """Print what the columns of the table of attributes were taken for, each with a value."""
    if metadata.title:
        print_line(console, metadata.title)
        print_columns(console, metadata.columns)
    for note in metadata.notes:
        print_line(console, note)


def print_columns(console: Console, columns: Sequence[Column]) -> None:
    """Print the columns of a table of attributes."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("column", "taken as", "example"):
        table.add_column(heading, overflow="ellipsis")
    for column in columns[:MAX_COLUMNS]:
        texts = (column.heading or "(no name)", column.meaning, column.example[:MAX_EXAMPLE])
        table.add_row(*(Text(escape_controls(text)) for text in texts))
    console.print(table)
    if len(columns) > MAX_COLUMNS:
        print_line(console, f"and {len(columns) - MAX_COLUMNS} more columns")


def print_summary(
    console: Console,
    folder: Path,
    build_result: BuildResult,
    skipped: list[SkippedMethod],
    seconds: float,
) -> None:
    """Print what was built, what was skipped, and where the catalogue is."""
    catalogue, scan, results = open_catalogue(folder), build_result.scan, build_result.results
    table = Table(title=f"Catalogue '{folder.name}'", title_justify="left")
    table.add_column("method", no_wrap=True)
    for heading in ("products", "new", "dims", "on disk"):
        table.add_column(heading, justify="right")
    table.add_column("run by")
    for result in results:
        method = result.method
        counts = (result.products, result.embedded, method.dim)
        size = f"{result.size / 1e6:,.1f} MB"
        table.add_row(method.key, *(f"{n:,}" for n in counts), size, result.run_by)
    console.print(table)
    print_skipped(console, skipped)
    for result in results:
        index = catalogue.open_index(result.method)
        if not index.exact:
            print_line(console, describe_recall(result.method.key, index))
    uses_milvus = print_milvus(console, catalogue, results)
    for result in results if uses_milvus else ():
        if result.method.dim > MAX_DIM:
            print_line(
                console,
                f"{result.method.key} stays in local files: it has {result.method.dim:,} "
                f"dimensions, and Milvus supports {MAX_DIM:,}.",
            )
    if scan.skipped:
        list_path = catalogue.generation.folder / SKIPPED
        print_line(console, f"Skipped files: {len(scan.skipped)}, all listed in {list_path}")
        for path, reason in scan.skipped[:10]:
            print_line(console, f"  {path}: {reason}")
    notes = scan.products[NOTE]
    if damaged := notes[notes != ""].to_dict():
        product, note = next(iter(damaged.items()))
        print_line(
            console,
            f"{len(damaged)} pictures are damaged and were read nevertheless, for example "
            f"{scan.products['path'][product]}: {note}.",
        )
    if scan.duplicates:
        path, first, _ = scan.duplicates[0]
        print_line(
            console,
            f"{len(scan.duplicates)} files have the same content as another and share its product, "
            f"for example {path} and {first}; see duplicates.csv.",
        )
    for note in scan.notes:
        print_line(console, note)
    if not catalogue.generation.is_locked:
        print_line(console, NO_LOCKS)
    stale = catalogue.list_stale_methods()
    if stale:
        print_line(
            console,
            f"Out of date because the products have changed; build them again: {', '.join(stale)}.",
        )
    count = f"{len(scan.products):,} products"
    print_line(console, f"{count} can be searched after {seconds:.0f} s: {folder}")


def print_milvus(console: Console, catalogue: Catalogue, results: list[MethodResult]) -> bool:
    """Print where Milvus stores vectors; return whether it stores any."""
    indexes = {result.method.key: catalogue.open_index(result.method) for result in results}
    in_milvus = {key: index for key, index in indexes.items() if isinstance(index, MilvusIndex)}
    for key, index in in_milvus.items():
        search = (
            f"{index.type}, {index.probes} of {index.cells} cells" if index.cells else index.type
        )
        print_line(console, f"{key} is in Milvus at {index.address}: {index.collection} ({search})")
    return bool(in_milvus)


def describe_recall(key: str, index: VectorIndex) -> str:
    """Return how much of the exact results an index finds."""
    recalls = [
        f"{recall.share:.1%} [{recall.low:.1%}, {recall.high:.1%}] of the exact top {TOP_K} by "
        f"{kind} ({recall.queries:,} queries)"
        for kind, recall in index.recall.items()
    ]
    return (
        f"{key} is searched approximately and finds {', '.join(recalls)}. --exact compares all "
        "products."
    )


def print_failures(console: Console, failures: Failures) -> None:
    """Print the methods that failed, with their errors, and how to continue."""
    for key, cause in failures.causes.items():
        print_line(
            console,
            f"{METHODS[key].title} ({key}) failed: {explain_error(cause)}"
            if key in METHODS
            else f"{key} failed: {explain_error(cause)}",
            "red",
        )
    if failures.causes:
        print_line(console, "Fix this and run the same command again; it resumes.", "red")


def print_skipped(console: Console, skipped: list[SkippedMethod]) -> None:
    """Print the methods that can't be built here, with the reasons and remedies."""
    if not skipped:
        return
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("not installed", no_wrap=True)
    is_short = all(len(method_skipped.remedy) <= MAX_UNBROKEN for method_skipped in skipped)
    table.add_column("remedy, then this command again", no_wrap=is_short, overflow="fold")
    table.add_column("why")
    for method_skipped in skipped:
        table.add_row(
            *map(Text, (method_skipped.method.key, method_skipped.remedy, method_skipped.reason))
        )
    console.print(table)
