"""Queries that are hard for embeddings, to try before production."""

from dataclasses import dataclass, field

import streamlit as st

from similarity.catalogue import Catalogue
from similarity.display.products import get_name
from similarity.display.text import truncate
from similarity.errors import SimilarityError
from similarity.ui.learn.choices import choose_same_kind
from similarity.ui.shared import query as url
from similarity.ui.shared.caches import get_neighbours
from similarity.ui.shared.plain import escape

MAX_TEXT = 40  # characters of a product's own texts in a query


@dataclass(frozen=True)
class HardQuery:
    """A query to try: its title, a question to answer by looking, and its URL parameters."""

    key: str
    title: str
    question: str
    parameters: dict[str, str] = field(default_factory=dict)


def list_hard_queries(catalogue: Catalogue, product: str) -> list[HardQuery]:
    """Return the hard queries that suit this catalogue."""
    products = catalogue.products
    queries = [*_list_picture_queries(catalogue, product)]
    if any(catalogue.registry[key].answers_text for key in catalogue.methods):
        kinds = products["category"][products["category"] != ""].str.lower()
        kind = kinds.get(product) or (kinds.iloc[0] if len(kinds) else "product")
        queries += _list_text_queries(truncate(kind, MAX_TEXT))
    return queries


def _list_picture_queries(catalogue: Catalogue, product: str) -> list[HardQuery]:
    products = catalogue.products
    queries = []
    try:
        by_disagreement = get_neighbours(catalogue).sort_by_disagreement(
            list_compared_methods(catalogue)
        )
    except (SimilarityError, KeyError):
        by_disagreement = []
    if by_disagreement:
        queries.append(
            HardQuery(
                "differ",
                "The product on which the methods disagree most",
                "Which results would you rather show a customer?",
                {"product": by_disagreement[0]},
            )
        )
    counts = products["category"][products["category"] != ""].value_counts()
    if len(counts) > 1 and counts.iloc[-1] < counts.iloc[-2]:  # one is rarest
        rare_product = products.index[products["category"] == counts.index[-1]][0]
        queries.append(
            HardQuery(
                "rare",
                f"A product of the rarest category, {truncate(counts.index[-1], MAX_TEXT)} "
                f"({counts.iloc[-1]:,})",
                "Are all others of its category found, and what comes after them?",
                {"product": rare_product},
            )
        )
    if same_kind := choose_same_kind(products, product, 1):
        row = products.loc[same_kind[0]].to_dict()
        queries.append(
            HardQuery(
                "kin",
                f"Another product of the same kind: {truncate(get_name(row), MAX_TEXT)}",
                "Are the results as good as for the first, or was that one luck?",
                {"product": same_kind[0]},
            )
        )
    queries.append(
        HardQuery(
            "own",
            "Your own photo: dark, cropped, on a carpet",
            "Drop it on Compare. Is the product still found?",
            {"product": product},
        )
    )
    return queries


def _list_text_queries(kind: str) -> list[HardQuery]:
    return [
        HardQuery(
            "not",
            "Without something",
            "Does the word 'without' change the results?",
            {"text": f"{kind} without a pattern"},
        ),
        HardQuery(
            "count",
            "A number of things",
            "Are there two in the pictures?",
            {"text": f"two of the same {kind}"},
        ),
        HardQuery(
            "typo", "A spelling mistake", "Is it still understood?", {"text": misspell(kind)}
        ),
        HardQuery(
            "occasion",
            "An occasion instead of a thing",
            "Does any method know what that is?",
            {"text": "something for a rainy day"},
        ),
        HardQuery(
            "language",
            "Another language",
            "Do your customers search in other languages?",
            {"text": "etwas Rotes zum Anziehen"},
        ),
        HardQuery(
            "absent",
            "What you don't sell",
            "Does the page say that there is no good match?",
            {"text": "a live elephant"},
        ),
    ]


def misspell(word: str) -> str:
    """Swap two letters in the middle of a word."""
    middle = len(word) // 2
    for i in sorted(range(1, len(word)), key=lambda i: abs(i - middle)):
        if word[i - 1] != word[i]:
            return word[: i - 1] + word[i] + word[i - 1] + word[i + 1 :]
    return word


def list_compared_methods(catalogue: Catalogue) -> list[str]:
    """Return the built methods that were compared when the catalogue was measured."""
    keys = get_neighbours(catalogue).methods
    return [key for key in catalogue.methods if key in keys]


def show_hard(catalogue: Catalogue, product: str) -> None:
    """Show the checklist; each query opens on Compare."""
    st.subheader("Before it goes into your shop", anchor="before")
    st.markdown(
        "**An embedding that does well on easy queries may fail on hard ones, so try these "
        "first**, as the article advises. Each opens on Compare with all installed methods."
    )
    for query in list_hard_queries(catalogue, product):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.checkbox(
                f"**{escape(query.title)}.** {escape(query.question)}",
                key=url.widget_key(f"hard {query.key}", catalogue.name),
                persist_state="session",
                wrap=True,
            )
            text = query.parameters.get("text")
            st.page_link(
                "compare.py",
                label=escape(f"“{text}”" if text else "Open on Compare"),
                icon=":material/arrow_forward:",
                query_params={
                    "catalogue": catalogue.name,
                    "methods": ",".join(catalogue.methods),
                    **query.parameters,
                },
            )
