"""Methods that fail in a build, which finishes the others and says at its end what failed."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from precompute.plan import Plan
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

    def drop_failed(self, plans: Sequence[Plan]) -> list[Plan]:
        """Return the plans whose methods have not failed, nor the methods whose pictures they need.

        Raises SimilarityError if none is left.
        """
        for plan in plans:
            if plan.pictures and plan.pictures.method in self:
                cause = f"it needs the pictures of {plan.pictures.method.title}, which failed"
                self.causes.setdefault(plan.method.key, SimilarityError(cause))
        left = [plan for plan in plans if plan.method not in self]
        if plans and not left:
            told = "; ".join(f"{key}: {cause}" for key, cause in self.causes.items())
            remedies = dict.fromkeys(
                each for cause in self.causes.values() for each in cause.remedies
            )
            raise SimilarityError(f"No method could be built. {told}", *remedies)
        return left
