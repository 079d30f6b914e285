"""Write the folder that production runs."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from inspect import getsource
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from similarity.catalogue import Catalogue
from similarity.decisions.question import Question
from similarity.errors import SimilarityError
from similarity.handover.describe import EMBED_PACKAGES, SEARCH_PACKAGES, describe_decision
from similarity.handover.golden import make_golden, to_json
from similarity.handover.networks import TEXTS, list_obstacles, write_networks
from similarity.indexes import VectorIndex
from similarity.methods import Method, colours
from similarity.pictures import ground
from similarity.pictures.read import read_bytes
from similarity.store.files import write_atomically
from similarity.store.paths import compute_product_id

PROJECT = Path(__file__).parents[2]
FILES = Path(__file__).parent / "files"
BLOCK = 10_000  # rows that are read and written at once
MAX_DIM = 16_000  # numbers in a vector that the databases take
MAX_SAMPLES = 10
PRECISIONS = {"fp32": "f32", "bf16": "bf16"}  # as OpenVINO calls them
CODE = (
    "vectors.py",
    "check.py",
    "load_faiss.py",
    "load_qdrant.py",
    "load_opensearch.py",
    "load_pgvector.py",
    "load_milvus.py",
)
LOADER_PACKAGES = ("qdrant-client", "opensearch-py", "psycopg", "pgvector", "pymilvus")

Report = Callable[[str, int, int], object]  # takes what is being done, the number done, the total


def write_handover(
    catalogue: Catalogue, key: str, folder: Path, question: Question, report: Report
) -> Path:
    """Write the folder of a method, whole or not at all, and return it.

    `question` is what the method was chosen by. Raises SimilarityError for an unknown method, one
    whose vectors are too long for databases, and a folder with other content; and OSError.
    """
    method = catalogue.resolve_method(key)
    if method.dim > MAX_DIM:
        raise SimilarityError(
            f"{method.title} has {method.dim:,} numbers a product, more than vector databases take "
            f"({MAX_DIM:,}). Choose another method."
        )
    index = catalogue.open_index(method)
    with _replace_folder(folder) as temporary:
        obstacles = list_obstacles(method)
        for name in CODE if obstacles else (*CODE, "embed.py"):
            shutil.copyfile(FILES / name, temporary / name)
        _write_vectors(catalogue, method, index, temporary / "vectors.parquet", report)
        report("Asking the golden queries", 0, 1)
        golden = make_golden(catalogue, method)
        (temporary / "golden.json").write_bytes(to_json(golden))
        report("Asking the golden queries", 1, 1)
        settings: dict[str, Any] = {}
        if not obstacles:
            report("Writing the networks", 0, 1)
            settings = write_networks(method, temporary)
            settings["precision"] = PRECISIONS[index.precision]
            report("Writing the networks", 1, 1)
            samples = _copy_pictures(catalogue, temporary / "pictures")
            shutil.copyfile(PROJECT / "LICENSE", temporary / "LICENSE")
            if settings.get("colours"):
                (temporary / "colours.py").write_text(_join_colours(), encoding="utf-8")
        else:
            samples = 0
        decision = describe_decision(catalogue, method, index, question, obstacles, settings)
        decision["weights"]["files"] |= _hash_networks(temporary)
        write_atomically(temporary / "decision.json", _to_json(decision))
        _write_requirements(temporary, settings)
        source = (FILES / "README.md.jinja").read_text(encoding="utf-8")
        text = (
            jinja2.Environment(finalize=_remove_markup)
            .from_string(source)
            .render(
                decision=decision,
                portable=not obstacles,
                texts=(temporary / TEXTS).exists(),
                neighbours=len(golden.neighbours),
                pictures=samples,
            )
        )
        (temporary / "README.md").write_text(text, encoding="utf-8")
    return folder


def _remove_markup(value: Any) -> Any:
    """Return a text without what Markdown could take for links, code, tables or lines of its own.

    Titles, licences and descriptions may come from a stranger's catalogue.
    """
    return re.sub(r"[<>\[\]`|\s]+", " ", value) if isinstance(value, str) else value


@contextmanager
def _replace_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder beside the one that it becomes, unless an error is raised."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SimilarityError(f"'{folder}' is not an empty folder. Choose another --to.")
    temporary = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        if folder.exists():
            folder.rmdir()
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write_vectors(
    catalogue: Catalogue, method: Method, index: VectorIndex, path: Path, report: Report
) -> None:
    """Write id, path and unit vector of each product as Parquet, in blocks."""
    products = catalogue.products
    schema = pa.schema(
        [
            ("id", pa.string()),
            ("path", pa.string()),
            ("vector", pa.list_(pa.float32(), method.dim)),
        ]
    )
    with parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, index.count, BLOCK):
            positions = np.arange(start, min(start + BLOCK, index.count))
            rows = index.read(positions).astype(np.float32, copy=False)
            block = products.iloc[start : start + BLOCK]
            vectors = pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1)), method.dim)
            columns = [pa.array(block.index.astype(str)), pa.array(block["path"].astype(str))]
            writer.write_table(pa.Table.from_arrays([*columns, vectors], schema=schema))
            report("Writing vectors", min(start + BLOCK, index.count), index.count)


def _copy_pictures(catalogue: Catalogue, folder: Path) -> int:
    """Copy some products' unchanged pictures, named by their ids, and return how many."""
    folder.mkdir()
    count = 0
    step = max(1, len(catalogue.products) // (2 * MAX_SAMPLES))
    for product in catalogue.products.index[::step]:
        if count == MAX_SAMPLES:
            break
        with suppress(SimilarityError):
            path = catalogue.root / catalogue.products["path"][product]
            content = read_bytes(path)
            if compute_product_id(content) == product:
                (folder / f"{product}{path.suffix.lower()}").write_bytes(content)
                count += 1
    return count


def _join_colours() -> str:
    """Return the code of the colour descriptor as one module without this project."""
    lines = [
        '"""The colour descriptor of a picture, as it was trained with."""\n',
        "import numpy as np",
        "import numpy.typing as npt",
        "from PIL import Image",
        "from scipy import ndimage\n",
        "Vectors = npt.NDArray[np.float32]",
        f"WHITE = {ground.WHITE}",
        *(
            f"{name} = {getattr(colours, name)!r}"
            for name in ("SIDE", "HUES", "SATURATIONS", "VALUES", "GREYS", "DIM", "GREY", "SPREAD")
        ),
        "\n\ndef _load_label():\n    return ndimage.label\n",
        *(
            getsource(function)
            for function in (
                ground.find_white_ground,
                ground.select_connected_to_border,
                colours.compute_colours,
                colours.weigh_product,
                colours._convert_to_hsv,
                colours._share_between_bins,
            )
        ),
    ]
    return "\n".join(lines) + "\n"


def _hash_networks(folder: Path) -> dict[str, dict[str, Any]]:
    """Return size and SHA-256 of the files of the networks, by name."""
    hashes: dict[str, dict[str, Any]] = {}
    for path in sorted([*folder.glob("*.xml"), *folder.glob("*.bin"), *folder.glob("tok*.json")]):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        hashes[path.name] = {"bytes": path.stat().st_size, "sha256": digest}
    return hashes


def _write_requirements(folder: Path, settings: dict[str, Any]) -> None:
    """Write the packages that the code needs, as they are installed here, and the loaders'."""
    names = [*SEARCH_PACKAGES, *(EMBED_PACKAGES if settings else ())]
    if settings.get("colours"):
        names.append("scipy")
    if (folder / TEXTS).exists():
        names.append("tokenizers")
    lines = [f"{name}=={version(name)}" for name in sorted(names)]
    (folder / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pins = [
        line.partition(";")[0].strip()
        for path in sorted(PROJECT.glob("requirements*.txt"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.partition("==")[0].partition("[")[0] in (*LOADER_PACKAGES, "psycopg-binary")
    ]
    text = "\n".join(["-r requirements.txt", *sorted(set(pins))]) + "\n"
    (folder / "requirements-loaders.txt").write_text(text, encoding="utf-8")


def _to_json(decision: dict[str, Any]) -> bytes:
    return (json.dumps(decision, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
