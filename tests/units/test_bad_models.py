"""Models that users bring and that can't be used: each costs only itself, with one message."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from similarity import open_catalogue
from tests.units.conftest import Fake
from tests.units.own_models import MINE, Build, write_mine, write_model

Output = pytest.CaptureFixture[str]

pytestmark = pytest.mark.usefixtures("restarted")


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
