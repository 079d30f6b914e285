"""Measure how soon maps of 10,000 points respond: python -m benchmarks.maps (needs the built demo).

The page, the component and the browser are real; only the points are made up, because the demo has
fewer. Times are from the pointer's event until its effect is drawn on all maps and the browser is
ready for the next frame. Without a GPU, software draws.
"""

import json
from collections.abc import Callable

import numpy as np
from playwright.sync_api import Page, Route, expect, sync_playwright

from benchmarks.votes import serve_catalogue
from harness.app import WIDE
from harness.chromium import FLAGS, find_chromium
from similarity.measures.maps.schema import K, Maps
from similarity.measures.neighbours.schema import Neighbours
from similarity.ui.map.files import serialise_map

POINTS = 10_000
KINDS = 10
TIMES = 30
METHODS = "pixels,efficientnet,simclr_small,lit"
TIMER = """kind => {
  for (const each of ["pointermove", "pointerup"]) removeEventListener(each, window.timer, true);
  window.took = [];
  window.timer = event => requestAnimationFrame(() => requestAnimationFrame(() =>
    setTimeout(() => took.push(performance.now() - event.timeStamp))));
  addEventListener(kind, window.timer, true);
}"""


def main() -> None:
    """Print how long each action takes."""
    rng = np.random.default_rng(0)
    ids = [f"{number:020x}" for number in range(POINTS)]
    near = rng.integers(0, POINTS, (POINTS, K))
    middles = rng.normal(size=(60, 2)) * 10
    places = middles[rng.integers(0, 60, POINTS)] + rng.normal(size=(POINTS, 2))
    every = np.arange(POINTS)
    maps = Maps(Neighbours(ids, {}, every, {"": near}), {"": places.astype(np.float32)}, {}, "")
    codes = rng.integers(0, KINDS, POINTS)
    attribute = {
        "name": "department",
        "values": [f"kind {number}" for number in range(KINDS)],
        "counts": np.bincount(codes).tolist(),
        "codes": codes.tolist(),
    }
    products = json.dumps({"ids": ids, "names": ids, "attributes": [attribute]})

    def answer(route: Route) -> None:
        if route.request.url.endswith(".json"):
            route.fulfill(content_type="application/json", body=products)
        else:
            route.fulfill(body=serialise_map(maps, ""))

    with sync_playwright() as playwright, serve_catalogue("demo") as address:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport=WIDE)
        page.route("**/maps/**", answer)
        page.goto(f"{address}/map?catalogue=demo&methods={METHODS}")
        frames = page.locator(".plane .frame[data-lit]")
        expect(frames).to_have_count(4, timeout=60_000)
        page.wait_for_timeout(4000)  # models load meanwhile
        box = frames.nth(1).bounding_box()
        assert box
        x, y, side = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 3

        def hover(turn: int) -> None:
            page.mouse.move(x + side * np.cos(turn), y + side * np.sin(turn))

        def click(turn: int) -> None:
            page.mouse.click(x + side * np.cos(turn) / 2, y + side * np.sin(turn) / 2)

        def lasso(turn: int) -> None:
            page.mouse.move(x - side, y - side)
            page.mouse.down()
            for step in range(1, 24):
                angle = 2 * np.pi * step / 24 - 2.4
                page.mouse.move(x + side * np.cos(angle), y + side * np.sin(angle))
            page.mouse.up()

        def pan(turn: int) -> None:
            page.mouse.move(x, y)
            page.mouse.down()
            for step in range(1, 12):
                page.mouse.move(x + step * (-1) ** turn, y + step)
            page.mouse.up()

        lines = [
            measure_event(page, "hovering", "pointermove", hover),
            measure_event(page, "moving the map", "pointermove", pan),
            measure_event(page, "selecting one", "pointerup", click),
        ]
        page.get_by_role("button", name="Lasso", exact=True).click()
        lines.append(measure_event(page, "selecting thousands", "pointerup", lasso))
        browser.close()
    print(f"4 maps of {POINTS:,} points, ms until that is drawn: median, 95 %")
    print("\n".join(lines))


def measure_event(page: Page, what: str, event: str, does: Callable[[int], None]) -> str:
    """Repeat an action; return its times."""
    page.evaluate(TIMER, event)
    for turn in range(TIMES):
        does(turn)
        page.wait_for_timeout(500)
    milliseconds = page.evaluate("took")
    middle, slow = np.quantile(milliseconds, [0.5, 0.95])
    return f"{what:20} {middle:5.0f} {slow:5.0f}   n = {len(milliseconds)}"


if __name__ == "__main__":
    main()
