"""Check errors as people read them: what is wrong, and the command that helps."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from similarity import SimilarityError
from similarity.commands import explain_error


@contextmanager
def refusal(match: str) -> Iterator[pytest.ExceptionInfo[SimilarityError]]:
    """Expect a SimilarityError whose explanation matches."""
    with pytest.raises(SimilarityError) as refused:
        yield refused
    explanation = explain_error(refused.value)
    assert re.search(match, explanation), explanation
