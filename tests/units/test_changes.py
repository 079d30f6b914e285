"""What moves between two methods: by neighbours, in groups that do not overlap."""

import json

import numpy as np
import pandas as pd
import pytest

from similarity.catalogue import Catalogue
from similarity.measures.maps.changes import find_most_common, group_changes
from similarity.measures.maps.schema import K, Maps
from similarity.measures.neighbours.schema import Neighbours
from similarity.ui.map.files import (
    MAX_COLOURS,
    list_colour_attributes,
    serialise_map,
    serialise_products,
)

CROWD = 20  # products that are near each other by a method
COUNT = 30 * CROWD


def by(*crowds: np.ndarray) -> np.ndarray:
    """The K nearest where products stand in these crowds: those after it, in a ring."""
    near = np.zeros((COUNT, K), np.int64)
    for crowd in crowds:
        for place, product in enumerate(crowd):
            near[product] = [crowd[(place + step) % len(crowd)] for step in range(1, K + 1)]
    return near


@pytest.fixture
def maps() -> Maps:
    """Return maps of thirty groups of products.

    With the other method, half of the first group is in the middle of the second, and each product
    of the last group has neighbours of its own.
    """
    first = np.arange(COUNT).reshape(-1, CROWD)
    near = by(*first)
    mixed = np.concatenate([first[1], first[0][:10]])
    rng = np.random.default_rng(0)
    other = by(first[0][10:].repeat(2), mixed, *first[2:])
    other[first[0][10:]] = near[first[0][10:]]
    other[first[1]] = near[first[1]]
    other[first[0][:10]] = first[1][:K]
    for product in first[-1]:
        others = np.setdiff1d(np.arange(COUNT), [product, *near[product]])
        other[product] = rng.permutation(others)[:K]
    ids = [f"{number:020x}" for number in range(COUNT)]
    queries = np.arange(COUNT)
    places = dict.fromkeys(("one", "other"), np.zeros((COUNT, 2), np.float32))
    return Maps(Neighbours(ids, {}, queries, {"one": near, "other": other}), places, {}, "")


def test_products_with_the_same_changes_are_a_group_and_strays_are_not(
    maps: Maps,
) -> None:
    groups = group_changes(maps, "one", "other")
    assert [sorted(group.members) for group in groups] == [list(range(10))]
    assert set(groups[0].gained) <= set(range(CROWD, 2 * CROWD))
    assert set(groups[0].lost) <= set(range(CROWD))
    assert group_changes(maps, "one", "other") == groups
    assert group_changes(maps, "one", "one") == []


def test_most_lost_and_gained_come_first(maps: Maps) -> None:
    group = group_changes(maps, "one", "other")[0]
    for verb, here, other_method in (("lost", "one", "other"), ("gained", "other", "one")):
        counts = np.zeros(COUNT, int)
        for member in group.members:
            counts[
                np.setdiff1d(
                    maps.map_neighbours[here][member], maps.map_neighbours[other_method][member]
                )
            ] += 1
        counts_of_verb = counts[getattr(group, verb)]
        assert (np.diff(counts_of_verb) <= 0).all()
        assert len(counts_of_verb) == (counts > 0).sum()


def test_the_most_common_value_is_chosen() -> None:
    assert find_most_common(["a", "b", "b", ""]) == ("b", 2)
    assert find_most_common(["", ""]) == ("", 0)
    assert find_most_common([]) == ("", 0)


def test_colours_are_by_what_products_share_and_first_by_what_has_few_values() -> None:
    count = 8 * (MAX_COLOURS + 1)
    table = pd.DataFrame(
        {
            "category": [f"kind {i % (MAX_COLOURS + 1)}" for i in range(count)],
            "colour": [("red", "blue")[i % 2] for i in range(count)],
            "brand": [("a", "")[i % 2] for i in range(count)],  # all the same
            "number": [str(i) for i in range(count)],  # none is shared
            "caption": ["the same", "or not"] * (count // 2),
            "path": [f"{i}.png" for i in range(count)],
        }
    )
    assert list_colour_attributes(table) == ["colour", "category"]
    few = table.assign(category=["hat", "shoe"] * (count // 2))
    assert list_colour_attributes(few) == ["category", "colour"]
    assert list_colour_attributes(table[["path", "caption"]]) == []


def test_files_hold_the_products_and_the_map_in_the_map_s_order(
    shop: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = '</script><img src=x onerror="alert(1)">'
    positions = np.array([1, 4, 5, 9])
    table = shop.products.assign(kind=[hostile, "b"] * 7 + [""])
    monkeypatch.setattr(shop, "_products", table)
    places = np.arange(8, dtype=np.float32).reshape(4, 2)
    near = Neighbours(table.index.tolist(), {}, positions, {"one": positions[[[1] * K] * 4]})
    maps_of_sample = Maps(near, {"one": places}, {}, "")
    serialised = json.loads(serialise_products(shop, maps_of_sample))
    assert serialised["ids"] == table.index[positions].tolist()
    (kind,) = (each for each in serialised["attributes"] if each["name"] == "kind")
    values = [kind["values"][code] for code in kind["codes"]]
    assert values == [text[:30] for text in table["kind"].iloc[positions]]
    assert kind["counts"] == sorted(kind["counts"], reverse=True)
    content = serialise_map(maps_of_sample, "one")
    assert np.array_equal(np.frombuffer(content, "<f4", 8).reshape(4, 2), places)
    assert np.array_equal(np.frombuffer(content, "<u2", offset=32).reshape(4, K), [[1] * K] * 4)
