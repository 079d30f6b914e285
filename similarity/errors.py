"""The one exception class that users see."""


class SimilarityError(Exception):
    """Something a person can put right: the message says what is wrong and names the remedy."""


def reason_of(error: Exception) -> str:
    """What a library's exception says, in its first line; its kind where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
