"""The Learn page, run as Streamlit runs it, on the real demo catalogue."""

import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from precompute.__main__ import main as precompute
from similarity import METHODS, open_catalogue
from similarity.catalogue import Catalogue
from similarity.commands import format_build_command
from similarity.perturbations import rotate, shift
from similarity.ui.learn import explain, guide
from similarity.ui.learn.choices import PRODUCTS, choose_different, choose_same_kind
from similarity.ui.learn.hard_queries import list_hard_queries, misspell
from similarity.ui.learn.metric import VIEWS_KEY
from similarity.ui.learn.numbers import MAX_SHIFT, describe_rank
from similarity.ui.learn.start import build_tree, get_ending_title
from similarity.ui.shared.browse import get_first_product
from similarity.ui.shared.pickers import choose_default_methods
from similarity.ui.shared.plain import escape
from tests.conftest import PROJECT
from tests.demo import BUILT
from tests.units.drawing import write_pictures


@pytest.fixture
def catalogue(demo: Path) -> Catalogue:
    return open_catalogue("demo")


def opened(**parameters: str) -> AppTest:
    """The page, once its models are loaded."""
    page = AppTest.from_file(str(PROJECT / "pages" / "frame.py"), default_timeout=120)
    page.switch_page("learn.py")
    for name, value in parameters.items():
        page.query_params[name] = value
    return loaded(page.run())


def loaded(page: AppTest) -> AppTest:
    end = time.monotonic() + 120
    while any(status.label.startswith("Loading") for status in page.status):
        assert time.monotonic() < end
        time.sleep(0.2)
        page.run()  # as the page itself does, again and again
    assert not page.exception
    return page


def metrics(page: AppTest) -> dict[str, list[str]]:
    strings: dict[str, list[str]] = {}
    for metric in page.metric:
        strings.setdefault(metric.label, []).append(metric.value)
    return strings


def captions(page: AppTest) -> str:
    return "\n".join(caption.value for caption in page.caption)


def commands(page: AppTest) -> list[str]:
    return [code.value for code in page.code]


def test_every_figure_of_a_product_is_what_direct_computation_gives(catalogue: Catalogue) -> None:
    product, neighbour = catalogue.products.index[[200, 300]]
    page = opened(product=product, beside=neighbour, turn="90")
    assert not page.error
    assert [title.value[:3] for title in page.header] == [f"{i} ·" for i in range(1, 7)]
    figures = metrics(page)
    picture, other = catalogue.read_picture(product), catalogue.read_picture(neighbour)
    white = explain.compute_white_share(explain.flatten(picture))
    assert figures["Numbers in the vector"] == ["150,528"]
    assert figures["White pixels"] == [f"{white:.0%}"]
    assert 0.2 < white < 0.98, "a product on a white background"
    plain_vector = np.asarray(picture, float).ravel()
    changed = [rotate(picture, 90), shift(picture, 10)]
    cosines = [cosine(plain_vector, np.asarray(moved, float).ravel()) for moved in changed]
    assert figures["Cosine with itself"] == [f"{value:.3f}" for value in cosines]
    others = catalogue.search("pixels", product=product, k=len(catalogue.products) - 1)
    for value in cosines:
        count = sum(hit.score > value for hit in others)
        assert f"{count:,} other product" in captions(page) or count >= explain.MAX_NEIGHBOURS
    features, chances = explain.compute_classifier_outputs([picture, other])
    assert figures["Without the head: 1,280 numbers"] == [f"{cosine(*features):.3f}"]
    label = "With the head: the probabilities of 1,000 names"
    assert figures[label] == [f"{cosine(*chances):.3f}"]


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_a_slider_moves_the_product_and_the_address_keeps_it(catalogue: Catalogue) -> None:
    page = opened()
    picture = catalogue.read_picture(get_first_product(catalogue))
    page.slider[0].set_value(45).run()
    page.slider[1].set_value(MAX_SHIFT).run()
    assert page.query_params["turn"] == "45"
    assert page.query_params["shift"] == str(MAX_SHIFT)
    changed = [rotate(picture, 45), shift(picture, MAX_SHIFT)]
    cosines = explain.compute_likeness(METHODS["pixels"], [picture, *changed])[0, 1:]
    assert metrics(page)["Cosine with itself"] == [f"{value:.3f}" for value in cosines]


@pytest.mark.parametrize("parameters", [{"turn": "999", "shift": "-4"}, {"turn": "7"}])
@pytest.mark.usefixtures("catalogue")
def test_an_address_of_missing_parts_gets_the_existing_ones(
    parameters: dict[str, str],
) -> None:
    page = opened(**parameters, beside="x", tower="pixels", guide="no.such")
    assert not page.error
    assert page.slider[0].value in (0, 180)


