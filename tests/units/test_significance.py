"""Intervals and tests: they find what is there as often as they say, and no more."""

import numpy as np
import pytest
from scipy.stats import bootstrap, ttest_1samp

from similarity.statistics.clusters import fold_intervals
from similarity.statistics.intervals import compute_interval, compute_intervals
from similarity.statistics.significance import LEVEL, correct_holm

RNG = np.random.default_rng


def test_an_interval_is_scipys_percentile_bootstrap() -> None:
    values = RNG(0).random(300)
    expected = bootstrap(
        (values,), np.mean, method="percentile", n_resamples=20_000, rng=RNG(1)
    ).confidence_interval
    assert compute_interval(values) == pytest.approx(tuple(expected), abs=0.002)


def test_many_intervals_equal_those_computed_separately() -> None:
    values = RNG(0).random((100, 3))
    for limits, column in zip(compute_intervals(values), values.T, strict=True):
        assert tuple(limits) == pytest.approx(compute_interval(column))


@pytest.mark.parametrize("values", [[0.3], [0.3, 0.3, 0.3]])
def test_equal_values_have_an_interval_of_width_zero(values: list[float]) -> None:
    assert compute_interval(np.array(values)) == (0.3, 0.3)


def test_an_interval_of_shares_stays_between_0_and_1() -> None:
    """Of values that are nearly all 1, the upper limit is 1 and not a little more."""
    for count in range(400, 520, 8):
        values = np.ones(count)
        values[:2] = 0.95
        assert compute_interval(values)[1] <= 1


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    """Of 1,000 samples of 200 queries each, some 950; 3.5 standard errors are 24."""
    truth = 0.8
    samples = (RNG(0).random((200, 1000)) < truth).astype(float)
    low, high = compute_intervals(samples).T
    assert 0.926 <= ((low <= truth) & (truth <= high)).mean() <= 0.974


def of_folds(values: np.ndarray, folds: int = 20) -> np.ndarray:
    """Means (folds, m) of values (n, m) without each fold."""
    fold = np.arange(len(values)) % folds
    return np.stack([values[fold != i].mean(0) for i in range(folds)])


def test_the_test_has_its_stated_false_positive_rate() -> None:
    """Two methods that are equally good by chance alone: some 5 % of 1,000 comparisons."""
    one, other = (RNG(0).random((2, 100, 1000)) < 0.7).astype(float)
    skewed = RNG(1).exponential(size=(100, 1000)) * RNG(2).choice([-1, 1], (100, 1000))
    for less in (one - other, skewed):
        *_, p = fold_intervals(less.mean(0), of_folds(less))
        assert abs((p < LEVEL).mean() - 0.05) <= 3.5 * (0.05 * 0.95 / 1000) ** 0.5


def test_the_test_finds_a_real_difference() -> None:
    """A difference of 0.1 at 400 queries, of which the t test finds some 85 %: few less."""
    differences = RNG(0).normal(0.1, 0.65, (400, 300))
    *_, p = fold_intervals(differences.mean(0), of_folds(differences))
    rejected = (ttest_1samp(differences, 0).pvalue < LEVEL).mean()
    assert rejected > 0.8
    assert abs((p < LEVEL).mean() - rejected) < 0.05


def test_an_interval_of_folds_is_that_of_students_t_over_their_means() -> None:
    values = RNG(3).normal(0.15, 1, (60, 1))
    low, high, p = fold_intervals(values.mean(0), of_folds(values))
    means = values.reshape(3, 20).mean(0)  # of each fold
    expected = ttest_1samp(means, 0)
    limit = expected.confidence_interval(0.95)
    assert (low[0], high[0], p[0]) == pytest.approx((limit.low, limit.high, expected.pvalue))


def test_equal_values_are_certain_and_a_single_fold_is_unknown() -> None:
    same = np.zeros((50, 1))
    assert fold_intervals(same.mean(0), of_folds(same))[2] == 1
    constant = np.ones((50, 1))
    assert fold_intervals(constant.mean(0), of_folds(constant))[2] == 0
    low, high, p = fold_intervals(np.array([0.3]), np.array([[0.3]]))
    assert (low[0], high[0], p[0]) == (0.3, 0.3, 1)


def test_holm_by_hand() -> None:
    assert correct_holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert correct_holm([0.5, 0.9]) == [1, 1], (
        "none is larger than 1, or smaller than the one before"
    )
    assert correct_holm([]) == []
