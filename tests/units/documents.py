"""Read the project's Markdown: links, anchors, tables and blocks of code."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.conftest import PROJECT

PAGES = sorted(
    [*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md"), *PROJECT.glob("assets/weights/*.md")]
)
SHELLS = ("", "sh", "bash")  # an indented block has no language
COMMAND = re.compile(r"(?:\.venv/bin/|python3? -m \S+ |make |pip install )[^…]+")


class Block(NamedTuple):
    """A block of code."""

    page: Path
    language: str
    code: str


class Link(NamedTuple):
    """The target of a link or picture."""

    page: Path
    target: str
    is_picture: bool


@cache
def parse(page: Path) -> list[Token]:
    """Return a page's tokens, as CommonMark with tables."""
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def list_inline(page: Path) -> Iterator[Token]:
    """Yield the tokens inside of paragraphs, headings and cells."""
    for token in parse(page):
        yield from token.children or []


def list_links(page: Path) -> list[Link]:
    """Return a page's links and pictures."""
    return [
        Link(page, str(token.attrs["href" if token.type == "link_open" else "src"]), is_picture)
        for token in list_inline(page)
        for is_picture in [token.type == "image"]
        if token.type in ("link_open", "image")
    ]


def list_anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    tokens = parse(page)
    titles = [
        "".join(child.content for child in after.children or [])
        for token, after in pairwise(tokens)
        if token.type == "heading_open"
    ]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def list_blocks(page: Path) -> list[Block]:
    """Return a page's blocks of code."""
    return [
        Block(page, token.info.strip(), token.content)
        for token in parse(page)
        if token.type in ("fence", "code_block")
    ]


def list_commands(page: Path) -> list[str]:
    """Return the commands of a page: lines of blocks, and those inside of sentences."""
    lines = [
        line
        for block in list_blocks(page)
        if block.language in SHELLS
        for line in block.code.splitlines()
    ]
    inline = [token.content for token in list_inline(page) if token.type == "code_inline"]
    return [line for line in [*lines, *filter(COMMAND.fullmatch, inline)] if line.strip()]


def list_broken_tables(page: Path) -> list[str]:
    """Return the lines that look like a table's and are none, or have another number of cells."""
    lines = page.read_text(encoding="utf-8").splitlines()
    tables = [token.map for token in parse(page) if token.type == "table_open" and token.map]
    code = [token.map for token in parse(page) if token.type in ("fence", "code_block")]
    inside = {
        number for first, last in [*tables, *filter(None, code)] for number in range(first, last)
    }
    outside = [
        line for number, line in enumerate(lines) if number not in inside and line.startswith("|")
    ]
    uneven = [
        line
        for first, last in tables
        for line in lines[first:last]
        if count_cells(line) != count_cells(lines[first])
    ]
    return outside + uneven


def count_cells(line: str) -> int:
    """Return the number of cells of a table's line."""
    return len(re.findall(r"(?<!\\)\|", line)) - 1


def list_rows(page: Path, heading: str) -> list[list[str]]:
    """Return the rows of all tables of a page whose first heading this is, as plain texts."""
    tables: list[list[list[str]]] = []
    for token in parse(page):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type == "inline" and tables and token.level >= 4:
            tables[-1][-1].append("".join(child.content for child in token.children or []))
    return [row for table in tables if table[0][0] == heading for row in table[1:]]
