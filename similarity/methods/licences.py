"""What the licence that a file or a user states allows."""

from similarity.methods.base import Terms

PERMISSIVE = (  # identifiers of SPDX that allow commercial use and passing weights on
    "0bsd",
    "apache-2.0",
    "bsd-2-clause",
    "bsd-3-clause",
    "cc-by-4.0",
    "cc0-1.0",
    "isc",
    "mit",
    "unlicense",
)


def read_terms(licence: str) -> Terms:
    """Return "permissive" for a text that starts with a known identifier, otherwise "unknown"."""
    words = licence.lower().replace(",", " ").replace(";", " ").split()
    return "permissive" if words and words[0] in PERMISSIVE else "unknown"
