"""The closed votes on a catalogue. A vote that is still open stays its host's."""

from similarity.errors import SimilarityError
from similarity.votes.database import SUFFIX, get_votes_folder
from similarity.votes.results import Results, compute_results
from similarity.votes.store import Votes


def list_closed_votes(catalogue: str) -> list[Votes]:
    """Return the closed votes on a catalogue, the newest first, without damaged ones."""
    closed = []
    for path in get_votes_folder().glob(f"*{SUFFIX}"):
        try:
            votes = Votes(path.stem)
            if votes.setup.catalogue == catalogue and votes.is_closed():
                closed.append(votes)
        except SimilarityError:  # its own page says what is wrong
            continue
    return sorted(closed, key=lambda votes: -votes.setup.created)


def find_largest_vote(catalogue: str) -> Results | None:
    """Return the results of the closed vote in which most people voted, if there is one."""
    results = [
        result
        for votes in list_closed_votes(catalogue)
        if (result := compute_results(votes.setup, votes.list_votes()))
    ]
    return max(results, key=lambda result: result.people, default=None)
