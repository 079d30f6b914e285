"""The Compare page in a real browser, on a server and indexes that are real too."""

import io
import re
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from harness.app import NARROW, Server
from harness.pages import (
    ANSWERS,
    CELLS,
    FOCUSED,
    LOADED,
    QUERY,
    open_page,
    read_query,
    upload,
    wait_for_query,
)
from precompute.__main__ import main
from similarity import METHODS, open_catalogue
from similarity.display.text import truncate
from similarity.store.paths import get_thumbnail_path
from similarity.ui.shared.pickers import choose_default_methods
from tests.browser.conftest import Several
from tests.conftest import copy_by_links
from tests.demo import BUILT


def test_the_first_screen_shows_every_methods_pictures(page: Page, app: str) -> None:
    open_page(page, app)
    methods = choose_default_methods(METHODS[key] for key in BUILT)
    expect(page.locator(f"{ANSWERS} h2")).to_have_count(len(methods))
    assert page.locator(CELLS).count() == 12 * len(methods)
    for key, column in zip(methods, page.locator(f"{ANSWERS} .column").all(), strict=True):
        expect(column).to_contain_text(METHODS[key].weights)
        expect(column).to_contain_text(METHODS[key].family)
        expect(column).to_contain_text(f"Licence: {METHODS[key].licence}")


def test_a_clicked_picture_becomes_the_query_and_back_returns(page: Page, app: str) -> None:
    open_page(page, app)
    first = read_query(page)
    cell = page.locator(CELLS).nth(4)
    second = cell.get_attribute("data-id") or ""
    cell.click()
    wait_for_query(page, second)
    assert f"product={second}" in page.url
    assert second not in [c.get_attribute("data-id") for c in page.locator(CELLS).all()]

    page.get_by_role("button", name="Browse").click()
    strip = page.locator(".board.strip .cell").nth(5)
    third = strip.get_attribute("data-id") or ""
    strip.click()
    wait_for_query(page, third)
    page.go_back()
    wait_for_query(page, second)
    page.go_back()
    wait_for_query(page, first)
    page.go_forward()
    wait_for_query(page, second)
    page.reload()
    wait_for_query(page, second)


def test_a_typed_text_is_searched_by_the_methods_with_text_search(page: Page, app: str) -> None:
    open_page(page, app)
    box = page.get_by_label("Search by text")
    box.fill("teapot")
    box.press("Enter")
    expect(page.locator(f"{QUERY} .asked")).to_have_text("“teapot”")
    expect(page.locator(f"{ANSWERS} h2")).to_have_text(["ConSE", "LiT"])
    expect(page.locator(CELLS)).to_have_count(24)
    page.wait_for_function(LOADED)
    expect(page.locator(f"{ANSWERS} .headline").last).to_have_text("12/12 teapots*")
    assert "text=teapot" in page.url


def test_an_example_query_is_asked_by_one_click(page: Page, app: str) -> None:
    open_page(page, app)
    page.get_by_role("button", name="Browse").click()
    page.get_by_role("button", name="Texts to search for").click()
    example = page.get_by_role("menuitem").first
    words = example.inner_text()
    example.click()
    expect(page.get_by_label("Search by text")).to_have_value(words)
    expect(page.locator(f"{QUERY} .asked")).to_have_text(f"“{words}”")


def test_a_dropped_picture_finds_itself_first_by_every_method(
    page: Page, app: str, built: Path
) -> None:
    catalogue = open_catalogue(built / "demo")
    product = catalogue.products.index[300]
    open_page(page, app)
    page.locator("input[type=file]").set_input_files(
        catalogue.root / catalogue.products["path"][product]
    )
    expect(page.locator(f"{QUERY} img")).to_have_attribute("src", re.compile("^data:image/webp"))
    for column in page.locator(f"{ANSWERS} .column").all():
        expect(column.locator(".cell").first).to_have_attribute("data-id", product)
        expect(column.locator(".score").first).to_have_text("1.000")
    page.wait_for_function(LOADED)
    page.locator(CELLS).nth(1).click()
    expect(page.locator(f"{QUERY} img")).to_have_attribute("src", re.compile("^thumbs/"))
    page.go_back()
    expect(page.locator(f"{QUERY} img")).to_have_attribute("src", re.compile("^data:image/webp"))


def test_a_bad_file_gets_a_message_and_changes_nothing(
    page: Page, app: str, tmp_path: Path
) -> None:
    open_page(page, app)
    before, address = read_query(page), page.url
    bad = tmp_path / "holiday.jpg"
    bad.write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    page.locator("input[type=file]").set_input_files(bad)
    expect(page.get_by_test_id("stAlert")).to_contain_text("This file can't be used")
    expect(page.get_by_test_id("stCode").first).to_contain_text("'holiday.jpg': it is damaged")
    wait_for_query(page, before)
    assert page.url == address


