"""Queries of several parts: their weights, the links that name them, and the formula."""

from urllib.parse import urlencode

import numpy as np
import pytest

from precompute.__main__ import main
from similarity import Catalogue, Part, open_catalogue, read_link
from similarity.embedding import embed_texts
from similarity.parts import LESS, MAX_PARTS, MORE, Term, clean_terms, weigh
from tests.units.conftest import SHOP
from tests.units.drawing import draw, encode, write_pictures
from tests.units.refusals import refusal

A, B, C, D = (Term(role, role[0]) for role in ("product", "text", "more", "less"))


@pytest.mark.parametrize(
    ("terms", "balance", "weights"),
    [
        ([A], 50, [1]),
        ([B], 25, [1]),
        ([A, B], 25, [0.75, 0.25]),
        ([A, B], 0, [1, 0]),
        ([A, B, Term("text", "blue")], 50, [0.5, 0.25, 0.25]),
        ([A, Term("picture", "p"), B], 50, [0.25, 0.25, 0.5]),
        ([A, C, Term("more", "n"), D], 50, [1, MORE / 2, MORE / 2, -LESS]),
        ([B, Term("minus", "blue"), D], 50, [1, -LESS / 2, -LESS / 2]),
    ],
)
def test_weights_are_rocchios_and_words_have_their_share_of_what_is_looked_for(
    terms: list[Term], balance: int, weights: list[float]
) -> None:
    assert [part.weight for part in weigh(terms, balance)] == weights
    assert [(part.kind, part.value) for part in weigh(terms)] == [(t.kind, t.value) for t in terms]


def test_a_part_that_is_looked_for_and_pushed_away_is_kept_as_looked_for() -> None:
    for unwanted in (Term("less", "p"), Term("minus", "T")):
        terms, remark = clean_terms([unwanted, A, B])
        assert terms == [A, B]
        assert "stays wanted" in remark
    assert clean_terms([A, A, B]) == ([A, B], "")


def test_only_the_first_sixteen_parts_count() -> None:
    terms, remark = clean_terms([A, *(Term("more", str(i)) for i in range(MAX_PARTS))])
    assert len(terms) == MAX_PARTS
    assert terms[0] == A
    assert "only the first 16" in remark


def test_something_has_to_be_looked_for() -> None:
    assert clean_terms([D, Term("minus", "red")])[0] == []
    assert clean_terms([]) == ([], "")
    assert clean_terms([C, D])[0] == [Term("product", "m"), D], "it is more of nothing"


def test_a_link_names_the_same_parts_as_the_page() -> None:
    terms = [A, Term("text", "a “red” & blue"), C, Term("more", "n"), Term("minus", "-1"), D]
    query = urlencode([*terms, ("balance", "25"), ("methods", "pixels")])
    for link in (f"http://127.0.0.1:8501/?{query}", f"?{query}", query):
        assert read_link(link) == weigh(terms, 25)
    assert read_link("?product=a&text=b&balance=-1") == weigh(
        [Term("product", "a"), Term("text", "b")]
    )


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("?methods=pixels", "has no query"),
        ("", "has no query"),
        ("?less=a", "something to look for"),
        ("?product=a&less=a", "both wanted and avoided"),
        ("?picture=0123", "uploaded picture"),
        ("?" + urlencode([("text", i) for i in range(17)]), "16 parts"),
    ],
)
def test_a_link_that_is_no_single_query_is_refused(link: str, message: str) -> None:
    with refusal(message):
        read_link(link)


@pytest.mark.parametrize("method", ["pixels", "tiny", "wordy"])
def test_an_answer_is_that_of_the_weighted_sum_of_unit_vectors(
    shop: Catalogue, method: str
) -> None:
    resolved = shop.resolve_method(method)
    rows = shop.open_index(resolved).read(np.arange(SHOP)).astype(np.float64)
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    ids = list(shop.products.index)
    outside = draw(77)
    unit = shop.encode_query(resolved, image=outside).astype(np.float64)
    unit /= np.linalg.norm(unit)
    for one in range(0, SHOP - 2, 3):
        parts = [
            Part("product", ids[one], 0.5),
            Part("picture", outside, 0.7),
            Part("product", ids[one + 1], 0.75),
            Part("product", ids[one + 2], -0.9),
        ]
        total = 0.5 * units[one] + 0.7 * unit + 0.75 * units[one + 1] - 0.9 * units[one + 2]
        if method == "wordy":
            parts.append(Part("text", "red", -1.5))
            words = embed_texts(resolved, ["red"])[0].astype(np.float64)
            total -= 1.5 * words / np.linalg.norm(words)
        scores = units @ (total / np.linalg.norm(total))
        expected = [p for p in np.argsort(-scores, kind="stable") if not one <= p <= one + 2]
        hits = shop.search(method, parts=parts, k=SHOP)
        assert [hit.product for hit in hits] == [ids[p] for p in expected]
        np.testing.assert_allclose([hit.score for hit in hits], scores[expected], atol=1e-6)
        assert hits[:4] == shop.search(method, parts=parts, k=4)


