"""A board that comes with the demo: the article's families, told with this build's own figures."""

from contextlib import suppress

from similarity.catalogue import Catalogue
from similarity.errors import SimilarityError
from similarity.findings.boards import Boards
from similarity.findings.compose.page import refuse_picture
from similarity.findings.keep import keep_page
from similarity.findings.link import parse_link

BOARD = "From pixels to words"
BACKPACK = "f1c2edb1b65fc35b1026"  # the yellow one with a roll top
SNEAKER = "b31ae7ef1e738f694d15"  # the brown high-top

# Pages and notes. The titles are what the pages conclude, so they always fit the figures. Notes
# explain, and say nothing that other figures would contradict.
STORY = (
    (
        f"compare?product={BACKPACK}&methods=pixels,efficientnet&k=12",
        "The oldest way compares pictures pixel by pixel. The same colours in the same places "
        "count as similar, whatever is in the picture.\n\nA network that was trained to name what "
        "is in a picture looks for the kind of thing instead. Click a product to see it for "
        "another one.",
    ),
    (
        f"robustness?product={SNEAKER}&change=turn:180&open=turn"
        "&methods=pixels,efficientnet,simclr_small,lit",
        "Upside down, every pixel is in another place. The article warns of this, because people "
        "hold their phones in all ways.\n\nThe chart shows it for many products and angles.",
    ),
    (
        f"compare?product={BACKPACK}&methods=pixels,simclr_small&k=12",
        "Metric learning needs no labels. The network sees two crops of each picture, in other "
        "colours, and learns that they belong together. So shape counts more than colour.",
    ),
    (
        f"compare?product={BACKPACK}&methods=efficientnet,lit&k=12&attribute=colour",
        "Here a result counts as right if it has the same colour. Names of things leave colours "
        "out, captions include them. LiT learned from captions of such drawings, so this is no "
        "fair comparison: with a shop's own captions it may do worse.",
    ),
    (
        "compare?text=red dress&methods=conse,lit&text_methods=conse,lit&k=12",
        "Newer methods put pictures and words into one space, so that words find pictures which "
        "nobody has described. Type others on Compare.",
    ),
    (
        "measure?open=attribute-1,costs",
        "One query is an anecdote. Here every product was a query. A method leads only where its "
        "lead is significant. Which one comes first depends on what counts as right, and on what "
        "it may cost.",
    ),
)


def keep_story(catalogue: Catalogue) -> int:
    """Keep the demo's findings unless people have kept any; return how many.

    Pages that can't be shown, such as those of methods that aren't built, are left out.
    """
    if Boards(catalogue.folder).path.exists():
        return 0
    count = 0
    for link_text, note in STORY:
        link = parse_link(f"{link_text}&catalogue={catalogue.name}")
        with suppress(SimilarityError):
            keep_page(catalogue, link, BOARD, refuse_picture, note=note)
            count += 1
    return count
