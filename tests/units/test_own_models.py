"""Methods that users bring: built beside the product's own, searched, remembered and refused."""

import io
import json
import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from precompute.__main__ import main
from similarity import METHODS, Catalogue, inference, open_catalogue
from similarity.candidates import python_code
from similarity.commands import explain_error, format_build_command
from similarity.embedding import embed_query
from similarity.indexes import MANIFEST
from similarity.pictures.read import load_rgb
from tests.conftest import PROJECT
from tests.units.conftest import forge, forget_networks
from tests.units.drawing import write_pictures
from tests.units.own_models import MINE, PICTURES, Build, make_vectors, write_mine, write_model
from tests.units.refusals import refusal

Output = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("restarted")


def read_record(catalogue: Catalogue, key: str) -> dict[str, object]:
    """The record in the manifest of a method."""
    path = catalogue.generation.folder / "indexes" / key / "flat" / MANIFEST
    return json.loads(path.read_text())["candidate"]


def make_picture() -> Image.Image:
    return Image.new("RGB", (40, 30), "red")


def test_a_folder_code_and_vectors_are_built_beside_ours_and_can_be_searched(
    brought: Catalogue,
) -> None:
    assert brought.methods == ["tiny", "mine", "net", "vendor"]
    product = brought.products.index[0]
    for key in brought.methods:
        assert len(brought.search(key, product=product, k=5)) == 5
    assert len(brought.search("net", image=make_picture(), k=5)) == 5
    assert len(brought.search("mine", text="a red dress", k=5)) == 5
    assert len(brought.search("vendor", text="a red dress", k=5)) == 5
    titles = [brought.registry[key].title for key in brought.methods]
    assert titles == ["Tiny", "Mean colours", "net", "vendor"]
    assert {brought.registry[key].family for key in ("mine", "net", "vendor")} == {"Your models"}


def test_vectors_are_those_of_the_file_and_of_the_code(brought: Catalogue, tmp_path: Path) -> None:
    table = make_vectors(tmp_path / "shop").set_index("path")["vector"]
    for key, expect in {
        "vendor": lambda path: table[path],
        "mine": lambda path: np.asarray(Image.open(path).convert("RGB").resize((4, 4))).ravel() + 1,
    }.items():
        index = brought.open_index(brought.resolve_method(key))
        for product, path in brought.products["path"].items():
            expected = expect(path if key == "vendor" else tmp_path / "shop" / path)
            row = index.read_row(brought.find_position(str(product)))
            np.testing.assert_allclose(row, expected / np.linalg.norm(expected), atol=1e-6)


def test_a_picture_is_refused_by_vectors_with_the_reason(brought: Catalogue) -> None:
    with refusal("vendor has only the vectors of this catalogue's products"):
        brought.search("vendor", image=make_picture(), k=3)
    assert "vendor" not in [method.key for method in brought.usable_methods]


def test_the_record_says_what_was_built(brought: Catalogue, tmp_path: Path) -> None:
    net, mine = read_record(brought, "net"), read_record(brought, "mine")
    assert net["specification"] == f"hf:{tmp_path / 'model'}"
    assert str(net["library"]).startswith("transformers ")
    assert net["location"] == str(tmp_path / "model")
    assert net["side"] == 32
    assert net["runtime"] == "any"
    assert int(str(net["parameters"])) > 10_000
    assert mine["licence"] == "CC0-1.0"
    assert mine["answers_text"] is True
    card = brought.registry["net"]
    assert card.licence == "not stated"
    assert str(net["sha256"])[:16] in card.weights
    assert brought.registry["mine"].licence == "CC0-1.0"


def test_the_licence_is_that_of_the_card(build: Build, tmp_path: Path) -> None:
    model = write_model(tmp_path / "model")
    (model / "README.md").write_text("---\nlicense: cc-by-4.0\n---\n# A model\n")
    assert build("net=hf:./model") == 0
    assert open_catalogue("shop").registry["net"].licence == "cc-by-4.0"


def test_what_the_library_states_of_its_own_weights_is_not_said_of_others(
    build: Build, tmp_path: Path
) -> None:
    import timm

    settings = timm.get_pretrained_cfg("resnet10t")
    assert settings is not None
    assert settings.license
    write_model(tmp_path / "model", "timm", "ResNet")
    assert build("net=timm:./model") == 0
    assert open_catalogue("shop").registry["net"].licence == "not stated"


