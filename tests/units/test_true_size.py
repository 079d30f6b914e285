"""Published methods at their true size: that it is theirs, and that they are of use at it.

Networks are built without their numbers, on torch's device meta, and compared with what their
authors publish; with random numbers they take gigabytes and minutes, which `make test-all` has.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.published import WRITERS
from harness.published_today import WORDS, build_on_meta, register_small
from similarity.methods import (
    METHODS,
    bind_available_weights,
    clip,
    clip_multilingual,
    dinov2,
    dinov3,
    fashion_siglip,
    pe_core,
    resnet50,
    siglip2,
    simclr_resnet50,
)
from tests.units import test_published_methods, test_published_today
from tests.units.small import shrink

CHECKS = test_published_methods.CHECKS | test_published_today.CHECKS


def by_transformers(kind: str, settings: Callable[[], Any]) -> Any:
    import transformers

    return getattr(transformers, kind)(settings())


def by_open_clip(name: str) -> Any:
    import open_clip

    register_small()
    settings: Any = open_clip.get_model_config(name)
    return open_clip.CustomTextCLIP(**{k: v for k, v in settings.items() if k != "custom_text"})


def with_head(network: Callable[[], Any]) -> Any:
    """A ResNet-50 with the head that is published too."""
    from torch import nn

    network_built = network()
    network_built.fc = nn.Linear(2048, 1000)
    return network_built


# Each network whole, as its file of weights has it.
NETWORKS: dict[str, Callable[[], Any]] = {
    "resnet50": lambda: with_head(resnet50.build_network),
    "simclr": lambda: simclr_resnet50.build_network(),
    "clip": lambda: clip.build_network(),
    "clip_multilingual": lambda: clip_multilingual.build_network(),
    "dinov2": lambda: by_transformers("Dinov2Model", dinov2.make_settings),
    "dinov3": lambda: by_transformers("DINOv3ViTModel", dinov3.make_settings),
    "siglip2": lambda: by_transformers("SiglipModel", siglip2.make_settings),
    "fashion_siglip": lambda: by_open_clip(fashion_siglip.NAME),
    "pe_core": lambda: by_open_clip(pe_core.NAME),
}
# parameters of other files: CLIP's, whose pictures it takes, and a layer that leads to their space
OTHER_PARAMETERS = {"clip_multilingual": clip.METHOD.parameters + 768 * clip.DIM}
# what follows the last of the layers that small networks keep
NEXT = {
    "resnet50": r"layer\d\.1\.",
    "simclr": r"layer\d\.1\.",
    "clip": r"layers\.2\.",
    "clip_multilingual": r"layer\.2\.",
    "dinov2": r"layer\.2\.",
    "dinov3": r"layer\.2\.",
    "siglip2": r"layers\.2\.",
    "fashion_siglip": r"(re)?s?blocks\.2\.",
}


def shapes(key: str) -> Mapping[str, tuple[int, ...]]:
    """The shapes of a network's tensors, by their names."""
    tensors = build_on_meta(NETWORKS[key]).state_dict()
    return {name: tuple(values.shape) for name, values in tensors.items()}


def test_every_published_network_is_tested() -> None:
    assert NETWORKS.keys() == CHECKS.keys()
    assert NETWORKS.keys() == {key for key, method in METHODS.items() if method.published}


@pytest.mark.parametrize("key", NETWORKS)
def test_a_network_has_the_parameters_and_the_bytes_of_the_published_one(key: str) -> None:
    method, model = METHODS[key], build_on_meta(NETWORKS[key])
    assert method.published is not None
    parameters = sum(values.numel() for values in model.parameters())
    tensors = [values.numel() * values.element_size() for values in model.state_dict().values()]
    size = method.published.files[0].size
    if size:  # nobody states that of SimCLR's
        # before the numbers stand each tensor's name, shape and place
        assert sum(tensors) + 50 * len(tensors) < size < sum(tensors) + 200 * len(tensors)
    assert parameters + OTHER_PARAMETERS.get(key, 0) == method.parameters


@pytest.mark.parametrize("key", NEXT)
def test_a_small_network_differs_only_in_depth_and_vocabulary(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = shapes(key)
    with monkeypatch.context() as patch:
        patch.setitem(METHODS, "pe_core", METHODS["pe_core"])
        shrink(patch.setattr)
        few = shapes(key)
    assert few.keys() < whole.keys()
    left = whole.keys() - few.keys()
    assert any(re.search(NEXT[key], name) for name in left)
    assert not any(re.search(NEXT[key], name) for name in few)
    vocabularies = {name for name in few if few[name] != whole[name]}
    assert len(vocabularies) == (key in ("clip", "clip_multilingual", "siglip2", "fashion_siglip"))
    for name in vocabularies:
        assert few[name] == (WORDS, *whole[name][1:]), name


@pytest.mark.large
@pytest.mark.parametrize("key", CHECKS)
def test_at_its_true_size_it_answers_as_the_library_that_it_was_published_with(
    key: str, tmp_path: Path
) -> None:
    other = METHODS[key].pictures_by
    by = other and bind_available_weights(other, str(WRITERS[other.key](tmp_path / other.key)))
    CHECKS[key](bind_available_weights(METHODS[key], str(WRITERS[key](tmp_path / key)), by))
