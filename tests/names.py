"""Run `python -m tests.names`: list names that say too little, wherever the project defines one.

A pronoun or a participle says what happened to a value and not what it is: `found` may be hits, a
path or a count. Functions are verbs, values are nouns, booleans are predicates.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).parents[1]
FOLDERS = [
    "similarity",
    "precompute",
    "pages",
    "install",
    "benchmarks",
    "harness",
    "drawing",
    "tests",
]
# fmt: off
VAGUE = frozenset((
    "able", "alone", "apart", "asked", "asking", "become", "becoming", "begun", "beside",
    "both", "chosen", "found", "given", "gone", "had", "heard", "held", "kept", "known",
    "looked", "made", "meant", "needed", "none", "nothing", "ones", "own", "said", "seen",
    "shown", "some", "such", "taken", "taught", "that", "their", "theirs", "them", "there",
    "these", "they", "things", "this", "those", "told", "took", "wanted", "went", "whose",
))
# fmt: on


def find_definitions(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The names that a module defines, with their lines: functions, classes, arguments, values."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield node.lineno, name
            case ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name):
                yield node.lineno, name
            case ast.Name(id=name, ctx=ast.Store()):
                yield node.lineno, name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name


def main() -> int:
    """Print the vague names that are defined; returns an exit code."""
    files = [PROJECT / "app.py", *(f for name in FOLDERS for f in (PROJECT / name).rglob("*.py"))]
    count = 0
    for file in files:
        for line, name in sorted(find_definitions(ast.parse(file.read_text(encoding="utf-8")))):
            if name.strip("_").lower() in VAGUE:
                count += 1
                print(f"{file.relative_to(PROJECT)}:{line}: '{name}' doesn't say what it holds")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
