"""The list of a generation's files, found by bisection."""

import hashlib

import numpy as np
import pytest

from similarity.errors import SimilarityError
from similarity.store.sums import Sums, format_sums


def of(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 200])
def test_every_listed_path_is_found_with_its_hash_and_no_other_is(count: int) -> None:
    rng = np.random.default_rng(count)
    paths = {f"{'thé/' * int(n % 3)}{n}{'x' * int(n % 7)}" for n in rng.integers(10**6, size=count)}
    sums = Sums(format_sums({path: of(path) for path in paths}), "list")
    assert sums.to_dict() == {path: of(path) for path in paths}
    assert list(sums.list_paths("")) == sorted(paths)
    for path in paths:
        assert sums[path] == of(path)
        assert path in sums
        for other in (path + "0", path[:-1], "", "zz"):
            assert (other in sums) == (other in paths)
    assert sums.get("none") is None
    with pytest.raises(KeyError):
        sums["none"]


def test_a_folder_lists_its_contents_and_not_its_siblings() -> None:
    paths = ["a/1", "a/2/3", "a", "ab/1", "b/1"]
    sums = Sums(format_sums({path: of(path) for path in paths}), "list")
    assert list(sums.list_paths("a/")) == ["a/1", "a/2/3"]
    assert list(sums.list_paths("c/")) == []


def test_a_damaged_list_misses_files_but_never_returns_a_wrong_hash() -> None:
    content = format_sums({f"p{n}": of(f"p{n}") for n in range(50)})
    lines = content.splitlines(keepends=True)
    for damaged in (b"".join(reversed(lines)), content[:-30], content[40:], b"\n\n", b"x\n"):
        sums = Sums(damaged, "list")
        for n in range(50):
            assert sums.get(f"p{n}") in (of(f"p{n}"), None) or damaged == content[40:]
        list(sums.list_paths("p"))


@pytest.mark.parametrize("path", ["..", "../a", "a/..", "a/../b", ".a", "/a", "a//b", "a/", ""])
def test_a_path_that_may_lead_outside_is_refused(path: str) -> None:
    content = format_sums({"b": of("b"), path: of(path), "c": of("c")})
    with pytest.raises(SimilarityError, match="which is not in its folder") as refused:
        Sums(content, "list")
    assert repr(path) in str(refused.value)
