"""Keep a build going when a method fails, and report the failures at its end."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from similarity.errors import SimilarityError, get_reason, get_remedies
from similarity.methods import Method


class Failures:
    """The methods that failed so far. `causes` has the first error of each, by key."""

    def __init__(self) -> None:
        self.causes: dict[str, SimilarityError] = {}

    def __contains__(self, method: Method) -> bool:
        return method.key in self.causes

    def make_error(self) -> SimilarityError:
        """Return the error for a build in which all methods failed."""
        reasons = "; ".join(f"{key}: {cause}" for key, cause in self.causes.items())
        remedies = dict.fromkeys(r for cause in self.causes.values() for r in cause.remedies)
        return SimilarityError(f"No method could be built. {reasons}", *remedies)

    @contextmanager
    def catch(self, methods: Collection[Method], activity: str = "") -> Iterator[None]:
        """Record any exception that is raised inside as a failure of these methods.

        `activity` is appended to the message. Wrap only code of methods and their libraries: errors
        such as a full disk belong to the build. Safe to use from several threads.
        """
        try:
            yield
        except Exception as error:  # a method may raise anything
            cause = get_reason(error)
            if not isinstance(error, SimilarityError):
                cause = f"{type(error).__name__}: {cause}"
            message = f"{cause} ({activity})" if activity else cause
            for method in methods:
                self.causes.setdefault(method.key, SimilarityError(message, *get_remedies(error)))
