"""The demo catalogue: what the drawing promises of its pictures and of their metadata."""

import colorsys
import csv
import io
import zipfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from drawing import KINDS, write_demo, write_folder
from drawing import catalogue as making
from precompute.sources.demo import ARCHIVE

SIDE = 224
PER_KIND = 2
COLOURS = {
    "black", "white", "grey", "silver", "red", "pink", "orange", "yellow", "green", "blue",
    "purple", "brown",
}  # fmt: skip
_Products = dict[str, list[making.Product]]
COLUMNS = ["path", "category", "department", "colour", "pattern", "caption"]


def _lines(folder: Path) -> list[dict[str, str]]:
    with (folder / "metadata.csv").open(newline="", encoding="utf-8") as table:
        return list(csv.DictReader(table))


def _files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def _pixels(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file).convert("RGB"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_folder(folder, per_kind=PER_KIND)
    return folder


@pytest.fixture(scope="module")
def products() -> _Products:
    """What a full catalogue says of its products, undrawn."""
    return {kind: [making.designed(kind, n, 0)[0] for n in range(40)] for kind in KINDS}


@pytest.fixture
def two_kinds(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A catalogue of two kinds, for what does not depend on which."""
    few = {kind: KINDS[kind] for kind in ("mug", "ring")}
    monkeypatch.setattr(making, "KINDS", few)
    return dict(few)


def test_there_are_at_least_32_kinds_of_ten_departments() -> None:
    assert len(KINDS) >= 32
    per_department = Counter(kind.department for kind in KINDS.values())
    assert len(per_department) == 10
    assert min(per_department.values()) >= 2


def test_every_kind_has_three_shapes_and_six_colours() -> None:
    for name, kind in KINDS.items():
        assert len(kind.shapes) >= 3, name
        assert len(set(kind.colours)) >= 6, name
        assert set(kind.colours) <= COLOURS, name
        assert "-" in name or name.replace(" ", "").isalpha(), name
        assert name == name.lower(), name


def test_every_product_has_a_picture_and_every_picture_a_line(demo: Path) -> None:
    lines = _lines(demo)
    assert list(lines[0]) == COLUMNS
    assert len(lines) == len(KINDS) * PER_KIND
    assert {line["path"] for line in lines} == set(_files(demo)) - {"metadata.csv"}
    for line in lines:
        kind = line["category"]
        assert line["path"].startswith(f"{kind}/{kind.replace(' ', '-')}-00")
        assert line["department"] == KINDS[kind].department
        assert line["colour"] in KINDS[kind].colours


def test_pictures_are_opaque_and_white_at_their_borders(demo: Path) -> None:
    for line in _lines(demo):
        picture = Image.open(demo / line["path"])
        assert picture.size == (SIDE, SIDE)
        assert np.asarray(picture.convert("RGBA"))[..., 3].min() == 255
        pixels = _pixels(demo / line["path"])
        border = [pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]
        assert all((edge == 255).all() for edge in border), line["path"]


def test_products_fill_most_of_the_picture(demo: Path) -> None:
    for line in _lines(demo):
        rows, columns = np.nonzero(_pixels(demo / line["path"]).min(axis=2) < 235)
        longer = max(np.ptp(rows), np.ptp(columns))
        assert 0.55 * SIDE < longer < 0.99 * SIDE, line["path"]


def test_the_same_seed_draws_the_same_pictures(two_kinds: dict, tmp_path: Path) -> None:
    write_folder(tmp_path / "one", seed=3, per_kind=PER_KIND)
    write_folder(tmp_path / "two", seed=3, per_kind=PER_KIND)
    assert _files(tmp_path / "one") == _files(tmp_path / "two")


def test_another_seed_draws_other_pictures(two_kinds: dict, tmp_path: Path) -> None:
    write_folder(tmp_path / "one", seed=0, per_kind=1)
    write_folder(tmp_path / "two", seed=1, per_kind=1)
    one, two = _files(tmp_path / "one"), _files(tmp_path / "two")
    assert one.keys() == two.keys()
    assert all(one[name] != two[name] for name in one)


def test_other_kinds_and_a_larger_catalogue_leave_a_picture_alone(
    demo: Path, two_kinds: dict, tmp_path: Path
) -> None:
    write_folder(tmp_path, per_kind=PER_KIND + 1)
    whole, part = _files(demo), _files(tmp_path)
    shared = (whole.keys() & part.keys()) - {"metadata.csv"}
    assert len(shared) == len(two_kinds) * PER_KIND
    assert all(whole[name] == part[name] for name in shared)


def test_the_demo_archive_equals_a_new_drawing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(tmp_path)
    lines = {line["path"]: line for line in _lines(tmp_path)}
    assert len(lines) == len(KINDS) * making.PER_KIND
    for number in range(0, len(lines), 100):
        kind = list(KINDS)[number // making.PER_KIND]
        product, svg = making.designed(kind, number % making.PER_KIND, 0)
        path = product.path.replace(".png", ".webp")
        assert lines[path] == asdict(product) | {"path": path}
        drawn = np.asarray(Image.open(io.BytesIO(making.rendered(svg))).convert("RGB"), np.float64)
        assert np.abs(drawn - _pixels(tmp_path / path)).mean() < 3, path


def test_the_same_products_make_the_same_archive(two_kinds: dict, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        write_demo(tmp_path / name, per_kind=2)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_progress_counts_up_to_the_number_of_products(two_kinds: dict, tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    write_folder(tmp_path, per_kind=2, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_captions_name_the_kind_and_the_colour(products: _Products) -> None:
    texts: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for kind, products_of_kind in products.items():
        for product in products_of_kind:
            words = product.caption.lower()
            assert kind in words, product
            assert product.colour in words.replace(",", "").split(), product
            assert product.caption[0].isupper(), product
            assert "  " not in words, product
            assert not words.endswith((" ", ",")), product
            texts[kind].add(product.caption)
    assert min(len(captions) for captions in texts.values()) > 20


def test_colours_are_spread_evenly_and_half_the_products_are_plain(products: _Products) -> None:
    patterns: Counter[str] = Counter()
    for kind, products_of_kind in products.items():
        colours = Counter(product.colour for product in products_of_kind)
        assert set(colours) == set(KINDS[kind].colours), kind
        assert max(colours.values()) - min(colours.values()) <= 1, kind
        patterns.update(product.pattern for product in products_of_kind)
    assert 0.42 < patterns["plain"] / patterns.total() < 0.58
    assert len(patterns) >= 8


# Hues in degrees that a colour may have; the neutral ones are told by saturation instead.
_HUES = {
    "red": (345, 12),
    "pink": (325, 352),
    "orange": (14, 36),
    "yellow": (38, 58),
    "green": (125, 165),
    "blue": (205, 228),
    "purple": (262, 295),
    "brown": (14, 36),
}
_LIGHTNESS = {
    "black": (0, 0.3),
    "white": (0.75, 1),
    "grey": (0.35, 0.68),
    "silver": (0.6, 0.95),
    "orange": (0.42, 1),
    "brown": (0, 0.42),
}


def _hue_lightness_chroma(file: Path, *, chromatic: bool) -> tuple[float, float, float]:
    """Of the product's median colour: hue in degrees, lightness and chroma from 0 to 1.

    Of a product said to be coloured the coloured pixels are looked at, if they are a fifth or
    more: a smart watch with a red strap is called red however large its black screen.
    """
    pixels = _pixels(file).reshape(-1, 3) / 255
    pixels = pixels[(pixels < 0.97).any(axis=1)]
    coloured = pixels[np.ptp(pixels, axis=1) > 0.2]
    if chromatic and len(coloured) > 0.2 * len(pixels):
        pixels = coloured
    red, green, blue = np.median(pixels, axis=0)
    hue, lightness, _ = colorsys.rgb_to_hls(red, green, blue)
    return hue * 360, lightness, max(red, green, blue) - min(red, green, blue)


@pytest.mark.parametrize("kind", KINDS)
def test_a_plain_product_has_the_colour_it_says(kind: str, tmp_path: Path) -> None:
    for number in range(4):
        product, svg = making.designed(kind, number, 0)
        if product.pattern != "plain":
            continue
        file = tmp_path / "picture.png"
        file.write_bytes(making.rendered(svg))
        hue, lightness, chroma = _hue_lightness_chroma(file, chromatic=product.colour in _HUES)
        message = f"{product.path} says {product.colour}: {hue:.0f} {lightness:.2f} {chroma:.2f}"
        if product.colour in _HUES:
            low, high = _HUES[product.colour]
            assert (hue - low) % 360 <= (high - low) % 360, message
            assert chroma > 0.15, message
        else:
            assert chroma < 0.12, message
        darkest, lightest = _LIGHTNESS.get(product.colour, (0, 1))
        assert darkest <= lightness <= lightest, message
