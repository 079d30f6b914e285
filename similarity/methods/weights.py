"""Weights that their authors publish: finding them, verifying them and binding methods to them.

Nothing here downloads; `python -m precompute fetch` does. Files are looked up in the cache of the
library that owns them, or in a copy that a user names. They are read as tensors, and as
vocabularies in JSON or plain text, so nothing in them can run code.
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

from similarity.errors import Remedy, SimilarityError, get_reason
from similarity.methods.base import Embedder, File, Files, Method, Published, Weights
from similarity.store.paths import parse_path
from similarity.store.sums import compute_file_hash

MAX_BYTES = 4_000_000_000  # of one file


def bind_available_weights(
    method: Method, copy: str = "", pictures_by: Method | None = None
) -> Method:
    """Bind a method to the weights that are available now; its revision identifies them.

    `pictures_by` is the bound `method.pictures_by`. Raises SimilarityError that says what is
    missing.
    """
    files = find_files(method, copy)
    if not copy and method.published:
        for file in method.published.files:
            if not is_intact(file, files[file.name]):
                raise SimilarityError(f"'{files[file.name]}' is not the published file")
    return bind_weights(method, Weights(copy, compute_weights_hash(files)), pictures_by)


def bind_weights(method: Method, weights: Weights, pictures_by: Method | None = None) -> Method:
    """Bind a method to weights, which are looked up and verified when the method loads."""
    all_weights = [weights] + ([pictures_by.bound_weights] if pictures_by else [])
    hashes, description = "-".join(item.sha256[:16] for item in all_weights if item), method.weights
    build_module = method.published.build_module if method.published else None
    build_texts = method.published.build_texts if method.published else None
    if weights.copy:  # nobody has verified it, so the page must say so
        description = (
            f"A copy provided by the user (SHA-256 {weights.sha256[:16]}…), not verified against "
            f"the published weights: {description}"
        )
    return replace(
        method,
        weights=description,
        revision=f"{method.revision}-{hashes}",
        load=partial(_load, method, weights),
        backbone=method.backbone
        and replace(
            method.backbone,
            key=f"{method.backbone.key}-{weights.sha256[:16]}",
            build_module=partial(_load_from_files, method, weights, build_module),
        ),
        build_texts=partial(_load_from_files, method, weights, build_texts)
        if build_texts
        else None,
        bound_weights=weights,
        pictures_by=pictures_by,
    )


def _load(method: Method, weights: Weights) -> Embedder:
    assert method.published is not None
    return _load_from_files(method, weights, method.published.load_embedder)


def _load_from_files(method: Method, weights: Weights, load: Callable[[Files], Any] | None) -> Any:
    """Load something from these weights.

    Raises SimilarityError if they are gone or have changed.
    """
    assert method.published is not None
    assert load is not None, f"{method.key} has a network"
    try:
        files = find_files(method, weights.copy)
    except SimilarityError as error:
        raise SimilarityError(
            f"The weights that the index of {method.title} was built with are missing: {error}.",
            Remedy("fetch", methods=(method.key,)),
        ) from error
    path = files[method.published.files[0].name]
    if compute_weights_hash(files) != weights.sha256:
        raise SimilarityError(
            f"The index of {method.title} was built with other weights than '{path}'."
        )
    try:
        return load(files)
    except Exception as error:  # torch and safetensors may raise anything on damaged weights
        raise SimilarityError(
            f"The weights of {method.title} in '{path}' can't be used: {get_reason(error)}.",
            Remedy("refetch", methods=(method.key,)),
        ) from error


def find_files(method: Method, copy: str = "") -> Files:
    """Return the files of a method's weights, in a user's copy or in the library's cache.

    Raises SimilarityError that names a missing file.
    """
    assert method.published is not None, f"{method.key} has no published weights"
    try:
        return _find_each(method, method.published, copy)
    except (OSError, ValueError) as error:  # a path without access, too long, or with a null byte
        raise SimilarityError(f"'{copy}' can't be read ({error})") from error


def _find_each(method: Method, published: Published, copy: str) -> Files:
    files = {}
    for file in published.files:
        names = (file.name, *file.alternative_names)
        path = next(filter(None, (_find_file(published, name, copy) for name in names)), None)
        if path is None:
            raise SimilarityError(
                f"there is no {file.name} of {method.title} in '{copy}'"
                if copy
                else f"no weights of {method.title} here"
            )
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size <= MAX_BYTES:
            raise SimilarityError(f"'{path}' is not a file of {method.title}")
        files[file.name] = path
    return files


def _find_file(published: Published, name: str, copy: str) -> Path | None:
    if not copy:
        path = find_cached_file(published, name)
        return path if path and path.exists() else None
    root = parse_path(copy) or Path()
    if root.is_file():  # a method with a single file, whatever its name
        return root if len(published.files) == 1 else None
    folders = {PurePosixPath(file.name).parent for file in published.files}
    inner = [PurePosixPath(name).name] if len(folders) == 1 else []  # the inner folder was named
    return next(
        (root / candidate for candidate in (name, *inner) if (root / candidate).exists()), None
    )


def find_cached_file(published: Published, name: str) -> Path | None:
    """Return where the owning library caches a published file, or None if it isn't cached."""
    if published.is_url:
        # equals torch.hub.get_dir(), without importing torch, which takes seconds
        caches = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        home = parse_path(os.environ.get("TORCH_HOME")) or Path(caches, "torch").expanduser()
        return home / "hub" / "checkpoints" / name
    from huggingface_hub import try_to_load_from_cache

    cached_path = try_to_load_from_cache(published.location, name, revision=published.revision)
    return Path(cached_path) if isinstance(cached_path, str) else None


def is_intact(file: File, path: Path) -> bool:
    """Return whether a file is the published one, as far as its hash is known.

    The hub's cache names large files by their SHA-256 and small ones by git's hash, as stated by
    the hub for the pinned revision.
    """
    content = path.resolve()
    expected = file.sha256 or content.name
    if re.fullmatch("[0-9a-f]{64}", expected):
        return compute_file_hash(content) == expected
    if re.fullmatch("[0-9a-f]{40}", expected):
        data = content.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest() == expected
    return True


def compute_weights_hash(files: Files) -> str:
    """Return one hash for all files, from their names and contents."""
    lines = [f"{compute_file_hash(path)}  {name}\n" for name, path in sorted(files.items())]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
