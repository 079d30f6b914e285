"""The folder for production: it runs without this project, and finds what the catalogue finds."""

import ast
import hashlib
import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from precompute.__main__ import main as precompute
from similarity import METHODS, Catalogue, open_catalogue
from similarity.decisions.question import Question
from similarity.errors import SimilarityError
from similarity.handover.archive import make_archive
from similarity.handover.folder import write_handover
from similarity.handover.networks import list_obstacles
from similarity.methods import Method
from similarity.methods.base import load_preprocessing
from similarity.pictures.read import read_picture
from tests.conftest import Shared, run_module
from tests.units.conftest import Fake

MAX_LINES = 80  # of the code that embeds
METHOD = "lit"  # needs everything: two networks, words and the colour descriptor
WHOLE = ("resnet50", "dinov2", "siglip2", "fashion_siglip")  # published, and may be passed on
ALWAYS = ("fashion_siglip",)  # the others are alike, and take half a minute each
MODULES = ("vectors", "embed", "colours", "check")


def ignore(text: str, done: int, total: int) -> None:
    """Show no progress."""


@pytest.fixture(scope="module")
def handed(built: Path, shared: Shared) -> Path:
    """The folder of LiT, written by the command."""

    def write(folder: Path) -> None:
        run_module(
            "precompute", "handover", built / "demo", "--method", METHOD, "--to", folder / METHOD
        )

    return shared("handover", write) / METHOD


