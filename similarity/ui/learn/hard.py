"""Queries that are hard for embeddings, to be tried before one goes into a shop."""

from dataclasses import dataclass, field

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.methods import METHODS
from similarity.ui.learn.several import kin
from similarity.ui.shared import query as url
from similarity.ui.shared.caches import shared_neighbours
from similarity.ui.shared.gallery import name_of
from similarity.ui.shared.plain import cut, plain

LONGEST = 40  # characters of a product's own words in a query


@dataclass(frozen=True)
class Hard:
    """A query to try: what is hard in it, what to look for, and what it asks on Compare."""

    key: str
    title: str
    look: str
    asks: dict[str, str] = field(default_factory=dict)


def hard_queries(catalogue: Catalogue, product: str) -> list[Hard]:
    """Those that this catalogue can be asked."""
    products = catalogue.products
    found = [*_by_picture(catalogue, product)]
    if any(METHODS[key].answers_text for key in catalogue.methods):
        kinds = products["category"][products["category"] != ""].str.lower()
        kind = kinds.get(product) or (kinds.iloc[0] if len(kinds) else "product")
        found += _in_words(cut(kind, LONGEST))
    return found


def _by_picture(catalogue: Catalogue, product: str) -> list[Hard]:
    products = catalogue.products
    found = []
    try:
        differ = shared_neighbours(catalogue).least(first_compared(catalogue))
    except (SimilarityError, KeyError):
        differ = []
    if differ:
        found.append(
            Hard(
                "differ",
                "The product on which the methods agree least",
                "Which of the answers would you rather show a customer?",
                {"product": differ[0]},
            )
        )
    counts = products["category"][products["category"] != ""].value_counts()
    if len(counts) > 1:
        rare = products.index[products["category"] == counts.index[-1]][0]
        found.append(
            Hard(
                "rare",
                f"A product of the rarest category, {cut(counts.index[-1], LONGEST)} "
                f"({counts.iloc[-1]:,})",
                "Are all others of its kind found, and what comes after them?",
                {"product": rare},
            )
        )
    if others := kin(products, product, 1):
        row = products.loc[others[0]].to_dict()
        found.append(
            Hard(
                "kin",
                f"Another product of the same sort: {cut(name_of(row), LONGEST)}",
                "Are the answers as good as for the first, or was that one luck?",
                {"product": others[0]},
            )
        )
    found.append(
        Hard(
            "own",
            "A photo of your own: dark, cropped, on a carpet",
            "Drop it on Compare. Is the product still found that was found in a clean picture?",
            {"product": product},
        )
    )
    return found


def _in_words(kind: str) -> list[Hard]:
    return [
        Hard(
            "not",
            "Without something",
            "Is the word 'without' heard?",
            {"text": f"{kind} without a pattern"},
        ),
        Hard(
            "count",
            "A number of things",
            "Are there two in the pictures?",
            {"text": f"two of the same {kind}"},
        ),
        Hard("typo", "A spelling mistake", "Is it still understood?", {"text": misspelt(kind)}),
        Hard(
            "occasion",
            "An occasion instead of a thing",
            "Does any method know what that is?",
            {"text": "something for a rainy day"},
        ),
        Hard(
            "language",
            "Another language",
            "Who else may ask in your shop?",
            {"text": "etwas Rotes zum Anziehen"},
        ),
        Hard(
            "absent",
            "What you don't sell",
            "Does the page say that there is no good match?",
            {"text": "a live elephant"},
        ),
    ]


def misspelt(word: str) -> str:
    """A word as a hurried person writes it: two letters in its middle have changed places."""
    middle = len(word) // 2
    for i in sorted(range(1, len(word)), key=lambda i: abs(i - middle)):
        if word[i - 1] != word[i]:
            return word[: i - 1] + word[i] + word[i - 1] + word[i + 1 :]
    return word


def first_compared(catalogue: Catalogue) -> list[str]:
    """The built methods between which a build measured how little they agree."""
    compared = shared_neighbours(catalogue).methods
    return [key for key in catalogue.methods if key in compared]


def show_hard(catalogue: Catalogue, product: str) -> None:
    """The checklist; each opens on Compare."""
    st.subheader("Before it goes into your shop", anchor="before")
    st.markdown(
        "The article's warning: **an embedding that shines on easy queries may fail on the hard "
        "ones, so try those first.** Each opens on Compare, by all methods that are built here; "
        "tick off what you have seen."
    )
    methods = ",".join(catalogue.methods)
    for hard in hard_queries(catalogue, product):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.checkbox(
                f"**{plain(hard.title)}.** {plain(hard.look)}",
                key=url.key(f"hard {hard.key}", catalogue.name),
                persist_state="session",
                wrap=True,
            )
            asked = hard.asks.get("text")
            st.page_link(
                "compare.py",
                label=plain(f"“{asked}”" if asked else "Open on Compare"),
                icon=":material/open_in_new:",
                query_params={"catalogue": catalogue.name, "methods": methods, **hard.asks},
            )
