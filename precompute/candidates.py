"""Prepare the methods that users bring: load each once, and record what it is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from similarity import inference
from similarity.candidates import python_code
from similarity.candidates.files import (
    compute_folder_hash,
    find_folder,
    forbid_downloads,
    open_folder,
    read_licence,
)
from similarity.candidates.library_model import LibraryModel, find_fixed_side
from similarity.candidates.method import (
    describe_library,
    get_library,
    get_model_name,
    make_method,
)
from similarity.candidates.specification import (
    Specification,
    is_path,
    is_specification,
    parse_specification,
)
from similarity.candidates.vector_file import VectorFile, find_vectors, list_parts
from similarity.embedding import LONGEST_TEXT
from similarity.errors import Remedy, SimilarityError, get_reason
from similarity.failures import Failures
from similarity.methods import METHODS, Method, Vectors, bind_available_weights
from similarity.methods.candidate import Candidate
from similarity.methods.weights import compute_weights_hash
from similarity.store.progress import Step

SAME = 0.9999  # cosine of vectors that count as equal
MAX_LINE = 500  # characters of a fact
EXAMPLE_TEXT = "a red dress"


def prepare_candidates(
    specifications: Sequence[Specification], step: Step, failures: Failures
) -> list[Method]:
    """Return the methods of specifications. Those that can't be loaded count as failures."""
    candidates: dict[str, Candidate] = {}
    for specification in specifications:
        step(f"Loading {specification.title}", 0, 0)
        try:
            candidate = _prepare(specification, candidates)
            make_method(candidate)
            candidates[specification.key] = candidate
        except SimilarityError as error:
            failures.causes[specification.key] = error
        except Exception as error:  # libraries raise anything for files that don't fit
            failures.causes[specification.key] = _explain(specification, error)
    return [make_method(candidate) for candidate in candidates.values()]


def _explain(specification: Specification, error: Exception) -> SimilarityError:
    reason = get_reason(error)
    if "trust_remote_code" in str(error):
        return SimilarityError(
            f"'{specification.text}' needs code from its repository, which is never run. Write a "
            "Python file that loads the model, and name that."
        )
    return SimilarityError(
        f"'{specification.text}' can't be loaded ({type(error).__name__}: {reason})."
    )


def _prepare(specification: Specification, others: Mapping[str, Candidate]) -> Candidate:
    match specification.loader:
        case "vectors":
            return _prepare_vectors(specification, others)
        case "python" | "plugin":
            return _prepare_code(specification)
        case _:
            return _prepare_model(specification)


def _prepare_model(specification: Specification) -> Candidate:
    library = get_library(specification.loader)
    location, commit, folder = find_model(specification)
    candidate = _make_record(
        specification,
        location,
        compute_folder_hash(folder, specification.loader),
        commit=commit,
        library=describe_library(specification.loader),
    )
    with forbid_downloads():
        model: LibraryModel = library.module.load(folder, get_model_name(candidate))
        expected = model.embed_pictures(CHECK_PICTURES)
    _check_vectors(expected, len(CHECK_PICTURES), specification)
    candidate = replace(
        candidate,
        dim=expected.shape[1],
        parameters=sum(each.numel() for each in model.module.parameters()),
        # what a library states is of its own weights, not of those in a user's folder
        licence=_shorten(read_licence(folder) or (model.licence if commit else "")),
        source=f"https://huggingface.co/{location}" if commit else "",
        answers_text=model.embed_texts is not None,
    )
    if model.embed_texts:
        _check_texts(model, candidate, specification)
    return _choose_runtime(candidate, model, expected)


def _make_record(
    specification: Specification, location: str, sha256: str, title: str = "", **facts: Any
) -> Candidate:
    """Return a record with more facts, which may follow. Raises ValueError for unsound ones."""
    return Candidate(
        key=specification.key,
        specification=specification.text,
        loader=specification.loader,
        location=location,
        sha256=sha256,
        title=(title or specification.title)[:60],
        **{"dim": 1} | facts,
    )


def find_model(specification: Specification) -> tuple[str, str, Path]:
    """Return a model's location, commit and folder on this machine.

    Raises SimilarityError if it isn't here.
    """
    target = specification.target
    if is_path(target):
        folder = open_folder(target)
        return str(folder), "", folder
    name, _, commit = target.partition("@")
    library = get_library(specification.loader)
    repository = library.module.find_repositories(name)[0]
    try:
        folder = find_folder(repository, commit)
    except SimilarityError as error:
        raise SimilarityError(
            f"The model '{specification.text}' is not here: {error}",
            Remedy("fetch_model", methods=(specification.text,)),
        ) from error
    return repository, folder.name, folder


