"""The command line of precompute."""

import argparse
import re
import shutil
import sys
import time
from functools import partial
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from precompute import check, fetch
from precompute.announce import Announcer
from precompute.approximate import RECALL
from precompute.build import Built, MethodResult, build, check_places
from precompute.milvus import chosen
from precompute.priority import lower_priority
from precompute.progress import Steps, finish, say
from precompute.scan import METADATA
from precompute.sources import SOURCES
from precompute.stages import publish_stages
from precompute.weights import LeftOut, bound_methods, copies
from similarity.catalogue import Catalogue, open_catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.failures import Failures
from similarity.indexes import AT, VectorIndex
from similarity.indexes.database import TOKEN
from similarity.indexes.milvus import LARGEST, MilvusIndex
from similarity.methods import METHODS, REFUSED_WEIGHTS, find_method
from similarity.store.paths import NAME, SKIPPED, catalogues_folder, source_of
from similarity.store.publish import locked

DESCRIPTION = """\
Build a catalogue for the app: read the pictures, make thumbnails, embed every picture by every
method, write one FAISS index a method. The app can search it from then on; what is measured of it
follows, stage by stage.

A catalogue is one that has a name, of which the demo is drawn by the project itself and the others
are fetched; or any folder of pictures, nested or not (./demo, if it is called as one of these). The
name of a picture's folder is its category; one that lies in no folder of its own has none. A
metadata.csv or metadata.parquet in the folder may add attributes: its column 'path' is relative to
the folder, 'caption' is the product's text, every other column is an attribute.

Pictures that can't be read are skipped and listed with the reason in skipped.csv. A method that
fails is reported and the others are built; the exit status is then 1. Ctrl-C is safe: the same
command goes on where it stopped. Run it again after adding or removing pictures: only new ones are
embedded.
"""

EXAMPLES = """\
examples:
  python -m precompute                                  the demo, every method
  python -m precompute --catalogue digikala             the article's data, from Kaggle
  python -m precompute --catalogue clothing --from clothing.zip      an archive that is here
  python -m precompute --catalogue ~/shop/pictures      a folder of pictures
  python -m precompute --catalogue ~/shop/pictures --name shop --methods efficientnet,conse
  python -m precompute --catalogue ~/shop/pictures --index milvus    keep its vectors in Milvus
  python -m precompute check shop                       read every file of a built catalogue
  python -m precompute fetch resnet50 simclr clip       get weights that their authors publish
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code: 0, 1 if anything failed, 130 after Ctrl-C."""
    console = Console(stderr=True)
    own_process = arguments is None
    arguments = sys.argv[1:] if arguments is None else arguments
    for name, other in {"check": check, "fetch": fetch}.items():
        if arguments[:1] == [name]:
            options = other.parser().parse_args(arguments[1:])
            return finish(console, partial(other.run, options, console))
    options = parser().parse_args(arguments)
    return finish(console, lambda: run(options, console, own_process))


def parser() -> argparse.ArgumentParser:
    """The options and their help."""
    made = argparse.ArgumentParser(
        "python -m precompute",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--catalogue",
        default="demo",
        metavar="NAME|FOLDER",
        help="what to build from, the demo if left out: "
        + "".join(f"{source.key} ({source.about}), " for source in SOURCES.values())
        + "or any folder",
    )
    made.add_argument(
        "--from",
        dest="archive",
        type=lambda given: Path(given).expanduser(),
        metavar="PATH",
        help="a zip archive, or a folder, of the named catalogue that is here already: nothing is "
        "fetched then",
    )
    made.add_argument("--name", help="the catalogue's name in the app (default: the folder's name)")
    made.add_argument(
        "--methods",
        metavar="a,b",
        help=f"methods to build, of: {', '.join(METHODS)} (default: all whose weights are here)",
    )
    made.add_argument(
        "--weights",
        action="append",
        default=[],
        metavar="METHOD=PATH",
        help="a copy of a method's published weights, which the catalogue remembers (no PATH: "
        "those that fetch got again); or a file that python -m precompute.train wrote: it is "
        "copied to assets/weights/ and is a method of that name from now on",
    )
    effort = made.add_mutually_exclusive_group()
    effort.add_argument(
        "--recall",
        type=share,
        default=RECALL,
        metavar="0.99",
        help="where comparing every product would take over 10 ms, the share of the exact top 10 "
        "that a search is to find; what it does find is measured, and shown",
    )
    effort.add_argument(
        "--exact",
        dest="recall",
        action="store_const",
        const=1.0,
        help="compare every product, whatever it takes: as --recall 1",
    )
    made.add_argument(
        "--precision",
        choices=("fp32", "bf16"),
        default="fp32",
        help="in which networks compute: fp32 repeats the published result; bf16 takes half the "
        "time where the processor has units for it, and changes answers. Vectors of the other "
        "are embedded again (default: fp32)",
    )
    made.add_argument(
        "--index",
        choices=("faiss", "milvus"),
        help="where vectors are kept and searched: in files beside the catalogue, or in Milvus "
        "(default: where those of the catalogue are now; of a new one faiss)",
    )
    made.add_argument(
        "--milvus-uri",
        metavar="PATH|URI",
        help="a folder for Milvus Lite, which runs inside of whatever command opens it (default: "
        f"milvus.db in the catalogue's folder), or a server, http://HOST:19530, its token in "
        f"{TOKEN}",
    )
    made.add_argument(
        "--to",
        type=Path,
        metavar="FOLDER",
        help="the folder that holds the built catalogues, one folder each (default: "
        "$SIMILARITY_CATALOGUES, or assets/catalogues of the project)",
    )
    return made


