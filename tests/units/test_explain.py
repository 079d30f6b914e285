"""What the Learn page computes, against plain numpy and against the methods themselves."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from similarity import METHODS
from similarity.embedding import embed_pictures
from similarity.methods import Method, simclr
from similarity.methods.trained_files import FOLDER, open_trained
from similarity.networks import networks
from similarity.perturbations import rotate, shift
from similarity.ui.learn import explain
from tests.units.drawing import draw

SMALL = METHODS["simclr_small"]


@pytest.fixture
def pictures() -> list[Image.Image]:
    return [draw(number, (224, 224)) for number in range(3)]


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_a_picture_upside_down_is_its_rows_and_columns_reversed(
    pictures: list[Image.Image],
) -> None:
    upside_down = rotate(pictures[0], 180)
    assert (np.asarray(upside_down) == np.asarray(pictures[0])[::-1, ::-1]).all()


def test_a_shifted_picture_has_its_border_s_colour_where_it_came_from() -> None:
    square = Image.new("RGB", (224, 224), (10, 200, 30))
    square.paste((255, 0, 0), (100, 100, 120, 120))
    values = np.asarray(shift(square, 10))
    assert (values[:, :10] == (10, 200, 30)).all()
    assert (values[:, 10:] == np.asarray(square)[:, :-10]).all()
    assert (np.asarray(shift(square, 0)) == np.asarray(square)).all()


def test_the_squashed_picture_has_the_numbers_of_the_vector(pictures: list[Image.Image]) -> None:
    wide = pictures[0].resize((300, 200))
    values = np.asarray(explain.squash(wide), np.float32).ravel() / np.float32(255)
    assert (values == explain.flatten(wide)).all()


def test_the_share_of_white_is_that_of_the_pixels_white_in_all_colours() -> None:
    square = Image.new("RGB", (224, 224), "white")
    square.paste((255, 255, 0), (0, 0, 112, 224))
    assert explain.compute_white_share(explain.flatten(square)) == 0.5


def test_without_its_head_the_classifier_is_the_method_and_with_it_are_the_names(
    pictures: list[Image.Image],
) -> None:
    features, chances = explain.compute_classifier_outputs(pictures)
    assert np.allclose(features, embed_pictures(METHODS["efficientnet"], pictures), atol=1e-5)
    assert np.allclose(chances.sum(1), 1, atol=1e-5)
    names = explain.list_top_classes(chances[0], 5)
    assert [share for _, share in names] == sorted(map(float, chances[0]), reverse=True)[:5]
    cosines = explain.compute_cosines(features[0], list(features[1:]))
    assert np.allclose(cosines, [cosine(features[0], f) for f in features[1:]], atol=1e-6)


def test_views_differ_from_each_other_and_are_as_strong_as_the_method_was_trained(
    pictures: list[Image.Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = explain.make_views(SMALL, pictures[0], 2)
    assert one.size == other.size == (224, 224)
    assert (np.asarray(one) != np.asarray(other)).any()
    strengths: list[tuple[float, ...]] = []
    make_augmentation = simclr.make_augmentation

    def noted(side: int, *strength: float) -> object:
        strengths.append(strength)
        return make_augmentation(side, *strength)

    monkeypatch.setattr(simclr, "make_augmentation", noted)
    explain.make_views(SMALL, pictures[0], 1)
    explain.make_views(METHODS["simclr"], pictures[0], 1)
    assert strengths == [(simclr.STRENGTH, simclr.MIN_CROP), explain.PAPER_STRENGTH]


def test_after_training_is_the_shipped_network_and_before_it_a_random_one_that_stays_the_same(
    pictures: list[Image.Image],
) -> None:
    before, after = explain.load_networks(SMALL)
    tensors = open_trained(FOLDER / "simclr_small.safetensors", lambda tensors, _: tensors)
    whitened = simclr.whiten(after(pictures), tensors["mean"], tensors["whitening"])
    assert np.allclose(whitened, embed_pictures(SMALL, pictures), atol=1e-4)
    networks.release_idle()
    again, _ = explain.load_networks(SMALL)
    assert (again(pictures) == before(pictures)).all()
    assert not np.allclose(before(pictures), after(pictures), atol=0.01)


def test_the_published_simclr_is_compared_with_its_own_network_untrained(
    pictures: list[Image.Image], published: Callable[[str], Method]
) -> None:
    method = published("simclr")
    before, after = explain.load_networks(method)
    assert (after(pictures) == embed_pictures(method, pictures)).all()
    assert before(pictures).shape == (3, method.dim)
    assert (before(pictures) != after(pictures)).any()


def test_one_set_of_pictures_is_compared_with_another(pictures: list[Image.Image]) -> None:
    _, network = explain.load_networks(SMALL)
    cosines = explain.compute_cross_cosines(network, pictures[:2], pictures)
    vectors = network(pictures)
    plain = [[cosine(one, other) for other in vectors] for one in vectors[:2]]
    assert np.allclose(cosines, plain, atol=1e-5)
