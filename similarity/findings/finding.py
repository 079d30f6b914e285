"""A finding: what somebody kept of a page, with a title and a note."""

from dataclasses import dataclass
from typing import NamedTuple

from similarity.errors import SimilarityError
from similarity.findings.content import Content
from similarity.findings.fingerprint import Fingerprint
from similarity.findings.link import Link

MAX_TITLE, MAX_NOTE, MAX_NAME = 200, 5000, 60  # characters
MAX_BOARDS, MAX_FINDINGS = 100, 500
DEFAULT_BOARD = "Findings"


class Summary(NamedTuple):
    """A board, and how many findings it has."""

    name: str
    findings: int


@dataclass(frozen=True)
class Finding:
    """What somebody kept of a page.

    `content` is what the page showed when it was `created` (s since 1970) in this `version` of the
    product, and `link` shows the page again. `revision` counts the changes of its title and note.
    """

    number: int
    board: str
    title: str
    note: str
    link: Link
    content: Content
    fingerprint: Fingerprint
    version: str
    created: float
    revision: int = 0


class ChangedError(SimilarityError):
    """Somebody else has changed or deleted a finding meanwhile."""


def clean_title(text: str) -> str:
    """Return a title or name without line breaks and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def clean_note(text: str) -> str:
    """Return a note without control characters other than line breaks."""
    return "".join(c for c in text.replace("\r\n", "\n") if c.isprintable() or c in "\n\t").strip()
