"""How far two methods' answers to one query agree.

An answer is its products with their ranks from 1 as they are shown: products of equal score share
the rank of the first of them.
"""

from collections.abc import Mapping, Sequence

from similarity.catalogue import Hit

P = 0.9  # of rank_biased_overlap: the first ten ranks have 86 % of the weight
SOURCE = "Webber, Moffat and Zobel 2010, doi:10.1145/1852102.1852106"

Answer = Mapping[str, int]  # rank by product, best first


def ranks(hits: Sequence[Hit]) -> Answer:
    """What was found, as the measures take it."""
    return {hit.product: hit.rank for hit in hits}


def overlap(one: Answer, other: Answer) -> int:
    """How many products are in both."""
    return len(one.keys() & other.keys())


def rank_biased_overlap(one: Answer, other: Answer, p: float = P) -> float:
    """Agreement from 0 to 1 in which a higher rank counts more, and what lies beyond is assumed.

    The extrapolated form of Webber, Moffat and Zobel (ACM TOIS 28(4), 2010, equation 30), for
    answers of one length k, with the agreement of their equation for ties: a product is in an
    answer to the depth of its shared rank, so several may come in at one depth. With A_d, twice
    the common products at depth d divided by the products in both answers there:

        A_k p^k + (1 - p) / p * (A_1 p + A_2 p^2 + ... + A_k p^k)

    Raises ValueError for answers of different lengths, empty ones, and p not between 0 and 1.
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
