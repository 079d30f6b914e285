"""Measure judgments: intervals, imports, the next question, and ir_measures.

    python -m benchmarks.judgments [intervals] [decide] [import] [question] [agreement]

Simulates judges of known accuracy, whose grade is one off where they err, on a population of
queries of which two methods' true difference is known. `question` needs the built demo. All of it
takes about five minutes on two cores.
"""

import argparse
import csv
import json
import resource
import tempfile
import time
from pathlib import Path

import ir_measures
import numpy as np
from playwright.sync_api import sync_playwright

from benchmarks.screenshots import SAMPLE
from benchmarks.votes import serve_catalogue
from harness.chromium import FLAGS, find_chromium
from precompute.__main__ import main as precompute
from similarity import open_catalogue
from similarity.judgments.comparison import Comparison, compare_by_judgments
from similarity.judgments.judging import create_pool, make_judge_token
from similarity.judgments.judgment import Grades
from similarity.judgments.measures import CUTOFF, MEASURES
from similarity.judgments.pool import DEFAULT_K, make_pool
from similarity.judgments.rankings import list_able_methods, rank_queries
from similarity.judgments.store import Judgments
from similarity.parts import Term

POPULATION = 20_000  # queries
CANDIDATES = 60  # products of each
METHODS = {"better": 0.9, "worse": 0.75}  # how much a method's score depends on the true grade
PAIR = ("better", "worse")
QUALITY_SPREAD = 0.5  # standard deviation of that over queries
ACCURACIES = (1.0, 0.8, 0.6)
QUERIES = (10, 30, 100)
RUNS = 1000
QUESTIONS = 60
IMPORTED, EVENTS = 100_000, 1_000_000
READY = ".grading.whole:not(.waiting)"
OTHER = """(number) => [...document.querySelectorAll('*')].some((e) => {
  const grading = e.shadowRoot?.querySelector('.grading.whole:not(.waiting)');
  return grading && grading.number !== number;
})"""


