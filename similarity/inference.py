"""How the networks of pictures are run: the one place that knows of processors and precisions.

Methods hand over a torch module and the preprocessing (`Backbone`). On CPUs OpenVINO runs it; on
GPUs, and where OpenVINO can't, torch does. All compute in fp32, whose vectors are those of the
plain module. bf16 is twice as fast where a processor has it, and is there for who asks for it: it
moves vectors so much that half of the answers change (see the README). What OpenVINO makes of a
module is kept on disk, so that the next start neither imports torch for it nor reads the weights.
"""

import hashlib
import json
import logging
import os
import platform
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from PIL import Image
from platformdirs import user_cache_path

from similarity.errors import SimilarityError
from similarity.loading import load_once
from similarity.methods.base import Backbone, Seen, Vectors, load_preprocessing
from similarity.methods.towhee_pipe import by_towhee
from similarity.methods.weights import file_hash

Precision = Literal["fp32", "bf16"]

FORMAT = 1  # of what is kept on disk
MODEL, WEIGHTS, SUMS = "model.xml", "model.bin", "sums.json"
# Pictures in one pass. OpenVINO is as fast with 8 as with 32; torch on a CPU is twice as fast with
# 8, whose maps stay in the caches; a GPU takes whatever the caller has.
AT_ONCE = {"OpenVINO": 16, "torch": 8}

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Network:
    """A backbone as it runs here: `features` of what it sees, (n, side, side, 3) to (n, dim)."""

    how: str  # by what and in which precision, for people
    features: Callable[[Seen], Vectors]


@load_once(key=lambda backbone, precision="fp32", threads=0: (backbone.key, precision, threads))
def network(backbone: Backbone, precision: Precision = "fp32", threads: int = 0) -> Network:
    """The backbone, made ready once for all who ask for it.

    `threads` are those of the processor that a pass may use, all of them if it is 0.
    Raises SimilarityError if its weights can't be used, or if there is no bf16 here.
    """
    by = chosen(precision)
    run = None
    if by == "OpenVINO":
        try:
            run = _by_openvino(backbone, precision, threads)
        except _Refused as error:
            _log.warning("OpenVINO can't run %s, so torch does: %s", backbone.key, error)
            by = "cpu"
    if run is None:
        run = by_torch(backbone, backbone.module(), by, precision)
    place = {"OpenVINO": "OpenVINO", "cpu": "torch"}.get(by, f"torch on {by}")
    if backbone.by_towhee:
        run = by_towhee(run)
    return Network(f"{place} {precision}", run)


def features(backbone: Backbone, pictures: Sequence[Image.Image], threads: int = 0) -> Vectors:
    """What a backbone makes of RGB pictures: (n, dim). Raises as `network` does."""
    return network(backbone, threads=threads).features(seen(backbone, pictures))


def seen(backbone: Backbone, pictures: Sequence[Image.Image]) -> Seen:
    """What a backbone is shown of RGB pictures: (n, side, side, 3)."""
    if not pictures:
        return _nothing(backbone, 0)
    prepare = load_preprocessing(backbone)
    return np.stack([prepare(picture) for picture in pictures])


def chosen(precision: Precision = "fp32") -> str:
    """By what networks run here: 'OpenVINO', or a device of torch's.

    Raises SimilarityError if it has no units for bf16, which would then be far slower than fp32.
    """
    device, core = _gpu(), _openvino()
    native = device == "cuda"
    if not device and core:
        native = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if precision == "bf16" and not native:
        raise SimilarityError("This machine can't compute in bf16: leave --precision out.")
    return device or ("OpenVINO" if core else "cpu")


def by_torch(
    backbone: Backbone, module: Any, device: str = "cpu", precision: str = "fp32"
) -> Callable[[Seen], Vectors]:
    """A torch module in the place of a backbone's, run by torch: what it makes of what it sees."""
    import torch

    if device == "cuda":  # its convolutions are in TF32 by default, of 10 bits: 0.3 % beside fp32
        torch.backends.cudnn.allow_tf32 = False
    whole = _normalised(backbone, module).to(device, memory_format=torch.channels_last)

    def run(batch: Seen) -> Vectors:
        found = np.empty((len(batch), backbone.dim), np.float32)
        size = AT_ONCE["torch"] if device == "cpu" else max(1, len(batch))
        with torch.inference_mode(), torch.autocast(device, torch.bfloat16, precision == "bf16"):
            for start in range(0, len(batch), size):
                some = torch.from_numpy(batch[start : start + size]).to(device)
                found[start : start + size] = whole(some).float().cpu().numpy()
        return found

    return run


def cache_folder() -> Path:
    """Where compiled networks are kept: $SIMILARITY_CACHE, or the user's folder for such things."""
    given = os.environ.get("SIMILARITY_CACHE")
    return Path(given).expanduser() if given else user_cache_path("similarity")


class _Refused(Exception):
    """OpenVINO can't convert, compile or run a module."""


