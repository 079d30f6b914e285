"""The threshold of a good match: what it is drawn from, and that its error rates are true."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from similarity.measures.metrics import no_match
from similarity.measures.metrics.no_match import FLAGGED, list_answerable, measure_no_match
from similarity.measures.metrics.unanswerable import UNANSWERABLE

COUNT = 300


@pytest.fixture
def products() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "category": [f"kind {i % 20}" for i in range(COUNT)],
            "colour": [("red", "blue")[i % 2] for i in range(COUNT)],
            "caption": [f"caption {i}" for i in range(COUNT)],
        }
    )


def test_there_are_sixty_or_more_texts_without_an_answer_of_every_kind() -> None:
    texts = [text for texts in UNANSWERABLE.values() for text in texts]
    assert len(set(texts)) == len(texts) >= 60
    assert {"animals", "food", "vehicles", "other languages", "nonsense"} <= set(UNANSWERABLE)


def test_texts_with_an_answer_are_captions_and_what_people_type(products: pd.DataFrame) -> None:
    texts = list_answerable(products)
    assert len(texts) == len(set(texts)) == 200 + 20 + 20
    assert {"kind 3", "blue kind 3"} <= set(texts)
    assert list_answerable(products) == texts, "the same in each build"
    products["colour"] = products["caption"] = ""
    assert set(list_answerable(products)) == set(products["category"])


def test_the_stated_rates_are_those_of_new_texts(
    products: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scores are drawn for all texts anew: what is stated must hold for them on average."""
    rng = np.random.default_rng(0)
    stated, real = [], []
    for _ in range(200):

        def find_best_scores(method: object, index: object, texts: list[str]) -> Any:
            return rng.normal(0 if texts[0] == UNANSWERABLE["animals"][0] else 3, 1, len(texts))

        monkeypatch.setattr(no_match, "_find_best_scores", find_best_scores)
        measured = measure_no_match(None, None, products)  # type: ignore[arg-type]
        assert measured is not None
        assert (measured.texts, measured.other_texts) == (240, 92)
        stated.append((measured.flagged.mean, measured.noticed.mean))
        new = rng.normal(3, 1, 2000), rng.normal(0, 1, 2000)
        real.append([float((scores < measured.threshold).mean()) for scores in new])
    assert np.mean(stated, 0) == pytest.approx(np.mean(real, 0), abs=0.006)
    assert np.mean(real, 0)[0] == pytest.approx(FLAGGED, abs=0.01)
    assert np.mean(real, 0)[1] > 0.9


def test_an_unreadable_text_counts_as_flagged_and_few_texts_give_no_threshold(
    products: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        no_match, "embed_readable_texts", lambda method, texts: ([], np.empty((0, 3)))
    )

    scores = no_match._find_best_scores(None, None, ["a", "b"])  # type: ignore[arg-type]
    assert scores.tolist() == [-np.inf, -np.inf]
    assert measure_no_match(None, None, products.head(5)) is None  # type: ignore[arg-type]
