"""`python -m precompute fetch`: download the weights that a method's authors publish."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from precompute import network
from precompute.fetch_model import explain_download_errors, fetch_model
from precompute.progress import Steps, count_megabytes, print_line
from similarity.candidates.specification import is_specification, parse_specification
from similarity.commands import PRECOMPUTE
from similarity.errors import SimilarityError, get_reason
from similarity.methods import METHODS, Method, bind_available_weights, find_method
from similarity.methods.base import File, Published
from similarity.methods.weights import find_cached_file, find_files, is_intact

OFFLINE_REMEDY = f"copy the files by hand and name them: {PRECOMPUTE} --weights METHOD=PATH"


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    available = ", ".join(
        f"{method.key} ({format_size(method)})" for method in METHODS.values() if method.published
    )
    options_parser = argparse.ArgumentParser(
        "python -m precompute fetch",
        description="Download the weights that a method's authors publish into the cache of the "
        "library that owns them, and verify them. Everything else then runs without a network. "
        "Ctrl-C is safe: the same command resumes.",
    )
    options_parser.add_argument(
        "methods",
        nargs="+",
        metavar="METHOD",
        help=f"of: {available}; or a model of your own as timm:MODEL, open_clip:NETWORK/DATA, "
        "st:MODEL or hf:MODEL, with @COMMIT for another than the newest",
    )
    return options_parser


def run(options: argparse.Namespace, console: Console) -> int:
    """Fetch missing weights and report where all of them are. Raises SimilarityError, OSError."""
    specifications = [
        parse_specification(text) for text in options.methods if is_specification(text)
    ]
    keys = [text for text in options.methods if not is_specification(text)]
    methods = select_methods(keys, console)
    missing = [method for method in methods if not is_fetched(method)]
    hosts = {get_host(method.published) for method in missing if method.published}
    hosts |= {get_hub() for _ in specifications}
    network.require_hosts(hosts, remedy=OFFLINE_REMEDY)
    for method in methods:
        assert method.published is not None
        if method in missing:
            print_line(console, f"Fetching {method.title} ({format_size(method)})")
            for file in method.published.files:
                download(method.published, file, console)
            test_weights(method)
        paths = find_files(method).values()
        size = sum(place.stat().st_size for place in paths)
        status = "fetched" if method in missing else "was already fetched"
        print_line(
            console, f"{method.title} {status}, {size / 1e6:,.1f} MB: {next(iter(paths)).parent}"
        )
    for specification in specifications:
        fetch_model(specification, get_hub(), console)
    return 0


def select_methods(keys: Sequence[str], console: Console) -> list[Method]:
    """Return the methods that have published weights, and those whose pictures they use."""
    selected: dict[str, Method] = {}
    for key in keys:
        method = find_method(key)
        if method.published is None:
            print_line(
                console, f"{method.title} needs no download: its weights are part of the product."
            )
            continue
        for owner in filter(None, (method.pictures_by, method)):
            selected[owner.key] = owner
    return list(selected.values())


def format_size(method: Method) -> str:
    """Return the size of a method's download."""
    size = method.published.size if method.published else 0
    return f"{size / 1e6:,.0f} MB" if size else "size not stated"


def is_fetched(method: Method) -> bool:
    """Return whether a method's weights are in their library's cache, complete and unchanged."""
    try:
        bind_available_weights(method)
    except SimilarityError:
        return False
    return True


def get_host(published: Published) -> str:
    """Return the URL that must answer before a download starts."""
    return published.location if published.is_url else get_hub()


def get_hub() -> str:
    """Return the hub's URL."""
    from huggingface_hub import constants

    return constants.ENDPOINT


def download(published: Published, file: File, console: Console) -> None:
    """Download a file into its cache, and verify it. Raises SimilarityError."""
    page = published.licence_page or f"{get_hub()}/{published.location}"
    with explain_download_errors(file.name, published.location, page):
        if published.is_url:
            _download_from_url(published, file, console)
        else:
            _download_from_hub(published, file)


def _download_from_hub(published: Published, file: File) -> None:
    from huggingface_hub import hf_hub_download

    for attempt in ("kept", "new"):
        path = Path(
            hf_hub_download(
                published.location,
                file.name,
                revision=published.revision,
                endpoint=get_hub(),
                force_download=attempt == "new",
            )
        )
        if is_intact(file, path):
            return
        # An earlier run may have left it, so it is downloaded once more.
        path.resolve().unlink()
        path.unlink(missing_ok=True)
    raise _make_mismatch_error(file)


def _download_from_url(published: Published, file: File, console: Console) -> None:
    target = find_cached_file(published, file.name)
    assert target is not None
    unverified = target.with_name(target.name + ".unverified")
    with Steps(console) as step:
        network.download(
            published.location + file.name, unverified, count_megabytes(file.name, step)
        )
    if not is_intact(file, unverified):
        unverified.unlink()
        raise _make_mismatch_error(file)
    unverified.replace(target)


def _make_mismatch_error(file: File) -> SimilarityError:
    return SimilarityError(
        f"{file.name} didn't match the published file and was deleted: the server or something "
        "on the way sent other bytes. Try again later, or from another network."
    )


def test_weights(method: Method) -> None:
    """Load fetched weights. Raises SimilarityError, and deletes them, if that fails."""
    assert method.published is not None
    files = find_files(method)
    try:
        method.published.load_embedder(files)
    except Exception as error:  # torch and safetensors may raise anything on damaged weights
        for path in files.values():
            path.resolve().unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        raise SimilarityError(
            f"The fetched weights of {method.title} can't be used and were deleted: "
            f"{get_reason(error)}"
        ) from error