def test_code_runs_in_an_app_only_if_it_was_started_with_the_same_file(
    brought: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(python_code, "_permitted", set())  # another process
    forget_networks()
    catalogue = Catalogue(brought.folder)
    product = catalogue.products.index[0]
    assert len(catalogue.search("mine", product=product, k=3)) == 3
    with refusal(f"started with it: SIMILARITY_METHODS={tmp_path / 'mine.py'}"):
        catalogue.search("mine", image=make_picture(), k=3)
    with refusal("SIMILARITY_METHODS"):
        catalogue.search("vendor", text="red", k=3)
    # a file of the same name with other contents is not run either
    trap = tmp_path / "trap"
    write_mine(tmp_path / "mine.py", MINE + f"\nopen({str(trap)!r}, 'w')\n")
    monkeypatch.setenv("SIMILARITY_METHODS", "./mine.py")
    with refusal("SIMILARITY_METHODS"):
        catalogue.search("mine", image=make_picture(), k=3)
    assert not trap.exists()
    moved = write_mine(tmp_path / "elsewhere.py")
    assert not (tmp_path / "__pycache__").exists()
    monkeypatch.setenv("SIMILARITY_METHODS", f"other.py, mine={moved}")
    assert len(catalogue.search("mine", image=make_picture(), k=3)) == 3


def test_a_build_without_names_updates_what_was_brought_except_code(
    brought: Catalogue,
    tmp_path: Path,
    build: Build,
    capsys: Output,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("precompute.selection.METHODS", {"tiny": METHODS["tiny"]})
    monkeypatch.setattr(python_code, "_permitted", set())
    monkeypatch.setenv("COLUMNS", "500")  # of the terminal
    write_pictures(tmp_path / "shop", PICTURES + 1)
    make_vectors(tmp_path / "shop").to_parquet(tmp_path / "vectors.parquet")
    assert build() == 0
    output = " ".join(capsys.readouterr().err.split())
    assert output.count("it runs Python code, which has to be named") == 2
    assert "--methods vendor=vectors:/" in output
    assert build("vendor") == 1
    assert "words=mine: this build has no such method. Name it, too." in capsys.readouterr().err
    catalogue = open_catalogue("shop")
    assert catalogue.list_stale_methods() == ["mine", "vendor"]
    assert build("mine=./mine.py", "vendor") == 0
    assert open_catalogue("shop").list_stale_methods() == []


def test_the_command_that_builds_again_works_in_every_folder(
    brought: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = format_build_command(brought, brought.methods)
    assert f"mine={tmp_path / 'mine.py'}" in command
    assert f"net=hf:{tmp_path / 'model'}" in command
    assert f"vendor=vectors:{tmp_path / 'vectors.parquet'},words=mine" in command
    monkeypatch.chdir("/")
    source = ["--catalogue", str(tmp_path / "shop")]
    assert main([*source, *shlex.split(command)[-2:]]) == 0


def test_nothing_is_embedded_again_unless_the_model_changed(
    brought: Catalogue, build: Build, tmp_path: Path, capsys: Output
) -> None:
    capsys.readouterr()
    assert build("net=hf:./model", "./mine.py") == 0
    rows = [line.split("│") for line in capsys.readouterr().err.splitlines() if "│" in line]
    assert [row[3].strip() for row in rows] == ["0", "0"]
    tensors = tmp_path / "model" / "model.safetensors"
    content = bytearray(tensors.read_bytes())
    content[-1] ^= 1
    tensors.write_bytes(content)
    write_mine(tmp_path / "mine.py", MINE + "# changed\n")
    assert build("net=hf:./model", "./mine.py") == 0
    rows = [line.split("│") for line in capsys.readouterr().err.splitlines() if "│" in line]
    assert [row[3].strip() for row in rows] == [str(PICTURES)] * 2


def test_new_facts_are_stored_without_embedding_again(
    build: Build, tmp_path: Path, capsys: Output
) -> None:
    model = write_model(tmp_path / "model")
    assert build("net=hf:./model") == 0
    (model / "README.md").write_text("---\nlicense: mit\n---\n")
    capsys.readouterr()
    assert build("net=hf:./model") == 0
    (row,) = [line.split("│") for line in capsys.readouterr().err.splitlines() if "│" in line]
    assert row[3].strip() == "0"
    assert open_catalogue("shop").registry["net"].licence == "mit"


def test_a_model_that_has_changed_or_is_gone_is_refused_for_uploads(
    brought: Catalogue, tmp_path: Path
) -> None:
    forget_networks()
    config = tmp_path / "model" / "preprocessor_config.json"
    content = config.read_text()
    config.write_text(content.replace("36", "40"))
    catalogue = Catalogue(brought.folder)
    with refusal("net was built with other files than"):
        catalogue.search("net", image=make_picture(), k=3)
    assert len(catalogue.search("net", product=catalogue.products.index[0], k=3)) == 3
    config.write_text(content)
    (tmp_path / "model").rename(tmp_path / "gone")
    with refusal("The model of net is missing"):
        catalogue.search("net", image=make_picture(), k=3)


def test_a_model_of_another_version_of_its_library_is_refused(
    brought: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_networks()
    monkeypatch.setattr("similarity.candidates.method.version", lambda _: "0.1")
    with refusal("net was built with transformers [0-9.]+, and here is transformers 0.1"):
        brought.search("net", image=make_picture(), k=3)


def test_code_that_fails_in_an_app_says_why(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = "import os\nif os.environ.get('BROKEN'):\n    raise ValueError('no weights here')\n"
    write_mine(tmp_path / "mine.py", MINE + check)
    assert build("./mine.py") == 0
    monkeypatch.setenv("BROKEN", "1")
    forget_networks()
    with refusal("raised ValueError: no weights here"):
        open_catalogue("shop").search("mine", image=make_picture(), k=3)


def test_an_installed_package_offers_a_method_that_runs_only_if_it_is_named(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    facts = site / "shop_method-1.0.dist-info"
    facts.mkdir(parents=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: shop-method\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[similarity.methods]\nshop = shop_method\n")
    write_mine(site / "shop_method.py")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, "shop_method", raising=False)
    assert build("plugin:shop") == 0
    catalogue = open_catalogue("shop")
    assert catalogue.registry["shop"].title == "Mean colours"
    monkeypatch.setattr(python_code, "_permitted", set())
    forget_networks()
    with refusal("started with it: SIMILARITY_METHODS=plugin:shop"):
        catalogue.search("shop", image=make_picture(), k=3)
    monkeypatch.setenv("SIMILARITY_METHODS", "plugin:shop")
    assert len(catalogue.search("shop", image=make_picture(), k=3)) == 3
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: shop-method\nVersion: 1.1\n")
    forget_networks()
    with refusal("SIMILARITY_METHODS"):
        Catalogue(catalogue.folder).search("shop", image=make_picture(), k=3)


def test_two_methods_of_one_title_are_told_apart(build: Build, tmp_path: Path) -> None:
    write_mine(tmp_path / "one.py")
    write_mine(tmp_path / "other.py")
    assert build("./one.py", "./other.py") == 0
    registry = open_catalogue("shop").registry
    assert [registry[key].title for key in ("one", "other")] == [
        "Mean colours",
        "Mean colours (other)",
    ]


def test_the_example_of_the_docs_is_short_and_can_be_built(build: Build, tmp_path: Path) -> None:
    page = (PROJECT / "docs" / "own-models.md").read_text(encoding="utf-8")
    (code,) = [each for each in re.findall(r"```python\n(.*?)```", page, re.S) if "load" in each]
    assert len(code.splitlines()) <= 15
    write_mine(tmp_path / "mine.py", code)
    assert build("./mine.py") == 0
    assert open_catalogue("shop").registry["mine"].title == "Mean colours"


UNSOUND: list[dict[str, object]] = [
    {"key": "../up"},
    {"location": "//host/share"},
    {"dim": 0},
    {"dim": "48"},
    {"sha256": "x"},
    {"title": "two\nlines"},
    {"source": "javascript:alert(1)"},
    {"loader": "pickle"},
    {"words_key": "nobody"},
    {"extra": 1},
]


def test_a_record_that_is_not_sound_is_left_out(brought: Catalogue) -> None:
    path = "indexes/net/flat/manifest.json"
    manifest = json.loads((brought.generation.folder / path).read_text())
    for values in UNSOUND:
        changed = manifest | {"candidate": manifest["candidate"] | values}
        forge(brought.folder, path, json.dumps(changed).encode())
        catalogue = Catalogue(brought.folder)
        assert catalogue.methods == ["tiny", "mine", "vendor"], values
        with refusal("There is no method 'net'"):
            catalogue.search("net", product=catalogue.products.index[0], k=1)
    forge(brought.folder, path, json.dumps(manifest).encode())
    assert "net" in Catalogue(brought.folder).methods


def test_a_text_that_is_the_path_of_a_picture_is_not_opened(build: Build, tmp_path: Path) -> None:
    write_model(tmp_path / "model", "st", "CLIP")
    assert build("net=st:./model") == 0
    catalogue = open_catalogue("shop")
    picture = next(path for path in (tmp_path / "shop").rglob("*") if path.is_file())
    with refusal("looks like a file name"):
        catalogue.search("net", text=str(picture), k=3)
    assert len(catalogue.search("net", text="red dress", k=3)) == 3


def test_a_model_that_takes_any_size_is_run_by_its_library(build: Build, tmp_path: Path) -> None:
    write_model(tmp_path / "model", "hf", "SigLIP 2, any size")
    assert build("net=hf:./model") == 0
    catalogue = open_catalogue("shop")
    record = read_record(catalogue, "net")
    assert (record["side"], record["runtime"]) == (0, "library")
    assert "its library runs it" in catalogue.registry["net"].weights
    assert len(catalogue.search("net", image=make_picture(), k=3)) == 3


def test_where_openvino_differs_torch_runs_the_network_and_the_card_says_so(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_by_openvino = inference._run_by_openvino

    def run_wrongly(*arguments: object) -> object:
        loaded = run_by_openvino(*arguments)  # type: ignore[arg-type]
        return loaded._replace(value=lambda batch: loaded.value(batch)[:, ::-1].copy())

    monkeypatch.setattr(inference, "_run_by_openvino", run_wrongly)
    write_model(tmp_path / "model")
    assert build("net=hf:./model") == 0
    catalogue = open_catalogue("shop")
    assert read_record(catalogue, "net")["runtime"] == "torch"
    assert "the vectors of OpenVINO differ from its library's" in catalogue.registry["net"].weights
    method = catalogue.resolve_method("net")
    assert embed_query(method, image=make_picture()).shape == (1, method.dim)


def test_a_turned_picture_is_turned_once() -> None:
    turned, file = Image.Exif(), io.BytesIO()
    turned[0x0112] = 6
    Image.new("RGB", (90, 60), "red").save(file, "JPEG", exif=turned)
    upright = load_rgb(file.getvalue())
    assert upright.size == (60, 90)
    assert load_rgb(upright).size == (60, 90)
    assert ImageOps.exif_transpose(upright).size == (60, 90)
    assert load_rgb(Image.open(file)).size == (60, 90)


def test_a_damaged_record_is_found_by_a_check(brought: Catalogue, capsys: Output) -> None:
    assert main(["check", "shop"]) == 0
    path = brought.generation.folder / "indexes" / "net" / "flat" / MANIFEST
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content.replace(b"DINO", b"dino").replace(b"net", b"not"))
    assert main(["check", "shop"]) == 1
    assert str(path) in "".join(capsys.readouterr().err.split())


def test_errors_of_methods_that_were_brought_have_a_command_that_works(
    brought: Catalogue, tmp_path: Path
) -> None:
    path = "indexes/net/flat/manifest.json"
    manifest = json.loads((brought.generation.folder / path).read_text())
    forge(brought.folder, path, json.dumps(manifest | {"format": 0}).encode())
    catalogue = Catalogue(brought.folder)
    with pytest.raises(Exception, match="refused") as refused:
        catalogue.search("net", product=catalogue.products.index[0], k=1)
    assert f"net=hf:{tmp_path / 'model'}" in explain_error(refused.value)
