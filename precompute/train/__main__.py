"""The command line of training."""

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from math import inf
from pathlib import Path
from typing import Any

from rich.console import Console

from precompute.progress import Steps, print_line, run_command
from precompute.train.captions import load_glosses
from precompute.train.pictures import Pictures, gather_pictures
from similarity.errors import Remedy, SimilarityError, get_reason
from similarity.methods import RESERVED
from similarity.methods.candidate import KEY
from similarity.methods.simclr import STRIDE
from similarity.methods.trained_files import FOLDER, SUFFIX
from similarity.store.paths import make_name, parse_path

DESCRIPTION = """\
Train an embedding on your own pictures. The written file becomes a method when it is in
assets/weights/, or when it is passed to `python -m precompute --weights NAME=FILE`.

  simclr   learns from pictures alone, without labels (SimCLR, Chen et al. 2020)
  lit      teaches a packaged picture network to answer texts (LiT, Zhai et al. 2022), from
           captions if the pictures have them, or from their attributes

simclr trains on a CUDA GPU if there is one, otherwise on the processor, and in bf16 if the hardware
supports it; emulating bf16 would be several times slower than full precision.

Ctrl-C is safe: the same command resumes. Existing files are never overwritten.
"""

EXAMPLES = """\
examples:
  python -m precompute.train simclr --catalogue ~/shop/pictures --minutes 60
  python -m precompute.train lit --catalogue shop --catalogue demo
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code: 0, 1 for an error, 130 after Ctrl-C."""
    console = Console(stderr=True)
    options = make_parser().parse_args(arguments)
    return run_command(console, lambda: run(options, console))


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    formatter = argparse.RawDescriptionHelpFormatter
    options_parser = argparse.ArgumentParser(
        "python -m precompute.train",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=formatter,
    )
    kinds = options_parser.add_subparsers(dest="kind", required=True, metavar="simclr|lit")
    simclr = kinds.add_parser("simclr", help="from pictures alone")
    lit = kinds.add_parser("lit", help="from pictures and words")
    for kind in (simclr, lit):
        kind.formatter_class = argparse.ArgumentDefaultsHelpFormatter
        kind.add_argument(
            "--catalogue",
            action="append",
            required=True,
            metavar="NAME|FOLDER",
            help="a built catalogue, or a folder of pictures; may be repeated",
        )
        kind.add_argument(
            "--out",
            type=parse_path,
            metavar="FILE",
            help=f"the file to write (default: assets/weights/KIND_CATALOGUE{SUFFIX})",
        )
        kind.add_argument(
            "--batch", type=int, default=128 if kind is simclr else 512, help="pictures per step"
        )
        kind.add_argument(
            "--licence", default="as chosen by the trainer", help="of the weights, shown in the app"
        )
    duration = simclr.add_mutually_exclusive_group()
    duration.add_argument("--minutes", type=float, default=30, help="how long to train")
    duration.add_argument(
        "--epochs",
        type=int,
        help="passes through all pictures, instead of --minutes; 0 writes an untrained network for "
        "comparison",
    )
    lit.add_argument("--epochs", type=int, default=80, help="passes through all pictures")
    simclr.add_argument("--side", type=int, default=80, help="pixels of a view")
    return options_parser


def run(options: argparse.Namespace, console: Console) -> int:
    """Train what the options request. Raises SimilarityError, OSError, KeyboardInterrupt."""
    out = options.out or make_default_output(options.kind, options.catalogue)
    work = out.with_name(f".{out.stem}.run")
    validate_options(options, out, work)
    with Steps(console) as step:
        pictures = gather_pictures(
            options.catalogue, work, lambda done, total: step("Finding pictures", done, total)
        )
        for path, reason in pictures.skipped:
            print_line(console, f"Skipped {path}: {reason}")
        if options.kind == "simclr":
            with translate_import_errors():
                from precompute.train import simclr

            minutes = options.minutes if options.epochs is None else None
            settings = simclr.Settings(minutes, options.epochs, options.batch, options.side)
            require_same_run(
                work, asdict(settings) | {"network": simclr.method.ARCHITECTURE}, pictures
            )
            simclr.train(pictures, out, work, settings, options.licence, step)
        else:
            with translate_import_errors():
                from precompute.train import lit

            lit_settings = lit.Settings(options.epochs, options.batch)
            require_same_run(work, asdict(lit_settings) | {"glosses": load_glosses()}, pictures)
            lit.train(pictures, out, work, lit_settings, options.licence, step)
    shutil.rmtree(work, ignore_errors=True)
    print_line(console, f"Written: {out} ({out.stat().st_size / 1e6:.1f} MB)")
    return 0


@contextmanager
def translate_import_errors() -> Iterator[None]:
    """Translate an import error inside to a SimilarityError that names the package."""
    try:
        yield
    except ImportError as error:
        raise SimilarityError(
            f"Training needs a package that can't be imported here ({get_reason(error)}).",
            Remedy("install"),
        ) from error


def validate_options(options: argparse.Namespace, out: Path, work: Path) -> None:
    """Raise SimilarityError for invalid names and numbers, before any work is done."""
    if not KEY.fullmatch(out.stem) or out.suffix != SUFFIX or out.stem in RESERVED:
        raise SimilarityError(
            f"'{out}' can't be a method. Give --out a name like my_method{SUFFIX}, with up to 32 "
            "of a-z, 0-9, '_' and '-'."
        )
    if out.exists():
        raise SimilarityError(f"'{out}' exists. Delete it, or choose another name with --out.")
    curve = out.with_suffix(".csv")
    if curve.exists() and not work.exists():
        raise SimilarityError(
            f"'{curve}', the file of the curve, exists. Delete it, or choose another --out."
        )
    if (options.epochs or 0) < 0 or options.batch < 2:
        raise SimilarityError("Give --epochs of at least 0 and --batch of at least 2.")
    if options.kind == "simclr" and not 0 < options.minutes < inf:
        raise SimilarityError("Give --minutes of more than 0.")
    if options.kind == "simclr" and options.side < STRIDE:
        raise SimilarityError(f"Give --side of at least {STRIDE}.")


def make_default_output(kind: str, catalogues: list[str]) -> Path:
    """Return a path among the trained methods, named after the pictures: lit_shop.safetensors."""
    return FOLDER / (
        "_".join(
            [
                kind,
                *(
                    make_name((parse_path(catalogue) or Path()).resolve().name)
                    for catalogue in catalogues
                ),
            ]
        )
        + SUFFIX
    )


def require_same_run(work: Path, settings: dict[str, Any], pictures: Pictures) -> None:
    """Raise SimilarityError if an unfinished run in `work` had other settings or products."""
    products = hashlib.sha256(pictures.products.to_csv().encode()).hexdigest()
    current = json.dumps(settings | {"products": products})
    settings_file = work / "settings.json"
    if settings_file.exists() and settings_file.read_text() != current:
        raise SimilarityError(
            f"'{work}' has an unfinished run with other settings, pictures or texts. "
            "Repeat its command, or delete that folder."
        )
    work.mkdir(parents=True, exist_ok=True)
    settings_file.write_text(current)


if __name__ == "__main__":
    sys.exit(main())
