"""What parts of the Measure page share."""

from collections.abc import Sequence

from similarity.ui.shared.headings import explained

PARTS = {  # titles by anchors
    "what": "Which method sees what",
    "differ": "Where they differ",
    "categories": "Category by category",
    "agree": "Who agrees",
    "words": "Found by words",
    "cost": "Speed and size",
    "hubs": "What comes up again and again",
}


def heading(anchor: str, says: str, facts: Sequence[str]) -> None:
    """A part's heading, what it says in a sentence, and behind a button what its figures are."""
    explained(PARTS[anchor], anchor, says, facts)
