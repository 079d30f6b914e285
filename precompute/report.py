"""What the terminal shows of a build: what was built, what was not, and what failed."""

from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from precompute.build import Built, MethodResult
from precompute.progress import say
from precompute.weights import LeftOut
from similarity.catalogue import Catalogue, open_catalogue
from similarity.commands import explain_error
from similarity.failures import Failures
from similarity.indexes import AT, VectorIndex
from similarity.indexes.milvus.index import LARGEST, MilvusIndex
from similarity.methods import find_method
from similarity.store.paths import SKIPPED


def summarise(
    console: Console,
    folder: Path,
    built: Built,
    left_out: list[LeftOut],
    seconds: float,
) -> None:
    """Print what was built, what was skipped, and how to see it."""
    catalogue, found, results = open_catalogue(folder), built.scan, built.results
    table = Table(title=f"Catalogue '{folder.name}'", title_justify="left")
    table.add_column("method", no_wrap=True)
    for heading in ("products", "new", "dims", "on disk"):
        table.add_column(heading, justify="right")
    table.add_column("run by")
    for result in results:
        method = result.method
        counts = (result.products, result.embedded, method.dim)
        size = f"{result.size / 1e6:,.1f} MB"
        table.add_row(method.key, *(f"{n:,}" for n in counts), size, result.how)
    console.print(table)
    show_left_out(console, left_out)
    for result in results:
        index = catalogue.index(result.method)
        if not index.exact:
            say(console, approximate(result.method.key, index))
    in_milvus = show_milvus(console, catalogue, results)
    for result in results if in_milvus else ():
        if result.method.dim > LARGEST:
            say(
                console,
                f"{result.method.key} stays in files here: of its {result.method.dim:,} dimensions "
                f"Milvus could hold {LARGEST:,}.",
            )
    if found.skipped:
        listed = catalogue.generation.place / SKIPPED
        say(console, f"Skipped files: {len(found.skipped)}, all listed in {listed}")
        for path, reason in found.skipped[:10]:
            say(console, f"  {path}: {reason}")
    if found.duplicates:
        path, first, _ = found.duplicates[0]
        say(
            console,
            f"{len(found.duplicates)} files have the same content as another and are one product "
            f"with it, such as {path} and {first}: see duplicates.csv.",
        )
    for note in found.notes:
        say(console, note)
    stale = catalogue.stale_methods()
    if stale:
        say(console, f"Not of these products any more, build them too: {', '.join(stale)}.")
    count = f"{len(found.products):,} products"
    say(console, f"{count} can be searched after {seconds:.0f} s: {folder}")


def show_milvus(console: Console, catalogue: Catalogue, results: list[MethodResult]) -> bool:
    """Print where Milvus keeps what was built; returns whether it keeps anything."""
    indexes = {result.method.key: catalogue.index(result.method) for result in results}
    kept = {key: index for key, index in indexes.items() if isinstance(index, MilvusIndex)}
    for key, index in kept.items():
        how = f"{index.type}, {index.probes} of {index.cells} cells" if index.cells else index.type
        say(console, f"{key} is in Milvus at {index.address}: {index.collection} ({how})")
    return bool(kept)


def approximate(key: str, index: VectorIndex) -> str:
    """How much of the exact answer an index finds."""
    told = [
        f"{found.share:.1%} [{found.low:.1%}, {found.high:.1%}] of the exact top {AT} by {kind} "
        f"({found.queries:,} queries)"
        for kind, found in index.recall.items()
    ]
    return f"{key} is searched approximately and finds {', '.join(told)}; --exact compares all."


def show_failures(console: Console, failures: Failures) -> None:
    """Print the methods that failed, each with its cause, and how to go on."""
    for key, cause in failures.causes.items():
        say(console, f"{find_method(key).title} ({key}) failed: {explain_error(cause)}", "red")
    if failures.causes:
        say(console, "Fix this and run the same command again; it resumes.", "red")


def show_left_out(console: Console, left_out: list[LeftOut]) -> None:
    """Print the methods that can't be built here, why, and what helps."""
    if not left_out:
        return
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("not built", no_wrap=True)
    table.add_column("remedy, then this command again", no_wrap=True)
    table.add_column("why")
    for each in left_out:
        table.add_row(*map(Text, (each.method.key, each.remedy, each.why)))
    console.print(table)
