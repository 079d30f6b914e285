"""Judging: what is asked first, who is asked what, and that nothing is lost or counted twice."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from math import log2
from pathlib import Path

import numpy as np
import pytest

from similarity import Catalogue
from similarity.errors import SimilarityError
from similarity.judgments.database import FILE
from similarity.judgments.judging import Judging, Question, create_pool, make_judge_token
from similarity.judgments.judgment import Judgment
from similarity.judgments.pool import DEPTH, FORMAT, Pool, make_pool
from similarity.judgments.store import Judgments, Source
from similarity.parts import Term
from similarity.votes.alpha import estimate_alpha

K = 5


def name_rows(query: int, *methods: str) -> list[str]:
    """Products of a query: a letter each."""
    return [f"{query}{letter}" for letter in methods]


def make_example(queries: int = 4, judges: int = 1, common: int = 0) -> Pool:
    """Two methods that agree for query 0, and less for each further one."""
    one = [name_rows(i, *"abcde") for i in range(queries)]
    other = [name_rows(i, *"abcde"[: K - i], *"vwxyz"[:i]) for i in range(queries)]
    return Pool(
        format=FORMAT,
        catalogue="shop",
        k=K,
        queries=[("text", f"query {i}") for i in range(queries)],
        rows={"one": one, "other": other},
        judges=judges,
        common=common,
        seed=7,
        created=0.0,
    )


def open_judging(folder: Path, pool: Pool) -> Judging:
    return Judging(folder, create_pool(folder, pool)[0])


def answer_all(judging: Judging, judge: int = 0, grade: int = 1) -> list[Question]:
    """Grade everything; returns the questions."""
    questions = []
    question = judging.get_question(judge)
    while question:
        questions.append(question)
        question = judging.record(judge, question.pair, grade)
    return questions


# ---- what is asked


def test_every_product_of_the_pool_is_asked_once(tmp_path: Path) -> None:
    pool = make_example()
    pairs = [question.pair for question in answer_all(open_judging(tmp_path, pool))]
    pooled = {(i, p) for rows in pool.rows.values() for i, row in enumerate(rows) for p in row}
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == pooled


def test_the_first_results_come_first_and_then_the_queries_that_methods_disagree_on() -> None:
    pool = make_example()
    pairs = pool.list_pairs(0)
    top = {(i, p) for rows in pool.rows.values() for i, row in enumerate(rows) for p in row[:DEPTH]}
    assert set(pairs[: len(top)]) == top
    for stage in (pairs[: len(top)], pairs[len(top) :]):
        queries = list(dict.fromkeys(number for number, _ in stage))
        assert queries == sorted(queries, reverse=True), "query 3 divides the methods most"
        numbers = [number for number, _ in stage]
        assert numbers == sorted(numbers, reverse=True), "one query at a time"


def test_a_product_tells_as_much_as_its_discounts_differ() -> None:
    weights = make_example()._weigh(1)
    assert weights["1a"] == 0
    assert weights["1e"] == weights["1v"] == pytest.approx(1 / log2(K + 1))


def test_the_order_of_a_querys_products_tells_nothing_of_the_method() -> None:
    pool = make_example(queries=1)
    orders = {
        tuple(p for _, p in replace(pool, seed=seed).list_pairs(0)[:DEPTH]) for seed in range(50)
    }
    assert len(orders) == 6


def test_a_question_names_no_method(tmp_path: Path) -> None:
    question = open_judging(tmp_path, make_example()).get_question(0)
    assert question
    assert "other" not in str(asdict(question))


def test_several_judges_share_some_queries_and_divide_the_others(tmp_path: Path) -> None:
    judging = open_judging(tmp_path, make_example(queries=4, judges=2, common=2))
    queries = [{q.pair[0] for q in answer_all(judging, judge)} for judge in range(2)]
    assert queries == [{0, 1, 2}, {0, 1, 3}]


def test_what_somebody_judged_is_not_asked_again_except_for_agreement(tmp_path: Path) -> None:
    judged = [Judgment(Term("text", f"query {i}"), f"{i}a", 3, "ann") for i in (0, 3)]
    Judgments(tmp_path).add(Source("a file", "1"), judged)
    pairs = {question.pair for question in answer_all(open_judging(tmp_path, make_example()))}
    assert (0, "0a") not in pairs
    assert (3, "3a") not in pairs
    (tmp_path / FILE).unlink()
    Judgments(tmp_path).add(Source("a file", "1"), judged)
    judging = open_judging(tmp_path, make_example(judges=2, common=1))
    pairs = {question.pair for judge in range(2) for question in answer_all(judging, judge)}
    assert (0, "0a") in pairs
    assert (3, "3a") not in pairs


def test_progress_is_counted_by_query_and_in_all(tmp_path: Path) -> None:
    judging = open_judging(tmp_path, make_example(queries=2))
    first = judging.get_question(0)
    assert first
    assert (first.of_query, first.of_all) == ((0, 6), (0, 11))
    second = judging.record(0, first.pair, 2)
    assert second
    assert (second.of_query, second.of_all) == ((1, 6), (1, 11))
    assert first.following == second.product
    judging.record(0, second.pair, None)
    (progress,) = judging.list_progress()
    assert asdict(progress) == {"graded": 1, "skipped": 1, "total": 11}


# ---- what is answered


def test_grades_are_judgments_with_judge_time_and_note(tmp_path: Path) -> None:
    judging = open_judging(tmp_path, make_example())
    question = judging.get_question(0)
    assert question
    judging.record(0, question.pair, 3, " fits ")
    (judgment,) = Judgments(tmp_path).list_judgments()
    assert (judgment.query, judgment.product) == (question.query, question.product)
    assert (judgment.grade, judgment.note) == (3, "fits")
    assert judgment.judge == f"judge 1 of pool {judging.name}"
    assert judgment.judged > 1e9


def test_an_answer_that_is_sent_twice_counts_once(tmp_path: Path) -> None:
    judging = open_judging(tmp_path, make_example())
    first = judging.get_question(0)
    assert first
    second = judging.record(0, first.pair, 1)
    assert judging.record(0, first.pair, 3) == second
    assert [each.grade for each in Judgments(tmp_path).list_judgments()] == [1]


def test_the_last_answer_can_be_taken_back_and_given_again(tmp_path: Path) -> None:
    judging = open_judging(tmp_path, make_example())
    first = judging.get_question(0)
    assert first
    assert not first.can_undo
    judging.record(0, first.pair, 1)
    before = Judgments(tmp_path).get_revision()
    assert judging.undo(0) == first
    judging.record(0, first.pair, 2)
    assert [each.grade for each in Judgments(tmp_path).list_judgments()] == [2]
    assert Judgments(tmp_path).get_revision() != before
    assert judging.undo(0) == first
    judging.record(0, first.pair, None)
    assert judging.undo(0) == first


@pytest.mark.parametrize("grade", [-1, 4, 1.5, "2", True])
def test_other_grades_are_refused(tmp_path: Path, grade: int) -> None:
    judging = open_judging(tmp_path, make_example())
    question = judging.get_question(0)
    assert question
    with pytest.raises(SimilarityError, match="A grade is 0 to 3"):
        judging.record(0, question.pair, grade)
    with pytest.raises(SimilarityError, match="longer than 500"):
        judging.record(0, question.pair, 1, "x" * 501)
    assert Judgments(tmp_path).list_judgments() == []


def test_two_judges_at_once_lose_nothing(tmp_path: Path) -> None:
    judging = open_judging(tmp_path, make_example(judges=2, common=4))
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda judge: len(answer_all(judging, judge, judge)), range(2)))
    judgments = Judgments(tmp_path).list_judgments()
    assert len(judgments) == sum(counts) == 2 * counts[0]
    agreement = judging.compute_agreement()
    assert agreement
    assert (agreement.pairs, agreement.grades) == (counts[0], 2 * counts[0])
    assert agreement.alpha.mean < 0  # one says 0, the other 1


def test_the_same_judge_in_two_windows_is_asked_each_question_once(tmp_path: Path) -> None:
    judging = open_judging(tmp_path, make_example())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: answer_all(judging), range(4)))
    pairs = [(each.query, each.product) for each in Judgments(tmp_path).list_judgments()]
    assert len(pairs) == len(set(pairs)) == len(judging.pool.list_pairs(0))
    with sqlite3.connect(tmp_path / FILE) as db:
        assert db.execute("SELECT COUNT(*) FROM judgment").fetchone() == (len(pairs),)


# ---- agreement


@pytest.mark.parametrize(("is_interval", "expected"), [(False, 0.743), (True, 0.849)])
def test_alpha_is_that_of_krippendorffs_example(is_interval: bool, expected: float) -> None:
    # Krippendorff 2011, "Computing Krippendorff's alpha-reliability", sections C and E
    observers = ["123321412   ", "1233224125 3", " 3332342251 ", "12332441251 "]
    labels = [(i, int(v) - 1) for line in observers for i, v in enumerate(line) if v != " "]
    counts = np.bincount([i for i, _ in labels], minlength=12)
    several = [(i, v) for i, v in labels if counts[i] > 1]
    numbers = {i: n for n, i in enumerate(dict.fromkeys(i for i, _ in several))}
    unit = np.array([numbers[i] for i, _ in several])
    label = np.array([v for _, v in several])
    steps = np.arange(5)
    distance = (steps[:, None] - steps) ** 2 if is_interval else None
    assert estimate_alpha(unit, label, [unit], distance).mean == pytest.approx(expected, abs=5e-4)


# ---- links and files


def test_only_the_hosts_and_the_judges_links_open_it(tmp_path: Path) -> None:
    name, token = create_pool(tmp_path, make_example(judges=2))
    judging = Judging(tmp_path, name)
    assert judging.is_host(token)
    assert not judging.is_host(token[:-1])
    assert [judging.find_judge(make_judge_token(token, judge)) for judge in (0, 1)] == [0, 1]
    for other in ("", token, make_judge_token(token, 2), "\ud800"):
        with pytest.raises(SimilarityError, match="no judge of this pool"):
            judging.find_judge(other)
    content = (tmp_path / FILE).read_bytes()
    assert token.encode() not in content
    assert make_judge_token(token, 0).encode() not in content


@pytest.mark.parametrize("name", ["", "../x", "0" * 12, "'; DROP TABLE pool; --"])
def test_there_is_no_other_pool(tmp_path: Path, name: str) -> None:
    create_pool(tmp_path, make_example())
    with pytest.raises(SimilarityError, match="There is no such pool"):
        Judging(tmp_path, name)


@pytest.mark.parametrize("setup", ["{}", "no JSON", '{"format": 99}'])
def test_a_damaged_pool_is_refused(tmp_path: Path, setup: str) -> None:
    name, _ = create_pool(tmp_path, make_example())
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("UPDATE pool SET setup = ?", (setup,))
    with pytest.raises(SimilarityError, match="is damaged"):
        Judging(tmp_path, name)


def test_a_pool_has_what_each_method_finds_for_what_it_can_answer(shop: Catalogue) -> None:
    ids = shop.products.index.tolist()
    queries = [Term("product", ids[0]), Term("text", "red"), Term("product", ids[0])]
    pool = make_pool(shop, ["pixels", "wordy"], queries, 3, 1, 20)
    assert len(pool.queries) == 2, "equal queries are one"
    (text,) = [i for i, (kind, _) in enumerate(pool.queries) if kind == "text"]
    assert pool.rows["pixels"][text] == []
    hits = shop.search("wordy", text="red", k=3, exact=True)
    assert pool.rows["wordy"][text] == [hit.product for hit in hits]
    with pytest.raises(SimilarityError, match="None of these methods can search"):
        make_pool(shop, ["pixels"], [Term("text", "red")], 3, 1, 20)