def test_a_deep_link_works_on_a_fresh_server(
    page: Page, built: Path, start: Callable[[Path], Server]
) -> None:
    product = open_catalogue(built / "demo").products.index[321]
    server = start(built)
    open_page(page, server.url, f"?product={product}&methods=pixels,conse&k=4")
    assert read_query(page) == product
    expect(page.locator(f"{ANSWERS} h2")).to_have_text(["Pixels", "ConSE"])
    expect(page.locator(CELLS)).to_have_count(8)


def test_the_keyboard_alone_is_enough(page: Page, app: str) -> None:
    open_page(page, app)
    page.get_by_role("button", name="Browse").focus()
    page.keyboard.press("Enter")
    strip = page.locator(".board.strip .cell")
    strip.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    third = strip.nth(2).get_attribute("data-id") or ""
    expect(strip.nth(2)).to_be_focused()
    page.keyboard.press("Enter")
    wait_for_query(page, third)
    expect(strip.nth(2)).to_be_focused()
    page.keyboard.press("Escape")
    expect(strip).to_have_count(0)
    page.get_by_role("button", name="Browse").focus()
    # However many pictures a grid has, it is one stop: the catalogue, copy a link, details,
    # their help, the next disagreement, (i), results.
    stops = 0
    while not re.fullmatch("board columns( plain)?( lit)? cell", page.evaluate(FOCUSED)):
        page.keyboard.press("Tab")
        stops += 1
        assert stops <= 10
    expect(page.locator(CELLS).first).to_be_focused()
    page.keyboard.press("End")
    last = page.locator(f"{ANSWERS} .column").first.locator(".cell").last
    expect(last).to_be_focused()
    product = last.get_attribute("data-id") or ""
    page.keyboard.press("Space")
    wait_for_query(page, product)


def test_every_picture_says_what_it_shows(page: Page, app: str) -> None:
    open_page(page, app)
    assert all(image.get_attribute("alt") for image in page.locator(".board img").all())
    label = page.locator(CELLS).first.get_attribute("aria-label") or ""
    assert re.match(r"Rank 1=?, (wrong, )?.+, cosine \d\.\d{3}(, .+)?$", label)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_narrow_screen_needs_no_sideways_scrolling(page: Page, app: str, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size(NARROW)
    open_page(page, app)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    boxes = [column.bounding_box() for column in page.locator(f"{ANSWERS} .column").all()]
    for box in boxes:
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= NARROW["width"]


ATTACK = (
    "![x](http://evil.example/x.png) **bold** :red[x] $x$ http://evil.example www.evil.example "
    "<img src=http://evil.example/y.png onerror=document.title='owned'>"
)


def test_texts_from_data_are_shown_as_they_are_and_fetch_nothing(
    page: Page, tmp_path: Path, several: Several
) -> None:
    """The fixture `page` fails the test if the browser asks any other host for anything."""
    draw_pictures(tmp_path / ATTACK.replace("/", "∕"), ATTACK, category=ATTACK)
    (tmp_path / ATTACK.replace("/", "∕") / "hats" / f"{ATTACK.replace('/', '∕')}.png").touch()
    source = str(tmp_path / ATTACK.replace("/", "∕"))
    arguments = ["--catalogue", source, "--name", "attacked", "--to", str(several.catalogues)]
    assert main([*arguments, "--methods", "pixels,conse"]) == 0
    url = several.url
    open_page(page, url, "?catalogue=attacked")
    expect(page.locator(f"{QUERY} .asked")).to_contain_text(ATTACK)
    page.get_by_role("button", name="Browse").click()
    page.get_by_test_id("stPopoverBody").get_by_test_id("stSelectbox").click()
    expect(page.get_by_role("option").first).to_have_text(ATTACK)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Texts to search for").click()
    example = page.get_by_role("menuitem").first
    expect(example).to_have_text(truncate(ATTACK.lower(), 40))
    example.click()
    expect(page.locator(f"{QUERY} .asked")).to_contain_text("![x](http://evil.example/")
    expect(page.locator(f"{CELLS}")).to_have_count(2)
    page.locator("input[type=file]").set_input_files(
        {"name": ATTACK.replace("/", "∕"), "mimeType": "image/png", "buffer": b"no picture"}
    )
    expect(page.get_by_test_id("stCode").first).to_contain_text(
        "![x](http:∕∕evil.example∕x.png) **bold"
    )
    for parameter in ("text", "product", "catalogue", "methods", "picture", "k"):
        page.goto(f"{url}/?{urlencode({'catalogue': 'attacked', parameter: ATTACK})}")
        expect(page.locator(".board.query")).to_be_visible()
        page.wait_for_function(LOADED)
    hurt = copy_by_links(several.catalogues / "attacked", several.catalogues / "hurt")
    place = open_catalogue(hurt).generation.folder / "facts.json"
    content = place.read_bytes()[:-1]
    place.unlink()
    place.write_bytes(content)
    page.goto(f"{url}/?catalogue=hurt")
    expect(page.get_by_test_id("stAlert")).to_have_text("This catalogue can't be opened.")
    expect(page.get_by_test_id("stCode").first).to_contain_text("python -m precompute --catalogue")
    assert page.title() != "owned"
    assert page.locator("a[href*=evil]").count() == 0


def test_a_long_caption_is_cut_on_the_page(page: Page, tmp_path: Path, several: Several) -> None:
    draw_pictures(tmp_path / "long", "word " * 200_000)
    arguments = ["--catalogue", str(tmp_path / "long"), "--to", str(several.catalogues)]
    assert main([*arguments, "--methods", "pixels"]) == 0
    open_page(page, several.url, "?catalogue=long")
    assert len(page.locator(f"{QUERY} .asked").inner_text()) < 400
    assert len(page.content()) < 1_000_000
    products = open_catalogue(several.catalogues / "long").products
    assert len(products["caption"].iloc[0]) == 999_999


def test_folders_that_differ_only_in_case_are_one_category(
    page: Page, tmp_path: Path, several: Several
) -> None:
    for number, name in enumerate(("Hats", "hats")):
        (tmp_path / "cases" / name).mkdir(parents=True)
        Image.new("RGB", (60, 40), (90 * number, 9, 9)).save(tmp_path / "cases" / name / "1.png")
    arguments = ["--catalogue", str(tmp_path / "cases"), "--to", str(several.catalogues)]
    assert main([*arguments, "--methods", "pixels"]) == 0
    open_page(page, several.url, "?catalogue=cases")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_text("cases · 2 products · 1 category")).to_be_visible()


