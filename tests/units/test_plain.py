"""Escaping of text from catalogues for Streamlit's Markdown labels."""

import pytest
from markdown_it import MarkdownIt

from similarity.ui.shared.plain import escape


@pytest.mark.parametrize(
    "text",
    [
        "![x](http://evil.example/x.png) [y](http://evil.example)",
        "**bold** _italic_ `code` ~~gone~~ :red[x] :material/home: $x$",
        "<img src=http://evil.example/y.png onerror=document.title='owned'>",
        "# one\n- two\n1. three\n> four\n    five\n| six |",
        "\\*as it is\\*",
        "<http://evil.example> &lt;b&gt; &amp;",
    ],
)
def test_markdown_shows_the_text_unchanged(text: str) -> None:
    (paragraph, inline, _) = MarkdownIt("commonmark").parse(escape(text))
    assert paragraph.type == "paragraph_open"
    assert {each.type for each in inline.children or []} <= {"text", "text_special"}
    assert "".join(each.content for each in inline.children or []) == " ".join(text.split())
