"""Collect the errors and warnings in the code, with … for what is filled in."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import PROJECT

CODE = ("install", "pages", "precompute", "similarity")
ERRORS = {
    "SimilarityError",
    "UnavailableError",
    "UnreachableError",
    "UnknownError",
    "VoteClosedError",
    "ConversionError",
    "InstallError",
    "ArgumentTypeError",
    "ChangedError",
}
FUNCTIONS = {"show_error", "error", "warning"}  # of pages and of logs
RETURNED_BY = {
    "explain_failure",
    "_describe_unavailable",
    "describe_unknown",
}  # as above, but passed on as a value
GAP = "…"


def collect_messages() -> dict[str, str]:
    """Return the place of each message: file and line."""
    return {
        message: f"{path.relative_to(PROJECT)}:{line}"
        for folder in CODE
        for path in sorted((PROJECT / folder).rglob("*.py"))
        for message, line in list_messages(path)
        if any(character.isalpha() for character in message)
    }


def list_messages(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each message of a file with its line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in RETURNED_BY:
            for each in ast.walk(node):
                if isinstance(each, ast.Return) and each.value:
                    yield from ((text, each.lineno) for text in render(each.value, constants))
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ERRORS | FUNCTIONS:
                for message in render(node.args[0], constants):
                    yield message, node.lineno


def render(node: ast.expr, constants: dict[str, ast.expr]) -> list[str]:
    """Return the texts that an expression may have, without those that it only passes on."""
    match node:
        case ast.Constant(value=str(text)):
            return [text.replace("%s", GAP).replace("{}", GAP)]
        case ast.JoinedStr(values=values):
            parts = (v.value if isinstance(v, ast.Constant) else GAP for v in values)
            return ["".join(map(str, parts)).replace("\n", " ")]
        case ast.IfExp(body=body, orelse=other):
            return [*render(body, constants), *render(other, constants)]
        case ast.BinOp(left=left, right=right):
            ends = render(right, constants) or [GAP]
            return [start + end for start in render(left, constants) for end in ends]
        case ast.Name(id=name) if name in constants:
            return render(constants[name], constants)
        case ast.Call(func=ast.Name(id="escape"), args=[argument]):
            return render(argument, constants)
        case ast.Call(func=ast.Attribute(value=text, attr="format")):
            return render(text, constants)
    return []