def test_the_app_works_below_a_path_of_its_host(page: Page, built: Path, tmp_path: Path) -> None:
    server = Server(built, tmp_path / "log", "--server.baseUrlPath=some/sim")
    try:
        open_page(page, f"{server.url}/some/sim")
        page.locator(CELLS).nth(2).click()
        expect(page.locator(f"{CELLS}.busy")).to_have_count(0)
        page.wait_for_function(LOADED)
    finally:
        server.stop()


def test_another_catalogue_keeps_what_the_address_says(
    page: Page, built: Path, tmp_path: Path, several: Several
) -> None:
    copy_by_links(built / "demo", several.catalogues / "many")
    draw_pictures(tmp_path / "two", "a hat")
    arguments = ["--catalogue", str(tmp_path / "two"), "--to", str(several.catalogues)]
    assert main([*arguments, "--methods", "pixels"]) == 0
    open_page(page, several.url, "?catalogue=many&k=24&methods=pixels")
    expect(page.locator(CELLS)).to_have_count(24)
    for name, count in (("two", 1), ("many", 96)):
        page.get_by_test_id("stSelectbox").first.click()
        page.get_by_role("option", name=name).click()
        expect(page.locator(CELLS)).to_have_count(count)
        assert "k=24" in page.url
    expect(page.get_by_role("combobox", name="Results per method")).to_have_value("24 results")


def test_going_back_finds_the_picture_that_was_dropped_before(
    page: Page, app: str, tmp_path: Path
) -> None:
    open_page(page, app, "?methods=pixels")
    sources = []
    for colour in ("red", "green"):
        Image.new("RGB", (60, 40), colour).save(tmp_path / f"{colour}.png")
        upload(page, tmp_path / f"{colour}.png")
        expect(page.locator(f"{QUERY} .asked")).to_have_text(f"{colour}.png")
        sources.append(page.locator(f"{QUERY} img").get_attribute("src"))
    page.go_back()
    expect(page.locator(f"{QUERY} .asked")).to_have_text("red.png")
    assert page.locator(f"{QUERY} img").get_attribute("src") == sources[0]
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_uploads_are_released_and_large_ones_are_refused(
    page: Page, app: str, tmp_path: Path
) -> None:
    open_page(page, app, "?methods=pixels")
    for number in range(3):
        out = io.BytesIO()
        noise = np.random.default_rng(number).integers(0, 256, (300, 300, 3), np.uint8)
        Image.fromarray(noise).save(out, "PNG")
        upload(page, {"name": f"{number}.png", "mimeType": "image/png", "buffer": out.getvalue()})
        expect(page.locator(f"{QUERY} .asked")).to_have_text(f"{number}.png")
    metrics = page.request.get(f"{app}/_stcore/metrics").text()
    assert "cache_memory_bytes" in metrics
    assert "UploadedFile" not in metrics, "Streamlit holds none of them any more"
    large = tmp_path / "large.png"
    large.write_bytes(bytes(26_000_000))
    upload(page, large)
    expect(page.get_by_text("File must be 25.0MB or smaller")).to_be_visible()


