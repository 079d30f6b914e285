"""Write TREC's files of a catalogue's judgments and of what methods find."""

from functools import partial
from pathlib import Path

from rich.console import Console

from precompute.progress import Steps, print_line
from similarity.catalogue import Catalogue
from similarity.commands import explain_error
from similarity.errors import SimilarityError
from similarity.judgments.evidence import select_present
from similarity.judgments.judgment import EVIDENCE
from similarity.judgments.rankings import list_able_methods, rank_queries
from similarity.judgments.store import Judgments
from similarity.judgments.trec import format_qrels, format_run
from similarity.store.files import write_atomically


def export_files(catalogue: Catalogue, folder: Path, console: Console) -> None:
    """Write TREC's files: judgments, and a run of each method for each kind of query."""
    judgments = Judgments(catalogue.folder)
    count = 0
    with Steps(console) as steps:
        for evidence in EVIDENCE:
            judged = select_present(judgments.read_grades(evidence), catalogue.products.index)
            for kind in judged.count_kinds():
                grades = judged.select_kind(kind)
                start = f"{catalogue.name}-{evidence}-{kind}"
                lines = "".join(format_qrels(grades))
                write_atomically(folder / f"{start}.qrels", lines.encode())
                count += 1
                for method in list_able_methods(catalogue, kind):
                    report = partial(steps, f"Searching with {method.title} by {kind}")
                    try:
                        rankings = rank_queries(catalogue, method, list(grades), report)
                    except SimilarityError as error:
                        print_line(console, f"No run of {method.title}: {explain_error(error)}")
                        continue
                    lines = "".join(format_run(method.key, list(grades), rankings))
                    write_atomically(folder / f"{start}-{method.key}.run", lines.encode())
                    count += 1
    if not count:
        raise SimilarityError(
            f"'{catalogue.name}' has no judgments yet. Import some with --import FILE."
        )
    print_line(console, f"Wrote {count:,} files into {folder}.")
