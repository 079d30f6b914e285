"""What a user writes to name a method of their own: `NAME=PREFIX:WHAT`, or a Python file."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from similarity.errors import SimilarityError
from similarity.methods.candidate import KEY, Loader
from similarity.store.paths import make_name, parse_path

PREFIXES: dict[str, Loader] = {each: each for each in get_args(Loader) if each != "python"}
WORDS = "words"  # the option of vectors, and so no name
HUB_NAME = re.compile(r"[\w.-]{1,96}(/[\w.-]{1,96})?(@[0-9a-f]{40})?", re.ASCII)
MAX_LENGTH = 1000  # characters of a specification


@dataclass(frozen=True)
class Specification:
    """A method that a user names.

    `text` is the specification without its name, and `target` what follows its prefix. `key` and
    `title` are what the method is called, `words` names the method that embeds texts for it.
    """

    text: str
    loader: Loader
    target: str
    key: str
    title: str
    words: str = ""

    @property
    def argument(self) -> str:
        """What `--methods` takes for this method under this key."""
        return f"{self.key}={self.text}"


def split_specifications(arguments: str) -> list[str]:
    """Return the methods in a comma-separated list, each once.

    `words=OTHER` belongs to what precedes it. Raises SimilarityError for an empty list.
    """
    parts: list[str] = []
    for part in filter(None, map(str.strip, arguments.split(","))):
        if part.startswith(f"{WORDS}=") and parts:
            parts[-1] += f",{part}"
        else:
            parts.append(part)
    if not parts:
        raise SimilarityError("--methods is empty. Leave it out to build all methods.")
    return list(dict.fromkeys(parts))


def is_specification(text: str) -> bool:
    """Return whether a text specifies a method, and is not only the key of one."""
    return any(mark in text for mark in ":=/\\") or text.endswith(".py")


def parse_specification(argument: str) -> Specification:
    """Return what a specification says. Raises SimilarityError if it can't be understood."""
    if len(argument) > MAX_LENGTH or not argument.isprintable():
        raise SimilarityError(f"{argument[:40]!a}… is too long for a method or not plain text.")
    name, separator, text = argument.partition("=")
    if not separator or not re.fullmatch(r"[\w-]*", name, re.ASCII):
        name, text = "", argument
    if separator and name and (not KEY.fullmatch(name) or name == WORDS):
        raise SimilarityError(
            f"'{name}' can't be the name of a method. Use up to 32 of a-z, 0-9, '_' and '-', a "
            "letter first."
        )
    text, _, words = text.partition(f",{WORDS}=")
    loader, target = _split_prefix(text)
    if words and loader != "vectors":
        raise SimilarityError(f"'{argument}': {WORDS}= is only for vectors:FILE.")
    stem = _get_stem(loader, target)
    key = name or _derive_key(stem)
    full_text = f"{text},{WORDS}={words}" if words else text
    return Specification(full_text, loader, target, key, name or stem, words)


def make_absolute(specification: Specification) -> Specification:
    """Return a specification that means the same in every folder, with absolute paths."""
    loader, target, words = specification.loader, specification.target, specification.words
    if loader in ("vectors", "python") or is_path(target):
        target = str((parse_path(target) or Path()).absolute())
    text = target if loader == "python" else f"{loader}:{target}"
    if words:
        if is_specification(words):
            words = make_absolute(parse_specification(words)).text
        text += f",{WORDS}={words}"
    return replace(specification, text=text, target=target, words=words)


def _split_prefix(text: str) -> tuple[Loader, str]:
    prefix, separator, target = text.partition(":")
    if prefix in PREFIXES and separator:
        if not target.strip():
            raise SimilarityError(f"'{text}' doesn't say what to load: write {prefix}:NAME.")
        if not is_path(target) and prefix in ("hf", "st") and not HUB_NAME.fullmatch(target):
            raise SimilarityError(
                f"'{target}' is no name on a hub. Write ORGANISATION/NAME, or a folder as ./FOLDER."
            )
        return PREFIXES[prefix], target.strip()
    if text.endswith(".py"):
        return "python", text
    raise SimilarityError(
        f"'{text}' is no method: a specification begins with one of "
        f"{', '.join(f'{each}:' for each in PREFIXES)} or ends with .py."
    )


def is_path(target: str) -> bool:
    """Return whether what follows a prefix is a path, which begins with `.`, `/` or `~`."""
    return target.startswith((".", "/", "~")) or bool(re.match(r"[A-Za-z]:[\\/]", target))


def _get_stem(loader: Loader, target: str) -> str:
    """Return a model's own name: the last part of a path or of a name on a hub."""
    path = target.partition("@")[0].replace("\\", "/").rstrip("/").rstrip(".")
    stem = path.rsplit("/", 1)[-1] or "model"
    if loader == "open_clip" and not is_path(target) and ":" not in target:
        stem = path.replace("/", " ")  # a network and the data it was trained on
    return stem.rsplit(".", 1)[0] if loader in ("python", "vectors") else stem


def _derive_key(stem: str) -> str:
    """Return a key that is safe in folders and URLs."""
    name = make_name(stem).replace("-", "_")
    return (name if name[0].isalpha() else f"m_{name}")[:32].rstrip("_")