class Population:
    """Queries with rankings by two methods, and the grades of judges of an accuracy."""

    def __init__(self, accuracy: float, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        shape = POPULATION, CANDIDATES
        true = rng.choice(4, shape, p=(0.6, 0.2, 0.12, 0.08))
        errors = np.where(rng.random(shape) < 0.5, 1, -1)
        off = np.where(true + errors > 3, 2, np.where(true + errors < 0, 1, true + errors))
        judged = np.where(rng.random(shape) < accuracy, true, off)
        self.rankings: dict[str, list[list[str]]] = {}
        is_pooled = np.zeros(shape, bool)
        for key, quality in METHODS.items():
            qualities = quality + QUALITY_SPREAD * rng.standard_normal((POPULATION, 1))
            scores = qualities * true + rng.standard_normal(shape)
            order = np.argsort(-scores, axis=1)
            np.put_along_axis(is_pooled, order[:, :CUTOFF], True, 1)
            self.rankings[key] = order.astype(str).tolist()
        self.grades: list[dict[str, int]] = [
            {str(i): int(row[i]) for i in np.flatnonzero(pooled)}
            for row, pooled in zip(judged, is_pooled, strict=True)
        ]
        self.truth = self.compare(np.arange(POPULATION))

    def compare(self, numbers: np.ndarray) -> Comparison:
        """Return what the app says about some of the queries."""
        grades: Grades = {Term("text", str(i)): self.grades[i] for i in numbers.tolist()}
        rankings = {key: [rows[i] for i in numbers] for key, rows in self.rankings.items()}
        return compare_by_judgments(rankings, grades)

    def get_truth(self, measure: str) -> float:
        """Return the difference of the methods over all queries."""
        difference = self.truth.table.get_difference(*PAIR, measure)
        assert difference
        return difference.estimate.mean


def measure_intervals() -> None:
    """Print how often 95 % intervals of the difference cover the true one."""
    perfect = Population(1.0)
    measures = (MEASURES[0], MEASURES[1], MEASURES[3])
    print(f"| judges' accuracy | queries | true difference, nDCG@10 | {' | '.join(measures)} |")
    print(f"| --- | --- | --- |{' --- |' * len(measures)}")
    for accuracy in ACCURACIES:
        population = Population(accuracy) if accuracy < 1 else perfect
        for count in QUERIES:
            rng = np.random.default_rng(1)
            covered = dict.fromkeys(measures, 0)
            for _ in range(RUNS):
                sample = population.compare(rng.choice(POPULATION, count, replace=False))
                for measure in measures:
                    difference = sample.table.get_difference(*PAIR, measure)
                    assert difference
                    low, high = difference.estimate.low, difference.estimate.high
                    covered[measure] += low <= population.get_truth(measure) <= high
            truth = f"{population.get_truth(MEASURES[0]):.3f}"
            if accuracy < 1:
                truth += f" (perfect judges {perfect.get_truth(MEASURES[0]):.3f})"
            shares = [f"{100 * covered[measure] / RUNS:.1f} %" for measure in measures]
            print(f"| {100 * accuracy:.0f} % | {count} | {truth} | {' | '.join(shares)} |")


def measure_decisions() -> None:
    """Print how often a difference is significant after as many judgments as were estimated."""
    population = Population(0.8)
    measure, rng = MEASURES[0], np.random.default_rng(2)
    print("| queries at first | not yet significant | estimate, median | significant then |")
    print("| --- | --- | --- | --- |")
    for count in QUERIES:
        estimates, significant, close = [], 0, 0
        for _ in range(RUNS // 5):
            first = population.compare(rng.choice(POPULATION, count, replace=False))
            estimate = first.estimate_needed(*PAIR, measure)
            close += estimate != 0
            if estimate:
                estimates.append(estimate)
                further = min(round(estimate / first.pool.mean()), POPULATION - count)
                numbers = rng.choice(POPULATION, count + further, replace=False)
                difference = population.compare(numbers).table.get_difference(*PAIR, measure)
                assert difference
                significant += difference.is_significant
        share = f"{100 * significant / max(len(estimates), 1):.0f} % of {len(estimates)}"
        print(f"| {count} | {close} of {RUNS // 5} | {np.median(estimates):,.0f} | {share} |")


def measure_imports() -> None:
    """Print how long imports of tables and logs take."""
    with serve_catalogue("demo"), tempfile.TemporaryDirectory() as folder:
        ids = open_catalogue("demo").products.index.tolist()
        path = Path(folder) / "judgments.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("query", "product", "grade"))
            for i in range(IMPORTED):
                row, column = divmod(i, len(ids))
                writer.writerow((f"query {row}", ids[column], i % 4))
        started = time.perf_counter()
        assert precompute(["judge", "demo", "--import", str(path)]) == 0
        print(f"{IMPORTED:,} judgments: {time.perf_counter() - started:.1f} s")

        path = Path(folder) / "log.jsonl"
        searches = EVENTS // 5
        with path.open("w") as file:
            for i in range(searches):
                hits = [ids[(i * 7 + j) % len(ids)] for j in range(10)]
                query = {"query_id": str(i), "user_query": f"query {i % 500}"}
                print(json.dumps(query | {"query_response_hit_ids": hits}), file=file)
                for j in range(4):
                    place = {"object": {"object_id": hits[j]}, "position": {"ordinal": j + 1}}
                    event = {"query_id": str(i), "action_name": "click", "event_attributes": place}
                    print(json.dumps(event), file=file)
        started = time.perf_counter()
        assert precompute(["judge", "demo", "--import", str(path)]) == 0
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        seconds = time.perf_counter() - started
        print(f"{EVENTS:,} events: {seconds:.0f} s, peak memory of this process {peak:.1f} GB")


def measure_question() -> None:
    """Print how long a judge waits for the next question, from a key to both pictures."""
    with serve_catalogue("demo") as address, sync_playwright() as playwright:
        assert precompute(["judge", "demo", "--import", str(SAMPLE)]) == 0
        catalogue = open_catalogue("demo")
        queries = list(Judgments(catalogue.folder).read_grades("people"))
        pool = make_pool(catalogue, catalogue.methods, queries, DEFAULT_K, 1, 0)
        name, token = create_pool(catalogue.folder, pool)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        link = f"catalogue=demo&pool={name}&judge={make_judge_token(token, 0)}"
        page.goto(f"{address}/grade?{link}")
        page.wait_for_selector(READY)
        times = []
        for i in range(QUESTIONS):
            number = page.locator(".grading").evaluate("(element) => element.number")
            started = time.perf_counter()
            page.keyboard.press(str(i % 4))
            page.wait_for_function(OTHER, arg=number)
            times.append(1000 * (time.perf_counter() - started))
        browser.close()
    median, high = np.percentile(times[5:], (50, 95))
    print(f"Next question: median {median:.0f} ms, p95 {high:.0f}, n {len(times) - 5}")


def measure_agreement() -> None:
    """Print the largest difference from ir_measures on the sample, over the exported files."""
    with serve_catalogue("demo"), tempfile.TemporaryDirectory() as folder:
        assert precompute(["judge", "demo", "--import", str(SAMPLE), "--export", folder]) == 0
        catalogue = open_catalogue("demo")
        every = Judgments(catalogue.folder).read_grades("people")
        largest, count = 0.0, 0
        for kind in ("product", "text"):
            grades = {query: graded for query, graded in every.items() if query.kind == kind}
            start = Path(folder) / f"demo-people-{kind}"
            qrels = list(ir_measures.read_trec_qrels(f"{start}.qrels"))
            for method in list_able_methods(catalogue, kind):
                rankings = {method.key: rank_queries(catalogue, method, list(grades))}
                figures = compare_by_judgments(rankings, grades).table.figures[method.key]
                run = list(ir_measures.read_trec_run(f"{start}-{method.key}.run"))
                for name in MEASURES:
                    measure = ir_measures.parse_measure(name)
                    value = ir_measures.calc_aggregate([measure], qrels, run)[measure]
                    largest, count = max(largest, abs(value - figures[name].mean)), count + 1
        print(f"Largest difference from ir_measures: {largest:.1e}, n {count} figures")


PARTS = {
    "intervals": measure_intervals,
    "decide": measure_decisions,
    "import": measure_imports,
    "question": measure_question,
    "agreement": measure_agreement,
}


def main() -> None:
    """Run the parts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="default: all")
    for part in parser.parse_args().parts or PARTS:
        PARTS[part]()


if __name__ == "__main__":
    main()
