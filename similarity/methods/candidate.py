"""The facts of a method that a user brought, as a manifest keeps them.

A catalogue may come from a stranger, so a record is data: it is checked when it is read, and names
nothing that would be run.
"""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass as checked

from similarity.errors import SimilarityError, get_reason

Loader = Literal["timm", "open_clip", "st", "hf", "vectors", "plugin", "python"]
# what runs a network: any runtime, plain torch, or the library itself, picture by picture
Runtime = Literal["any", "torch", "library"]

KEY = re.compile(r"[a-z][a-z0-9_-]{0,31}")
FAMILY = "Your models"
NOT_STATED = "not stated"
STRICT = ConfigDict(strict=True, extra="forbid")

Line = Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
Path = Annotated[str, Field(max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*$")]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Link = Annotated[str, Field(max_length=300, pattern=r"^(https?://[\w./~%#?&=+:@-]+)?$")]


@checked(frozen=True, config=STRICT)
class Candidate:
    """A method that a user brought.

    `specification` is what they wrote without its name. `location` is a repository on a hub with
    `commit`, or the absolute path of a folder or file; `sha256` is the hash of what was read from
    there. `library` is the library with its version, whose vectors these are. A network with a
    fixed size of pictures takes (side, side, 3); 0 for others.
    """

    key: Annotated[str, Field(pattern=f"^{KEY.pattern}$")]
    specification: Path
    loader: Loader
    location: Path
    sha256: Hash
    title: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]
    dim: Annotated[int, Field(ge=1, le=100_000)]
    commit: Annotated[str, Field(pattern=r"^([0-9a-f]{40})?$")] = ""
    library: Line = ""
    summary: Line = ""
    weights: Line = ""
    licence: Line = ""
    source: Link = ""
    training_labels: Line = ""
    year: Annotated[int, Field(ge=0, le=9999)] = 0
    parameters: Annotated[int, Field(ge=0, le=10**13)] = 0
    side: Annotated[int, Field(ge=0, le=4096)] = 0
    answers_text: bool = False
    runtime: Runtime = "library"
    note: Line = ""  # why its network doesn't run as others do
    # of vectors: what embeds texts for them, another record or a method of the product
    words: "Candidate | None" = None
    words_key: Annotated[str, Field(pattern=f"^({KEY.pattern})?$")] = ""
    words_copy: Path = ""
    words_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""

    @property
    def runs_code(self) -> bool:
        """Whether code that a user wrote embeds its pictures or texts."""
        return self.loader in ("python", "plugin") or bool(self.words and self.words.runs_code)

    @property
    def argument(self) -> str:
        """What `--methods` takes for this method."""
        return f"{self.key}={self.specification}"


_adapter = TypeAdapter(Candidate)


def to_facts(candidate: Candidate) -> dict[str, Any]:
    """Return a record as a manifest keeps it."""
    return _adapter.dump_python(candidate, mode="json")


def read_candidate(facts: Any, key: str) -> Candidate:
    """Return the record of a method in a manifest. Raises SimilarityError unless it is sound."""
    try:
        candidate = _adapter.validate_json(json.dumps(facts))
        if candidate.key != key:
            raise ValueError(f"it is the record of '{candidate.key}'")
        if candidate.location.startswith(("//", "\\\\")):
            raise ValueError("its location is on another machine")
        if candidate.words and (candidate.words.words or candidate.words.words_key):
            raise ValueError("the method of its words has words of another")
        return candidate
    except (ValueError, RecursionError) as error:
        raise SimilarityError(f"its record is damaged ({get_reason(error)})") from error
