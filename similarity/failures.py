"""Methods that fail in a build, which finishes the others and says at its end what failed."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from similarity.errors import SimilarityError, reason_of, remedies_of
from similarity.methods import Method


class Failures:
    """The methods that failed so far, each with the first cause: `causes`, by key."""

    def __init__(self) -> None:
        self.causes: dict[str, SimilarityError] = {}

    def __contains__(self, method: Method) -> bool:
        return method.key in self.causes

    @contextmanager
    def catch(self, methods: Collection[Method], doing: str = "") -> Iterator[None]:
        """Record any exception raised inside as a failure of these methods.

        `doing` is added to the cause. Only for code of methods and their libraries: a full disk is
        the build's own error. Safe to use from any thread.
        """
        try:
            yield
        except Exception as error:  # a method may raise anything
            cause = reason_of(error)
            if not isinstance(error, SimilarityError):
                cause = f"{type(error).__name__}: {cause}"
            told = f"{cause} ({doing})" if doing else cause
            for method in methods:
                self.causes.setdefault(method.key, SimilarityError(told, *remedies_of(error)))
