"""The list of a generation's files, found by bisection."""

import hashlib

import numpy as np
import pytest

from similarity.errors import SimilarityError
from similarity.store.sums import Sums, sums_text


def of(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 200])
def test_every_listed_path_is_found_with_its_hash_and_no_other_is(count: int) -> None:
    rng = np.random.default_rng(count)
    paths = {f"{'thé/' * int(n % 3)}{n}{'x' * int(n % 7)}" for n in rng.integers(10**6, size=count)}
    sums = Sums(sums_text({path: of(path) for path in paths}), "list")
    assert sums.whole() == {path: of(path) for path in paths}
    assert list(sums.below("")) == sorted(paths)
    for path in paths:
        assert sums[path] == of(path)
        assert path in sums
        for other in (path + "0", path[:-1], "", "zz"):
            assert (other in sums) == (other in paths)
    assert sums.get("none") is None
    with pytest.raises(KeyError):
        sums["none"]


def test_a_folder_has_what_is_below_it_and_not_its_neighbours() -> None:
    paths = ["a/1", "a/2/3", "a", "ab/1", "b/1"]
    sums = Sums(sums_text({path: of(path) for path in paths}), "list")
    assert list(sums.below("a/")) == ["a/1", "a/2/3"]
    assert list(sums.below("c/")) == []


def test_a_list_in_another_order_or_torn_finds_too_little_and_never_the_wrong() -> None:
    content = sums_text({f"p{n}": of(f"p{n}") for n in range(50)})
    lines = content.splitlines(keepends=True)
    for given in (b"".join(reversed(lines)), content[:-30], content[40:], b"\n\n", b"x\n"):
        sums = Sums(given, "list")
        for n in range(50):
            assert sums.get(f"p{n}") in (of(f"p{n}"), None) or given == content[40:]
        list(sums.below("p"))


@pytest.mark.parametrize("path", ["..", "../a", "a/..", "a/../b", ".a", "/a", "a//b", "a/", ""])
def test_a_path_that_may_lead_outside_is_refused(path: str) -> None:
    content = sums_text({"b": of("b"), path: of(path), "c": of("c")})
    with pytest.raises(SimilarityError, match="which is not in its folder") as refused:
        Sums(content, "list")
    assert repr(path) in str(refused.value)