def test_the_views_are_drawn_anew_by_the_button_alone_and_each_chosen_method_compares_them(
    catalogue: Catalogue,
) -> None:
    page = opened()
    table = page.table[0].value
    keys = choose_default_methods(METHODS[key] for key in BUILT)
    assert list(table["method"]) == [METHODS[key].title for key in keys]
    _, ((one, other), *_) = page.session_state[VIEWS_KEY]
    for key, figure, near in zip(keys, *(table[c] for c in table.columns[1:]), strict=True):
        expected = explain.compute_likeness(METHODS[key], [one, other])[0, 1]
        assert float(figure) == pytest.approx(expected, abs=6e-4)
        share = catalogue.open_index(METHODS[key]).pairs["pictures"].share_at_most(expected)
        assert share is not None
        assert float(near.removesuffix(" %")) == pytest.approx(100 * share, abs=0.1)
    again = page.run().table[0].value
    assert (again["cosine of the two views"] == table["cosine of the two views"]).all()
    page.button(key="learn.redraw").click().run()
    after = page.table[0].value
    assert (after["cosine of the two views"] != table["cosine of the two views"]).all()


def test_a_typed_caption_is_compared_with_the_eight_pictures(catalogue: Catalogue) -> None:
    page = opened(tower="conse")
    different = choose_different(catalogue.products, get_first_product(catalogue))
    pictures = [catalogue.read_picture(one) for one in different]
    page.text_input[0].set_value("something to sit on").run()
    assert page.query_params["caption"] == "something to sit on"
    cosines = explain.compare_texts(METHODS["conse"], ["something to sit on"], pictures)[0]
    nearest = str(catalogue.products["caption"][different[int(cosines.argmax())]])
    assert escape(f"Your caption is nearest to: {nearest}") in captions(page)
    texts = [str(catalogue.products["caption"][one]) for one in different]
    first = explain.compare_texts(METHODS["conse"], texts, pictures).argmax(1) == np.arange(
        PRODUCTS
    )
    assert f"{first.sum()} of 8 captions find their own picture first" in captions(page)
    page.text_input[0].set_value("红色的连衣裙").run()
    assert page.error[0].value == "This caption can't be used. The others are shown."
    assert f"{first.sum()} of 8 captions" in captions(page)


@pytest.mark.usefixtures("by_colour")
def test_parts_without_their_method_name_the_command_and_the_others_work() -> None:
    page = opened()
    assert not page.error
    assert len(metrics(page)["Cosine with itself"]) == 2
    infos = "\n".join(info.value for info in page.info)
    for title in ("EfficientNet-Lite0", "SimCLR small", "ConSE"):
        assert escape(title) in infos
    catalogue = open_catalogue("digikala")
    for key in ("efficientnet", "simclr_small", "conse"):
        assert format_build_command(catalogue, [key]) in commands(page)
    assert not page.table
    assert len(page.header) == 6


def test_without_pixels_the_first_part_shows_the_vector_and_says_what_builds_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source = write_pictures(tmp_path / "few", 3)
    assert precompute(["--catalogue", str(source), "--methods", "efficientnet"]) == 0
    page = opened()
    assert not page.error
    assert metrics(page)["Numbers in the vector"] == ["150,528"]
    assert not page.slider
    assert format_build_command(open_catalogue("few"), ["pixels"]) in commands(page)
    assert "rank 1 of the 2 in the row" in captions(page) or "rank 2 of" in captions(page)


def test_one_product_with_a_caption_that_can_t_be_read_costs_only_what_needs_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source = write_pictures(tmp_path / "one", 1)
    (name,) = (path.name for path in source.iterdir())
    (source / "metadata.csv").write_text(f"path,caption\n{name},红色\n", encoding="utf-8")
    assert precompute(["--catalogue", str(source), "--methods", "pixels,simclr_small,conse"]) == 0
    page = opened()
    assert [error.value for error in page.error] == ["This part can't be shown."]
    assert "it only knows English" in "\n".join(commands(page))
    assert "a batch needs several" in "\n".join(info.value for info in page.info)
    assert len(page.table[0].value) == 3
    assert "No other product is more like it" in captions(page)
    assert len(page.header) == 6


def ends_in(ending: guide.Ending) -> str:
    """How the last command of an ending ends: with the method that it builds."""
    return (
        f"--methods {ending.training}_digikala" if ending.training else f"--methods {ending.method}"
    )