def _choose_runtime(candidate: Candidate, model: LibraryModel, expected: Vectors) -> Candidate:
    """Return a record with the fastest way to run a model that gives its library's vectors."""
    side = find_fixed_side(model.preprocess) if model.tower and model.preprocess else 0
    if not side:
        return replace(
            candidate, note="It takes pictures of any size, so its library runs it, one by one."
        )
    is_openvino = inference.choose_runtime() == "OpenVINO"
    note = ""
    for runtime in ("any", "torch"):
        attempt = replace(candidate, side=side, runtime=runtime, note=note)
        backbone = make_method(attempt).backbone
        assert backbone is not None, "it has a side"
        try:
            network = inference.load_network(backbone)
            vectors = network.features(inference.prepare_inputs(backbone, CHECK_PICTURES))
        except Exception as error:  # its parts may not work without the whole
            note = f"Its library runs it, one by one: {get_reason(error)[:200]}."
            continue
        if runtime == "any" and is_openvino and not network.description.startswith("OpenVINO"):
            note = "PyTorch runs its network, because OpenVINO can't."
            continue
        cosine = _compute_lowest_cosine(vectors, expected)
        if cosine >= SAME:
            return attempt
        note = (
            "PyTorch runs its network, because the vectors of OpenVINO differ from its library's "
            f"(cosine {cosine:.4f})."
        )
    return replace(candidate, note=_shorten(note.replace("PyTorch runs", "Its library runs")))


def _prepare_code(specification: Specification) -> Candidate:
    location, digest = python_code.find_code(specification.text)
    python_code.permit(specification.text)
    module, model = python_code.load_module(specification.text)
    vectors = model.embed_pictures(CHECK_PICTURES)
    _check_vectors(vectors, len(CHECK_PICTURES), specification)
    facts: dict[str, Any] = python_code.read_facts(module)
    try:
        candidate = _make_record(
            specification,
            location,
            digest,
            dim=vectors.shape[1],
            answers_text=model.embed_texts is not None,
            **facts,
        )
    except ValueError as error:
        raise SimilarityError(
            f"A constant in '{specification.text}' can't be used: {get_reason(error)}."
        ) from error
    if model.embed_texts:
        _check_texts(model, candidate, specification)
    return candidate


def _prepare_vectors(specification: Specification, others: Mapping[str, Candidate]) -> Candidate:
    path = find_vectors(specification.target)
    vectors = VectorFile(path)
    candidate = _make_record(
        specification,
        str(path),
        compute_weights_hash({part.name: part for part in list_parts(path)}),
        dim=vectors.dim,
        summary="Vectors that you added, without a model: new pictures can't be embedded.",
    )
    if specification.words:
        candidate = _add_words(candidate, specification, others)
    return candidate


def _add_words(
    candidate: Candidate, specification: Specification, others: Mapping[str, Candidate]
) -> Candidate:
    """Return a record with the method that embeds texts for it. Raises SimilarityError."""
    name = specification.words
    if name in METHODS:
        method = METHODS[name]
        if method.published:
            method = bind_available_weights(method)
        weights = method.bound_weights
        candidate = replace(
            candidate,
            words_key=name,
            words_copy=weights.copy if weights else "",
            words_sha256=weights.sha256 if weights else "",
        )
    else:
        if name not in others and not is_specification(name):
            raise SimilarityError(f"words={name}: this build has no such method. Name it, too.")
        other = others.get(name) or _prepare(parse_specification(name), {})
        candidate = replace(candidate, words=other)
        method = make_method(other)
    if not method.answers_text:
        raise SimilarityError(f"words={name}: {method.title} can't embed texts.")
    if method.dim != candidate.dim:
        raise SimilarityError(
            f"words={name}: its vectors have {method.dim:,} numbers, and those in "
            f"'{specification.target}' have {candidate.dim:,}."
        )
    return candidate


def _check_texts(model: LibraryModel, candidate: Candidate, specification: Specification) -> None:
    assert model.embed_texts is not None
    vectors = model.embed_texts([EXAMPLE_TEXT, "x" * LONGEST_TEXT])
    _check_vectors(vectors, 2, specification)
    if vectors.shape[1] != candidate.dim:
        raise SimilarityError(
            f"'{specification.text}' gives texts {vectors.shape[1]:,} numbers and pictures "
            f"{candidate.dim:,}."
        )


def _check_vectors(vectors: Vectors, count: int, specification: Specification) -> None:
    if vectors.ndim != 2 or len(vectors) != count or not vectors.shape[1]:
        raise SimilarityError(
            f"'{specification.text}' gives vectors of shape {vectors.shape} for {count} inputs, "
            f"not ({count}, dim)."
        )
    if not np.isfinite(vectors).all():
        raise SimilarityError(f"'{specification.text}' gives infinite or missing numbers.")


def _compute_lowest_cosine(vectors: Vectors, others: Vectors) -> float:
    products = np.einsum("ij,ij->i", vectors, others, dtype=np.float64)
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(others, axis=1)
    return float(np.min(products / np.maximum(lengths, 1e-12)))


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_LINE else text[: MAX_LINE - 1] + "…"


def _draw_check_pictures() -> list[Image.Image]:
    """Return pictures of several shapes with colours, edges and noise."""
    rng = np.random.default_rng(0)
    pictures = []
    for width, height in ((224, 224), (320, 150), (120, 400), (500, 500)):
        coarse = rng.integers(0, 256, (6, 6, 3), np.uint8)
        picture = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        noise = rng.integers(-20, 21, (height, width, 3))
        pixels = np.clip(np.asarray(picture, np.int16) + noise, 0, 255).astype(np.uint8)
        pixels[height // 4 : height // 2, width // 3 : width // 2] = rng.integers(0, 256, 3)
        pictures.append(Image.fromarray(pixels))
    return pictures


CHECK_PICTURES = _draw_check_pictures()
