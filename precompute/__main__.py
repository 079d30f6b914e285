"""The command line of precompute."""

import argparse
import shutil
import sys
import time
from functools import partial
from pathlib import Path

from rich.console import Console

from precompute import check, fetch
from precompute.announce import Announcer
from precompute.build import build, check_places
from precompute.location import chosen
from precompute.names import slug
from precompute.options import parser, split
from precompute.priority import lower_priority
from precompute.progress import Steps, finish, say
from precompute.report import show_failures, summarise
from precompute.sources import SOURCES
from precompute.stages import publish_stages
from precompute.walk import METADATA
from precompute.weights import bound_methods, copies
from similarity.errors import SimilarityError
from similarity.methods import METHODS, REFUSED_WEIGHTS, find_method
from similarity.store.paths import NAME, catalogues_folder, source_of
from similarity.store.publish import locked


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


def check_same_source(folder: Path, given: str) -> None:
    """Raises SimilarityError if the place is taken by a catalogue of other pictures."""
    there = source_of(folder)
    if there is not None and there != given:
        raise SimilarityError(
            f"The catalogue '{folder.name}' was built from '{there}'. "
            "Choose another name by --name, or give --name to replace it."
        )


if __name__ == "__main__":
    sys.exit(main())
