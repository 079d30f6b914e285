"""Resolve the methods and open the indexes of one generation, each once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from similarity.errors import Kind, Remedy, SimilarityError, UnavailableError, get_remedies
from similarity.indexes.base import VectorIndex
from similarity.indexes.folder import (
    MANIFEST,
    bind_as_built,
    find_index_folder,
    list_methods,
    open_index,
    read_manifest,
    select_row_files,
)
from similarity.methods import Method, find_method
from similarity.store.generations import Generation


class IndexCache:
    """Opens the indexes of a generation on demand. Safe to share between threads."""

    def __init__(self, generation: Generation, products: str) -> None:
        """Wrap a generation; `products` is the fingerprint that the indexes must have."""
        self._generation, self._products = generation, products
        self._folder = generation.folder.parents[1]
        self.registry = list_methods(generation)  # by key, built or not
        self._indexes: dict[str, VectorIndex] = {}
        self._methods: dict[str, Method] = {}
        self._lock = threading.RLock()

    @property
    def keys(self) -> list[str]:
        """Keys of the methods that have an index, from the oldest family to the newest."""
        paths = self._generation.sums
        folders = {key: find_index_folder(method, paths) for key, method in self.registry.items()}
        return [key for key, folder in folders.items() if f"{folder}/{MANIFEST}" in paths]

    def resolve_method(self, key: str) -> Method:
        """Return a method as this generation uses it, with the weights of its index.

        Raises SimilarityError for an unknown method, and for a method with published weights that
        has no index.
        """
        method = self.registry.get(key) or find_method(key)
        if method.published is None:
            return method
        with self._lock:
            if key not in self._methods:
                self._methods[key] = self._bind(method)
            return self._methods[key]

    def _bind(self, method: Method) -> Method:
        self._require_built(method)
        pictures_by = method.pictures_by and self.resolve_method(method.pictures_by.key)
        try:
            as_built = bind_as_built(self._generation, method)
        except SimilarityError as error:
            raise self._make_error(method, error) from error
        load = partial(self._load, as_built, as_built.load)
        network = as_built.backbone
        if network:
            network = replace(
                network, build_module=partial(self._load, as_built, network.build_module)
            )
        return replace(as_built, load=load, backbone=network, pictures_by=pictures_by)

    def _load(self, method: Method, load: Callable[[], Any]) -> Any:
        try:
            return load()
        except SimilarityError as error:
            rebuild = self._make_remedy("rebuild", method)
            raise SimilarityError(str(error), *error.remedies, rebuild) from error

    def get_index(self, method: Method) -> VectorIndex:
        """Return a method's index, opened once. Raises SimilarityError if it can't be opened."""
        with self._lock:
            if method.key not in self._indexes:
                self._indexes[method.key] = self._open(method)
            return self._indexes[method.key]

    def _open(self, method: Method) -> VectorIndex:
        self._require_built(method)
        if method.published and not method.bound_weights:
            method = self.resolve_method(method.key)  # raises the reason if it can't be resolved
        pictures_by = method.pictures_by
        shared = (
            self.get_index(pictures_by)
            if pictures_by and self._has_same_rows(method, pictures_by)
            else None
        )
        files = self._generation.folder_files(find_index_folder(method, self._generation.sums))
        with self.translate_errors(method):
            return open_index(files, method, self._products, shared)

    def _has_same_rows(self, method: Method, other: Method) -> bool:
        """Return whether two methods' picture vectors are the same files."""
        sums = self._generation.sums
        own_folder, other_folder = find_index_folder(method, sums), find_index_folder(other, sums)
        names = select_row_files(self._generation.folder_files(other_folder).list_names())
        return bool(names) and all(
            sums.get(f"{own_folder}/{n}") == sums[f"{other_folder}/{n}"] for n in names
        )

    def list_stale_methods(self) -> list[str]:
        """List the keys of methods whose index doesn't match the products or the method."""
        stale = []
        for key in self.keys:
            try:
                method = bind_as_built(self._generation, self.registry[key])
                files = self._generation.folder_files(
                    find_index_folder(method, self._generation.sums)
                )
                read_manifest(files, method, self._products)
            except SimilarityError:
                stale.append(key)
        return stale

    @contextmanager
    def translate_errors(self, method: Method) -> Iterator[None]:
        """Add the method's name and a remedy to errors of its index that are raised inside."""
        try:
            yield
        except UnavailableError as error:
            raise UnavailableError(
                f"{method.title} can't be searched now. {error}", *error.remedies
            ) from error
        except SimilarityError as error:
            raise self._make_error(method, error) from error

    def _require_built(self, method: Method) -> None:
        keys = self.keys
        if method.key not in keys:
            raise SimilarityError(
                f"{method.title} is not built for '{self._folder.name}', which has "
                f"{', '.join(keys) or 'no methods'}.",
                self._make_remedy("build", method),
            )

    def _make_error(self, method: Method, error: Exception) -> SimilarityError:
        return SimilarityError(
            f"The index of {method.title} for '{self._folder.name}' is refused: {error}.",
            *get_remedies(error),
            self._make_remedy("rebuild", method),
        )

    def _make_remedy(self, kind: Kind, method: Method) -> Remedy:
        return Remedy(kind, self._folder, self._generation.source, (method.argument,))
