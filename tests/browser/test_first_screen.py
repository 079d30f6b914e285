"""The first screen at its sizes, and hands that use no mouse: keyboard, touch, screen reader."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from harness.app import NARROW, WIDE, Server
from harness.pages import (
    ANSWERS,
    CELLS,
    FOCUSED,
    LOADED,
    QUERY,
    open_page,
    read_query,
    wait_for_query,
    wait_until_still,
)

PROJECTOR = ViewportSize(width=1920, height=1080)
SCROLLER = "[data-testid=stMain]"


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page on a phone, with a finger and no mouse."""
    context = browser.new_context(
        viewport=NARROW, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    yield context.new_page()
    context.close()


def in_view(page: Page, height: int) -> list[int]:
    """How many whole pictures of each method are on the screen."""
    return [
        sum(
            1
            for frame in column.locator(".frame").all()
            if (box := frame.bounding_box()) and box["y"] + box["height"] <= height
        )
        for column in page.locator(f"{ANSWERS} .column").all()
    ]


def swipe(page: Page, x: float, y: float, by: int) -> None:
    """Move a finger sideways over a place of the page."""
    session = page.context.new_cdp_session(page)
    for step in range(11):
        kind = "touchStart" if step == 0 else "touchMove"
        points = [{"x": x - by * step / 10, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("size", [WIDE, PROJECTOR], ids=["laptop", "projector"])
def test_all_twelve_answers_of_four_methods_stand_on_the_first_screen(
    page: Page, app: str, size: ViewportSize
) -> None:
    page.set_viewport_size(size)
    open_page(page, app)
    assert in_view(page, size["height"]) == [12, 12, 12, 12]
    tops = [column.locator(".frame").first.bounding_box() for column in list_columns(page)]
    assert all(box and box["y"] <= 240 for box in tops)
    expect(page.get_by_text("A cross marks a wrong result.")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.slow
def test_all_twelve_answers_stand_on_the_first_screen_of_the_whole_demo(
    page: Page, whole: Path, start: Callable[[Path], Server]
) -> None:
    open_page(page, start(whole).url)
    assert in_view(page, WIDE["height"]) == [12, 12, 12, 12]


def list_columns(page: Page) -> list[Locator]:
    return page.locator(f"{ANSWERS} .column").all()


def test_a_phone_shows_all_results_of_two_methods_and_a_third_in_order_along_the_rows(
    phone: Page, app: str
) -> None:
    open_page(phone, app)
    for column in list_columns(phone)[:2]:
        boxes = [frame.bounding_box() for frame in column.locator(".frame").all()]
        places = [(round(box["y"]), round(box["x"])) for box in boxes if box]
        assert places == sorted(places), "ranks run along the rows"
        assert len({y for y, _ in places}) == 2, "two rows of six"
        assert places[-1][0] + 50 <= NARROW["height"]
        assert places[-1][1] + 50 <= NARROW["width"]
        expect(column.locator(".headline")).to_be_in_viewport(ratio=1)
    expect(phone.locator(f"{ANSWERS} h2").nth(2)).to_be_in_viewport()


def test_nothing_on_a_phone_is_clipped(phone: Page, app: str) -> None:
    open_page(phone, app, "?k=48")
    for name in ("Compare", "Evidence", "People", "Decide", "Methods", "Learn", "Findings"):
        expect(phone.get_by_role("link", name=name, exact=True)).to_be_in_viewport(ratio=1)
    for control in (
        phone.get_by_role("combobox", name="Results per method"),
        phone.get_by_role("button", name="Methods:"),
        phone.get_by_role("button", name="Browse"),
        phone.get_by_role("button", name="Next disagreement"),
    ):
        expect(control).to_be_in_viewport(ratio=1)
        assert control.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    for line in phone.locator(f"{ANSWERS} .headline").all():
        assert line.evaluate("e => e.scrollWidth <= e.clientWidth")
    phone.get_by_role("button", name="Methods:").click()
    for pill in phone.locator(".st-key-families button:visible").all():
        box = pill.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= NARROW["width"]


def test_swiping_moves_the_strip_but_never_the_page(phone: Page, app: str) -> None:
    open_page(phone, app)
    phone.get_by_role("button", name="Browse").click()
    row = ".board.strip .cells"
    box = phone.locator(row).bounding_box()
    assert box is not None
    swipe(phone, box["x"] + 200, box["y"] + 30, 150)
    moved = "row => row.scrollLeft > 50"
    phone.wait_for_function(moved, arg=phone.locator(row).element_handle())
    for scroller in ("html", SCROLLER):
        moved = phone.locator(scroller).evaluate("e => { e.scrollLeft = 99; return e.scrollLeft }")
        assert moved == 0
    assert phone.evaluate("document.documentElement.scrollWidth") == NARROW["width"]


def test_query_and_heads_stay_in_sight_and_a_click_lower_down_keeps_the_place(
    page: Page, app: str
) -> None:
    open_page(page, app, "?k=48&weak=0")
    cell = page.locator(CELLS).nth(30)
    cell.scroll_into_view_if_needed()
    page.mouse.move(700, 700)
    page.mouse.wheel(0, 600)
    page.wait_for_function(f"document.querySelector('{SCROLLER}').scrollTop > 300")
    place = page.locator(SCROLLER).evaluate("e => e.scrollTop")
    expect(page.locator(f"{QUERY} img")).to_be_in_viewport(ratio=1)
    for head in page.locator(f"{ANSWERS} .heading").all():
        expect(head).to_be_in_viewport(ratio=1)
    row = page.locator(QUERY).bounding_box()
    head_box = page.locator(f"{ANSWERS} .heading").first.bounding_box()
    assert row
    assert head_box
    assert row["y"] + row["height"] <= head_box["y"] + 1, "the heads are below the query"
    visible_cell = next(
        c for c in page.locator(CELLS).all() if (c.bounding_box() or {"y": 0})["y"] > 400
    )
    product = visible_cell.get_attribute("data-id") or ""
    visible_cell.click()
    wait_for_query(page, product)
    assert page.locator(SCROLLER).evaluate("e => e.scrollTop") == place


def test_no_text_on_a_projector_is_smaller_than_14_px(page: Page, app: str) -> None:
    page.set_viewport_size(PROJECTOR)
    open_page(page, app)
    small = page.evaluate(
        """() => {
          const found = [];
          const walk = node => {
            for (const child of node.childNodes) {
              if (child.nodeType === 3 && child.textContent.trim()) {
                const box = node.getBoundingClientRect?.();
                const icon = node.closest?.('[data-testid=stIconMaterial], style');
                if (box?.width > 1 && !icon && parseFloat(getComputedStyle(node).fontSize) < 14)
                  found.push(child.textContent);
              } else if (child.nodeType === 1) {
                walk(child);
                if (child.shadowRoot) walk(child.shadowRoot);
              }
            }
          };
          walk(document.body);
          return found;
        }"""
    )
    assert small == []


def test_alt_and_an_arrow_on_a_picture_are_left_to_the_browser(page: Page, app: str) -> None:
    open_page(page, app)
    first = read_query(page)
    cell = page.locator(CELLS).nth(3)
    product = cell.get_attribute("data-id") or ""
    cell.click()
    wait_for_query(page, product)
    page.evaluate(
        "addEventListener('keydown', e => { window.kept = !e.defaultPrevented; "
        "if (window.kept && e.altKey && e.key === 'ArrowLeft') history.back(); })"
    )  # a browser without a window has no key for Back: this is what the key does
    page.locator(CELLS).nth(5).focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("window.kept") is False
    page.keyboard.press("Alt+ArrowLeft")
    assert page.evaluate("window.kept") is True
    wait_for_query(page, first)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_stop_of_the_tab_key_shows_where_the_focus_is(
    page: Page, app: str, theme: str
) -> None:
    """Each stop's surroundings are compared, pixel by pixel, with the same without focus."""
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    open_page(page, app)
    expect(page.get_by_role("button", name="Browse")).to_be_visible()
    page.mouse.move(5, 895)
    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        wait_until_still(page)
        box = page.evaluate(
            """() => {
              let at = document.activeElement;
              while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
              window.at = at;
              const b = at.getBoundingClientRect();
              return at === document.body ? null : [b.x, b.y, b.width, b.height];
            }"""
        )
        if box is None:
            break
        name = page.evaluate(FOCUSED)
        if not box[2] or box[1] > 850:
            continue
        x, y = max(box[0] - 8, 0), max(box[1] - 8, 0)
        clip = {"x": x, "y": y, "width": min(box[2] + 16, 1440 - x), "height": box[3] + 16}
        focused = page.screenshot(clip=clip)  # type: ignore[arg-type]
        page.evaluate("window.at.blur()")
        wait_until_still(page)
        without = page.screenshot(clip=clip)  # type: ignore[arg-type]
        page.evaluate("window.at.focus()")
        stops.append((name, changed(focused, without)))
    assert len(stops) >= 15
    assert {name.split()[-1] for name, _ in stops} >= {"cell", "link", "info"}
    assert [name for name, pixels in stops if pixels < 60] == []


def test_grey_cells_hold_the_place_of_the_first_results(page: Page, app: str) -> None:
    page.add_init_script(
        """setInterval(() => {
          if (document.querySelector('.skeleton')?.checkVisibility()) window.wasGrey = true;
        }, 2)"""
    )
    open_page(page, app)
    assert page.evaluate("window.wasGrey")
    expect(page.locator(".skeleton")).to_be_hidden()
    page.locator(CELLS).nth(3).click()
    page.evaluate("window.wasGrey = false")
    expect(page.locator(f"{CELLS}.busy")).to_have_count(0)
    assert not page.evaluate("window.wasGrey"), "later the results before stay in sight"


def test_a_field_with_the_focus_is_outlined_as_a_whole(page: Page, app: str) -> None:
    open_page(page, app, "?details=1&k=4")
    for field in (
        page.get_by_label("Search by text"),
        page.get_by_role("combobox", name="Results per method"),
        page.get_by_role("spinbutton", name="Grey out weak matches"),
    ):
        field.focus()
        page.keyboard.press("Shift")  # the focus is shown to those who use the keyboard
        outlines = field.evaluate(
            """input => {
              const styles = [];
              const field = input.closest('.stTextInput, .stSelectbox, .stNumberInput');
              for (let at = input; at !== field; at = at.parentElement)
                styles.push(getComputedStyle(at).outlineStyle);
              return styles;
            }"""
        )
        assert outlines[0] == "none", "of the input inside, two sides would be seen as bars"
        assert "solid" in outlines[1:]


def changed(one: bytes, other: bytes) -> int:
    """The number of pixels of two screenshots that differ clearly."""
    first, second = (
        np.asarray(Image.open(io.BytesIO(png)).convert("L"), int) for png in (one, other)
    )
    return int((np.abs(first - second) > 40).sum())


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "?text=teapot&details=1"])
def test_axe_finds_nothing_serious(page: Page, app: str, path: str, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    page.goto(f"{app}/{path}")
    expect(page.locator(".cell").nth(20)).to_be_visible()
    page.wait_for_function(LOADED)
    expect(page.get_by_test_id("stSpinner")).to_have_count(0)
    assert serious(page) == []


def serious(page: Page) -> list[tuple[str, str, str]]:
    """What axe-core finds on the page that is serious or critical."""
    return [
        (one["id"], str(node["target"]), node["failureSummary"])
        for one in Axe().run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def test_a_screen_reader_finds_headings_regions_and_lists(page: Page, app: str) -> None:
    open_page(page, app, "?k=4&methods=pixels,lit")
    expect(page.locator(QUERY)).to_match_aria_snapshot(
        """
        - region "The query":
          - img /.+/
          - heading /^For this .+ finds? .+/ [level=1]
          - paragraph
          - paragraph
          - paragraph:
            - button "Copy link"
            - status
        """
    )
    expect(page.locator(ANSWERS)).to_match_aria_snapshot(
        r"""
        - region "Pixels":
          - heading "Pixels" [level=2]
          - button "About Pixels": i
          - paragraph: /\d.4 .+ \d+ % overall/
          - list:
            - listitem:
              - button /^Rank 1=?, .+, cosine [\d.]+/
              - button /^Large beside the query. .+/
            - listitem:
              - button /^Rank .+/
              - button /^Large beside the query. .+/
            - listitem:
              - button /^Rank .+/
              - button /^Large beside the query. .+/
            - listitem:
              - button /^Rank .+/
              - button /^Large beside the query. .+/
        - region "LiT":
          - heading "LiT" [level=2]
          - list
        """
    )
    page.get_by_role("button", name="Browse").click()
    expect(page.get_by_role("region", name="Products to Choose from")).to_be_visible()
    expect(page.locator(f"{ANSWERS} [aria-current], .board [aria-pressed]")).to_have_count(0)


def test_title_and_live_region_name_the_query(page: Page, app: str) -> None:
    open_page(page, app, "?k=4&methods=pixels,lit")
    cell = page.locator(CELLS).nth(2)
    product = cell.get_attribute("data-id") or ""
    name = page.locator(f"{CELLS} img").nth(2).get_attribute("alt") or "?"
    cell.click()
    wait_for_query(page, product)
    text = page.locator(".said").filter(has_text="pictures")
    expect(text).to_have_text(re.compile(r"^For this .+: 8 pictures by Pixels and LiT\.$"))
    expect(text).to_have_attribute("role", "status")
    expect(page).to_have_title(f"Similar to {name} · Similarity")


def test_control_and_enter_or_the_corner_show_a_picture_large_beside_the_query(
    page: Page, app: str
) -> None:
    open_page(page, app)
    before = read_query(page)
    cell = page.locator(CELLS).nth(1)
    cell.focus()
    page.keyboard.press("Control+Enter")
    dialogue = page.get_by_role("dialog")
    expect(dialogue.locator("img")).to_have_count(2)
    expect(dialogue).to_contain_text(re.compile(r"rank 2=?, cosine 0\.\d{3}"))
    page.wait_for_function(
        "[...document.querySelectorAll('[role=dialog] img')].every(i => i.naturalWidth > 0)"
    )
    boxes = [image.bounding_box() for image in dialogue.locator("img").all()]
    assert all(box and box["width"] == 224 for box in boxes), "its own size"
    assert len({box["y"] for box in boxes if box}) == 1, "aligned"
    assert serious(page) == []
    page.keyboard.press("ArrowRight")
    expect(dialogue).to_contain_text(re.compile(r"rank 3=?, cosine"))
    dialogue.get_by_role("button", name="Previous").click()
    expect(dialogue).to_contain_text(re.compile(r"rank 2=?, cosine 0\.\d{3}"))
    page.keyboard.press("Escape")
    expect(dialogue).to_have_count(0)
    expect(cell).to_be_focused()
    cell.hover()
    page.locator(f"{ANSWERS} .look").nth(1).click()
    expect(dialogue.locator("img")).to_have_count(2)
    page.keyboard.press("Escape")
    assert read_query(page) == before


def test_a_large_picture_becomes_the_query(page: Page, app: str) -> None:
    open_page(page, app)
    cell = page.locator(CELLS).nth(1)
    product = cell.get_attribute("data-id") or ""
    cell.focus()
    page.keyboard.press("Control+Enter")
    page.get_by_role("dialog").get_by_role("button", name="Use as query").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    wait_for_query(page, product)
    assert f"product={product}" in page.url


def test_the_corner_of_every_picture_enlarges_it_also_where_it_is_unique(
    page: Page, app: str
) -> None:
    open_page(page, app, "?details=1&weak=0")
    expect(page.locator(f"{ANSWERS} .item.unique").first).to_be_visible()
    covered = page.evaluate(
        """() => {
          const roots = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean);
          return roots.flatMap(root => [...root.querySelectorAll('.columns .look')].filter(look => {
            look.scrollIntoView({block: 'center'});
            const b = look.getBoundingClientRect();
            return root.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2) !== look;
          }).map(look => look.ariaLabel));
        }"""
    )
    assert covered == []


def test_a_large_picture_has_the_focus_and_closes_by_escape_even_when_it_lost_it(
    page: Page, app: str
) -> None:
    open_page(page, app)
    cell = page.locator(CELLS).nth(1)
    cell.focus()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog").locator("img")).to_have_count(2)
    focused = "() => document.activeElement.closest('[role=dialog]') !== null"
    page.wait_for_function(focused)
    page.evaluate("document.activeElement.blur()")
    page.wait_for_function(focused)
    page.evaluate(
        """() => {
          document.activeElement.blur();
          document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", bubbles: true}));
        }"""
    )
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(cell).to_be_focused()


def test_the_copied_link_shows_the_same_again(browser: Browser, page: Page, app: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_page(page, app, "?k=8&methods=pixels,conse")
    page.locator(CELLS).nth(3).click()
    expect(page.locator(f"{CELLS}.busy")).to_have_count(0)
    product = read_query(page)
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(f"{QUERY} .copied")).to_have_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    other = browser.new_page(viewport=WIDE)
    other.goto(link)
    wait_for_query(other, product)
    expect(other.locator(f"{ANSWERS} h2")).to_have_text(["Pixels", "ConSE"])
    expect(other.locator(CELLS)).to_have_count(16)
    other.close()


def test_long_words_keep_the_answers_on_the_screen_and_are_not_covered(
    page: Page, app: str
) -> None:
    open_page(page, app, "?text_methods=lit&text=" + "teapot+and+kettle+" * 50)
    expect(page.locator(CELLS)).to_have_count(12)
    box = page.locator(CELLS).first.bounding_box()
    assert box
    assert box["y"] < 400
    field = page.get_by_label("Search by text")
    field.focus()
    end = field.bounding_box()
    assert end
    x, y = end["x"] + end["width"] - 12, end["y"] + end["height"] / 2
    at = page.evaluate("([x, y]) => document.elementFromPoint(x, y).tagName", [x, y])
    assert at == "INPUT", "no counter and no button stands on the words"


def test_a_print_has_the_answers_and_no_controls(page: Page, app: str) -> None:
    open_page(page, app, "?k=48&methods=pixels,lit")
    page.emulate_media(media="print")
    expect(page.get_by_label("Search by text")).to_be_hidden()
    expect(page.locator(".st-key-navigation")).to_be_hidden()
    expect(page.get_by_role("button", name="Next disagreement")).to_be_hidden()
    expect(page.locator(QUERY)).to_be_visible()
    assert page.locator(SCROLLER).evaluate("e => getComputedStyle(e).overflowY") == "visible"
    assert page.evaluate("document.documentElement.scrollHeight") > 2000, "not cut at one screen"
    breaks = page.locator(f"{ANSWERS} .item").first.evaluate("e => getComputedStyle(e).breakInside")
    assert breaks == "avoid"
