"""The methods that nothing beats: each better one costs more, and each cheaper one is worse."""

from collections.abc import Mapping


def find_front(quality: Mapping[str, float], costs: Mapping[str, float]) -> list[str]:
    """Return the methods that no other one dominates, the cheapest first.

    A method dominates another if it is at least as good and costs no more, and is better or
    cheaper. Only methods with a known cost are compared.
    """
    order = sorted(
        (key for key in quality if key in costs), key=lambda key: (costs[key], -quality[key])
    )
    front: list[str] = []
    for key in order:
        last = front[-1] if front else None
        is_equal = last and (quality[key], costs[key]) == (quality[last], costs[last])
        if last is None or quality[key] > quality[last] or is_equal:
            front.append(key)
    return front
