"""How far two methods' results for one query agree.

Results are products with their ranks from 1, as displayed: products with equal scores share the
rank of the first of them.
"""

from collections.abc import Mapping, Sequence

from similarity.hits import Hit

P = 0.9  # of rank_biased_overlap: the first ten ranks have 86 % of the weight
SOURCE = "Webber, Moffat and Zobel 2010, doi:10.1145/1852102.1852106"

Ranks = Mapping[str, int]  # rank by product, best first


def rank_hits(hits: Sequence[Hit]) -> Ranks:
    """Return the ranks of hits by product."""
    return {hit.product: hit.rank for hit in hits}


def count_common(one: Ranks, other: Ranks) -> int:
    """Return how many products are in both results."""
    return len(one.keys() & other.keys())


def rank_biased_overlap(one: Ranks, other: Ranks, p: float = P) -> float:
    """Return the agreement of two results from 0 to 1, where higher ranks count more.

    The extrapolated form of Webber, Moffat and Zobel (ACM TOIS 28(4), 2010, equation 30), for two
    results of length k, with their definition for ties: a product counts from the depth of its
    shared rank on, so several may enter at one depth. With A_d, twice the common products at depth
    d divided by the products in both results there:

        A_k p^k + (1 - p) / p * (A_1 p + A_2 p^2 + ... + A_k p^k)

    Raises ValueError for empty results, different lengths, and p outside 0 to 1.
    """
    depth = len(one)
    if not depth or depth != len(other) or not 0 < p < 1:
        raise ValueError("two answers of one length and 0 < p < 1 are needed")
    total = agreement = 0.0
    for d in range(1, depth + 1):
        first = {product for product, rank in one.items() if rank <= d}
        second = {product for product, rank in other.items() if rank <= d}
        agreement = 2 * len(first & second) / (len(first) + len(second))
        total += agreement * p**d
    return agreement * p**depth + (1 - p) / p * total
