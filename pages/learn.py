"""Learn: what each family of embeddings does, shown on one product, from the oldest on."""

from collections.abc import Iterator
from contextlib import contextmanager

import altair as alt
import pandas as pd
import streamlit as st
from PIL import Image

from similarity import explain
from similarity.errors import SimilarityError
from similarity.methods import METHODS
from similarity.search import Catalogue
from similarity.ui import query as url
from similarity.ui.asking import sort_of
from similarity.ui.browse import browse, first_product
from similarity.ui.pickers import pick_catalogue
from similarity.ui.plain import cut, plain, refuse
from similarity.ui.unbuilt import show_unbuilt

PRODUCTS = 5  # in the matrix of pictures and texts
WIDTH = 200


@contextmanager
def told() -> Iterator[None]:
    """A part that fails says why and leaves the others as they are."""
    try:
        with st.spinner("Computing… a model is loaded the first time."):
            yield
    except SimilarityError as error:
        refuse("This part can't be computed.", str(error))


def show_turned(catalogue: Catalogue, product: str, key: str, pictures: list[Image.Image]) -> None:
    """How alike a method finds a product and its picture upside down, and what it puts before."""
    cosine = float(explain.likeness(METHODS[key], pictures)[0, 1])
    st.metric("Cosine with upside down", f"{cosine:.3f}")
    if key in catalogue.methods:
        before = explain.nearer(catalogue, key, product, cosine)
        others = len(catalogue.products) - 1
        st.metric("Products found more alike than that", f"{before:,} of {others:,}")


