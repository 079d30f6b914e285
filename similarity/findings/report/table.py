"""The results that a board shows, as a table."""

from collections.abc import Sequence

import pandas as pd

from similarity.findings.finding import Finding

COLUMNS = [
    *("finding", "title", "query", "method", "rank", "product", "name", "score", "wrong"),
    *("kept", "link"),
]


def tabulate_results(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return a row for each result in the grids of findings, which are numbered from 1."""
    rows = []
    for number, finding in enumerate(findings, 1):
        query = finding.content.query
        text = f"{query.lead} {query.text}" if query else ""
        moment = pd.Timestamp(finding.created, unit="s", tz="UTC").isoformat(timespec="seconds")
        rows += [
            (
                *(number, finding.title, text, grid.method, result.rank, result.product),
                *(result.name, result.score, result.is_wrong, moment, str(finding.link)),
            )
            for grid in finding.content.grids
            for result in grid.results
        ]
    return pd.DataFrame(rows, columns=COLUMNS)
