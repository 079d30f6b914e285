"""Methods that users bring: built beside the product's own, searched, remembered and refused."""

import io
import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps

from precompute.__main__ import main
from similarity import METHODS, Catalogue, inference, open_catalogue
from similarity.candidates import python_code
from similarity.commands import explain_error, format_build_command
from similarity.embedding import embed_query
from similarity.indexes import MANIFEST
from similarity.pictures.read import load_rgb
from tests.conftest import PROJECT
from tests.units.conftest import Fake, forge, forget_networks
from tests.units.drawing import write_pictures
from tests.units.own_models import MINE, make_vectors, write_mine, write_model
from tests.units.refusals import refusal

Output = pytest.CaptureFixture[str]
Build = Callable[..., int]

PICTURES = 12


@pytest.fixture(autouse=True)
def restart(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No code may run at first, and nothing is loaded; as after a start."""
    monkeypatch.setattr(python_code, "_permitted", set())
    forget_networks()
    yield
    forget_networks()


@pytest.fixture
def build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_measures: None
) -> Callable[..., int]:
    """A function that builds a small shop with methods, in the folder where the user is."""
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    monkeypatch.chdir(tmp_path)
    write_pictures(tmp_path / "shop", PICTURES)

    def run(*methods: str) -> int:
        named = ["--methods", ",".join(methods)] if methods else []
        return main(["--catalogue", "./shop", *named])

    return run


@pytest.fixture
def brought(build: Build, tmp_path: Path, tiny: Fake) -> Catalogue:
    """A shop with a method of the product, a model's folder, a Python file and vectors."""
    write_model(tmp_path / "model")
    write_mine(tmp_path / "mine.py")
    make_vectors(tmp_path / "shop").to_parquet(tmp_path / "vectors.parquet")
    specifications = ("net=hf:./model", "./mine.py", "vendor=vectors:vectors.parquet,words=mine")
    assert build("tiny", *specifications) == 0
    return open_catalogue("shop")


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


BAD_CODE = {
    "raised ValueError: no weights": "def load():\n    raise ValueError('no weights')",
    "ended the program": "raise SystemExit",
    "defines no function load": "x = 1",
    "must return an object with embed_images": "def load():\n    return 1",
    r"an array of shape \(4,\) for 4 inputs": MINE.replace(
        "np.stack([np.asarray", "np.array([0"
    ).replace("(image.resize((4, 4))).ravel() + 1", " * 1"),
    "infinite or missing": MINE.replace(".ravel() + 1", ".ravel() * np.nan"),
    "gives texts 48 numbers and pictures 75": MINE.replace("(4, 4)", "(5, 5)"),
    "LICENCE is int, not text": MINE.replace('"CC0-1.0"', "3"),
    "TITLE|A constant": MINE.replace("Mean colours", "two\\nlines"),
}


def list_failures(output: str) -> list[str]:
    """The messages of methods that failed, in order; a terminal breaks them into lines."""
    text = " ".join(output.split())
    return re.findall(r"(?<= failed: ).*?(?= \S+ failed: | Fix this and run|$)", text)


def test_code_that_cannot_be_used_costs_only_itself(
    build: Build, tmp_path: Path, tiny: Fake, capsys: Output
) -> None:
    files = [write_mine(tmp_path / f"bad{n}.py", code) for n, code in enumerate(BAD_CODE.values())]
    assert build("tiny", *(f"./{file.name}" for file in files)) == 1
    failures = list_failures(capsys.readouterr().err)
    for message, failure in zip(BAD_CODE, failures, strict=True):
        assert re.search(message, failure), (message, failure)
    assert open_catalogue("shop").methods == ["tiny"]


def test_code_that_gives_vectors_of_another_length_later_fails_alone(
    build: Build, tmp_path: Path, tiny: Fake, capsys: Output
) -> None:
    code = MINE.replace("(4, 4)", "(side(), side())") + (
        "\nimport itertools\ncalls = itertools.count()\n"
        "def side():\n    return 4 if next(calls) < 6 else 5\n"
    )
    write_mine(tmp_path / "bad.py", code.replace("def embed_texts", "def embed_others"))
    assert build("tiny", "./bad.py") == 1
    assert "bad failed: " in capsys.readouterr().err
    assert open_catalogue("shop").methods == ["tiny"]


def write_text_model(folder: Path) -> None:
    """A model that takes no pictures."""
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=30,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    BertModel(config).save_pretrained(folder)


def write_half(folder: Path) -> None:
    """A model whose weights lack its pooling."""
    from safetensors.torch import load_file, save_file

    path = write_model(folder, "hf", "ViT") / "model.safetensors"
    tensors = {k: v for k, v in load_file(path).items() if not k.startswith("pooler.")}
    save_file(tensors, path, {"format": "pt"})


def write_remote(folder: Path) -> None:
    """A model that wants code from its repository to run."""
    config = json.loads((write_model(folder) / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.C", "AutoModel": "own.M"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text(f"open({str(folder / 'trap')!r}, 'w')")


def write_pickle(folder: Path) -> None:
    """A model whose weights would run code when they are read."""

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str, str]]:
            return open, (str(folder / "trap"), "w")

    (write_model(folder) / "model.safetensors").unlink()
    torch.save({"a": Trap()}, folder / "pytorch_model.bin")


def write_foreign_module(folder: Path) -> None:
    """A folder of sentence-transformers that names a class of its own."""
    write_model(folder, "st", "CLIP with a dense layer")
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["type"] = "own.Dense"
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "own.py").write_text(f"open({str(folder / 'trap')!r}, 'w')")


