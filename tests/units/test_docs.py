"""The docs: links lead somewhere, tables are tables, commands parse, messages are explained."""

import argparse
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import grimp
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from benchmarks.figures import MEASURED, PACKAGES, count_changes, list_code, list_measured
from similarity.methods import METHODS
from tests.conftest import PROJECT
from tests.units.documents import (
    PAGES,
    list_anchors,
    list_blocks,
    list_broken_tables,
    list_commands,
    list_links,
    list_rows,
)
from tests.units.messages import GAP, collect_messages

README = PROJECT / "README.md"
DOCS = sorted(PROJECT.glob("docs/*.md"))
MAX_PAGE, MAX_PICTURE = 8192, 250_000  # bytes
PROGRAMS = {"git", "sudo", "docker", "export"}  # not of this project
INTERVAL = re.compile(r"\d \[[\d.]+, [\d.]+\]")
LANGUAGES = {"", "sh", "python", "mermaid", "nginx", "dockerfile"}


def name(page: Path) -> str:
    return str(page.relative_to(PROJECT))


@pytest.mark.parametrize("page", [README, *DOCS, PROJECT / "CONTRIBUTING.md"], ids=name)
def test_a_page_can_be_read_at_one_go(page: Path) -> None:
    assert page.stat().st_size <= MAX_PAGE


def test_the_contents_list_every_page() -> None:
    listed = {link.target for link in list_links(PROJECT / "docs/README.md")}
    assert {page.name for page in DOCS} - {"README.md"} <= listed


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files_and_headings_of_the_project(page: Path) -> None:
    for link in list_links(page):
        if re.match(r"https://|mailto:", link.target):
            assert not link.is_picture, "pictures are of the project"
            continue
        path, _, anchor = link.target.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(PROJECT), link.target
        assert target.exists(), link.target
        if anchor:
            assert anchor in list_anchors(target), link.target


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_tables_are_tables(page: Path) -> None:
    assert list_broken_tables(page) == []


def test_a_table_that_a_blank_line_cuts_in_two_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("| a | b |\n| --- | --- |\n| 1 | 2 |\n\n| 3 | 4 |\n")
    assert list_broken_tables(page) == ["| 3 | 4 |"]
    uneven = tmp_path / "uneven.md"
    uneven.write_text("| a | b |\n| --- | --- |\n| 1 | 2 | 3 |\n")
    assert list_broken_tables(uneven) == ["| 1 | 2 | 3 |"]


def test_pictures_of_the_docs_are_small_and_all_are_used() -> None:
    used = {
        (page.parent / link.target).resolve()
        for page in PAGES
        for link in list_links(page)
        if link.is_picture
    }
    assert used
    assert {path for path in used if path.stat().st_size > MAX_PICTURE} == set()
    pictures = {path for kind in ("png", "webp") for path in (PROJECT / "assets").glob(f"*.{kind}")}
    assert pictures == used


# ---- commands


class ParsedError(Exception):
    """The arguments were parsed, and nothing was done with them."""


def parse_command(line: str) -> None:
    """Raise AssertionError if a command's own parser refuses its arguments."""
    words = shlex.split(line, comments=True)
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words.pop(0)
    for part in split_at(words, "&&"):
        program, *arguments = part
        match program.removeprefix(".venv/bin/"):
            case "make":
                subprocess.run(["make", "-n", *arguments], cwd=PROJECT, check=True, stdout=-1)
            case "python" | "python3" if arguments[:1] == ["-m"]:
                parse_module(arguments[1], arguments[2:])
            case "pip":
                assert arguments.pop(0) == "install"
                if arguments[0] == "-r":
                    assert (PROJECT / arguments[1]).exists()
                else:
                    assert [Requirement(each) for each in arguments]
            case "streamlit":
                parse_streamlit(arguments)
            case "cd":
                assert len(arguments) == 1
            case other:
                assert other in PROGRAMS, line


