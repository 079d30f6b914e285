"""The Methods page, run as Streamlit runs it, on the real demo catalogue."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from similarity import METHODS, open_catalogue
from similarity.commands import format_build_command
from similarity.embedding import embed_query
from similarity.methods import group_by_family, minilm
from similarity.networks import LIMIT, networks
from similarity.ui.methods.cards import describe_size
from similarity.ui.shared.plain import escape
from tests.conftest import PROJECT
from tests.demo import BUILT


@pytest.fixture
def page(demo: Path) -> AppTest:
    opened = AppTest.from_file(str(PROJECT / "pages" / "frame.py"), default_timeout=60)
    opened.switch_page("methods.py")
    opened.run()
    assert not opened.exception
    return opened


def test_each_method_has_a_card_by_family_and_the_built_ones_come_first(page: AppTest) -> None:
    families = group_by_family(METHODS.values())
    sections = ["Install all of them", "Which models are loaded?", "What is in this catalogue?"]
    expected = [*(escape(family) for family in families), *sections]
    assert [each.value for each in page.header] == expected
    expected = [
        escape(METHODS[key].title)
        for keys in families.values()
        for here in (True, False)
        for key in keys
        if (key in BUILT) == here
    ]
    assert [card.value for card in page.subheader] == expected
    assert len(expected) == len(METHODS)


def test_a_card_says_what_the_weights_are_and_where_they_come_from(page: AppTest) -> None:
    content = [text.value for text in page.markdown]
    for key, method in METHODS.items():
        assert f":gray[Weights] {escape(method.weights)}" in content, key
        assert f":gray[Licence] {escape(method.licence + '.')}" in content, key
        vectors = escape(f"vectors of {method.dim:,} numbers")
        assert any(escape(describe_size(method)) in text and vectors in text for text in content), (
            key
        )
        assert not method.source or any(f"({method.source})" in text for text in content), key


def test_methods_that_are_not_built_show_how_to_get_them(page: AppTest) -> None:
    missing = [key for key in METHODS if key not in BUILT]
    *each, everything, again = (code.value.splitlines() for code in page.code)
    assert again == [format_build_command(open_catalogue("demo"), BUILT)]
    fetch = "python -m precompute fetch"
    build = format_build_command(open_catalogue("demo"), missing)
    assert [lines[0] for lines in each] == [f"{fetch} {key}" for key in missing]
    assert everything == [f"{fetch} {' '.join(missing)}", build]
    (gate,) = (text.value for text in page.markdown if "accept its licence" in text.value)
    assert "dinov3" in gate


def test_models_that_a_shop_may_not_use_are_named_with_their_licences(page: AppTest) -> None:
    content = " ".join(text.value for text in page.markdown)
    for name in ("MobileCLIP 2", "apple-amlr", "Jina CLIP v2", "CC-BY-NC"):
        assert name in content


def test_sizes_are_read_off_the_methods() -> None:
    assert describe_size(METHODS["pixels"]) == "no parameters"
    assert describe_size(METHODS["efficientnet"]) == "4.7 M parameters"
    assert describe_size(METHODS["siglip2"]) == "375 M parameters; 1,535 MB to download"
    assert describe_size(METHODS["clip_multilingual"]) == "286 M parameters; 1,148 MB to download"


def test_loaded_models_are_listed_with_what_they_take_and_which_methods_need_them(
    page: AppTest,
) -> None:
    networks.release_idle()
    page.run()
    assert any(text.value.startswith("No model is loaded") for text in page.markdown)
    embed_query(METHODS["conse"], text="a hat")
    page.run()
    (table,) = [frame.value for frame in page.dataframe if "Model" in frame.value]
    used_by = table.set_index("Model")["Used by"]
    assert used_by[minilm.KEY] == "ConSE"
    assert any(text.value.startswith("1 model takes") for text in page.markdown)


def test_a_wrong_limit_of_memory_is_explained(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LIMIT, "much")
    opened = AppTest.from_file(str(PROJECT / "pages" / "frame.py"), default_timeout=60)
    opened.switch_page("methods.py")
    opened.run()
    assert any(f"{LIMIT} is 'much'" in code.value for code in opened.code)
    assert "What is in this catalogue?" in [header.value for header in opened.header]
