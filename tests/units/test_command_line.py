"""The options of `python -m precompute`: what is refused, and what the screen shows."""

import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from precompute.__main__ import main
from precompute.names import NAMED
from precompute.sources import SOURCES
from precompute.sources.demo import DEMO
from similarity import METHODS, list_catalogues, open_catalogue
from similarity.commands import format_build_command
from similarity.store.paths import NAME, find_catalogue, get_catalogues_folder, parse_path
from similarity.store.publish import lock_catalogue
from tests.units.archives import zipped
from tests.units.conftest import Fake
from tests.units.drawing import draw, encode, write_pictures

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
        (["--methods", " , "], "--methods is empty"),
        *(
            (["--methods", "tiny", "--name", name], "can't be a catalogue's name. Use up to 100")
            for name in ("../out", "a/b", "a\\b", "x" * 101)
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
    for name, message in {
        "nowhere": f"There is no folder '{tmp_path / 'nowhere'}'",
        "file": f"'{tmp_path / 'file'}' is neither a folder nor a zip archive. Unpack it",
    }.items():
        assert main(["--catalogue", str(tmp_path / name), "--methods", "tiny"]) == 1
        assert message in capsys.readouterr().err
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


def test_two_folders_of_one_name_become_two_catalogues(tiny: Fake, tmp_path: Path) -> None:
    first = write_pictures(tmp_path / "a" / "shop", 2)
    second = write_pictures(tmp_path / "b" / "shop", 3)
    for _ in range(2):  # again, each is found by its folder
        assert main(["--catalogue", str(first), "--methods", "tiny"]) == 0
        assert main(["--catalogue", str(second), "--methods", "tiny"]) == 0
    assert list_catalogues() == ["shop", "shop-2"]
    opened = [open_catalogue(name) for name in list_catalogues()]
    assert [(each.title, each.source, len(each.products)) for each in opened] == [
        ("shop", str(first), 2),
        ("shop (b)", str(second), 3),
    ]


def test_a_name_that_is_given_replaces_the_catalogue_that_has_it(
    tiny: Fake, tmp_path: Path
) -> None:
    first = write_pictures(tmp_path / "a" / "shop", 2)
    second = write_pictures(tmp_path / "b" / "shop", 3, first=50)
    assert main(["--catalogue", str(first), "--methods", "tiny"]) == 0
    assert main(["--catalogue", str(second), "--methods", "tiny", "--name", "shop"]) == 0
    assert list_catalogues() == ["shop"]
    assert open_catalogue("shop").source == str(second)
    assert main(["--catalogue", str(first), "--methods", "tiny", "--name", "Other"]) == 0
    assert main(["--catalogue", str(first), "--methods", "tiny"]) == 0
    assert list_catalogues() == ["other", "shop"], "a folder keeps the name that it was given"
    assert open_catalogue("other").title == "Other"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("服装", "fuzhuang"),
        ("Мои фото", "moi-foto"),
        ("Hüte & Größen", "hute-grossen"),
        ("الملابس", "lmlbs"),
        ("Shop 2026", "shop-2026"),
        ("...", "catalogue"),
        ("x" * 80, "x" * 64),
    ],
)
def test_a_name_in_any_script_is_shown_as_it_is_and_stored_under_a_safe_one(
    title: str, name: str, tiny: Fake, tmp_path: Path, built: Path, capsys: Output
) -> None:
    source = write_pictures(tmp_path / (title if title != "..." else "shop"), 2)
    options = ["--name", title] if title == "..." else []
    assert main(["--catalogue", str(source), "--methods", "tiny", *options]) == 0
    assert NAME.fullmatch(name)
    assert [folder.name for folder in built.iterdir()] == [name]
    for meaning in (name, title, str(source)):
        assert find_catalogue(meaning) == name
        assert open_catalogue(meaning).title == title
    assert main(["check", title]) == 0
    assert "are unchanged" in capsys.readouterr().err
    assert f"--catalogue {shlex.quote(str(source))}" in format_build_command(open_catalogue(name))


