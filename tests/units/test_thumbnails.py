"""The thumbnail route serves thumbnails and no other file."""

import threading
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from similarity import Catalogue
from similarity.ui.shared.caches import find_opened
from similarity.ui.shared.thumbnails import ROUTE, thumbnail_url


@pytest.fixture
def client() -> TestClient:
    return TestClient(Starlette(routes=[ROUTE]))


def test_a_products_thumbnail_is_at_its_address(client: TestClient, shop: Catalogue) -> None:
    product = shop.products.index[3]
    answer = client.get(f"/{thumbnail_url('shop', product)}")
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


def test_a_rebuilt_catalogue_is_opened_outside_of_the_event_loop(
    shop: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    loops, openers = [], []

    def open_slowly(folder: Path) -> Catalogue:
        openers.append(threading.current_thread())
        return Catalogue(folder)

    def observe(name: str) -> Catalogue | None:
        loops.append(threading.current_thread())
        return find_opened(name)

    monkeypatch.setattr("similarity.ui.shared.caches.open_catalogue", open_slowly)
    monkeypatch.setattr(
        "similarity.ui.shared.thumbnails.find_opened",
        observe,
    )
    product = shop.products.index[0]
    with TestClient(Starlette(routes=[ROUTE])) as client:
        for _ in range(2):
            assert client.get(f"/{thumbnail_url('shop', product)}").status_code == 200
    assert len(set(loops)) == 1
    assert len(openers) == 1
    assert openers[0] not in loops
