"""Methods that fail in a build, which finishes the others and says at its end what failed."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from similarity.errors import SimilarityError, reason_of
from similarity.methods import Method

if TYPE_CHECKING:
    from precompute.plan import Plan


class Failures:
    """The methods that failed so far, each with the first cause: `causes`, by key."""

    def __init__(self) -> None:
        self.causes: dict[str, str] = {}

    def __contains__(self, method: Method) -> bool:
        return method.key in self.causes

    @contextmanager
    def caught(self, methods: Collection[Method], doing: str = "") -> Iterator[None]:
        """Take whatever is raised inside for a failure of these methods, while `doing` something.

        For what methods and their libraries do, not for what a build does: a full disk is no
        method's failure. Any thread may use it.
        """
        try:
            yield
        except Exception as error:  # a method may raise anything
            cause = reason_of(error)
            if not isinstance(error, SimilarityError):
                cause = f"{type(error).__name__}: {cause}"
            for method in methods:
                self.causes.setdefault(method.key, f"{cause} ({doing})" if doing else cause)

    def without(self, plans: Sequence["Plan"]) -> list["Plan"]:
        """The plans whose methods have not failed, nor those whose pictures they need.

        Raises SimilarityError if none is left.
        """
        for plan in plans:
            if plan.pictures and plan.pictures.method in self:
                cause = f"it needs the pictures of {plan.pictures.method.title}, which failed"
                self.causes.setdefault(plan.method.key, cause)
        left = [plan for plan in plans if plan.method not in self]
        if plans and not left:
            told = "; ".join(f"{key}: {cause}" for key, cause in self.causes.items())
            raise SimilarityError(f"No method could be built. {told}")
        return left
