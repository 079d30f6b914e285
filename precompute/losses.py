"""Stop a build that would lose many products of the one before."""

from collections.abc import Collection

from similarity.errors import SimilarityError
from similarity.store.generations import Generation
from similarity.store.table import load_table

MAX_LOSS = 0.1  # share of the products
EXAMPLES = 3


def validate_loss(
    base: Generation | None, source_name: str, products: Collection[str], paths: Collection[str]
) -> None:
    """Raise SimilarityError if more than MAX_LOSS of the products of a generation are gone.

    A product is gone if neither its content nor its path is among those of now. Another source
    replaces the products, and loses none.
    """
    if base is None or base.source != source_name:
        return
    try:
        table, _ = load_table(base)
    except SimilarityError:  # damaged: nothing is known of what was there
        return
    lost_paths = [
        path
        for product, path in table["path"].items()
        if product not in products and path not in paths
    ]
    if len(lost_paths) > MAX_LOSS * len(table):
        examples = ", ".join(f"'{path}'" for path in lost_paths[:EXAMPLES])
        raise SimilarityError(
            f"{len(lost_paths):,} of the catalogue's {len(table):,} products are gone, for example "
            f"{examples}. If they are on a disk that is not connected, connect it. To build "
            "without them, add --allow-loss."
        )
