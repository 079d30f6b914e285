"""The options of `python -m precompute`: what is refused, and what the screen shows."""

import re
from pathlib import Path

import pytest

from precompute.__main__ import main
from precompute.sources import demo
from similarity import METHODS, open_catalogue
from similarity.commands import format_build_command
from similarity.store.publish import lock_catalogue
from tests.units.archives import zipped
from tests.units.conftest import Fake
from tests.units.drawing import write_pictures

Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where catalogues go, if nothing else is said."""
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    return tmp_path / "built"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--methods", "tinny"], "no method 'tinny'. Choose from pixels, .*Did you mean 'tiny'"),
        (["--methods", "tiny,,nope"], "no method 'nope'"),
        (["--methods", ""], "--methods is empty. Choose from pixels"),
        (["--methods", " , "], "--methods is empty"),
        *(
            (["--methods", "tiny", "--name", name], f"{name}.* can't be a catalogue's name")
            for name in ("My Shop", "../out", "a/b", "-x", "é", "x" * 65, "", ".")
        ),
    ],
    ids=str,
)
def test_unusable_options_are_refused_before_any_work(
    options: list[str], message: str, tiny: Fake, tmp_path: Path, built: Path, capsys: Output
) -> None:
    source = write_pictures(tmp_path / "shop", 1)
    options = [f"{o}={v}" for o, v in zip(options[::2], options[1::2], strict=True)]
    assert main(["--catalogue", str(source), *options]) == 1
    output = capsys.readouterr().err
    assert re.search(message, output), output
    assert not built.exists()


def test_a_missing_folder_is_refused_and_leaves_nothing(
    tiny: Fake, tmp_path: Path, built: Path, capsys: Output
) -> None:
    (tmp_path / "file").touch()
    for name in ("nowhere", "file"):
        assert main(["--catalogue", str(tmp_path / name), "--methods", "tiny"]) == 1
        assert f"There is no folder '{tmp_path / name}'" in capsys.readouterr().err
    assert not built.exists()


def test_a_folder_without_pictures_is_refused(tiny: Fake, tmp_path: Path, capsys: Output) -> None:
    (tmp_path / "shop").mkdir()
    assert main(["--catalogue", str(tmp_path / "shop"), "--methods", "tiny"]) == 1
    assert "There is no usable picture in" in capsys.readouterr().err


def test_a_catalogue_is_not_built_inside_its_own_pictures(
    tiny: Fake, tmp_path: Path, capsys: Output
) -> None:
    source = write_pictures(tmp_path / "shop", 2)
    arguments = ["--catalogue", str(source), "--methods", "tiny", "--to"]
    for place in (source, source / "deep"):
        assert main([*arguments, str(place)]) == 1
        assert "inside its own pictures" in capsys.readouterr().err
    assert len(list(source.iterdir())) == 2


def test_a_taken_name_must_be_given_explicitly_to_replace_it(
    tiny: Fake, tmp_path: Path, capsys: Output
) -> None:
    first = write_pictures(tmp_path / "a" / "shop", 2)
    second = write_pictures(tmp_path / "b" / "shop", 3)
    assert main(["--catalogue", str(first), "--methods", "tiny"]) == 0
    arguments = ["--catalogue", str(second), "--methods", "tiny"]
    assert main(arguments) == 1
    output = capsys.readouterr().err
    assert f"'shop' was built from '{first}'" in output
    assert "--name" in output
    assert len(open_catalogue("shop").products) == 2
    assert main([*arguments, "--name", "other"]) == 0
    assert main([*arguments, "--name", "shop"]) == 0
    assert open_catalogue("shop").source == str(second)
    assert len(open_catalogue("shop").products) == 3


def test_the_target_folder_can_be_chosen(tiny: Fake, tmp_path: Path, built: Path) -> None:
    source = write_pictures(tmp_path / "shop", 2)
    arguments = ["--catalogue", str(source), "--methods", "tiny,tiny", "--to", str(tmp_path / "to")]
    assert main(arguments) == 0
    assert open_catalogue(tmp_path / "to" / "shop").methods == ["tiny"]
    assert not built.exists()


def test_an_unwritable_folder_is_a_clear_error(tiny: Fake, tmp_path: Path, capsys: Output) -> None:
    source = write_pictures(tmp_path / "shop", 2)
    (tmp_path / "to").touch()
    arguments = ["--catalogue", str(source), "--methods", "tiny", "--to", str(tmp_path / "to")]
    assert main(arguments) == 1
    output = capsys.readouterr().err
    assert "Error: [Errno 20]" in output
    assert "run the same command again" in output


@pytest.fixture
def two_products(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The archive of a demo of two products."""
    pictures = {
        path.name: path.read_bytes() for path in write_pictures(tmp_path / "few", 2).iterdir()
    }
    place = tmp_path / "demo.zip"
    place.write_bytes(zipped(pictures | {"metadata.csv": b"path,caption\n000.png,a hat\n"}))
    monkeypatch.setattr(demo, "ARCHIVE", place)
    return place


