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

from precompute.names import slug
from precompute.progress import Steps, finish, say
from precompute.train.pictures import Pictures, gather
from similarity.errors import Remedy, SimilarityError, reason_of
from similarity.methods import RESERVED
from similarity.methods.simclr import STRIDE
from similarity.methods.trained import FOLDER, KEY, SUFFIX

DESCRIPTION = """\
Train an embedding on your own pictures. The file that is written becomes a method of its own when
it lies in assets/weights/, or is given by `python -m precompute --weights NAME=FILE`.

  simclr   learns from the pictures alone, without any label (SimCLR, Chen et al. 2020)
  lit      teaches a packaged picture network to answer words (LiT, Zhai et al. 2022), from
           captions where the pictures have them, else from their attributes

simclr trains on a CUDA GPU if there is one, else on the processor, and in bf16 where its units
compute it: others emulate it, several times slower than full precision.

Ctrl-C is safe: the same command goes on where it stopped. Nothing that exists is overwritten.
"""

EXAMPLES = """\
examples:
  python -m precompute.train simclr --catalogue ~/shop/pictures --minutes 60
  python -m precompute.train lit --catalogue shop --catalogue demo
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code: 0, 1 for an error, 130 after Ctrl-C."""
    console = Console(stderr=True)
    options = parser().parse_args(arguments)
    return finish(console, lambda: run(options, console))


def parser() -> argparse.ArgumentParser:
    """The options and their help."""
    formatter = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser(
        "python -m precompute.train",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=formatter,
    )
    kinds = made.add_subparsers(dest="kind", required=True, metavar="simclr|lit")
    simclr = kinds.add_parser("simclr", help="from pictures alone")
    lit = kinds.add_parser("lit", help="from pictures and words")
    for kind in (simclr, lit):
        kind.formatter_class = argparse.ArgumentDefaultsHelpFormatter
        kind.add_argument(
            "--catalogue",
            action="append",
            required=True,
            metavar="NAME|FOLDER",
            help="a built catalogue, or a folder of pictures; may be given several times",
        )
        kind.add_argument(
            "--out",
            type=Path,
            metavar="FILE",
            help=f"the file to write (default: assets/weights/KIND_CATALOGUE{SUFFIX})",
        )
        kind.add_argument(
            "--batch", type=int, default=128 if kind is simclr else 512, help="pictures a step"
        )
        kind.add_argument(
            "--licence", default="that of whoever trained it", help="of the weights, as shown"
        )
    until = simclr.add_mutually_exclusive_group()
    until.add_argument("--minutes", type=float, default=30, help="how long to train")
    until.add_argument(
        "--epochs",
        type=int,
        help="how long instead, in rounds through all pictures; 0 gives an untrained network to "
        "compare with",
    )
    lit.add_argument("--epochs", type=int, default=80, help="rounds through all pictures")
    simclr.add_argument("--side", type=int, default=80, help="pixels of a view")
    return made


def run(options: argparse.Namespace, console: Console) -> int:
    """Train what the options ask for. Raises SimilarityError, OSError, KeyboardInterrupt."""
    out = options.out or default_out(options.kind, options.catalogue)
    work = out.with_name(f".{out.stem}.run")
    check(options, out, work)
    with Steps(console) as step:
        pictures = gather(options.catalogue, work, lambda d, t: step("Finding pictures", d, t))
        for path, reason in pictures.skipped:
            say(console, f"Skipped {path}: {reason}")
        if options.kind == "simclr":
            with needed_packages():
                from precompute.train import simclr

            minutes = options.minutes if options.epochs is None else None
            settings = simclr.Settings(minutes, options.epochs, options.batch, options.side)
            same_run(work, asdict(settings) | {"network": simclr.method.ARCHITECTURE}, pictures)
            simclr.train(pictures, out, work, settings, options.licence, step)
        else:
            with needed_packages():
                from precompute.train import lit

            of_lit = lit.Settings(options.epochs, options.batch)
            same_run(work, asdict(of_lit) | {"glosses": lit.glosses()}, pictures)
            lit.train(pictures, out, work, of_lit, options.licence, step)
    shutil.rmtree(work, ignore_errors=True)
    say(console, f"Written: {out} ({out.stat().st_size / 1e6:.1f} MB)")
    return 0


@contextmanager
def needed_packages() -> Iterator[None]:
    """Turn the failure of an import inside into a SimilarityError that names the package."""
    try:
        yield
    except ImportError as error:
        raise SimilarityError(
            f"Training needs a package that can't be imported here ({reason_of(error)}).",
            Remedy("install"),
        ) from error


def check(options: argparse.Namespace, out: Path, work: Path) -> None:
    """Raises SimilarityError for names and numbers that can't be, before any work is done."""
    if not KEY.fullmatch(out.stem) or out.suffix != SUFFIX or out.stem in RESERVED:
        raise SimilarityError(
            f"'{out}' can't be a method: give --out a name like my_method{SUFFIX}, in a-z, 0-9, "
            "'_', '-', of 32 at most."
        )
    if out.exists():
        raise SimilarityError(f"'{out}' exists: delete it, or choose another name by --out.")
    curve = out.with_suffix(".csv")
    if curve.exists() and not work.exists():
        raise SimilarityError(
            f"'{curve}', where the curve would go, exists: delete it, or choose another --out."
        )
    if (options.epochs or 0) < 0 or options.batch < 2:
        raise SimilarityError("Give --epochs of at least 0 and --batch of at least 2.")
    if options.kind == "simclr" and not 0 < options.minutes < inf:
        raise SimilarityError("Give --minutes of more than 0.")
    if options.kind == "simclr" and options.side < STRIDE:
        raise SimilarityError(f"Give --side of at least {STRIDE}.")


def default_out(kind: str, catalogues: list[str]) -> Path:
    """Among the methods, named after what it is trained on: lit_shop.safetensors."""
    return FOLDER / ("_".join([kind, *(slug(Path(given)) for given in catalogues)]) + SUFFIX)


def same_run(work: Path, settings: dict[str, Any], pictures: Pictures) -> None:
    """Raises SimilarityError if an unfinished run in `work` had other settings or products."""
    products = hashlib.sha256(pictures.products.to_csv().encode()).hexdigest()
    here = json.dumps(settings | {"products": products})
    note = work / "settings.json"
    if note.exists() and note.read_text() != here:
        raise SimilarityError(
            f"'{work}' holds an unfinished run with other settings, pictures or words: "
            "run it with its own, or delete that folder."
        )
    work.mkdir(parents=True, exist_ok=True)
    note.write_text(here)


if __name__ == "__main__":
    sys.exit(main())
