"""Measure how long a participant of a blind vote waits for the next question.

    python -m benchmarks.votes [--catalogue NAME] [--people 1 5 20 50] [--each 10]
                               [--before 0 2000 20000]

Starts the app as a user does and lets this many people answer as fast as they can, at the same
time, by Streamlit's own protocol, in a vote that already has `before` answers. An answer is timed
from the press until the page has sent the next question, without pictures; it is saved by then. The
answers are counted at the end. Then the functions are timed without an app: an answer and the
results, one after the other.
"""

import argparse
import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import numpy as np

from harness.app import Server
from harness.protocol import Participant
from harness.voting import make_participant_id
from similarity import open_catalogue
from similarity.findings.database import FILE as FINDINGS
from similarity.judgments.database import FILE
from similarity.store.paths import get_catalogues_folder
from similarity.store.progress import LOCK
from similarity.votes.database import create_vote
from similarity.votes.results import compute_results
from similarity.votes.rows import create_setup, draw_products
from similarity.votes.store import Votes
from similarity.votes.vote import ANSWERS

QUERIES, K = 60, 6
EACH = 20  # answers per earlier voter


def main() -> None:
    """Print the times as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--catalogue", default="demo")
    parser.add_argument("--people", type=int, nargs="+", default=[1, 5, 20, 50])
    parser.add_argument("--each", type=int, default=10, help="answers of each person")
    parser.add_argument("--before", type=int, nargs="+", default=[0])
    options = parser.parse_args()
    with serve_catalogue(options.catalogue) as address:
        rows = [
            measure_participants(address, options.catalogue, people, options.each, before)
            for before in options.before
            for people in options.people
        ]
        print(json.dumps(rows, indent=1))
        print(
            json.dumps(
                [measure_functions(options.catalogue, before) for before in options.before],
                indent=1,
            )
        )


@contextmanager
def copy_catalogue(catalogue: str) -> Iterator[Path]:
    """Return a folder with a copy of a catalogue, without what people entered."""
    source = (get_catalogues_folder() / catalogue).resolve()
    # beside it, because files of one disk can be linked
    with tempfile.TemporaryDirectory(prefix=".benchmark", dir=source.parent) as folder:
        shutil.copytree(
            source,
            Path(folder, catalogue),
            copy_function=os.link,
            ignore=shutil.ignore_patterns(LOCK, f"{FILE}*", f"{FINDINGS}*"),
        )
        yield Path(folder)


@contextmanager
def serve_catalogue(catalogue: str) -> Iterator[str]:
    """Run an app with only this catalogue, without what people entered, which is deleted."""
    root = get_catalogues_folder()
    with copy_catalogue(catalogue) as place:
        os.environ["SIMILARITY_CATALOGUES"] = str(place)
        server = Server(place, place / "log")
        try:
            yield server.url
        finally:
            server.stop()
            os.environ["SIMILARITY_CATALOGUES"] = str(root)


def prepare_vote(catalogue: str, before: int) -> Votes:
    """Return a vote on three methods that already has this many answers."""
    opened = open_catalogue(catalogue)
    methods = opened.methods[:3]
    setup = create_setup(
        opened, methods, "random", draw_products(opened, QUERIES, Random(0)), K, "Which?"
    )
    votes = Votes(create_vote(setup)[0])
    rng = Random(0)
    rows = [
        (
            *(make_participant_id(10_000 + i // EACH), i % EACH + 1, rng.randrange(QUERIES)),
            *(*rng.sample(methods, 2), rng.choice(ANSWERS)),
        )
        for i in range(before)
    ]
    with closing(sqlite3.connect(votes.path)) as db, db:
        db.executemany(
            "INSERT INTO asked (participant, number, query, left_method, right_method, shuffled, "
            "places, asked, answer, answered) VALUES (?, ?, ?, ?, ?, '', '[]', 0, ?, 1)",
            rows,
        )
    return votes


def measure_functions(catalogue: str, before: int) -> dict[str, object]:
    """Return the median milliseconds of an answer and of the results, without an app."""
    votes = prepare_vote(catalogue, before)
    times: dict[str, list[float]] = {"answer_ms": [], "results_ms": []}
    votes.get_question(make_participant_id(0))
    for number in range(1, 21):
        started = time.perf_counter()
        votes.record_answer(make_participant_id(0), number, "left")
        times["answer_ms"].append(1000 * (time.perf_counter() - started))
    for _ in range(3):
        started = time.perf_counter()
        compute_results(votes.setup, votes.list_votes())
        times["results_ms"].append(1000 * (time.perf_counter() - started))
    return {"before": before, **{key: round(float(np.median(t)), 1) for key, t in times.items()}}


def measure_participants(
    address: str, catalogue: str, people: int, each: int, before: int
) -> dict[str, object]:
    """Return the median, 95th percentile and maximum of people's waits, in milliseconds."""
    name = prepare_vote(catalogue, before).name

    def take_part(who: int) -> list[float]:
        waits = []
        with Participant(address, name, make_participant_id(who)) as one:
            for _ in range(each):
                started = time.perf_counter()
                one.answer(one.data["number"], "left")
                waits.append(1000 * (time.perf_counter() - started))
        return waits

    with ThreadPoolExecutor(people) as pool:
        waits = np.concatenate(list(pool.map(take_part, range(people))))
    count, _ = Votes(name).count_votes()
    count -= before
    assert count == people * each, f"{count} of {people * each} were kept"
    return {
        "before": before,
        "people": people,
        "answers": count,
        "median_ms": round(float(np.median(waits)), 1),
        "p95_ms": round(float(np.quantile(waits, 0.95)), 1),
        "most_ms": round(float(waits.max()), 1),
    }


if __name__ == "__main__":
    main()