def test_the_demo_under_another_name_is_repaired_under_that_name(
    tiny: Fake, built: Path, two_products: Path, capsys: Output
) -> None:
    assert main(["--methods", "tiny"]) == 0
    assert format_build_command(open_catalogue("demo"), ["tiny"]) == (
        "python -m precompute --catalogue demo --methods tiny"
    )
    assert main(["--methods", "tiny", "--name", "mine"]) == 0
    assert format_build_command(open_catalogue("mine"), ["tiny"]) == (
        "python -m precompute --catalogue demo --name mine --methods tiny"
    )
    assert capsys.readouterr().err.count("Unpacking") == 2
    assert main(["--methods", "tiny", "--name", "mine"]) == 0
    assert "Unpacking" not in capsys.readouterr().err


def test_two_demos_at_once_are_refused_before_the_second_unpacks(
    tiny: Fake, built: Path, two_products: Path, capsys: Output
) -> None:
    with lock_catalogue(built / "demo"):
        assert main(["--methods", "tiny"]) == 1
    assert "Another build of 'demo' is running" in capsys.readouterr().err
    assert not list((built / "demo").glob("pictures-*"))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more"])
def test_a_damaged_demo_is_a_clear_error(
    content: bytes, tiny: Fake, built: Path, two_products: Path, capsys: Output
) -> None:
    two_products.write_bytes(content)
    assert main(["--methods", "tiny"]) == 1
    assert "is not a complete zip archive" in capsys.readouterr().err


def test_pictures_of_former_versions_of_the_demo_are_removed(
    tiny: Fake, built: Path, two_products: Path
) -> None:
    former = built / "demo" / "pictures-0"
    for place in (former, built / "demo" / "pictures-of-mine"):
        write_pictures(place, 1)
    (built / "demo" / ".lock").touch()
    assert main(["--methods", "tiny"]) == 0
    assert not former.exists()
    assert (built / "demo" / "pictures-of-mine" / "000.png").exists()
    assert main(["--methods", "tiny"]) == 0
    assert open_catalogue("demo").read_picture(open_catalogue("demo").products.index[0]).size == (
        48,
        40,
    )


def test_check_names_a_missing_catalogue(built: Path, capsys: Output) -> None:
    assert main(["check", "nowhere"]) == 1
    assert "Build one: python -m precompute" in capsys.readouterr().err
    with pytest.raises(SystemExit) as left:
        main(["check", "--help"])
    assert left.value.code == 0
    assert "the command that repairs" in " ".join(capsys.readouterr().out.split())


HOSTILE = {
    "[bold red]x.jpg": "[bold red]x.jpg",
    r"\[x]y.jpg": r"\[x]y.jpg",
    "[/].jpg": "[/].jpg",
    ":smile:.jpg": ":smile:.jpg",
    "\x1b[31mred\x07.jpg": r"\x1b[31mred\x07.jpg",
    "new\nline.jpg": r"new\nline.jpg",
    "\u202egpj.jpg": r"\u202egpj.jpg",
    "\udcff.jpg": r"\udcff.jpg",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_name_is_shown_as_it_is(
    name: str, tiny: Fake, tmp_path: Path, capsys: Output
) -> None:
    source = write_pictures(tmp_path / "shop", 1)
    (source / name).parent.mkdir(exist_ok=True)
    (source / name).write_text("no picture")
    assert main(["--catalogue", str(source), "--methods", "tiny"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith(f"  {HOSTILE[name]}: ")]
    assert main(["--catalogue", str(tmp_path / name), "--name", "x", "--methods", "tiny"]) == 1
    assert f"There is no folder '{tmp_path}/{HOSTILE[name]}'" in capsys.readouterr().err


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "\udcff.jpg"])
def test_hostile_names_of_copies_and_of_places_are_shown_as_they_are(
    name: str, tiny: Fake, tmp_path: Path, capsys: Output
) -> None:
    source = write_pictures(tmp_path / "shop", 1)
    (source / name).parent.mkdir(exist_ok=True)
    (source / name).write_bytes((source / "000.png").read_bytes())
    arguments = ["--catalogue", str(source), "--methods", "tiny", "--to", str(tmp_path / name)]
    assert main(arguments) == 0
    output = capsys.readouterr().err
    assert f"{tmp_path}/{HOSTILE[name]}/shop" in output
    assert f" {HOSTILE[name]} " in output or f" {HOSTILE[name]}; see" in output


def test_the_help_explains_the_options(capsys: Output) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    output = " ".join(capsys.readouterr().out.split())
    for part in ("metadata.csv", "skipped.csv", "Ctrl-C", ", ".join(METHODS), "examples:"):
        assert part in output