@pytest.mark.usefixtures("by_colour")
def test_every_path_of_the_guide_ends_in_a_method_with_why_what_next_and_its_command() -> None:
    page = opened()
    for path, ending in guide.list_endings():
        page.query_params["guide"] = path
        page.run()
        assert not page.exception
        assert page.subheader[0].value == escape(f"Start with {get_ending_title(ending)}")
        text = "\n".join(markdown.value for markdown in page.markdown)
        assert escape(ending.reason) in text
        assert escape(ending.next_step) in text
        assert "a million products" in text
        assert any(code.splitlines()[-1].endswith(ends_in(ending)) for code in commands(page))


def test_the_chart_has_every_question_and_every_ending() -> None:
    drawn = str(build_tree(guide.ROOT))
    for path, ending in guide.list_endings():
        assert f"'path': '{path}'" in drawn
        assert get_ending_title(ending) in drawn


def test_the_hard_queries_ask_what_the_catalogue_can_answer(catalogue: Catalogue) -> None:
    product = catalogue.products.index[7]
    queries = list_hard_queries(catalogue, product)
    assert len({hard.key for hard in queries}) == len(queries) == 9
    for hard in queries:
        for kind, value in hard.parameters.items():
            if kind == "product":
                catalogue.find_position(value)
            else:
                assert catalogue.search("lit", text=value, k=1)


def test_a_category_is_called_the_rarest_only_if_it_is(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    products = catalogue.products
    assert products["category"].value_counts().nunique() == 1, "all are as frequent in the demo"
    assert "rare" not in {hard.key for hard in list_hard_queries(catalogue, products.index[7])}
    monkeypatch.setattr(catalogue, "_products", products.drop(index=products.index[0]))
    queries = list_hard_queries(catalogue, products.index[7])
    (rare,) = (hard for hard in queries if hard.key == "rare")
    category = products["category"][products.index[0]]
    assert products["category"][rare.parameters["product"]] == category
    assert category in rare.title


@pytest.mark.usefixtures("demo")
def test_links_that_open_in_the_same_tab_have_no_icon_of_a_new_one() -> None:
    icons = [element.proto.icon for element in opened().get("page_link")]
    assert ":material/arrow_forward:" in icons
    assert not [icon for icon in icons if "open_in_new" in icon]


@pytest.mark.usefixtures("by_colour")
def test_without_a_method_for_words_no_hard_words_are_asked() -> None:
    catalogue = open_catalogue("digikala")
    queries = list_hard_queries(catalogue, catalogue.products.index[0])
    assert queries
    assert all("product" in hard.parameters for hard in queries)


def test_a_misspelt_word_has_the_same_letters_in_another_order() -> None:
    for word in ("dress", "bottle", "t-shirt", "ab"):
        assert misspell(word) != word
        assert sorted(misspell(word)) == sorted(word)
    assert misspell("a") == "a"
    assert misspell("aaa") == "aaa"
    assert misspell("") == ""


def test_the_eight_are_the_product_and_different_others(catalogue: Catalogue) -> None:
    products = catalogue.products
    different = choose_different(products, products.index[5])
    assert different[0] == products.index[5]
    assert len(set(different)) == PRODUCTS
    assert products["category"][different].is_unique
    assert set(products["category"][choose_same_kind(products, different[0], 4)]) == {
        products["category"][different[0]]
    }
    few = products[:3]
    assert set(choose_different(few, few.index[1])) == set(few.index)
    assert choose_different(products[:1], products.index[0]) == [products.index[0]]


def test_the_number_of_more_similar_products_is_shown_as_far_as_counted() -> None:
    near = np.linspace(1, 0.5, explain.MAX_NEIGHBOURS, dtype=np.float32)
    assert describe_rank(near[:5], 0.99999, 5).startswith("1 other product of 5 is")
    assert describe_rank(near[:5], 1.0, 5) == "No other product is more like it than that."
    assert describe_rank(near, 0.1, 5000).startswith("At least 1,000 other products of 5,000 are")
    assert describe_rank(near, 0.1, explain.MAX_NEIGHBOURS).startswith(
        "1,000 other products of 1,000 are"
    )


@pytest.mark.usefixtures("catalogue")
def test_an_unknown_product_gets_a_message_and_another_product() -> None:
    page = opened(product="0" * 20)
    assert "isn't in the catalogue" in page.info[0].value


def test_a_product_whose_file_is_gone_is_shown_by_its_thumbnail(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    product = catalogue.products.index[0]
    catalogue.root = tmp_path
    assert catalogue.read_picture(product).size == (224, 224)
