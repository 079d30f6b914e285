"""Choose and measure how an approximate index searches among the products that a filter leaves.

Two kinds of filters are drawn: those that leave random products, and those that leave a cluster,
the products nearest to a random one, as the filter "dresses" does. The second are harder, because
the nearest of them may lie where a query's own neighbours don't.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import faiss
import numpy as np

from similarity.filters import Selection
from similarity.indexes.approximate.index import FEW, ApproximateIndex
from similarity.indexes.base import Positions
from similarity.indexes.effort import Effort, FilterKind, FilterRecall
from similarity.indexes.recall import TIES, Queries, make_recall, select_exact_top
from similarity.indexes.stored_rows import StoredRows
from similarity.statistics.sampling import draw_sample
from similarity.store.progress import Step

SHARES = (0.5, 0.1, 0.01, 0.001)  # of the products that a filter leaves
FILTERS = 12  # of each share and kind
QUERIES = 32  # of each filter: half of them choose the effort, the other half measure it
SEED = 2
ACTIVITY = "Measuring recall with filters"


@dataclass(frozen=True)
class FilteredQueries:
    """Queries among the products that one filter leaves, with their exact results."""

    kind: FilterKind
    share: float
    among: Selection
    queries: Queries

    def take_half(self, start: int) -> "FilteredQueries":
        """Return every second query, starting with the first or the second."""
        return FilteredQueries(self.kind, self.share, self.among, self.queries.take_half(start))


def draw_filtered(
    index: ApproximateIndex, stored: StoredRows, report: Step
) -> list[FilteredQueries]:
    """Return queries for filters of each share and kind that the index doesn't search exactly.

    Half of each filter's queries are products that it leaves, the others any products.
    """
    rng = np.random.default_rng(SEED)
    shares = [share for share in SHARES if round(share * stored.count) > FEW]
    selections: list[tuple[FilterKind, float, Selection]] = []
    centres = stored.read(draw_sample(stored.count, FILTERS, SEED))
    cosines = np.empty((len(centres) if shares else 0, stored.count), np.float32)
    if shares:
        for start, block in stored.iterate_blocks():
            cosines[:, start : start + len(block)] = centres @ block.T
    for share in shares:
        size = round(share * stored.count)
        for number in range(FILTERS):
            nearest = np.argpartition(-cosines[number], size - 1)[:size]
            drawn = rng.permutation(stored.count)[:size]
            selections.append(("random", share, _select(drawn, stored.count)))
            selections.append(("cluster", share, _select(nearest, stored.count)))
    positions = [_draw_queries(selection, rng) for *_, selection in selections]
    results = find_exact_among(stored, [each for *_, each in selections], positions, report)
    return [
        FilteredQueries(*facts, queries) for facts, queries in zip(selections, results, strict=True)
    ]


def _draw_queries(among: Selection, rng: np.random.Generator) -> Positions:
    """Return positions of queries; each half of every second has both sorts."""
    inside = rng.choice(among.positions, QUERIES // 2)
    anywhere = rng.integers(len(among.mask), size=QUERIES // 2)
    order = np.arange(QUERIES).reshape(-1, 2, 2).transpose(0, 2, 1).ravel()
    return np.stack([inside, anywhere], 1).ravel()[order]


def _select(positions: Positions, count: int) -> Selection:
    mask = np.zeros(count, bool)
    mask[positions] = True
    return Selection((), np.flatnonzero(mask), mask)


def find_exact_among(
    stored: StoredRows,
    selections: Sequence[Selection],
    positions: Sequence[Positions],
    report: Step,
) -> list[Queries]:
    """Return products as queries among each selection, with exact results, in one pass."""
    rows = [stored.read(own_positions) for own_positions in positions]
    scores = [np.empty((len(each), 0), np.float32) for each in rows]
    nearest = [np.empty((len(each), 0), np.int64) for each in rows]
    for start, block in stored.iterate_blocks():
        for number, selection in enumerate(selections):
            selected = np.flatnonzero(selection.mask[start : start + len(block)])
            if not len(selected):
                continue
            limit = min(TIES + 1, len(selected))
            block_scores, block_positions = faiss.knn(
                rows[number], block[selected], limit, faiss.METRIC_INNER_PRODUCT
            )
            merged_scores = np.hstack([scores[number], block_scores])
            merged = np.hstack([nearest[number], selected[block_positions] + start])
            order = np.argsort(-merged_scores, axis=1, kind="stable")[:, : TIES + 1]
            scores[number] = np.take_along_axis(merged_scores, order, 1)
            nearest[number] = np.take_along_axis(merged, order, 1)
        report(ACTIVITY, start + len(block), stored.count)
    return [
        Queries(
            rows[number],
            own_positions,
            [
                select_exact_top(scores[number][i], nearest[number][i], own_position)
                for i, own_position in enumerate(own_positions)
            ],
        )
        for number, own_positions in enumerate(positions)
    ]


def choose_filtered_effort(
    index: ApproximateIndex, sets: Sequence[FilteredQueries], target_recall: float
) -> Effort:
    """Return the least effort, from that without a filter on, that reaches the target recall.

    It is reached if the mean recall does for every share: the lower limit of its interval, as in
    `choose_effort`, would double the time of searches because filters are few. If no effort reaches
    it, returns one that probes all cells.
    """
    effort, number = index.effort, 0
    while sets and effort.cells < index.cell_count:
        recalls = measure_filtered(index, sets, effort)
        if min(each.recall.share for each in recalls) >= target_recall:
            break
        number += 1  # cells decide more than the shortlist
        effort = Effort(
            index.effort.cells * 2**number, index.effort.shortlist * 2 ** ((number + 2) // 3)
        )
    return effort


def measure_filtered(
    index: ApproximateIndex, sets: Sequence[FilteredQueries], effort: Effort
) -> list[FilterRecall]:
    """Return the recall of searches with an effort, by share and kind of filter."""
    by_filter: dict[tuple[FilterKind, float], list[np.ndarray]] = {}
    for each in sets:
        lists = index.candidates(each.queries.rows, effort.shortlist + 1, effort.cells, each.among)
        shares = each.queries.compute_shares(lists)
        by_filter.setdefault((each.kind, each.share), []).append(shares)
    return [
        FilterRecall(
            kind,
            share,
            # queries of one filter are not independent
            make_recall(np.concatenate(values), np.repeat(np.arange(len(values)), len(values[0]))),
        )
        for (kind, share), values in by_filter.items()
    ]
