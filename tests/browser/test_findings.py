"""From a finding that is kept to a report that is opened elsewhere."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from harness.app import NARROW, WIDE
from similarity import Catalogue
from similarity.findings.boards import Boards
from similarity.findings.compose.page import refuse_picture
from similarity.findings.database import FILE
from similarity.findings.finding import DEFAULT_BOARD
from similarity.findings.keep import keep_page
from similarity.findings.link import parse_link

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
COMPARE = "compare?catalogue=demo&methods=pixels,efficientnet&k=12&weak=90&product="
PROJECTOR = ViewportSize(width=1920, height=1080)


@pytest.fixture
def boards(catalogue: Catalogue) -> Iterator[Boards]:
    """The boards of the app's catalogue, which other tests don't have."""
    boards = Boards(catalogue.folder)
    saved = {path: path.read_bytes() for path in Path(catalogue.folder).glob(f"{FILE}*")}
    for path in saved:
        path.unlink()
    yield boards
    for path in Path(catalogue.folder).glob(f"{FILE}*"):
        path.unlink()
    for path, content in saved.items():
        path.write_bytes(content)


def keep(catalogue: Catalogue, *links: str, title: str = "", note: str = "") -> None:
    for link in links:
        keep_page(catalogue, parse_link(link), DEFAULT_BOARD, refuse_picture, title, note)


def list_violations(page: Page, *levels: str) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [v["id"] for v in violations if v["impact"] in levels or not levels]


def list_titles(page: Page) -> list[str]:
    return page.locator(".finding .title").all_inner_texts()


def test_what_is_kept_is_sorted_edited_deleted_and_restored(
    page: Page, app: str, catalogue: Catalogue, boards: Boards
) -> None:
    # kept by a key, which does nothing while one types
    page.goto(f"{app}/?text=red+dress")
    expect(page.locator(".board.columns .headline").first).to_be_visible()
    page.get_by_placeholder("Search").press("k")
    page.get_by_placeholder("Search").press("Backspace")
    page.locator("h1, .board").first.click(position={"x": 1, "y": 1})
    page.keyboard.press("k")
    expect(page.get_by_test_id("stToast")).to_contain_text("Kept on “Findings”: For “red dress”")
    page.goto(f"{app}/measure")
    expect(page.get_by_text("leads for").first).to_be_visible()
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_test_id("stToast")).to_contain_text("leads for")
    keep(catalogue, COMPARE + catalogue.products.index[0], title="Third")
    first, second, third = (each.title for each in boards.list_findings(DEFAULT_BOARD))

    page.get_by_role("link", name="Findings").click()
    expect(page.locator(".finding")).to_have_count(3)
    assert list_titles(page) == [first, second, third]
    expect(page.get_by_test_id("stToast")).to_have_count(0)  # Streamlit's has no name
    assert list_violations(page, "serious", "critical") == []

    # moved by keys, by a button and by dragging
    page.locator(".finding .handle").first.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(".finding .title").first).to_have_text(second)
    page.get_by_role("button", name=f"Move up: {third}").click()
    expect(page.locator(".finding .title").nth(1)).to_have_text(third)
    page.locator(".finding .handle").nth(2).drag_to(page.locator(".finding").first)
    expect(page.locator(".finding .title").first).to_have_text(first)
    assert [each.title for each in boards.list_findings(DEFAULT_BOARD)] == [first, second, third]

    # edited; what somebody else changed meanwhile is not overwritten
    page.get_by_role("button", name=f"Edit: {third}").click()
    page.get_by_label("Title").fill("For Monday")
    page.get_by_label("Note").fill("Line one\nLine two")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".finding .title").nth(2)).to_have_text("For Monday")
    expect(page.locator(".finding .note")).to_have_text("Line one\nLine two")
    page.get_by_role("button", name="Edit: For Monday").click()
    expect(page.get_by_label("Title")).to_have_value("For Monday")
    finding = boards.list_findings(DEFAULT_BOARD)[2]
    boards.edit(finding.number, "By somebody else", "", finding.revision)
    page.get_by_label("Title").fill("By me")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Somebody has changed this finding meanwhile")).to_be_visible()
    page.keyboard.press("Escape")
    assert boards.list_findings(DEFAULT_BOARD)[2].title == "By somebody else"

    # deleted, and restored at its place
    page.reload()
    page.get_by_role("button", name=f"Delete: {second}").click()
    expect(page.locator(".finding")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".finding")).to_have_count(3)
    assert list_titles(page)[1] == second

    # the page opens again as it was
    page.get_by_role("button", name=f"Open the page: {first}").click()
    expect(page.get_by_text("For “red dress”").first).to_be_visible()


def test_a_board_is_presented_by_keys_and_a_click_still_asks(
    page: Page, app: str, catalogue: Catalogue, boards: Boards
) -> None:
    ids = catalogue.products.index
    keep(catalogue, COMPARE + ids[0], note="Say this.")
    keep(catalogue, "measure?catalogue=demo&open=attribute-1", "robustness?catalogue=demo")
    page.set_viewport_size(PROJECTOR)
    page.goto(f"{app}/findings")
    page.get_by_role("button", name="Present", exact=True).click()
    expect(page.locator(".deck.ready")).to_be_visible()
    count = page.locator(".deck .count")
    expect(count).to_have_text("1 / 3")
    slide = page.locator(".slide:not([hidden])")
    size = slide.locator("h2").first.evaluate(
        "(node) => parseFloat(getComputedStyle(node).fontSize)"
    )
    assert size >= 24, "legible from the back of a room"
    assert list_violations(page, "serious", "critical") == []

    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    expect(slide.locator(".note")).to_be_hidden()
    page.keyboard.press("n")
    expect(slide.locator(".note")).to_have_text("Say this.")
    for key, place in (("PageDown", 2), ("ArrowRight", 3), ("ArrowRight", 3), ("PageUp", 2)):
        page.keyboard.press(key)
        expect(count).to_have_text(f"{place} / 3")
        assert slide.locator("img[src]").evaluate_all("(all) => all.every((one) => one.complete)")
    expect(slide.locator(".chart img")).to_be_visible()
    assert not requests, "everything was there before"
    page.keyboard.press("Home")
    expect(count).to_have_text("1 / 3")

    # a click asks for that product, and the finding comes back
    title = slide.locator("h1").inner_text()
    before = slide.locator(".picture img").first.get_attribute("src")
    slide.locator(".picture").nth(2).click()
    reset = page.get_by_role("button", name="Back to the finding")
    expect(reset).to_be_visible()
    assert slide.locator(".picture img").first.get_attribute("src") != before
    expect(slide.locator("h1")).to_have_text(title)
    reset.click()
    expect(reset).to_be_hidden()
    expect(slide.locator(".picture img").first).to_have_attribute("src", str(before))
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="What did we find?")).to_be_visible()


def test_a_changed_catalogue_shows_then_and_now(
    page: Page, app: str, catalogue: Catalogue, boards: Boards
) -> None:
    keep(catalogue, COMPARE + catalogue.products.index[0])
    with sqlite3.connect(boards.path) as db:  # as if pixels were computed in another way then
        db.execute("UPDATE finding SET fingerprint = json_set(fingerprint, '$.pixels', 'other')")
        db.execute("UPDATE finding SET content = replace(content, '\"Pixels\"', '\"Old pixels\"')")
    page.goto(f"{app}/findings")
    expect(page.locator(".finding .changed")).to_have_text("Changed since: Pixels")
    page.locator(".finding .title").click()
    slide = page.locator(".slide:not([hidden])")
    expect(slide.locator("h2").first).to_contain_text("Old pixels")
    page.get_by_role("button", name="Show now").click()
    expect(slide.locator("h2").first).not_to_contain_text("Old")
    page.get_by_role("button", name="Show then").click()
    expect(slide.locator("h2").first).to_contain_text("Old pixels")


def test_a_report_opens_from_a_file_in_another_browser_without_a_network(
    page: Page, app: str, browser: Browser, catalogue: Catalogue, boards: Boards, tmp_path: Path
) -> None:
    product = catalogue.products.index[0]
    keep(catalogue, COMPARE + product, title=HOSTILE, note=HOSTILE)
    keep(catalogue, "measure?catalogue=demo&open=attribute-1", "map?catalogue=demo")
    page.goto(f"{app}/findings")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Report, HTML").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "demo-findings.html"

    other = browser.new_context(viewport=WIDE, offline=True)
    report, requests = other.new_page(), list[str]()
    report.on("request", lambda request: requests.append(request.url))
    report.goto(path.as_uri())
    assert [url for url in requests if not url.startswith("data:")] == [path.as_uri()]
    assert "owned" not in report.title()
    assert report.locator("article h2").first.inner_text() == f"1. {HOSTILE}"
    assert report.locator("script, [onerror]").count() == 0
    assert list_violations(report) == []
    report.set_viewport_size(NARROW)
    assert report.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # its pictures and figures are those of the page
    pictures = report.locator("#finding-1 .pictures img")
    assert pictures.count() == 24
    assert report.locator("img").evaluate_all("(all) => all.every((one) => one.naturalWidth > 0)")
    page.goto(f"{app}/{COMPARE}{product}")
    expect(page.locator(".board.columns .headline").first).to_be_visible()
    rates = [re.sub(r"\s+", " ", t) for t in report.locator("#finding-1 .rate").all_inner_texts()]
    assert rates == page.locator(".board.columns .headline").all_inner_texts()
    scorecard = report.locator("#scorecard tbody tr").first.inner_text()
    page.goto(f"{app}/measure")
    value = page.locator(".scorecard .value").first
    expect(value).to_be_visible()
    assert value.inner_text().split()[0] in scorecard
    other.close()


def test_two_hundred_findings_are_listed_and_presented(
    page: Page, app: str, catalogue: Catalogue, boards: Boards
) -> None:
    ids = catalogue.products.index
    keep(catalogue, *(f"{COMPARE}{ids[i % len(ids)]}" for i in range(200)))
    page.goto(f"{app}/present?board={DEFAULT_BOARD}&slide=150")
    expect(page.locator(".deck.ready")).to_be_visible()
    expect(page.locator(".deck .count")).to_have_text("150 / 200")
    page.keyboard.press("PageDown")
    expect(page.locator(".deck .count")).to_have_text("151 / 200")
    page.keyboard.press("Escape")
    expect(page.locator(".finding")).to_have_count(200)
