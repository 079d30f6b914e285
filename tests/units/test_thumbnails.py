"""Thumbnails by their address, and nothing else."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from similarity import Catalogue
from similarity.ui.thumbnails import ROUTE, thumbnail_url


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=[ROUTE]))


def test_a_products_thumbnail_is_at_its_address(client: TestClient, shop: Catalogue) -> None:
    product = shop.products.index[3]
    answer = client.get(thumbnail_url("shop", product))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert answer.content == shop.thumbnail(product)


@pytest.mark.parametrize(
    "address",
    [
        "/thumbs/shop/" + "0" * 20 + ".webp",
        "/thumbs/other/{product}.webp",
        "/thumbs/{outside}.webp",
        "/thumbs/..%2Fshop/{product}.webp",
        "/thumbs/shop/..%2F{product}.webp",
        "/thumbs/shop/%00.webp",
    ],
)
def test_nothing_else_is_given_away(
    address: str, client: TestClient, shop: Catalogue, tmp_path: Path
) -> None:
    # a file in a folder at the top of this machine, as the two parts of an address name one
    outside = next(path for path in Path("/etc").iterdir() if path.is_file() and not path.suffix)
    asked = address.format(product=shop.products.index[3], outside=str(outside).strip("/"))
    answer = client.get(asked)
    assert answer.status_code == 404
    assert answer.text in ("There is no such picture.", "Not Found")