@pytest.fixture
def scripts(handed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """A function that imports a module of the folder, as its scripts do."""
    monkeypatch.syspath_prepend(str(handed))
    yield importlib.import_module
    for name in [*MODULES, *(path.stem for path in handed.glob("load_*.py"))]:
        sys.modules.pop(name, None)


def run(folder: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a script of the folder where this project can't be imported."""
    command = [sys.executable, str(folder / arguments[0]), *arguments[1:]]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)


def test_the_check_repeats_every_stored_search_without_this_project(
    handed: Path, tmp_path: Path
) -> None:
    done = run(handed, "check.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "100 of 100 lists of products are the same.",
        "10 of 10 lists of words are the same.",
        "10 of 10 pictures have the stored vector.",
    ]


def test_it_answers_words_with_the_same_ten_products(
    handed: Path, demo: Path, tmp_path: Path
) -> None:
    done = run(handed, "embed.py", "--text", "red", "dress", cwd=tmp_path)
    rows = [line.split() for line in done.stdout.splitlines()]
    hits = open_catalogue(demo).search(METHOD, text="red dress", k=10)
    assert [product for _, product in rows] == [hit.product for hit in hits]
    assert [float(score) for score, _ in rows] == pytest.approx(
        [hit.score for hit in hits], abs=1e-3
    )


def test_its_code_is_short_and_imports_nothing_of_this_project(handed: Path) -> None:
    assert len((handed / "embed.py").read_text().splitlines()) <= MAX_LINES
    packages = {path.stem for path in handed.glob("*.py")}
    for path in handed.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & {
                "similarity",
                "precompute",
                "torch",
            }
    assert {"vectors", "embed", "check", "colours"} < packages


def test_a_changed_vector_is_reported(handed: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(handed, changed)
    golden = json.loads((changed / "golden.json").read_text())
    first = golden["neighbours"][0]
    first["products"][0], first["products"][9] = first["products"][9], first["products"][0]
    (changed / "golden.json").write_text(json.dumps(golden))
    done = run(changed, "check.py", cwd=tmp_path)
    assert done.returncode == 1
    assert f"different: {first['query']}" in done.stdout
    assert "99 of 100 lists of products" in done.stdout


def make_profile() -> bytes:
    """A profile other than sRGB that every installation of Pillow can make."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()


def test_it_reads_pictures_as_the_catalogue_does(
    scripts: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    embed = scripts("embed")
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 255, (40, 60, 3), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    alpha = picture.copy()
    alpha.putalpha(Image.fromarray(rng.integers(0, 255, (40, 60), np.uint8)))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    cases: dict[str, tuple[Image.Image, dict[str, Any]]] = {
        "plain.png": (picture, {}),
        "turned.jpg": (picture, {"exif": exif}),
        "transparent.png": (alpha, {}),
        "transparent.webp": (alpha, {"lossless": True}),
        "grey.jpg": (picture.convert("L"), {}),
        "palette.gif": (picture.convert("P"), {}),
        "profile.jpg": (picture, {"icc_profile": srgb}),
    }
    for name, (content, options) in cases.items():
        content.save(tmp_path / name, **options)
        expected = np.asarray(read_picture((tmp_path / name).read_bytes()), int)
        pixels = np.asarray(embed.read_picture(str(tmp_path / name)), int)
        assert pixels.shape == expected.shape, name
        assert np.abs(pixels - expected).max() <= 2, name


@pytest.mark.parametrize("key", [*WHOLE, "efficientnet", "simclr_small"])
def test_it_prepares_pictures_as_the_method_does(
    key: str,
    scripts: Callable[[str], ModuleType],
    published: Callable[[str], Method],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    embed = scripts("embed")
    backbone = (published(key) if key in WHOLE else METHODS[key]).backbone
    assert backbone is not None
    assert backbone.framing is not None
    monkeypatch.setattr(embed, "SETTINGS", backbone.framing._asdict())
    monkeypatch.setattr(embed, "SIDE", backbone.side)
    rng = np.random.default_rng(0)
    for size in ((301, 417), (418, 300), (50, 51), (224, 224), (1000, 333)):
        picture = Image.fromarray(rng.integers(0, 255, (*size, 3), np.uint8))
        expected = load_preprocessing(backbone)(picture)
        assert np.array_equal(embed.prepare(picture), expected), size


def test_the_decision_states_hashes_licences_figures_and_what_speaks_against_it(
    handed: Path, demo: Path
) -> None:
    decision = json.loads((handed / "decision.json").read_text())
    catalogue = open_catalogue(demo)
    method = catalogue.resolve_method(METHOD)
    assert decision["method"]["licence"] == method.licence
    assert decision["method"]["revision"] == method.vectors_revision
    assert decision["catalogue"]["fingerprint"] == catalogue.fingerprint
    for name, facts in decision["weights"]["files"].items():
        content = (handed / name).read_bytes()
        assert facts == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert {"pictures.xml", "pictures.bin", "texts.bin"} < set(decision["weights"]["files"])
    assert all(each["low"] <= each["mean"] <= each["high"] for each in decision["figures"])
    assert all(each["n"] > 0 for each in decision["figures"])
    fair = {each["criterion"]: each["compared_fairly"] for each in decision["figures"]}
    assert not fair["Category"], "it was trained with these labels"
    assert fair["A scan"]
    assert decision["weights_of_criteria"] == {"attribute-category": 1}
    assert any("too good" in sentence for sentence in decision["dissent"])
    pins = dict(line.split("==") for line in (handed / "requirements.txt").read_text().split())
    assert pins["openvino"] == decision["versions"]["openvino"]
    loaders = (handed / "requirements-loaders.txt").read_text()
    for package in ("qdrant-client", "opensearch-py", "psycopg", "pgvector", "pymilvus"):
        assert f"{package}==" in loaders


def find_first(catalogue: Catalogue) -> tuple[Any, list[tuple[str, float]]]:
    """A product's vector, and the five nearest products with itself."""
    product = catalogue.products.index[3]
    hits = catalogue.search(METHOD, product=product, k=4)
    row = catalogue.read_row(catalogue.resolve_method(METHOD), product)
    return row, [(product, 1.0), *((hit.product, hit.score) for hit in hits)]


def assert_same(hits: list[tuple[str, float]], expected: list[tuple[str, float]]) -> None:
    assert [product for product, _ in hits] == [product for product, _ in expected]
    assert [score for _, score in hits] == pytest.approx([s for _, s in expected], abs=1e-3)


def test_faiss_finds_what_the_catalogue_finds(
    scripts: Callable[[str], ModuleType], demo: Path
) -> None:
    loader, vectors = scripts("load_faiss"), scripts("vectors")
    row, expected = find_first(open_catalogue(demo))
    ids, rows = vectors.read_all()
    assert_same(loader.search(loader.load(rows), ids, row, 5), expected)


@pytest.mark.filterwarnings("ignore")
def test_qdrant_finds_what_the_catalogue_finds(
    scripts: Callable[[str], ModuleType], demo: Path
) -> None:
    from qdrant_client import QdrantClient

    loader = scripts("load_qdrant")
    catalogue = open_catalogue(demo)
    row, expected = find_first(catalogue)
    client = QdrantClient(":memory:")
    assert loader.load(client) == len(catalogue.products)
    assert_same(loader.search(client, row, 5), expected)


def test_postgres_finds_what_the_catalogue_finds(
    scripts: Callable[[str], ModuleType], demo: Path, tmp_path: Path
) -> None:
    pgserver = pytest.importorskip("pgserver")
    import psycopg

    loader = scripts("load_pgvector")
    catalogue = open_catalogue(demo)
    row, expected = find_first(catalogue)
    server = pgserver.get_server(tmp_path / "postgres")
    try:
        with psycopg.connect(server.get_uri()) as connection:
            assert loader.load(connection) == len(catalogue.products)
            assert_same(loader.search(connection, row, 5), expected)
            hostile = 'x"; DROP TABLE products; --'
            loader.load(connection, hostile)
            assert_same(loader.search(connection, row, 5, hostile), expected)
    finally:
        server.cleanup()


def test_opensearch_is_asked_for_what_it_documents(
    scripts: Callable[[str], ModuleType], demo: Path
) -> None:
    """Requests of the real client, to a server that records them."""
    from opensearchpy import OpenSearch

    requests: list[tuple[str, str, list[Any]]] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            bodies = [json.loads(line) for line in content.splitlines() if line]
            requests.append((self.command, self.path, bodies))
            reply: dict[str, Any] = {"acknowledged": True}
            if self.path.startswith("/_bulk"):
                actions = [each["index"] for each in bodies[::2]]
                items = [{"index": {"_id": each["_id"], "status": 201}} for each in actions]
                reply = {"errors": False, "items": items}
            elif "_search" in self.path:
                reply = {"hits": {"hits": [{"_id": "a", "_score": 0.9}]}}
            body = json.dumps(reply).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    loader, vectors = scripts("load_opensearch"), scripts("vectors")
    row, _ = find_first(open_catalogue(demo))
    ids, rows = vectors.read_all()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        client = OpenSearch(f"http://127.0.0.1:{server.server_port}")
        assert loader.load(client) == len(ids)
        assert loader.search(client, row, 5) == [("a", pytest.approx(0.8))]
    finally:
        server.shutdown()
    (create, *bulks, search) = [each for each in requests if each[1] != "/"]
    assert create[:2] == ("PUT", "/products")
    field = create[2][0]["mappings"]["properties"]["vector"]
    assert (field["type"], field["dimension"]) == ("knn_vector", rows.shape[1])
    assert field["method"]["space_type"] == "cosinesimil"
    actions = [each for bulk in bulks for each in bulk[2][::2]]
    documents = [each for bulk in bulks for each in bulk[2][1::2]]
    assert [each["index"]["_id"] for each in actions] == ids
    assert np.array_equal(np.array([each["vector"] for each in documents], np.float32), rows)
    assert search[1].startswith("/products/_search")
    assert search[2][0]["query"]["knn"]["vector"]["k"] == 5


@pytest.mark.slow  # installs packages
@pytest.mark.parametrize("key", ["efficientnet", METHOD])
def test_a_clean_environment_repeats_every_list(key: str, demo: Path, tmp_path: Path) -> None:
    folder = write_handover(open_catalogue(demo), key, tmp_path / key, Question(), ignore)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    requirements = str(folder / "requirements.txt")
    subprocess.run([python, "-m", "pip", "install", "-q", "-r", requirements], check=True)
    done = subprocess.run(
        [python, folder / "check.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "100 of 100 lists of products are the same." in done.stdout


def test_a_network_with_another_head_embeds_the_same(demo: Path, tmp_path: Path) -> None:
    catalogue = open_catalogue(demo)
    folder = write_handover(catalogue, "simclr_small", tmp_path / "out", Question(), ignore)
    done = run(folder, "check.py", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 of 10 pictures" in done.stdout


def test_pixels_are_too_long_for_databases(demo: Path, tmp_path: Path) -> None:
    with pytest.raises(SimilarityError, match="150,528 numbers a product, more than vector"):
        write_handover(open_catalogue(demo), "pixels", tmp_path / "out", Question(), ignore)
    assert not list(tmp_path.iterdir())


def test_a_folder_with_other_content_is_left_alone(
    shop: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("keep")
    command = ["handover", "shop", "--method", "tiny", "--to", str(tmp_path / "out")]
    assert precompute(command) == 1
    assert "is not an empty folder. Choose another --to." in " ".join(
        capsys.readouterr().err.split()
    )
    assert (tmp_path / "out" / "mine.txt").read_text() == "keep"


def test_an_interrupted_handover_leaves_nothing_behind(shop: Catalogue, tmp_path: Path) -> None:
    def stop(text: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    target = tmp_path / "handed" / "out"
    with pytest.raises(KeyboardInterrupt):
        write_handover(shop, "tiny", target, Question(), stop)
    assert not list(target.parent.iterdir())


def test_weights_that_may_not_be_passed_on_are_linked(
    built_small: Callable[[str], Path], tmp_path: Path
) -> None:
    catalogue = Catalogue(built_small("clip"))
    folder = write_handover(catalogue, "clip", tmp_path / "out", Question(), ignore)
    decision = json.loads((folder / "decision.json").read_text())
    assert decision["weights"]["location"] == "sentence-transformers/clip-ViT-B-32"
    assert "passing the weights on" in decision["weights"]["not_copied"][0]
    assert decision["embedding"] == {}
    assert not list(folder.glob("*.bin"))
    text = (folder / "README.md").read_text()
    assert "The network is not in this folder" in text
    assert decision["weights"]["revision"] in text
    assert run(folder, "check.py", cwd=tmp_path).returncode == 0


def test_methods_with_a_permissive_licence_are_handed_over_whole(
    published: Callable[[str], Method],
) -> None:
    packaged = {key for key, method in METHODS.items() if not method.published}
    whole = {key for key in packaged if not list_obstacles(METHODS[key])}
    assert whole == packaged - {"pixels"}
    for key in WHOLE:
        assert not list_obstacles(published(key))
    for key in ("clip", "clip_multilingual", "dinov3", "simclr"):
        assert "passing the weights on" in " ".join(list_obstacles(published(key)))


@pytest.mark.parametrize(
    "key", [pytest.param(key, marks=[] if key in ALWAYS else pytest.mark.slow) for key in WHOLE]
)
def test_published_methods_embed_the_same_without_this_project(
    key: str, built_small: Callable[[str], Path], published: Callable[[str], Method], tmp_path: Path
) -> None:
    """With random weights of two layers; odd sizes and texts with signs."""
    published(key)  # the shrunk settings, as in the build
    catalogue = Catalogue(built_small(key))
    folder = write_handover(catalogue, key, tmp_path / "out", Question(), ignore)
    done = run(folder, "check.py", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pictures have the stored vector" in done.stdout
    if METHODS[key].answers_text:
        text = "Red  DRESS, size_40 (new!)"
        done = run(folder, "embed.py", "--text", text, cwd=tmp_path)
        scores = [float(line.split()[0]) for line in done.stdout.splitlines()]
        hits = catalogue.search(key, text=text, k=len(scores))
        assert scores == pytest.approx([hit.score for hit in hits], abs=1e-3)


def test_an_approximate_index_is_stated_and_the_lists_are_exact(
    tiny: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_measures: None
) -> None:
    from tests.units.drawing import write_pictures

    monkeypatch.setattr("similarity.indexes.folder.EXACT_LIMIT", 100)
    monkeypatch.setenv("SIMILARITY_CATALOGUES", str(tmp_path / "built"))
    source = write_pictures(tmp_path / "shop", 60)
    assert precompute(["--catalogue", str(source), "--methods", "tiny"]) == 0
    catalogue = open_catalogue("shop")
    folder = write_handover(catalogue, "tiny", tmp_path / "out", Question(), ignore)
    decision = json.loads((folder / "decision.json").read_text())
    assert decision["index"]["kind"] == "approximate"
    assert not decision["index"]["exact"]
    assert precompute(["replay", "shop", "--golden", str(folder / "golden.json")]) == 0
    assert run(folder, "check.py", cwd=tmp_path).returncode == 0


def test_markup_in_titles_stays_out_of_the_readme(
    shop: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop, "title", "Shop](http://evil.example)\n\n# New `rm`<script>")
    folder = write_handover(shop, "tiny", tmp_path / "out", Question(), ignore)
    first = (folder / "README.md").read_text().splitlines()[0]
    assert first == "# Tiny for Shop (http://evil.example) # New rm script "


def test_the_archive_has_the_folder(shop: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "tiny.zip").write_bytes(make_archive(shop, "tiny", Question(), ignore))
    shutil.unpack_archive(tmp_path / "tiny.zip", tmp_path / "unpacked")
    assert (tmp_path / "unpacked" / "shop-tiny" / "vectors.parquet").is_file()
