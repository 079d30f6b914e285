"""The methods and indexes of one generation of a catalogue, each resolved and opened once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from similarity.errors import Kind, Remedy, SimilarityError, Unavailable, remedies_of
from similarity.indexes.base import VectorIndex
from similarity.indexes.folder import (
    MANIFEST,
    as_built,
    index_place,
    open_index,
    read_manifest,
    row_files,
)
from similarity.methods import METHODS, Method, find_method
from similarity.store.generations import Generation


class IndexCache:
    """Opens a generation's indexes when they are first asked for. Safe to share between threads."""

    def __init__(self, generation: Generation, products: str) -> None:
        """`products` is the fingerprint of the products that the indexes have to be of."""
        self._generation, self._products = generation, products
        self._folder = generation.place.parents[1]
        self._indexes: dict[str, VectorIndex] = {}
        self._methods: dict[str, Method] = {}
        self._opening = threading.RLock()

    @property
    def keys(self) -> list[str]:
        """Keys of the methods that have an index, from the oldest family to the newest."""
        listed = self._generation.sums
        places = {key: index_place(method, listed) for key, method in METHODS.items()}
        return [key for key, place in places.items() if f"{place}/{MANIFEST}" in listed]

    def method(self, key: str) -> Method:
        """A method as it embeds here: published weights are those that its index was made with.

        Raises SimilarityError for an unknown method, and for one with published weights that has no
        index.
        """
        method = find_method(key)
        if method.published is None:
            return method
        with self._opening:
            if key not in self._methods:
                self._methods[key] = self._bound(method)
            return self._methods[key]

    def _bound(self, method: Method) -> Method:
        self._must_be_built(method)
        other = method.pictures_by and self.method(method.pictures_by.key)
        try:
            made = as_built(self._generation, method)
        except SimilarityError as error:
            raise self._refused(method, error) from error
        load = partial(self._load, made, made.load)
        network = made.backbone
        if network:
            network = replace(network, module=partial(self._load, made, network.module))
        return replace(made, load=load, backbone=network, pictures_by=other)

    def _load(self, method: Method, load: Callable[[], Any]) -> Any:
        try:
            return load()
        except SimilarityError as error:
            rebuild = self._remedy("rebuild", method)
            raise SimilarityError(str(error), *error.remedies, rebuild) from error

    def index(self, method: Method) -> VectorIndex:
        """Return the opened index of a method. Raises SimilarityError if it can't be opened."""
        with self._opening:
            if method.key not in self._indexes:
                self._indexes[method.key] = self._opened(method)
            return self._indexes[method.key]

    def _opened(self, method: Method) -> VectorIndex:
        self._must_be_built(method)
        if method.published and not method.at:
            method = self.method(method.key)  # which says why it could not be bound
        other = method.pictures_by
        same = self.index(other) if other and self._same_rows(method, other) else None
        files = self._generation.part(index_place(method, self._generation.sums))
        with self.asking(method):
            return open_index(files, method, self._products, same)

    def _same_rows(self, method: Method, other: Method) -> bool:
        """Whether a method's vectors of pictures are the very file that is another's."""
        sums = self._generation.sums
        one, two = index_place(method, sums), index_place(other, sums)
        names = row_files(self._generation.part(two).names())
        return bool(names) and all(sums.get(f"{one}/{n}") == sums[f"{two}/{n}"] for n in names)

    def stale(self) -> list[str]:
        """Those of `keys` whose index is not of these products or of the method as it is."""
        stale = []
        for key in self.keys:
            try:
                method = as_built(self._generation, METHODS[key])
                files = self._generation.part(index_place(method, self._generation.sums))
                read_manifest(files, method, self._products)
            except SimilarityError:
                stale.append(key)
        return stale

    @contextmanager
    def asking(self, method: Method) -> Iterator[None]:
        """What goes wrong with a method's index inside of this, with its remedy."""
        try:
            yield
        except Unavailable as error:
            raise Unavailable(
                f"{method.title} can't be searched now. {error}", *error.remedies
            ) from error
        except SimilarityError as error:
            raise self._refused(method, error) from error

    def _must_be_built(self, method: Method) -> None:
        keys = self.keys
        if method.key not in keys:
            raise SimilarityError(
                f"{method.title} is not built for '{self._folder.name}', which has "
                f"{', '.join(keys) or 'no methods'}.",
                self._remedy("build", method),
            )

    def _refused(self, method: Method, error: Exception) -> SimilarityError:
        return SimilarityError(
            f"The index of {method.title} for '{self._folder.name}' is refused: {error}.",
            *remedies_of(error),
            self._remedy("rebuild", method),
        )

    def _remedy(self, kind: Kind, method: Method) -> Remedy:
        return Remedy(kind, self._folder, self._generation.source, (method.key,))
