"""A picture of one's own is pasted or dropped anywhere on Compare."""

import re

import pytest
from playwright.sync_api import Page, expect

from harness.pages import ANSWERS, CELLS, QUERY, open_page

SEND = """async ({ kind, type }) => {
  const canvas = new OffscreenCanvas(60, 40);
  canvas.getContext("2d").fillRect(5, 5, 30, 20);
  const blob = await canvas.convertToBlob({ type: "image/png" });
  const transfer = new DataTransfer();
  transfer.items.add(new File([blob], `${kind}.png`, { type }));
  const init = { bubbles: true, cancelable: true };
  const event = kind === "paste"
    ? new ClipboardEvent(kind, { ...init, clipboardData: transfer })
    : new DragEvent(kind, { ...init, dataTransfer: transfer });
  (document.querySelector(".st-key-answers") ?? document).dispatchEvent(event);
  return event.defaultPrevented;
}"""


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_picture_that_is_pasted_or_dropped_anywhere_is_the_query(
    page: Page, app: str, kind: str
) -> None:
    open_page(page, app, "?methods=pixels&k=4")
    page.locator(CELLS).first.click()  # the page has run again since
    expect(page.locator(f"{CELLS}.busy")).to_have_count(0)
    page.evaluate(SEND, {"kind": kind, "type": "image/png"})
    expect(page.locator(f"{QUERY} h1")).to_have_text(f"Similar to your picture {kind}.png")
    expect(page.locator(f"{QUERY} img")).to_have_attribute("src", re.compile("^data:image/webp"))
    expect(page.locator(f"{ANSWERS} .cross:visible")).to_have_count(0)


def test_while_a_file_is_dragged_the_page_says_what_dropping_does(page: Page, app: str) -> None:
    open_page(page, app, "?methods=pixels&k=4")
    hint = page.get_by_text("Drop the picture to search with it")
    expect(hint).to_be_hidden()
    assert page.evaluate(SEND, {"kind": "dragover", "type": "image/png"}), "not for the browser"
    expect(hint).to_be_visible()
    page.evaluate("document.dispatchEvent(new DragEvent('dragleave', {bubbles: true}))")
    expect(hint).to_be_hidden()


def test_a_dropped_file_that_is_no_picture_gets_a_message(page: Page, app: str) -> None:
    open_page(page, app, "?methods=pixels&k=4")
    page.evaluate(
        """() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File(["no picture"], "notes.png", { type: "image/png" }));
          document.dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer: transfer }));
        }"""
    )
    expect(page.get_by_test_id("stAlert")).to_contain_text("This file can't be used")
