"""The one exception class that users see."""


class SimilarityError(Exception):
    """Something a person can put right: the message says what is wrong and names the remedy."""