def test_query_and_settings_survive_another_page(page: Page, app: str) -> None:
    open_page(page, app, "?k=4&methods=pixels,conse")
    page.locator(CELLS).nth(3).click()
    expect(page.locator(f"{CELLS}.busy")).to_have_count(0)
    product = read_query(page)
    page.get_by_role("link", name="Learn").click()
    expect(page.get_by_role("heading", name="1 · A picture as numbers")).to_be_visible()
    assert f"product={product}" in page.url
    page.get_by_role("link", name="Compare").click()
    wait_for_query(page, product)
    expect(page.locator(CELLS)).to_have_count(8)
    expect(page.locator(f"{ANSWERS} h2")).to_have_text(["Pixels", "ConSE"])
    assert "k=4" in page.url


def draw_pictures(folder: Path, caption: str, category: str = "") -> None:
    """Two small pictures with a metadata table."""
    (folder / "hats").mkdir(parents=True)
    for name, colour in (("a.png", "red"), ("b.png", "blue")):
        Image.new("RGB", (60, 40), colour).save(folder / "hats" / name)
    table = {"path": ["hats/a.png", "hats/b.png"], "caption": [caption] * 2}
    table |= {"category": [category] * 2, "colour": ["red", "blue"]}
    pd.DataFrame(table).to_csv(folder / "metadata.csv", index=False)


@pytest.mark.parametrize(
    "address",
    [
        "demo/00000000000000000000.webp",
        "demo/..%2F..%2Fcatalogue.json",
        "..%2Fdemo/00000000000000000000.webp",
        "demo/%2e%2e/%2e%2e/catalogue.json",
    ],
)
def test_only_thumbnails_are_served_as_thumbnails(page: Page, app: str, address: str) -> None:
    answer = page.request.get(f"{app}/thumbs/{address}")
    assert '"generation"' not in answer.text()
    assert answer.status >= 400 or "text/html" in answer.headers["content-type"]


def test_a_linked_thumbnail_and_an_emptied_one_are_not_served(
    page: Page, tmp_path: Path, several: Several
) -> None:
    draw_pictures(tmp_path / "linked", "a hat")
    arguments = ["--catalogue", str(tmp_path / "linked"), "--to", str(several.catalogues)]
    assert main([*arguments, "--methods", "pixels"]) == 0
    catalogue = open_catalogue(several.catalogues / "linked")
    one, two = catalogue.products.index
    places = [catalogue.generation.folder / get_thumbnail_path(product) for product in (one, two)]
    (tmp_path / "secret").write_text("secret")
    places[0].unlink()
    places[0].symlink_to(tmp_path / "secret")
    places[1].write_bytes(b"")
    for product in (one, two):
        answer = page.request.get(f"{several.url}/thumbs/linked/{product}.webp")
        assert (answer.status, answer.text()) == (404, "There is no such picture.")


def test_clicks_during_a_rebuild_get_complete_results(
    page: Page, tmp_path: Path, several: Several
) -> None:
    draw_pictures(tmp_path / "rebuilt", "a hat")
    arguments = ["--catalogue", str(tmp_path / "rebuilt"), "--to", str(several.catalogues)]
    build = [*arguments, "--methods", "pixels"]
    assert main(build) == 0
    open_page(page, several.url, "?catalogue=rebuilt")
    for number in range(6):
        Image.new("RGB", (60, 40), (0, 40 * number, 90)).save(tmp_path / "rebuilt/hats/b.png")
        with ThreadPoolExecutor(1) as pool:
            publishing = pool.submit(main, build)
            for _ in range(3):
                page.locator(CELLS).first.click()
                page.wait_for_timeout(60)
                assert page.locator(f"{ANSWERS} .failure:not(:empty)").count() == 0
            assert publishing.result() == 0
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.locator(CELLS)).to_have_count(1)
    page.reload()
    expect(page.locator(CELLS)).to_have_count(1)
    page.wait_for_function(LOADED)
    assert (several.catalogues / "rebuilt" / "generations" / "14").is_dir()


def test_the_app_listens_only_on_this_machine(app: str) -> None:
    port = int(app.rsplit(":", 1)[1])
    socket.create_connection(("127.0.0.1", port), 5).close()
    # Another address of the same machine: a server that listens on all of them would answer.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), 5)


def test_the_app_sends_no_statistics(page: Page, app: str) -> None:
    """The fixture `page` fails the test if the browser asks any other host for anything."""
    open_page(page, app)
    product = page.locator(CELLS).first.get_attribute("data-id") or ""
    page.locator(CELLS).first.click()
    wait_for_query(page, product)
    config = page.request.get(f"{app}/_stcore/host-config").json()
    assert config["metricsUrl"] in ("", "off")
