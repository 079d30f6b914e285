"""The thumbnail route serves thumbnails and no other file."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from similarity import Catalogue
from similarity.ui.shared.thumbnails import ROUTE, thumbnail_url


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=[ROUTE]))


def test_a_products_thumbnail_is_at_its_address(client: TestClient, shop: Catalogue) -> None:
    product = shop.products.index[3]
    answer = client.get(thumbnail_url("shop", product))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert answer.content == shop.read_thumbnail(product)


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
def test_any_other_address_is_not_found(address: str, client: TestClient, shop: Catalogue) -> None:
    # the two path parameters could name a file such as /etc/hostname
    outside = next(path for path in Path("/etc").iterdir() if path.is_file() and not path.suffix)
    path = address.format(product=shop.products.index[3], outside=str(outside).strip("/"))
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.text in ("There is no such picture.", "Not Found")
