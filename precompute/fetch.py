"""`python -m precompute fetch`: download the weights that a method's authors publish."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from precompute import network
from precompute.progress import Steps, megabytes_of, say
from similarity.commands import PRECOMPUTE
from similarity.errors import SimilarityError, reason_of
from similarity.methods import METHODS, Method, bind, find_method
from similarity.methods.base import File, Published
from similarity.methods.weights import cached, find, is_intact

BY_HAND = f"bring the files by hand and name them: {PRECOMPUTE} --weights METHOD=PATH"


def parser() -> argparse.ArgumentParser:
    """The options and their help."""
    able = ", ".join(f"{m.key} ({megabytes(m)})" for m in METHODS.values() if m.published)
    made = argparse.ArgumentParser(
        "python -m precompute fetch",
        description="Download the weights that a method's authors publish into the cache of the "
        "library that owns them, and verify them. Everything else then runs without a network. "
        "Ctrl-C is safe: the same command goes on where it stopped.",
    )
    made.add_argument("methods", nargs="+", metavar="METHOD", help=f"of: {able}")
    return made


def run(options: argparse.Namespace, console: Console) -> int:
    """Fetch what is lacking and tell where everything lies. Raises SimilarityError, OSError."""
    methods = wanted(options.methods, console)
    lacking = [method for method in methods if not is_there(method)]
    hosts = {host_of(method.published) for method in lacking if method.published}
    network.reach(hosts, otherwise=BY_HAND)
    for method in methods:
        assert method.published is not None
        if method in lacking:
            say(console, f"Fetching {method.title} ({megabytes(method)})")
            for file in method.published.files:
                download(method.published, file, console)
            try_out(method)
        places = find(method).values()
        size = sum(place.stat().st_size for place in places)
        said = "fetched" if method in lacking else "is here already"
        say(console, f"{method.title} {said}, {size / 1e6:,.1f} MB: {next(iter(places)).parent}")
    return 0


def wanted(keys: Sequence[str], console: Console) -> list[Method]:
    """The methods of these keys that have published weights, and those whose pictures they need."""
    found: dict[str, Method] = {}
    for key in keys:
        method = find_method(key)
        if method.published is None:
            say(console, f"{method.title} needs no fetching: its weights come with the product.")
            continue
        for each in filter(None, (method.pictures_by, method)):
            found[each.key] = each
    return list(found.values())


def megabytes(method: Method) -> str:
    """How much a method has to fetch."""
    size = method.published.size if method.published else 0
    return f"{size / 1e6:,.0f} MB" if size else "size not stated"


def is_there(method: Method) -> bool:
    """Whether a method's weights lie in their library's cache, whole and as published."""
    try:
        bind(method)
    except SimilarityError:
        return False
    return True


def host_of(published: Published) -> str:
    """The address whose answer tells that a download can begin."""
    return published.place if published.is_address else hub()


def hub() -> str:
    """The hub's address."""
    from huggingface_hub import constants

    return constants.ENDPOINT


def download(published: Published, file: File, console: Console) -> None:
    """Get one file into its cache. Raises SimilarityError; nothing unverified stays there."""
    from huggingface_hub.errors import GatedRepoError

    try:
        if published.is_address:
            _from_address(published, file, console)
        else:
            _from_hub(published, file)
    except SimilarityError:
        raise
    except GatedRepoError as error:
        raise SimilarityError(
            f"{published.place} is given to those alone who accepted its licence. Open "
            f"{published.gate or hub() + '/' + published.place}, log in, read and accept it there; "
            "some are answered at once, some within days. Then log in here, hf auth login, with a "
            "token of that account, and run the same command again."
        ) from error
    except Exception as error:  # what httpx, requests and the hub's client raise is a wide range
        raise SimilarityError(
            f"{file.name} could not be fetched: {reason_of(error)}. Run the same command again: it "
            "goes on where it stopped."
        ) from error


def _from_hub(published: Published, file: File) -> None:
    from huggingface_hub import hf_hub_download

    for attempt in ("kept", "new"):
        path = Path(
            hf_hub_download(
                published.place,
                file.name,
                revision=published.revision,
                endpoint=hub(),
                force_download=attempt == "new",
            )
        )
        if is_intact(file, path):
            return
        # A former run may have left it, so it is fetched once more before anybody is blamed.
        path.resolve().unlink()
        path.unlink(missing_ok=True)
    raise _wrong(file)


def _from_address(published: Published, file: File, console: Console) -> None:
    place = cached(published, file.name)
    assert place is not None
    unverified = place.with_name(place.name + ".unverified")
    with Steps(console) as step:
        network.download(published.place + file.name, unverified, megabytes_of(file.name, step))
    if not is_intact(file, unverified):
        unverified.unlink()
        raise _wrong(file)
    unverified.replace(place)


def _wrong(file: File) -> SimilarityError:
    return SimilarityError(
        f"{file.name} is not what its authors published, and was deleted: the server or something "
        "on the way to it sent other bytes. Try again later, or from another network."
    )


def try_out(method: Method) -> None:
    """Load what was fetched. Raises SimilarityError, and deletes it, if it is of no use."""
    assert method.published is not None
    files = find(method)
    try:
        method.published.open(files)
    except Exception as error:  # torch and safetensors raise many kinds on foreign weights
        for place in files.values():
            place.resolve().unlink(missing_ok=True)
            place.unlink(missing_ok=True)
        raise SimilarityError(
            f"What was fetched for {method.title} can't be used, and was deleted: "
            f"{reason_of(error)}"
        ) from error
