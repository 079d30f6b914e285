"""What the browser tests look for on a page, and how they wait for it."""

import re
from pathlib import Path

from playwright.sync_api import FilePayload, Page, expect

ANSWERS = ".board.columns"
CELLS = f"{ANSWERS} .cell"
QUERY = ".board.query"
LOADED = """() => {
  const roots = [...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean);
  const images = roots.flatMap(root => [...root.querySelectorAll('.board img')]);
  const shown = images.filter(i => i.hasAttribute("src"));
  return shown.length > 0 && shown.every(i => i.complete && i.naturalWidth > 0);
}"""
STILL = """async () => {
  const roots = [document, ...[...document.querySelectorAll('*')].map(e => e.shadowRoot)];
  const ends = roots.filter(Boolean).flatMap(root => root.getAnimations())
    .filter(a => a.effect.getComputedTiming().endTime < Infinity).map(a => a.finished);
  await Promise.allSettled(ends);
  for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
}"""
FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at?.closest('.board, [data-testid]')?.className + ' ' + at?.className;
}"""


def open_page(page: Page, address: str, parameters: str = "") -> None:
    """Open the page and wait until every picture on it has loaded."""
    page.goto(f"{address}/{parameters}")
    expect(page.locator(CELLS).first).to_be_visible()
    page.wait_for_function(LOADED)


def wait_until_still(page: Page) -> None:
    """Wait until nothing on the page moves or fades."""
    page.evaluate(STILL)


def upload(page: Page, file: Path | FilePayload) -> None:
    """Upload a picture with a new file input: the page replaces the input after each file."""
    box = page.locator("input[type=file]:not([data-used])")
    expect(box).to_have_count(1)
    element = box.element_handle()
    element.evaluate("box => box.dataset.used = 1")
    element.set_input_files(file)


def read_query(page: Page) -> str:
    """Return the id of the product shown as the query."""
    source = page.locator(f"{QUERY} img").get_attribute("src") or ""
    return Path(source).stem


def wait_for_query(page: Page, product: str) -> None:
    """Wait until this product is the query and all its results have loaded."""
    expect(page.locator(f"{QUERY} img")).to_have_attribute("src", re.compile(product))
    expect(page.locator(f"{CELLS}.busy")).to_have_count(0)
    page.wait_for_function(LOADED)