def test_one_part_is_the_same_as_a_plain_query(shop: Catalogue) -> None:
    product = shop.products.index[3]
    for method in ("pixels", "tiny"):
        for weight in (1, 0.25):
            parts = [Part("product", product, weight)]
            assert shop.search(method, parts=parts) == shop.search(method, product=product)
    assert shop.search("wordy", parts=[Part("text", "red")]) == shop.search("wordy", text="red")


@pytest.mark.parametrize("method", ["pixels", "tiny"])
def test_what_is_only_pushed_away_comes_last(shop: Catalogue, method: str) -> None:
    product = shop.products.index[3]
    nearest = shop.search(method, product=product, k=SHOP)
    farthest = shop.search(method, parts=[Part("product", product, -1)], k=SHOP)
    assert [hit.product for hit in farthest] == [hit.product for hit in nearest][::-1]
    assert farthest[0].score == pytest.approx(-nearest[-1].score, abs=1e-6)


def test_equal_products_share_a_rank_with_several_parts(shop: Catalogue) -> None:
    source = write_pictures(shop.folder.parent.parent / "alike", 5)
    for name in ("alike-1.png", "alike-2.png"):  # other files, the same picture as 002.png
        (source / name).write_bytes(encode(draw(2), compress_level=int(name[6])))
    assert main(["--catalogue", str(source), "--methods", "pixels,tiny"]) == 0
    alike = open_catalogue("alike")
    ids = alike.products.index
    for method in ("pixels", "tiny"):
        parts = [Part("picture", draw(2)), Part("product", ids[0], -LESS)]
        hits = alike.search(method, parts=parts, k=4)
        assert [(hit.rank, hit.tied) for hit in hits[:3]] == [(1, True)] * 3
        assert [hit.product for hit in hits[:3]] == list(ids[[2, 5, 6]])


@pytest.mark.parametrize("method", ["pixels", "tiny", "wordy"])
def test_parts_that_cancel_out_are_refused(shop: Catalogue, method: str) -> None:
    one, other = shop.products.index[:2]
    for parts in (
        [Part("product", one), Part("picture", draw(0), -1)],
        [Part("product", one, 0), Part("product", other, 0)],
    ):
        with refusal("cancel each other out by this method. Remove one"):
            shop.search(method, parts=parts)


def test_the_best_result_of_another_method_stands_in_for_words(shop: Catalogue) -> None:
    product = shop.products.index[3]
    best = {text: shop.search("wordy", text=text, k=1)[0].product for text in ("mug", "red")}
    assert len({product, *best.values()}) == 3, "else nothing is tested"
    for method in ("pixels", "tiny"):
        hits = shop.search(method, text="mug", bridge="wordy")
        assert hits == shop.search(method, product=best["mug"])
        words = [Part("text", "mug", 0.5), Part("text", "red", -0.25)]
        pictures = [Part("product", best[part.value], part.weight) for part in words]
        whole = Part("product", product, 0.5)
        hits = shop.search(method, parts=[whole, *words], bridge="wordy")
        assert hits == shop.search(method, parts=[whole, *pictures])
    parts = [Part("product", product), Part("text", "mug")]
    reading = shop.search("wordy", parts=parts, bridge="wordy")
    assert reading == shop.search("wordy", parts=parts), "it reads words itself"


@pytest.mark.parametrize(
    ("parts", "options", "message"),
    [
        ([], {}, "0 parts.*at least 1"),
        ([Part("text", "red")] * 17, {}, "17 parts.*at most 16"),
        ([Part("text", "red", float("nan"))], {}, "weight nan"),
        ([Part("text", "red", float("inf"))], {}, "weight inf"),
        ([Part("sound", "red")], {}, "can't be a 'sound'"),  # type: ignore[arg-type]
        ([Part("text", "red")], {}, "Tiny can't search by text"),
        ([Part("text", " ")], {"bridge": "wordy"}, "text is empty"),
        ([Part("text", "red")], {"bridge": "tiny"}, "can't search by text"),
        ([Part("text", "red")], {"bridge": "nothing"}, "nothing"),
        ([Part("product", "../x")], {}, "no product '../x'"),
        ([Part("text", "red")], {"text": "red"}, "one query"),
    ],
)
def test_bad_parts_are_refused(
    shop: Catalogue, parts: list[Part], options: dict[str, str], message: str
) -> None:
    with refusal(message):
        shop.search("tiny", parts=parts, **options)  # type: ignore[arg-type]
