"""A real app on real indexes, and a real browser."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Error,
    Page,
    expect,
    sync_playwright,
)

from harness.app import WIDE, Server
from harness.chromium import FLAGS, find_chromium
from similarity import Catalogue, open_catalogue
from tests.conftest import UNLOCKED

# The first words after a start wait for a model, on a busy machine for long: no test is about that.
expect.set_options(timeout=60_000)


class Several(NamedTuple):
    """A folder of catalogues, and the address of an app that shows them."""

    catalogues: Path
    url: str


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start fresh servers; they are stopped after the test."""
    servers: list[Server] = []

    def begin(catalogues: Path, script: str = "app.py", options: Sequence[str] = ()) -> Server:
        log = tmp_path / f"server-{len(servers)}.log"
        servers.append(Server(catalogues, log, *options, script=script))
        return servers[-1]

    yield begin
    for server in servers:
        server.stop()


@pytest.fixture(scope="package")
def catalogues(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of catalogues that `app` shows; only browser tests use it."""
    folder = tmp_path_factory.mktemp("app") / "catalogues"
    shutil.copytree(built, folder, copy_function=os.link, ignore=UNLOCKED)
    return folder


@pytest.fixture(scope="package")
def app(catalogues: Path) -> Iterator[str]:
    """The address of an app that the tests share."""
    server = Server(catalogues, catalogues.with_name("server.log"))
    yield server.url
    server.stop()


@pytest.fixture
def several(catalogues: Path, app: str) -> Iterator[Several]:
    """The shared app and its folder, for tests that add catalogues. They are removed afterwards."""
    before = set(catalogues.iterdir())
    yield Several(catalogues, app)
    for other in set(catalogues.iterdir()) - before:
        shutil.rmtree(other)


@pytest.fixture
def catalogue(catalogues: Path) -> Catalogue:
    """What that app shows."""
    return open_catalogue(catalogues / "demo")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """What all pages of `page` are opened in: it keeps the app's scripts, of megabytes."""
    opened = browser.new_context(viewport=WIDE)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page of a new visitor that fails the test on a script error or a request to elsewhere."""
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda r: wrong.append(r.url) if not is_local(r.url) else None)
    yield opened
    with suppress(Error):  # on a page of another origin, there is nothing to forget
        opened.evaluate("localStorage.clear(), sessionStorage.clear()")
    for each in context.pages:
        each.close()
    context.clear_cookies()
    context.clear_permissions()
    assert not wrong


def is_local(url: str) -> bool:
    """Whether a request stays on this machine."""
    return url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))