BAD_MODELS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "bad0'.": ("hf", lambda folder: None),
    "There are no weights in": ("hf", lambda folder: folder.mkdir()),
    "It takes no pictures: it has no image processor": ("hf", write_text_model),
    "Its weights lack pooler": ("hf", write_half),
    "needs code from its repository, which is never run": ("hf", write_remote),
    "can't be loaded": ("hf", write_pickle),
    "needs code from its repository": ("st", write_foreign_module),
    "It takes no pictures, only texts": ("st", write_text_model),
    "can't be loaded ": ("timm", write_model),
    " can't be loaded": ("open_clip", write_model),
}


def test_a_model_that_cannot_be_used_costs_only_itself(
    build: Build, tmp_path: Path, tiny: Fake, capsys: Output
) -> None:
    specifications = []
    for number, (loader, write) in enumerate(BAD_MODELS.values()):
        write(tmp_path / f"bad{number}")
        specifications.append(f"{loader}:./bad{number}")
    assert build("tiny", *specifications) == 1
    failures = list_failures(capsys.readouterr().err)
    for message, failure in zip(BAD_MODELS, failures, strict=True):
        assert message.strip() in failure, (message, failure)
    assert not list(tmp_path.rglob("trap"))
    assert open_catalogue("shop").methods == ["tiny"]


BAD_SPECIFICATIONS = {
    "tim:resnet18": "is no method: a specification begins with one of timm:",
    "timm:nonsense": "timm has no model 'nonsense'.",
    "timm:gcvit_tiny.in1k": "timm has no weights of 'gcvit_tiny.in1k' on the hub.",
    "timm:resnet18.a1_in1k": "Get it: python -m precompute fetch timm:resnet18.a1_in1k",
    "open_clip:ViT-B-32/nobody": "open_clip has no weights 'nobody' of 'ViT-B-32'.",
    "open_clip:ViT/nobody": "open_clip has no network 'ViT'.",
    "open_clip:ViT-B-32/openai": "write open_clip:ViT-B-32-quickgelu/openai.",
    "hf:a b/c": "is no name on a hub.",
    "hf:": "doesn't say what to load: write hf:NAME.",
    "st:clip-ViT-B-32": "'sentence-transformers/clip-ViT-B-32' is not fetched.",
    "plugin:nobody": "0 installed packages offer a method 'nobody'. Offered are: none.",
    "./missing.py": "missing.py'.",
    "Big=./nobody.py": "'Big' can't be the name of a method.",
    "pixels=./nobody.py": "There is already a method 'pixels'.",
    "x=hf:./a,words=conse": "words= is only for vectors:FILE.",
    "vectors:./lost.parquet": "lost.parquet'.",
    "vectors:./odd.pickle": "is not a file of vectors: use .parquet, .csv, .npy.",
}


def test_a_bad_specification_costs_only_itself(build: Build, tiny: Fake, capsys: Output) -> None:
    assert build("tiny", *BAD_SPECIFICATIONS) == 1
    failures = sorted(list_failures(capsys.readouterr().err))
    assert len(failures) == len(BAD_SPECIFICATIONS)
    for message in BAD_SPECIFICATIONS.values():
        assert sum(message in failure for failure in failures) == 1, message
    assert open_catalogue("shop").methods == ["tiny"]


def test_without_any_method_a_build_says_why(build: Build, capsys: Output) -> None:
    assert build("tim:resnet18") == 1
    assert "No method could be built." in capsys.readouterr().err


def test_a_missing_package_is_named_with_the_command(
    build: Build, tiny: Fake, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert build("tiny", "st:clip-ViT-B-32") == 1
    output = " ".join(capsys.readouterr().err.split())
    assert "Install it: pip install sentence-transformers" in output


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
