"""The files of a model that a user names: a folder, or a snapshot in the cache of a hub."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from similarity.errors import SimilarityError
from similarity.methods.weights import compute_weights_hash
from similarity.store.paths import parse_path

SETTINGS = (".json", ".txt", ".model", ".jinja", ".md")  # read by libraries, besides weights
SAFE_WEIGHTS, OTHER_WEIGHTS = (".safetensors",), (".bin", ".pt", ".pth", ".ckpt")
# Of trainings and other runtimes, which no loader reads.
UNUSED_NAMES = ("optimizer.", "scheduler.", "training_args.", "rng_state", "trainer_state.")
UNUSED_FOLDERS = ("onnx", "openvino", "coreml", "flax", "tf")
MAX_SETTINGS, MAX_WEIGHTS = 100_000_000, 50_000_000_000  # bytes of one file
MAX_FILES = 2000
CARD = "README.md"
TOP_FILES = ("config.json", "open_clip_config.json", "modules.json", CARD)  # every model has one


def find_folder(repository: str, commit: str = "") -> Path:
    """Return the folder of a repository in the hub's cache, without a network.

    Without `commit`, the one that was fetched last. Raises SimilarityError if it isn't there.
    """
    from huggingface_hub import try_to_load_from_cache

    # not the client's own search for a snapshot, which expects files that are never fetched
    for name in TOP_FILES:
        path = try_to_load_from_cache(repository, name, revision=commit or None)
        if isinstance(path, str):
            return Path(path).parent
    raise SimilarityError(f"'{repository}' is not fetched.")


def open_folder(path: str) -> Path:
    """Return a folder that a user named. Raises SimilarityError if there is none."""
    folder = parse_path(path) or Path()
    if not folder.is_dir():
        raise SimilarityError(f"There is no folder '{path}'.")
    return folder.resolve()


def select_files(names: Sequence[str], loader: str) -> list[str]:
    """Return those of a model's files that a loader reads: settings and weights.

    A repository may have the weights of several libraries, of which open_clip's say so in their
    names. Where there are safetensors, other weights in the same folder are left out.
    """
    usable = []
    for name in names:
        path = PurePosixPath(name)
        is_unused = path.name.startswith(UNUSED_NAMES) or set(path.parts[:-1]) & {*UNUSED_FOLDERS}
        if not is_unused and not any(part.startswith(".") for part in path.parts):
            usable.append(path)
    weights = [path for path in usable if is_weights(path.name)]
    is_open_clip = loader == "open_clip"
    matching = [p for p in weights if p.name.startswith("open_clip_") == is_open_clip] or weights
    safe_folders = {path.parent for path in matching if path.suffix in SAFE_WEIGHTS}
    chosen_weights = [
        path for path in matching if path.suffix in SAFE_WEIGHTS or path.parent not in safe_folders
    ]
    settings = [path for path in usable if path.suffix in SETTINGS]
    return sorted(path.as_posix() for path in (*settings, *chosen_weights))


def list_files(folder: Path, loader: str) -> list[Path]:
    """List the files of a model that a loader reads.

    Raises SimilarityError if none has weights, or if they are too many or too large.
    """
    names = []
    for path in folder.rglob("*"):
        if path.is_file():
            names.append(path.relative_to(folder).as_posix())
        if len(names) > MAX_FILES:
            raise SimilarityError(f"'{folder}' has more than {MAX_FILES:,} files. Name a model's.")
    paths = [folder / name for name in select_files(names, loader)]
    if not any(is_weights(path.name) for path in paths):
        raise SimilarityError(f"There are no weights in '{folder}'.")
    for path in paths:
        limit = MAX_WEIGHTS if is_weights(path.name) else MAX_SETTINGS
        if path.stat().st_size > limit:
            raise SimilarityError(f"'{path}' is larger than {limit / 1e9:g} GB.")
    return paths


def is_weights(name: str) -> bool:
    """Return whether a file has weights, by its name."""
    return name.endswith((*SAFE_WEIGHTS, *OTHER_WEIGHTS))


def compute_folder_hash(folder: Path, loader: str) -> str:
    """Return one hash for all files that a loader reads, from their names and contents.

    The card is left out, because it changes nothing. Raises SimilarityError as `list_files`.
    """
    paths = [path for path in list_files(folder, loader) if path.suffix != ".md"]
    return compute_weights_hash({path.relative_to(folder).as_posix(): path for path in paths})


def read_licence(folder: Path) -> str:
    """Return the licence that a model's card states, or an empty text."""
    from huggingface_hub import ModelCard

    path = folder / CARD
    try:
        if path.stat().st_size > MAX_SETTINGS:
            return ""
        card = ModelCard(path.read_text(encoding="utf-8"), ignore_metadata_errors=True)
        facts = card.data.to_dict()
        licence = facts.get("license_name") or facts.get("license") or ""
    except Exception:  # a card may contain anything
        return ""
    return licence[:200] if isinstance(licence, str) and licence.isprintable() else ""


@contextmanager
def forbid_downloads() -> Iterator[None]:
    """Load models without a network, whatever their files name, and without messages of libraries.

    The hub's client raises an exception instead of reaching out.
    """
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE, logging.root.manager.disable
    constants.HF_HUB_OFFLINE = True
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        constants.HF_HUB_OFFLINE = before[0]
        logging.disable(before[1])
