"""The command line of precompute."""

import argparse
import re
import shutil
import sys
import time
from functools import partial
from pathlib import Path

from rich.console import Console

from precompute import board, check, fetch, handover, judge, replay
from precompute.announce import Announcer
from precompute.build import build, validate_folders
from precompute.candidates import prepare_candidates
from precompute.location import choose_milvus_address
from precompute.names import Origin, choose_name, find_origin
from precompute.options import make_parser
from precompute.priority import lower_priority
from precompute.progress import Steps, print_line, run_command
from precompute.report import print_failures, print_metadata, print_summary
from precompute.scan import take_inventory
from precompute.selection import select_methods
from precompute.sources import SOURCES, Source
from precompute.sources.archive import find_archive
from precompute.sources.demo import DEMO
from precompute.stages import publish_stages
from precompute.story import keep_story
from precompute.weights import bind_methods, parse_weights
from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.failures import Failures
from similarity.methods import REFUSED_WEIGHTS, find_method
from similarity.networks import networks
from similarity.store.paths import get_catalogues_folder
from similarity.store.publish import lock_catalogue


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code: 0, 1 if anything failed, 130 after Ctrl-C."""
    console = Console(stderr=True)
    has_own_process = arguments is None
    arguments = sys.argv[1:] if arguments is None else arguments
    commands = {
        "check": check,
        "fetch": fetch,
        "handover": handover,
        "judge": judge,
        "replay": replay,
        "report": board,
    }
    for name, command in commands.items():
        if arguments[:1] == [name]:
            options = command.make_parser().parse_args(arguments[1:])
            return run_command(console, partial(command.run, options, console))
    options = make_parser().parse_args(arguments)
    with networks.lift_limit():
        return run_command(console, lambda: run(options, console, has_own_process))


def run(options: argparse.Namespace, console: Console, has_own_process: bool = False) -> int:
    """Build what the options request, and report the result. Raises SimilarityError, OSError.

    A process of its own gives priority to others once the catalogue can be searched.
    """
    started = time.perf_counter()
    weights_by_method = parse_weights(options.weights)
    for reason in REFUSED_WEIGHTS:
        print_line(console, f"Not a method: {reason}", "yellow")
    root = options.to or get_catalogues_folder()
    origin = find_origin(options.catalogue, root)
    pictures = find_pictures(origin)
    if options.archive and origin.source not in SOURCES:
        raise SimilarityError(
            f"'{options.catalogue}' is a folder or an archive. --from is for {', '.join(SOURCES)}."
        )
    name, title = choose_name(origin, options.name, root)
    folder = root / name
    if pictures:
        source = folder / f"pictures-{pictures.version}"
    else:
        source = origin.path or Path()
        validate_folders(source, folder)
    failures = Failures()
    selection = select_methods(options.methods, folder, failures)
    methods = [find_method(key) for key in selection.keys]
    required = set(selection.keys) if options.methods else weights_by_method.keys()
    methods, skipped = bind_methods(methods, required, weights_by_method, folder)
    with Steps(console) as steps:
        methods += prepare_candidates(selection.specifications, steps, failures)
    if not methods:
        raise failures.make_error()
    unpack = None
    if pictures and (options.archive or not source.exists()):
        unpack = pictures.prepare(source, options.archive, console)
    with lock_catalogue(folder) as lock:
        milvus_address = choose_milvus_address(options.index, options.milvus_uri, folder)
        if unpack:
            unpack()
        inventory = take_inventory(source, options.allow_unmatched)
        print_metadata(console, inventory.metadata)
        with Steps(console) as steps:
            result = build(
                inventory,
                origin.source,
                title,
                folder,
                methods,
                Announcer(steps, lock),
                options.recall,
                milvus_address,
                options.precision,
                allow_loss=options.allow_loss or origin.source in SOURCES,
                failures=failures,
            )
        if pictures:
            remove_old_pictures(source)
        print_summary(
            console, folder, result, [*skipped, *selection.skipped], time.perf_counter() - started
        )
        if has_own_process:
            lower_priority()
        with Steps(console) as steps:
            seconds = publish_stages(folder, source, result, Announcer(steps, lock))
    if origin.source == DEMO.key and (count := keep_story(Catalogue(folder))):
        print_line(console, f"Kept {count} findings to present: see the page Findings.")
    times = ", ".join(f"{name} {duration:.0f} s" for name, duration in seconds.items())
    print_line(console, f"Measured: {times}.")
    print_failures(console, result.failures)
    return 1 if result.failures.causes else 0


def find_pictures(origin: Origin) -> Source | None:
    """Return how to get the pictures of an origin into the catalogue's folder; None for a folder.

    Raises SimilarityError for a file that is no archive.
    """
    if origin.path is None:
        return SOURCES[origin.source]
    return find_archive(origin.path) if origin.path.is_file() else None


def remove_old_pictures(source: Path) -> None:
    """Remove pictures that earlier versions of a catalogue left."""
    for old_folder in source.parent.glob("pictures-*"):
        if old_folder != source and re.fullmatch(r"pictures-[0-9a-f]+", old_folder.name):
            shutil.rmtree(old_folder)


if __name__ == "__main__":
    sys.exit(main())