def split_at(words: list[str], word: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for each in words:
        if each == word:
            parts.append([])
        else:
            parts[-1].append(each)
    return parts


def parse_module(module: str, arguments: list[str]) -> None:
    if module == "pytest":
        from _pytest.config import get_config

        config = get_config()
        config._parser.parse(arguments)
        files = [each for each in arguments if each.startswith("tests/")]
        assert all((PROJECT / each.split("::")[0]).exists() for each in files), arguments
        return
    if module in ("pip", "venv"):
        return
    path = PROJECT / module.replace(".", "/")
    source = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
    code = source.read_text()
    if "argparse" not in code:  # it has no options
        assert not arguments or "sys.argv" in code, f"{module} takes no arguments"
        return
    with pytest.MonkeyPatch.context() as patch:

        def parse(
            parser: argparse.ArgumentParser, arguments: Any = None, namespace: Any = None
        ) -> None:
            parse_args(parser, arguments, namespace)
            raise ParsedError

        parse_args = argparse.ArgumentParser.parse_args
        patch.setattr(argparse.ArgumentParser, "parse_args", parse)
        patch.setattr(sys, "argv", [str(source), *arguments])
        patch.chdir(PROJECT)
        with pytest.raises((ParsedError, SystemExit)) as stopped:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
    assert stopped.type is ParsedError or arguments == ["--help"], f"{module} {arguments}"


def parse_streamlit(arguments: list[str]) -> None:
    from streamlit.web.cli import main

    command, script, *options = arguments
    assert main.commands[command].make_context(command, [script, *options])
    assert (PROJECT / script).exists()


def list_all_commands() -> list[str]:
    """Return the commands of all pages without comments, each once."""
    lines = {line for page in PAGES for line in list_commands(page)}
    return sorted({shlex.join(shlex.split(line, comments=True)) for line in lines} - {""})


@pytest.mark.filterwarnings("ignore")
def test_every_command_is_understood_by_its_own_parser() -> None:
    commands = list_all_commands()
    assert len(commands) > 50
    refused = {}
    for command in commands:
        try:
            parse_command(command)
        except Exception as error:
            refused[command] = error
    assert refused == {}


@pytest.mark.parametrize(
    "command",
    [
        "python -m precompute --folder FOLDER",
        "python -m precompute fetch nothing --from FOLDER",
        "python -m benchmarks.maps demo",
        "make demos",
        ".venv/bin/streamlit run app.py --port 8501",
        "conda install similarity",
    ],
)
def test_a_command_with_a_wrong_option_is_noticed(command: str) -> None:
    with pytest.raises((AssertionError, subprocess.CalledProcessError, click.ClickException)):
        parse_command(command)


def test_blocks_of_code_say_their_language() -> None:
    assert {block.language for page in PAGES for block in list_blocks(page)} <= LANGUAGES


# ---- figures


@pytest.mark.parametrize("page", [README, *DOCS], ids=name)
def test_measured_tables_say_when_and_how(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for section in re.split(r"(?m)^#+ ", text):
        if any(line.startswith("|") and INTERVAL.search(line) for line in section.splitlines()):
            assert list_measured(section), section[:80]
    assert len(MEASURED.findall(" ".join(text.split()))) == len(re.findall(r"Measured \d", text))


def test_figures_older_than_their_code_are_found(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        command = ["git", "-C", str(tmp_path), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet")
    (tmp_path / "code.py").write_text("1")
    (tmp_path / "other.py").write_text("1")
    git("add", ".")
    git("commit", "--quiet", "-m", "first")
    commit = git("rev-parse", "HEAD")[:7]
    how = "a machine, 2 cores,\nn 3: `python -m benchmarks.x --n 3`."
    page = f"Measured 2026-11-30 at {commit}, {how}"
    (measured,) = list_measured(page)
    assert (measured.machine, measured.n) == ("a machine, 2 cores", "3")
    assert measured.command == "benchmarks.x --n 3"
    (tmp_path / "other.py").write_text("2")
    assert count_changes(tmp_path, commit, ["code.py"]) == 0
    (tmp_path / "code.py").write_text("2")
    assert count_changes(tmp_path, commit, ["code.py"]) == 1
    assert count_changes(tmp_path, "0123456", ["code.py"]) is None


def test_a_benchmark_that_starts_the_app_measures_every_page() -> None:
    graph = grimp.build_graph(*PACKAGES)
    assert {"app.py", "pages"} <= set(list_code(graph, "benchmarks.latency"))
    code = list_code(graph, "benchmarks.quality")
    assert "similarity/catalogue.py" in code
    assert "pages" not in code


# ---- facts


def test_tables_of_methods_have_each_with_its_facts() -> None:
    rows = list_rows(README, "key")
    assert {row[0] for row in rows} == set(METHODS)
    for key, _, year, words, _, download in rows:
        method = METHODS[key]
        assert year == (str(method.year) if method.year else "–"), key
        assert words == ("yes" if method.answers_text else "no"), key
        size = sum(file.size for file in method.published.files) if method.published else 0
        stated = f"{size / 1e6:,.0f} MB" if size else "not stated"
        assert download == (stated if method.published else "included"), key
    details = list_rows(PROJECT / "docs/methods.md", "key")
    assert {row[0]: row[2] for row in details} == {m.key: f"{m.dim:,}" for m in METHODS.values()}


def test_every_message_is_explained_and_no_other() -> None:
    explained = [
        row[0]
        for page in DOCS
        for heading in ("message", "reason")
        for row in list_rows(page, heading)
    ]
    messages = collect_messages()
    assert len(messages) > 200

    def is_about(row: str, message: str) -> bool:
        """Whether a row is a message, or its first sentences."""
        return message.startswith(row) and message[len(row) : len(row) + 1] in ("", " ", GAP)

    assert {
        message: place
        for message, place in messages.items()
        if not any(is_about(row, message) for row in explained)
    } == {}
    assert [row for row in explained if not any(is_about(row, each) for each in messages)] == []


def test_the_citation_names_this_version_and_licence() -> None:
    import tomllib

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text())
    assert Version(citation["version"]) == Version(project["version"])
    assert citation["license"] == project["license"]
    assert "Apache License" in (PROJECT / "LICENSE").read_text()[:200]
    assert citation["references"][0]["year"] == 2022
