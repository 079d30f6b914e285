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
from precompute.build import build, validate_folders
from precompute.location import choose_milvus_address
from precompute.names import make_name
from precompute.options import make_parser, split_keys
from precompute.priority import lower_priority
from precompute.progress import Steps, print_line, run_command
from precompute.report import print_failures, print_metadata, print_summary
from precompute.scan import take_inventory
from precompute.sources import SOURCES
from precompute.stages import publish_stages
from precompute.walk import METADATA
from precompute.weights import bind_methods, parse_weights
from similarity.errors import SimilarityError
from similarity.methods import METHODS, REFUSED_WEIGHTS, find_method
from similarity.store.paths import NAME, find_source, get_catalogues_folder
from similarity.store.publish import lock_catalogue


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code: 0, 1 if anything failed, 130 after Ctrl-C."""
    console = Console(stderr=True)
    has_own_process = arguments is None
    arguments = sys.argv[1:] if arguments is None else arguments
    for name, command in {"check": check, "fetch": fetch}.items():
        if arguments[:1] == [name]:
            options = command.make_parser().parse_args(arguments[1:])
            return run_command(console, partial(command.run, options, console))
    options = make_parser().parse_args(arguments)
    return run_command(console, lambda: run(options, console, has_own_process))


def run(options: argparse.Namespace, console: Console, has_own_process: bool = False) -> int:
    """Build what the options request, and report the result. Raises SimilarityError, OSError.

    A process of its own gives priority to others once the catalogue can be searched.
    """
    started = time.perf_counter()
    weights_by_method = parse_weights(options.weights)
    for reason in REFUSED_WEIGHTS:
        print_line(console, f"Not a method: {reason}", "yellow")
    keys = list(METHODS) if options.methods is None else split_keys(options.methods)
    methods = [find_method(key) for key in keys]
    root = options.to or get_catalogues_folder()
    named_source = SOURCES.get(options.catalogue)
    if options.archive and not named_source:
        raise SimilarityError(
            f"'{options.catalogue}' is a folder. --from is for {', '.join(SOURCES)}."
        )
    name = options.name
    if name is None:
        name = named_source.key if named_source else make_name(Path(options.catalogue))
    if not NAME.fullmatch(name):
        raise SimilarityError(
            f"'{name}' can't be a catalogue's name. Use up to 64 of a-z, 0-9, '-' and '_'."
        )
    folder = root / name
    source = Path(options.catalogue).expanduser()
    if named_source:
        source = folder / f"pictures-{named_source.version}"
    source_name = named_source.key if named_source else str(source.resolve())
    if options.name is None:
        check_same_source(folder, source_name)

    if not named_source:
        validate_folders(source, folder)
    required = weights_by_method.keys() if options.methods is None else set(keys)
    methods, skipped = bind_methods(methods, required, weights_by_method, folder)
    unpack = None
    if named_source and (options.archive or not (source / METADATA[0]).exists()):
        unpack = named_source.prepare(source, options.archive, console)
    with lock_catalogue(folder) as lock:
        milvus_address = choose_milvus_address(options.index, options.milvus_uri, folder)
        if unpack:
            unpack()
        inventory = take_inventory(source, options.allow_unmatched)
        print_metadata(console, inventory.metadata)
        with Steps(console) as steps:
            result = build(
                inventory,
                source_name,
                folder,
                methods,
                Announcer(steps, lock),
                options.recall,
                milvus_address,
                options.precision,
                allow_loss=options.allow_loss or named_source is not None,
            )
        if named_source:
            remove_old_pictures(source)
        print_summary(console, folder, result, skipped, time.perf_counter() - started)
        if has_own_process:
            lower_priority()
        with Steps(console) as steps:
            seconds = publish_stages(folder, source, result, Announcer(steps, lock))
    times = ", ".join(f"{name} {duration:.0f} s" for name, duration in seconds.items())
    print_line(console, f"Measured: {times}.")
    print_failures(console, result.failures)
    return 1 if result.failures.causes else 0


def remove_old_pictures(source: Path) -> None:
    """Remove pictures that earlier versions of a named catalogue left."""
    for old_folder in source.parent.glob("pictures-*"):
        if old_folder != source and old_folder.name.removeprefix("pictures-").isdecimal():
            shutil.rmtree(old_folder)


def check_same_source(folder: Path, source_name: str) -> None:
    """Raise SimilarityError if a catalogue of other pictures has this name."""
    present_source = find_source(folder)
    if present_source is not None and present_source != source_name:
        raise SimilarityError(
            f"The catalogue '{folder.name}' was built from '{present_source}'. "
            "Choose another name with --name, or repeat this one with --name to replace it."
        )


if __name__ == "__main__":
    sys.exit(main())
