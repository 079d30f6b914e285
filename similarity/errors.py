"""The exceptions that users see: one class, and one kind of it."""


class SimilarityError(Exception):
    """Something a person can put right: the message says what is wrong and names the remedy."""


class Unavailable(SimilarityError):
    """What is asked for is all right, but can't be reached now: to build it again is no remedy."""


def reason_of(error: Exception) -> str:
    """What a library's exception says, in its first line; its kind where it says nothing."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