def _by_openvino(backbone: Backbone, precision: str, threads: int) -> Callable[[Seen], Vectors]:
    """Raises _Refused, and SimilarityError if the weights can't be used."""
    core = _openvino()
    model = _kept(core, backbone) or _converted(core, backbone)
    settings: dict[str, Any] = {
        "INFERENCE_PRECISION_HINT": {"bf16": "bf16", "fp32": "f32"}[precision],
        "PERFORMANCE_HINT": "LATENCY",  # all threads on one batch: as fast as a batch for each
    }
    if threads:
        settings["INFERENCE_NUM_THREADS"] = threads
    try:
        compiled = core.compile_model(model, "CPU", settings)
        idle = [compiled.create_infer_request()]
        idle[0].infer({0: _nothing(backbone, 1)})
    except Exception as error:
        raise _Refused(error) from error

    def run(batch: Seen) -> Vectors:
        found = np.empty((len(batch), backbone.dim), np.float32)
        try:
            request = idle.pop()  # one for each thread that asks at the same time
        except IndexError:
            request = compiled.create_infer_request()
        size = AT_ONCE["OpenVINO"]
        for start in range(0, len(batch), size):
            request.infer({0: np.ascontiguousarray(batch[start : start + size])}, share_inputs=True)
            found[start : start + size] = request.get_output_tensor().data
        idle.append(request)
        return found

    return run


def _converted(core: Any, backbone: Backbone) -> Any:
    """OpenVINO's model of a backbone, which is kept for the next time."""
    import torch

    module = _normalised(backbone, backbone.module())
    # that questions about a picture's size are answered once is what is wanted here
    warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
    example = torch.from_numpy(_nothing(backbone, 2))
    try:
        from openvino.frontend import FrontEndManager
        from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

        with torch.no_grad():
            decoder = TorchScriptPythonDecoder(
                module, example_input=example, trace_kwargs={"check_trace": False}
            )
        frontend = FrontEndManager().load_by_framework("pytorch")
        model = frontend.convert(frontend.load(decoder))
        model.reshape([-1, backbone.side, backbone.side, 3])
    except Exception as error:  # whatever a new module brings
        raise _Refused(error) from error
    try:
        _keep(model, backbone)
    except OSError as error:
        _log.warning("A compiled network can't be kept in '%s': %s", cache_folder(), error)
    return _kept(core, backbone) or model


def _keep(model: Any, backbone: Backbone) -> None:
    """Write a model to where `_kept` finds it, in the place of former ones. Raises OSError."""
    from openvino import save_model

    place = _place(backbone)
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=place.parent, prefix="unfinished-"))
    try:
        try:
            save_model(model, unfinished / MODEL, compress_to_fp16=False)
        except RuntimeError as error:  # a full disk
            raise OSError(error) from error
        sums = {name: file_hash(unfinished / name) for name in (MODEL, WEIGHTS)}
        (unfinished / SUMS).write_text(json.dumps(sums), encoding="ascii")
        for former in place.parent.glob(f"{_safe(backbone.key)}@*"):
            shutil.rmtree(former, ignore_errors=True)
        unfinished.rename(place)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _kept(core: Any, backbone: Backbone) -> Any:
    """A model that was kept on disk, if it is whole and of just this."""
    place = _place(backbone)
    try:
        sums = json.loads((place / SUMS).read_text(encoding="ascii"))
        if sums != {name: file_hash(place / name) for name in (MODEL, WEIGHTS)}:
            return None
        return core.read_model(place / MODEL)
    except (OSError, ValueError, RuntimeError):
        return None


def _place(backbone: Backbone) -> Path:
    """Named by all that a compiled network is made of."""
    libraries = (
        "openvino",
        "torch",
        "timm",
        "transformers",
        "efficientnet-lite-pytorch",
        "open_clip_torch",
    )
    of = [FORMAT, backbone.key, backbone.side, backbone.dim, backbone.mean, backbone.deviation]
    made_of = json.dumps([of, [(name, version(name)) for name in libraries]])
    name = f"{_safe(backbone.key)}@{hashlib.sha256(made_of.encode()).hexdigest()[:16]}"
    return cache_folder() / "networks" / name


def _nothing(backbone: Backbone, count: int) -> Seen:
    """So many black pictures, as the backbone is shown them."""
    shape = (count, backbone.side, backbone.side, 3)
    return np.zeros(shape, np.uint8 if backbone.rounded else np.float32)


def _safe(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", key)


def _normalised(backbone: Backbone, module: Any) -> Any:
    """A module of what a network sees, (n, side, side, 3): it normalises that by itself."""
    import torch

    class Normalised(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = module
            for name, values in (("mean", backbone.mean), ("deviation", backbone.deviation)):
                self.register_buffer(name, torch.tensor(values).reshape(1, 3, 1, 1))

        def forward(self, batch: Any) -> Any:
            pictures = batch.permute(0, 3, 1, 2).to(torch.float32)
            return self.module((pictures - self.mean) / self.deviation)

    return Normalised().eval()


@load_once()
def _openvino() -> Any:
    """OpenVINO, or None where it can't be used."""
    # It would report its import, and conversions, to its makers by this package; without it they
    # use a stand-in of their own that does nothing.
    sys.modules.setdefault("openvino_telemetry", cast(Any, None))
    try:
        from openvino import Core

        core = Core()
        return core if "CPU" in core.available_devices else None
    except (ImportError, RuntimeError) as error:
        _log.warning("OpenVINO can't be used, so torch runs the networks, slower: %s", error)
        return None


@load_once()
def _gpu() -> str:
    """The GPU that torch can use, or nothing; torch is only imported where there may be one."""
    if sys.platform == "darwin" and platform.machine() == "arm64":
        import torch

        return "mps" if torch.backends.mps.is_available() else ""
    if Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi"):
        import torch

        return "cuda" if torch.cuda.is_available() else ""
    return ""
