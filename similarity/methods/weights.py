"""Weights that their authors publish: where they lie, what they are, and methods bound to them.

Nothing here downloads: `python -m precompute fetch` does. The files are searched for in the cache
of the library that owns them, or in a copy that a user names. They are read as tensors, and as
vocabularies in JSON or plain text: nothing in them can name code that is then run.
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from similarity.errors import Remedy, SimilarityError, reason_of
from similarity.methods.base import Embedder, File, Files, Method, Published, Weights
from similarity.store.sums import file_hash

LARGEST = 4_000_000_000  # bytes of one file


def bind(method: Method, copy: str = "", pictures_by: Method | None = None) -> Method:
    """The method with the weights that lie there now, which its revision tells from any others.

    `pictures_by` is what `method.pictures_by` was bound to. Raises SimilarityError that says what
    is lacking.
    """
    files = find(method, copy)
    if not copy and method.published:
        for file in method.published.files:
            if not is_intact(file, files[file.name]):
                raise SimilarityError(f"'{files[file.name]}' is not what its authors published")
    return bound(method, Weights(copy, hash_of(files)), pictures_by)


def bound(method: Method, weights: Weights, pictures_by: Method | None = None) -> Method:
    """The method with these weights. They are searched for, and have to be these, as it loads."""
    made_of = [weights] + ([pictures_by.at] if pictures_by else [])
    hashes, told = "-".join(each.sha256[:16] for each in made_of if each), method.weights
    network = method.published.module if method.published else None
    if weights.copy:  # nobody vouches for it, so the page must not
        told = (
            f"A copy that was named by hand (SHA-256 {weights.sha256[:16]}…), not compared with "
            f"what its authors publish, which is this: {told}"
        )
    return replace(
        method,
        weights=told,
        revision=f"{method.revision}-{hashes}",
        load=partial(_load, method, weights),
        backbone=method.backbone
        and replace(
            method.backbone,
            key=f"{method.backbone.key}-{weights.sha256[:16]}",
            module=partial(_opened, method, weights, network),
        ),
        at=weights,
        pictures_by=pictures_by,
    )


def _load(method: Method, weights: Weights) -> Embedder:
    assert method.published is not None
    return _opened(method, weights, method.published.open)


def _opened(method: Method, weights: Weights, opening: Callable[[Files], Any] | None) -> Any:
    """What is made of these weights, which have to be there still."""
    assert method.published is not None
    assert opening is not None, f"{method.key} has a network"
    try:
        files = find(method, weights.copy)
    except SimilarityError as error:
        raise SimilarityError(
            f"The weights that the index of {method.title} was made with are gone: {error}.",
            Remedy("fetch", methods=(method.key,)),
        ) from error
    place = files[method.published.files[0].name]
    if hash_of(files) != weights.sha256:
        raise SimilarityError(
            f"The index of {method.title} was made with other weights than '{place}'."
        )
    try:
        return opening(files)
    except Exception as error:  # torch and safetensors raise many kinds on foreign weights
        raise SimilarityError(
            f"The weights of {method.title} in '{place}' can't be used: {reason_of(error)}.",
            Remedy("refetch", methods=(method.key,)),
        ) from error


def find(method: Method, copy: str = "") -> Files:
    """The files of a method's weights, in a copy that a user names or in the library's cache.

    Raises SimilarityError that names the file if one is not there.
    """
    assert method.published is not None, f"{method.key} has its weights with it"
    try:
        return _find(method, method.published, copy)
    except (OSError, ValueError) as error:  # a path without access, too long, or with a zero byte
        raise SimilarityError(f"'{copy}' can't be read ({error})") from error


def _find(method: Method, published: Published, copy: str) -> Files:
    found = {}
    for file in published.files:
        names = (file.name, *file.others)
        place = next(filter(None, (_place(published, name, copy) for name in names)), None)
        if place is None:
            raise SimilarityError(
                f"there is no {file.name} of {method.title} in '{copy}'"
                if copy
                else f"no weights of {method.title} here"
            )
        status = place.stat()
        if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size <= LARGEST:
            raise SimilarityError(f"'{place}' is no file of {method.title}")
        found[file.name] = place
    return found


def _place(published: Published, name: str, copy: str) -> Path | None:
    if not copy:
        place = cached(published, name)
        return place if place and place.exists() else None
    root = Path(copy).expanduser()
    if root.is_file():  # a method of a single file, whatever its name
        return root if len(published.files) == 1 else None
    folders = {PurePosixPath(file.name).parent for file in published.files}
    inner = [PurePosixPath(name).name] if len(folders) == 1 else []  # the inner folder was named
    return next((root / each for each in (name, *inner) if (root / each).exists()), None)


def cached(published: Published, name: str) -> Path | None:
    """Where the owning library keeps a published file, there or not; None if only it could say."""
    if published.is_address:
        # as torch.hub.get_dir() says, without the seconds that importing torch takes
        caches = os.environ.get("XDG_CACHE_HOME", "~/.cache")
        home = Path(os.environ.get("TORCH_HOME", f"{caches}/torch")).expanduser()
        return home / "hub" / "checkpoints" / name
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(published.place, name, revision=published.revision)
    return Path(found) if isinstance(found, str) else None


def is_intact(file: File, path: Path) -> bool:
    """Whether a file is the published one, as far as its hash is known.

    The hub's cache names the content of large files by their SHA-256 and of small ones by git's
    hash, as the hub gave them for the pinned revision.
    """
    content = path.resolve()
    expected = file.sha256 or content.name
    if re.fullmatch("[0-9a-f]{64}", expected):
        return file_hash(content) == expected
    if re.fullmatch("[0-9a-f]{40}", expected):
        stored = content.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(stored) + stored).hexdigest() == expected
    return True


def hash_of(files: Files) -> str:
    """One hash for all files, by their names and contents."""
    lines = [f"{file_hash(path)}  {name}\n" for name, path in sorted(files.items())]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
