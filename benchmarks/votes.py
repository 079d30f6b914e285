"""How long a participant of a blind vote waits for the next question, alone and among others.

    python -m benchmarks.votes [--catalogue NAME] [--people 1 5 20 50] [--each 10]
                               [--before 0 2000 20000]

Starts the app as a user does and lets so many people answer as fast as they can, all at the same
time, by Streamlit's own protocol, in a vote that so many answers were given `before`. An answer is
timed from the press until the page has told the next question, pictures not counted; it is on the
disk by then. What is counted at the end is what was answered. Then the store alone: how long an
answer and the results take, one after the other.
"""

import argparse
import json
import os
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
from harness.voting import person
from similarity import open_catalogue
from similarity.store.paths import catalogues_folder
from similarity.votes.database import create
from similarity.votes.results import results
from similarity.votes.rows import answered, drawn
from similarity.votes.store import Votes
from similarity.votes.vote import ANSWERS

QUERIES, K = 60, 6
EACH = 20  # answers of a person who voted before


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--catalogue", default="demo")
    options.add_argument("--people", type=int, nargs="+", default=[1, 5, 20, 50])
    options.add_argument("--each", type=int, default=10, help="answers of each person")
    options.add_argument("--before", type=int, nargs="+", default=[0])
    given = options.parse_args()
    with served(given.catalogue) as address:
        rows = [
            at_once(address, given.catalogue, people, given.each, before)
            for before in given.before
            for people in given.people
        ]
        print(json.dumps(rows, indent=1))
        print(json.dumps([alone(given.catalogue, before) for before in given.before], indent=1))


@contextmanager
def served(catalogue: str) -> Iterator[str]:
    """An app over this catalogue alone, whose votes are gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / catalogue).symlink_to((catalogues_folder() / catalogue).resolve())
        os.environ["SIMILARITY_CATALOGUES"] = folder
        server = Server(place, place / "log")
        try:
            yield server.url
        finally:
            server.stop()


def prepared(catalogue: str, before: int) -> Votes:
    """A vote of three methods in which so many answers were given before."""
    opened = open_catalogue(catalogue)
    methods = opened.methods[:3]
    setup = answered(opened, methods, "random", drawn(opened, QUERIES, Random(0)), K, "Which?")
    votes = Votes(create(setup)[0])
    rng = Random(0)
    rows = [
        (
            *(person(10_000 + i // EACH), i % EACH + 1, rng.randrange(QUERIES)),
            *(*rng.sample(methods, 2), rng.choice(ANSWERS)),
        )
        for i in range(before)
    ]
    with closing(sqlite3.connect(votes.place)) as db, db:
        db.executemany(
            "INSERT INTO asked (participant, number, query, left_method, right_method, shuffled, "
            "places, asked, answer, answered) VALUES (?, ?, ?, ?, ?, '', '[]', 0, ?, 1)",
            rows,
        )
    return votes


def alone(catalogue: str, before: int) -> dict[str, object]:
    """Medians of an answer and of the results, without an app, in milliseconds."""
    votes = prepared(catalogue, before)
    took: dict[str, list[float]] = {"answer_ms": [], "results_ms": []}
    votes.current(person(0))
    for number in range(1, 21):
        started = time.perf_counter()
        votes.answer(person(0), number, "left")
        took["answer_ms"].append(1000 * (time.perf_counter() - started))
    for _ in range(3):
        started = time.perf_counter()
        results(votes.setup, votes.cast())
        took["results_ms"].append(1000 * (time.perf_counter() - started))
    return {"before": before, **{key: round(float(np.median(t)), 1) for key, t in took.items()}}


def at_once(address: str, catalogue: str, people: int, each: int, before: int) -> dict[str, object]:
    """Median, 95th percentile and maximum of the waits of so many people, in milliseconds."""
    name = prepared(catalogue, before).name

    def take_part(who: int) -> list[float]:
        waits = []
        with Participant(address, name, person(who)) as one:
            for _ in range(each):
                started = time.perf_counter()
                one.answer(one.said["number"], "left")
                waits.append(1000 * (time.perf_counter() - started))
        return waits

    with ThreadPoolExecutor(people) as pool:
        waits = np.concatenate(list(pool.map(take_part, range(people))))
    count, _ = Votes(name).counts()
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