def run(options: argparse.Namespace, console: Console, own_process: bool = False) -> int:
    """Build what the options ask for, tell how it went. Raises SimilarityError, OSError.

    A process of its own leaves the cores to others once the catalogue can be searched.
    """
    started = time.perf_counter()
    given_weights = copies(options.weights)
    for reason in REFUSED_WEIGHTS:
        say(console, f"Not a method: {reason}", "yellow")
    keys = list(METHODS) if options.methods is None else split(options.methods)
    methods = [find_method(key) for key in keys]
    root = options.to or catalogues_folder()
    named = SOURCES.get(options.catalogue)
    if options.archive and not named:
        raise SimilarityError(
            f"'{options.catalogue}' is a folder already: --from is for {', '.join(SOURCES)}."
        )
    name = options.name
    if name is None:
        name = named.key if named else slug(Path(options.catalogue))
    if not NAME.fullmatch(name):
        raise SimilarityError(
            f"'{name}' can't be a catalogue's name: use a-z, 0-9, '-' and '_', 64 at most."
        )
    folder = root / name
    source = Path(options.catalogue).expanduser()
    if named:
        source = folder / f"pictures-{named.version}"
    given = named.key if named else str(source.resolve())
    if options.name is None:
        check_same_source(folder, given)

    if not named:
        check_places(source, folder)
    wanted = given_weights.keys() if options.methods is None else set(keys)
    methods, left_out = bound_methods(methods, wanted, given_weights, folder)
    fill = None
    if named and (options.archive or not (source / METADATA[0]).exists()):
        fill = named.prepare(source, options.archive, console)
    with locked(folder) as lock:
        where = chosen(options.index, options.milvus_uri, folder)
        if fill:
            fill()
        with Steps(console) as steps:
            built = build(
                source,
                given,
                folder,
                methods,
                Announcer(steps, lock),
                options.recall,
                where,
                options.precision,
            )
        if named:
            clear_former_pictures(source)
        summarise(console, folder, built, left_out, time.perf_counter() - started)
        if own_process:
            lower_priority()
        with Steps(console) as steps:
            seconds = publish_stages(folder, source, built, Announcer(steps, lock))
    times = ", ".join(f"{name} {duration:.0f} s" for name, duration in seconds.items())
    say(console, f"Measured: {times}.")
    show_failures(console, built.failures)
    return 1 if built.failures.causes else 0


def clear_former_pictures(source: Path) -> None:
    """Remove what former versions of a named catalogue left beside the present pictures."""
    for place in source.parent.glob("pictures-*"):
        if place != source and place.name.removeprefix("pictures-").isdecimal():
            shutil.rmtree(place)


def split(keys: str) -> list[str]:
    """The keys in a comma-separated list, each once. Raises SimilarityError if there is none."""
    found = list(dict.fromkeys(key.strip() for key in keys.split(",") if key.strip()))
    if not found:
        raise SimilarityError(f"--methods names none: choose from {', '.join(METHODS)}.")
    return found


def share(given: str) -> float:
    """A share above one half; raises ArgumentTypeError for anything else."""
    try:
        found = float(given)
        if 0.5 <= found <= 1:
            return found
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"'{given}' is no share from 0.5 to 1")


def slug(folder: Path) -> str:
    """A catalogue's name made from its folder's."""
    name = re.sub(r"[^a-z0-9_-]+", "-", folder.expanduser().resolve().name.lower()).strip("-_")[:64]
    if not name:
        raise SimilarityError(f"'{folder}' gives no name: choose one by --name, or by --out.")
    return name


def check_same_source(folder: Path, given: str) -> None:
    """Raises SimilarityError if the place is taken by a catalogue of other pictures."""
    there = source_of(folder)
    if there is not None and there != given:
        raise SimilarityError(
            f"The catalogue '{folder.name}' was built from '{there}'. "
            "Choose another name by --name, or give --name to replace it."
        )


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


if __name__ == "__main__":
    sys.exit(main())