def test_a_built_catalogue_is_built_again_by_its_name(tiny: Fake, tmp_path: Path) -> None:
    source = write_pictures(tmp_path / "pictures", 2)
    assert main(["--catalogue", str(source), "--methods", "tiny", "--name", "shop"]) == 0
    write_pictures(source, 1, first=9)
    assert main(["--catalogue", "shop", "--methods", "tiny"]) == 0
    assert list_catalogues() == ["shop"]
    assert len(open_catalogue("shop").products) == 3


def test_a_tilde_and_an_empty_value_mean_the_same_everywhere(
    tiny: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SIMILARITY_CATALOGUES", "~/built")
    write_pictures(tmp_path / "shop", 2)
    empty = ["--methods=", "--name=", "--to=", "--from=", "--milvus-uri=", "--weights="]
    monkeypatch.setattr("precompute.selection.METHODS", {"tiny": METHODS["tiny"]})
    assert main(["--catalogue", "~/shop", *empty]) == 0
    assert open_catalogue("shop").folder == tmp_path / "built" / "shop"
    assert main(["--catalogue", "~/shop", "--methods", "tiny", "--to", "~/to"]) == 0
    assert open_catalogue(tmp_path / "to" / "shop").methods == ["tiny"]
    monkeypatch.setenv("SIMILARITY_CATALOGUES", "")
    assert get_catalogues_folder().parts[-2:] == ("assets", "catalogues")
    assert parse_path("~nobody-of-this-name/x") == Path("~nobody-of-this-name/x")
    assert parse_path(" ") is None


def test_names_of_sources_are_known_without_importing_them() -> None:
    assert tuple(SOURCES) == NAMED


def test_a_folder_that_lost_many_pictures_is_asked_about(
    tiny: Fake, tmp_path: Path, capsys: Output
) -> None:
    source = write_pictures(tmp_path / "shop", 10)
    arguments = ["--catalogue", str(source), "--methods", "tiny"]
    assert main(arguments) == 0
    (source / "003.png").unlink()
    assert main(arguments) == 0, "a tenth may go"
    (source / "new").mkdir()
    for path in source.glob("00[0-6].png"):
        path.rename(source / "new" / path.name)  # moved, not lost
    write_pictures(source, 0)
    (source / "007.png").write_bytes((source / "008.png").read_bytes() + b"other")  # edited
    assert main(arguments) == 0
    shutil.rmtree(source / "new")
    capsys.readouterr()
    assert main(arguments) == 1
    output = " ".join(capsys.readouterr().err.split())
    assert "6 of the catalogue's 9 products are gone, for example 'new/000.png'" in output
    assert "--allow-loss" in output
    assert len(open_catalogue("shop").products) == 9
    for path in source.glob("*.png"):
        path.rename(tmp_path / path.name)
    assert main(arguments) == 1
    assert "on a disk that is not connected" in " ".join(capsys.readouterr().err.split())
    for path in tmp_path.glob("*.png"):
        path.rename(source / path.name)
    assert main([*arguments, "--allow-loss"]) == 0
    assert len(open_catalogue("shop").products) == 3


def test_a_zip_archive_is_built_like_its_folder(tiny: Fake, tmp_path: Path) -> None:
    pictures = {f"My Shop/hats/{n}.png": encode(draw(n)) for n in range(4)}
    table = "path,colour\n" + "".join(f"{path},red\n" for path in pictures)
    archive = tmp_path / "My Shop.zip"
    archive.write_bytes(zipped(pictures | {"My Shop/metadata.csv": table.encode()}))
    arguments = ["--catalogue", str(archive), "--methods", "tiny"]
    assert main(arguments) == 0
    shop = open_catalogue("my-shop")
    assert (shop.title, shop.source) == ("My Shop", str(archive))
    assert set(shop.products["path"]) == {f"hats/{n}.png" for n in range(4)}
    assert set(shop.products["colour"]) == {"red"}
    assert set(shop.products["category"]) == {"hats"}
    assert shop.read_picture(shop.products.index[0]).size == (48, 40)
    archive.write_bytes(zipped(pictures | {"My Shop/hats/9.png": encode(draw(9))}))
    assert main(arguments) == 0
    assert len(open_catalogue("my-shop").products) == 5
    assert len(list(shop.folder.glob("pictures-*"))) == 1, "the former pictures are removed"


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
    monkeypatch.setitem(SOURCES, "demo", replace(DEMO, place=place))
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
