"""What the parts of the Measure page share."""

from collections.abc import Sequence

from similarity.ui.shared.headings import show_heading

PARTS = {  # titles by anchor
    "what": "Which method sees what",
    "differ": "Where they differ",
    "categories": "Category by category",
    "agree": "Who agrees",
    "words": "Found by words",
    "cost": "Speed and size",
    "hubs": "What comes up again and again",
}


def show_part_heading(anchor: str, sentence: str, facts: Sequence[str]) -> None:
    """Show a part's heading and a sentence, with explanations of its figures behind a button."""
    show_heading(PARTS[anchor], anchor, sentence, facts)