def show_pixels(catalogue: Catalogue, product: str, picture: Image.Image) -> None:
    """The flattened vector."""
    st.header("1 · Raw pixels", divider="gray")
    st.write(
        "Lay the rows of pixels end to end and call that the vector. Nothing is learnt and nothing "
        "is lost; but every number stands for one place, so a product that is turned agrees with "
        "itself in little more than the background. Where that is most of the picture, every "
        "cosine is high, and other products come before the product's own turned picture."
    )
    vector = explain.flattened(picture)
    turned = picture.rotate(180)
    shown, facts = st.columns([2, 3])
    with shown.container(horizontal=True):
        st.image(picture, "The product", width=WIDTH, alt="The product")
        st.image(turned, "The same upside down", width=WIDTH, alt="The product upside down")
    with facts, told():
        with st.container(horizontal=True, gap="large"):
            st.metric("Numbers in the vector", f"{vector.size:,}")
            st.metric("White pixels", f"{explain.white_share(vector):.0%}")
            show_turned(catalogue, product, "pixels", [picture, turned])
        middle = vector.reshape(-1, 3)[len(vector) // 6 + 100 :][:8].ravel()
        st.caption("Twenty-four of these numbers, from the picture's middle; 1 is full colour.")
        st.code(
            "… " + "  ".join(f"{value:.2f}" for value in middle) + " …",
            language=None,
            wrap_lines=True,
        )


def show_cnn(catalogue: Catalogue, product: str, picture: Image.Image) -> None:
    """What a classifier keeps."""
    st.header("2 · Classification CNN", divider="gray")
    st.write(
        "A network that was taught to name a thousand kinds of things must, just before it names "
        "them, know what tells them apart. That layer is the vector; what does not help to name "
        "a thing, such as its place or often its colour, is mostly gone."
    )
    chart, facts = st.columns([3, 2])
    with chart, told():
        found = pd.DataFrame(explain.names(picture, 5), columns=["class", "probability"])
        bars = (
            alt.Chart(found)
            .mark_bar()
            .encode(
                alt.X("probability:Q", axis=alt.Axis(format="%", tickCount=5), title="Probability"),
                alt.Y("class:N", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
            )
        )
        st.altair_chart(bars, width="stretch")
    with facts, told():
        st.metric("Numbers in the vector", f"{METHODS['efficientnet'].dim:,}")
        show_turned(catalogue, product, "efficientnet", [picture, picture.rotate(180)])
    st.caption(f"{METHODS['efficientnet'].weights} These names are ImageNet's, not the shop's.")


def show_views(catalogue: Catalogue, picture: Image.Image) -> None:
    """SimCLR's two views, and how alike each method finds them."""
    st.header("3 · Metric learning: SimCLR", divider="gray")
    st.write(
        "Nobody tells this network what is in a picture. It sees two random views of each, "
        "cropped, mirrored, recoloured and blurred, and learns one thing: the two belong "
        "together, and apart from all other pictures. What survives that is what it keeps."
    )
    st.button("Draw two other views", icon=":material/casino:", key="redraw")
    one, two = explain.views(picture, 2)
    shown, facts = st.columns([2, 3])
    with shown.container(horizontal=True):
        st.image(one, "One view", width=WIDTH, alt="One view of the product")
        st.image(two, "Another view", width=WIDTH, alt="Another view of the product")
    with facts, told():
        rows, refused = [], []
        for method in catalogue.usable:
            if method.pictures_by is None:  # else it would be that one's row again
                try:
                    cosine = float(explain.likeness(method, [one, two])[0, 1])
                except SimilarityError as error:
                    refused.append(str(error))
                    continue
                rows.append({"method": method.title, "cosine of the two views": cosine})
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            column_config={
                "cosine of the two views": st.column_config.ProgressColumn(
                    format="%.3f", min_value=-1, max_value=1
                )
            },
        )
        st.caption("A cosine means something else in each space: compare redraws, not rows.")
        for reason in refused:
            refuse("A method can't be computed.", reason)


def show_words(catalogue: Catalogue, product: str) -> None:
    """The matrix of CLIP's figure, for a handful of products."""
    st.header("4 · Image and text together", divider="gray")
    st.write(
        "Two networks, one for pictures and one for words, meet in one space: a picture should lie "
        "nearest to its own caption. So the largest number of each column should stand on the "
        "diagonal."
    )
    able = {method.key: method for method in catalogue.usable if method.answers_text}
    key = st.segmented_control(
        "Method",
        list(able),
        format_func=lambda key: plain(able[key].title),
        default=list(able)[-1],
        required=True,
    )
    if able[key].published is None:
        st.caption("This method is CLIP's idea in small, not CLIP.")
    products = catalogue.products
    sort = sort_of(products)
    others = products[products[sort] != products[sort][product]]
    some = [product, *others.drop_duplicates(sort).index[: PRODUCTS - 1]]
    rows = [products.loc[one] for one in some]
    texts = [str(row.get("caption") or row[sort] or row["path"]) for row in rows]
    pictures = [catalogue.picture(one) for one in some]
    listed, chart = st.columns([2, 3])
    for number, (text, picture) in enumerate(zip(texts, pictures, strict=True), 1):
        with listed.container(horizontal=True, vertical_alignment="center"):
            st.image(picture, width=64, alt=cut(text))
            st.text(f"{number}  {cut(text)}")
    with chart, told():
        scores = explain.match(able[key], texts, pictures)
        numbers = [str(number) for number in range(1, len(some) + 1)]
        table = pd.DataFrame(
            {
                "text": [number for number in numbers for _ in numbers],
                "picture": numbers * len(numbers),
                "cosine": scores.ravel(),
            }
        )
        base = alt.Chart(table).encode(
            alt.X("picture:O", title="Picture", axis=alt.Axis(labelAngle=0, orient="top")),
            alt.Y("text:O", title="Text"),
        )
        scale = alt.Scale(scheme="blues")
        cells = base.mark_rect().encode(alt.Color("cosine:Q", scale=scale, legend=None))
        strong = alt.datum.cosine > float(scores.min() + scores.max()) / 2
        written = base.mark_text().encode(
            alt.Text("cosine:Q", format=".2f"),
            color=alt.condition(strong, alt.value("white"), alt.value("black")),
        )
        st.altair_chart((cells + written).properties(height=64 * len(numbers)), width="stretch")
        st.caption(plain(able[key].weights))


def page() -> None:
    """The whole page: a product, then the families in the order of their history."""
    st.set_page_config(page_title="What embeddings see · Similarity")
    messages = st.container()
    catalogue = pick_catalogue(messages)
    query, remark = url.current(catalogue, first_product(catalogue))
    product = query.value if query.kind == "product" else first_product(catalogue)
    st.title("What does each family of embeddings see?")
    st.caption("Choose a product: everything below is computed from it, here and now.")
    if remark:
        st.info(remark)
    browse(catalogue, product)
    try:
        picture = catalogue.picture(product)
    except SimilarityError as error:
        refuse("The product's picture can't be read.", str(error))
        st.stop()
    show_pixels(catalogue, product, picture)
    show_cnn(catalogue, product, picture)
    show_views(catalogue, picture)
    show_words(catalogue, product)
    show_unbuilt(catalogue)
    st.header("Sources", divider="gray")
    st.markdown(
        "- The article in whose order this page goes: *Powering Semantic Similarity Search in "
        "Computer Vision with State of the Art Embeddings*, Zilliz, 2022\n"
        "- EfficientNet: Tan and Le 2019, arXiv:1905.11946\n"
        "- SimCLR: Chen, Kornblith, Norouzi and Hinton 2020, arXiv:2002.05709\n"
        "- CLIP: Radford et al. 2021, arXiv:2103.00020; ConSE: Norouzi et al. 2013, "
        "arXiv:1312.5650; LiT: Zhai et al. 2022, arXiv:2111.07991"
    )


page()
