"""Spoilt pictures: nothing at 0, the same again for the same amounts, and what each one does."""

import numpy as np
import pytest
from PIL import Image

from similarity.perturbations import (
    GROUNDS,
    PERTURBATIONS,
    SCENES,
    SIDE,
    Perturbation,
    has_white_ground,
    perturb,
)
from similarity.pictures.thumbnails import shrink
from tests.units.drawing import draw

ALL = list(PERTURBATIONS.values())
EACH = [(each.key, amount) for each in ALL for amount in each.amounts if amount]


@pytest.fixture
def picture() -> Image.Image:
    return draw(1, (120, 90))


def pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture).astype(int)


def test_a_picture_without_an_amount_is_unchanged_at_any_size() -> None:
    large = draw(2, (3 * SIDE, SIDE))
    assert perturb(large, {}) is large
    assert perturb(large, dict.fromkeys(PERTURBATIONS, 0)) is large
    changed = perturb(large, {"flip": 1})
    assert max(changed.size) == SIDE
    assert changed.tobytes() == perturb(shrink(large, SIDE), {"flip": 1}).tobytes()


@pytest.mark.parametrize(("key", "amount"), EACH)
def test_every_amount_returns_a_different_and_reproducible_rgb_picture(
    picture: Image.Image, key: str, amount: int
) -> None:
    before = picture.tobytes()
    one, other = (perturb(picture, {key: amount}) for _ in range(2))
    assert one.mode == "RGB"
    assert one.tobytes() == other.tobytes()
    assert (one.size, one.tobytes()) != (picture.size, before)
    assert picture.tobytes() == before, "the picture itself is left alone"


@pytest.mark.parametrize("perturbation", ALL, ids=lambda each: each.key)
def test_measured_amounts_can_be_chosen_and_have_distinct_labels(
    perturbation: Perturbation,
) -> None:
    assert 0 in perturbation.amounts
    assert 0 not in perturbation.measured_amounts
    assert set(perturbation.measured_amounts) <= set(perturbation.amounts)
    assert list(perturbation.amounts) == sorted(set(perturbation.amounts))
    assert len({perturbation.format_amount(amount) for amount in perturbation.amounts}) == len(
        perturbation.amounts
    )


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (640, 13), (33, 48)])
def test_pictures_of_any_shape_can_be_distorted(size: tuple[int, int]) -> None:
    for key, amount in EACH:
        assert min(perturb(Image.new("RGB", size, "white"), {key: amount}).size) >= 1


def test_scenes_use_existing_amounts(picture: Image.Image) -> None:
    for name, amounts in SCENES.items():
        assert all(amount in PERTURBATIONS[key].amounts for key, amount in amounts.items()), name
        assert perturb(picture, amounts).tobytes() != picture.tobytes()


def test_right_angles_and_flips_lose_nothing(picture: Image.Image) -> None:
    at = pixels(picture)
    assert (pixels(perturb(picture, {"turn": 90})) == np.rot90(at)).all()
    assert (pixels(perturb(picture, {"turn": 180})) == at[::-1, ::-1]).all()
    assert (pixels(perturb(picture, {"turn": -90})) == np.rot90(at, -1)).all()
    assert (pixels(perturb(picture, {"flip": 1})) == at[:, ::-1]).all()
    assert (pixels(perturb(picture, {"flip": 2})) == at[::-1]).all()


def test_amounts_are_what_their_units_say(picture: Image.Image) -> None:
    at = pixels(picture)
    shifted = pixels(perturb(picture, {"shift": 10}))
    assert (shifted[:, 12:] == at[:, :-12]).all(), "10 % of 120 pixels"
    assert (shifted[:, :12] == 255).all()
    assert perturb(picture, {"crop": 40}).size == (72, 54)
    dark = pixels(perturb(picture, {"brightness": -50}))
    assert np.abs(dark - at / 2).max() <= 1
    grey = pixels(perturb(picture, {"grey": 100}))
    assert (np.ptp(grey, axis=-1) == 0).all()
    wide = Image.new("RGB", (400, 300), (128, 128, 128))
    noise = pixels(perturb(wide, {"noise": 20})) - 128
    assert noise.std() == pytest.approx(20, abs=0.2)
    red = Image.new("RGB", (8, 8), (255, 0, 0))
    assert pixels(perturb(red, {"hue": 120}))[0, 0].tolist() == pytest.approx([0, 255, 0], abs=8)


def test_zoom_moves_nothing_but_the_size() -> None:
    square = Image.new("RGB", (200, 200), "white")
    square.paste((0, 0, 200), (50, 50, 150, 150))
    for percent, side in ((-50, 50), (50, 150)):
        dark = pixels(perturb(square, {"zoom": percent}))[..., 0] < 128
        assert dark.any(0).sum() == pytest.approx(side, abs=2)
        assert np.argwhere(dark).mean(0) == pytest.approx([99.5, 99.5], abs=1)


def test_another_background_replaces_only_the_white_around_a_product() -> None:
    picture = Image.new("RGB", (100, 100), "white")
    picture.paste((180, 20, 20), (20, 20, 80, 80))
    picture.paste((255, 255, 255), (40, 40, 60, 60))  # enclosed by the product
    for kind in range(1, len(GROUNDS) + 1):
        changed = pixels(perturb(picture, {"ground": kind}))
        assert (changed[45:55, 45:55] == 255).all()
        assert (changed[25:35, 25:75] == (180, 20, 20)).all()
        assert (changed[:15].min(-1) < 250).all()


def test_a_picture_without_a_white_background_keeps_it() -> None:
    photo = Image.effect_noise((64, 64), 60).convert("RGB")
    assert not has_white_ground(photo)
    assert perturb(photo, {"ground": 2}).tobytes() == photo.tobytes()
    assert not PERTURBATIONS["ground"].applies_to(photo)
    assert PERTURBATIONS["ground"].applies_to(draw(3))


def test_several_perturbations_are_applied_in_a_fixed_order(picture: Image.Image) -> None:
    combined = perturb(picture, {"brightness": -40, "turn": 30})
    assert combined.tobytes() == perturb(picture, {"turn": 30, "brightness": -40}).tobytes()
    assert (
        combined.tobytes() == perturb(perturb(picture, {"turn": 30}), {"brightness": -40}).tobytes()
    )
