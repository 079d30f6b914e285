"""Draw charts as SVG or pictures, as reports and slides show them."""

import io
from copy import deepcopy
from typing import Any

from PIL import Image

from similarity.errors import SimilarityError, get_reason
from similarity.findings.content import Chart

WIDTH = 640  # px of charts that have no width
PICTURE_WIDTH = 1200  # px
QUALITY = 80
STYLE = {"background": "#ffffff", "font": "sans-serif", "view": {"stroke": "#dde1e8"}}


def draw_svg(chart: Chart) -> str:
    """Return a chart as SVG. Raises SimilarityError for one that isn't Vega-Lite."""
    import vl_convert

    try:
        # a finding of somebody else may name files or hosts
        svg: str = vl_convert.vegalite_to_svg(_make_spec(chart), allowed_base_urls=[])
    except ValueError as error:
        raise _make_error(error) from error
    return svg


def draw_picture(chart: Chart) -> bytes:
    """Return a chart as WebP. Raises SimilarityError for one that isn't Vega-Lite."""
    import vl_convert

    try:
        png = vl_convert.vegalite_to_png(_make_spec(chart), scale=2, allowed_base_urls=[])
    except ValueError as error:
        raise _make_error(error) from error
    picture = Image.open(io.BytesIO(png), formats=("PNG",)).convert("RGB")
    picture.thumbnail((PICTURE_WIDTH, 2 * PICTURE_WIDTH))
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=QUALITY)
    return out.getvalue()


def _make_spec(chart: Chart) -> dict[str, Any]:
    spec = deepcopy(chart.spec)
    if "layer" in spec or "mark" in spec:
        spec.setdefault("width", WIDTH)
    spec["config"] = spec.get("config", {}) | STYLE
    return spec


def _make_error(error: ValueError) -> SimilarityError:
    reason = get_reason(error).splitlines()[0]
    return SimilarityError(f"A chart can't be drawn: {reason}.")
