"""Run picture networks: choose the processor, the runtime and the precision.

Methods provide a torch module and its preprocessing (`Backbone`). CPUs run it with OpenVINO, see
similarity.compiled; GPUs, and CPUs where OpenVINO fails, run it with torch. The default precision
is fp32, whose vectors are those of the plain module. bf16 is twice as fast on processors that
support it, but it moves vectors so much that half of the results change: see docs/performance.md.
"""

import logging
import platform
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from similarity import compiled
from similarity.compiled import ConversionError, ModuleSource, compile_module
from similarity.errors import Remedy, SimilarityError
from similarity.loading import load_once
from similarity.methods.base import Backbone, NetworkInputs, Vectors, load_preprocessing
from similarity.methods.towhee_pipe import wrap_in_towhee
from similarity.networks import Loaded, count_bytes, networks

Precision = Literal["fp32", "bf16"]

# Pictures per pass. OpenVINO is as fast with 8 as with 32. Torch on a CPU is twice as fast with 8,
# because the feature maps fit into the caches. A GPU gets the caller's whole batch.
BATCH_SIZE = {"OpenVINO": 16, "torch": 8}

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Network:
    """A backbone ready to run: `features` maps inputs (n, side, side, 3) to vectors (n, dim)."""

    description: str  # runtime and precision, for display
    features: Callable[[NetworkInputs], Vectors]


def load_network(backbone: Backbone, precision: Precision = "fp32", threads: int = 0) -> Network:
    """Load a backbone for this machine, unless it is loaded, and return it.

    It is loaded again if it is used after it was let go. `threads` limits the processor threads of
    a pass; 0 uses all. Raises SimilarityError if the weights can't be used or if this machine
    doesn't support bf16.
    """
    name = f"{backbone.key}, {precision}" + (f", threads: {threads}" if threads else "")
    load = partial(_load_network, backbone, precision, threads)

    def compute(batch: NetworkInputs) -> Vectors:
        with networks.use(name, load) as network:
            return network.features(batch)

    with networks.use(name, load) as network:
        return Network(network.description, compute)


def _load_network(backbone: Backbone, precision: Precision, threads: int) -> Loaded[Network]:
    runtime, size = choose_runtime(precision), 0
    run = None
    if runtime == "OpenVINO" and not backbone.runs_on_openvino:
        runtime = "cpu"
    if runtime == "OpenVINO":
        try:
            run, size = _run_by_openvino(backbone, precision, threads)
        except ConversionError as error:
            _log.warning("OpenVINO can't run %s, so torch does: %s", backbone.key, error)
            runtime = "cpu"
    if run is None:
        module = backbone.build_module()
        run, size = run_by_torch(backbone, module, runtime, precision), count_bytes(module)
    name = {"OpenVINO": "OpenVINO", "cpu": "torch"}.get(runtime, f"torch on {runtime}")
    if backbone.uses_towhee:
        try:
            run = wrap_in_towhee(run)
        except ImportError as error:  # see check_package, which refuses methods that need it
            _log.warning("%s runs without towhee: %s", backbone.key, error)
    return Loaded(Network(f"{name} {precision}", run), size)


def compute_features(
    backbone: Backbone, pictures: Sequence[Image.Image], threads: int = 0
) -> Vectors:
    """Return a backbone's outputs for RGB pictures: (n, dim). Raises as `load_network` does."""
    return load_network(backbone, threads=threads).features(prepare_inputs(backbone, pictures))


def prepare_inputs(backbone: Backbone, pictures: Sequence[Image.Image]) -> NetworkInputs:
    """Return a backbone's inputs for RGB pictures: (n, side, side, 3)."""
    if not pictures:
        return _make_black_pictures(backbone, 0)
    transform = load_preprocessing(backbone)
    return np.stack([transform(picture) for picture in pictures])


def choose_runtime(precision: Precision = "fp32") -> str:
    """Return what runs networks here: 'OpenVINO', or the name of a torch device.

    Raises SimilarityError for bf16 if this machine has no units for it, which would make it far
    slower than fp32.
    """
    device, core = _find_gpu(), compiled.get_openvino()
    has_bf16 = device == "cuda"
    if not device and core:
        has_bf16 = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if precision == "bf16" and not has_bf16:
        raise SimilarityError("This machine can't compute in bf16.", Remedy("precision"))
    return device or ("OpenVINO" if core else "cpu")


def run_by_torch(
    backbone: Backbone, module: Any, device: str = "cpu", precision: str = "fp32"
) -> Callable[[NetworkInputs], Vectors]:
    """Return a function that runs a torch module, which may replace the backbone's own.

    It maps inputs (n, side, side, 3) to vectors (n, dim).
    """
    import torch

    if device == "cuda":  # convolutions default to TF32, whose 10 bits differ from fp32 by 0.3 %
        torch.backends.cudnn.allow_tf32 = False
    network = add_normalisation(backbone, module).to(device, memory_format=torch.channels_last)

    def run(batch: NetworkInputs) -> Vectors:
        vectors = np.empty((len(batch), backbone.dim), np.float32)
        size = BATCH_SIZE["torch"] if device == "cpu" else max(1, len(batch))
        with torch.inference_mode(), torch.autocast(device, torch.bfloat16, precision == "bf16"):
            for start in range(0, len(batch), size):
                chunk = torch.from_numpy(batch[start : start + size]).to(device)
                vectors[start : start + size] = network(chunk).float().cpu().numpy()
        return vectors

    return run


def _make_source(backbone: Backbone) -> ModuleSource:
    """Return a backbone with its normalisation, to be compiled."""
    side = backbone.side
    return ModuleSource(
        backbone.key,
        [side, backbone.dim, backbone.mean, backbone.deviation],
        lambda: add_normalisation(backbone, backbone.build_module()),
        (_make_black_pictures(backbone, 2),),
        [[-1, side, side, 3]],
    )


def _run_by_openvino(
    backbone: Backbone, precision: str, threads: int
) -> Loaded[Callable[[NetworkInputs], Vectors]]:
    """Raise ConversionError, or SimilarityError if the weights can't be used."""
    network = compile_module(_make_source(backbone), precision, threads)

    def run(batch: NetworkInputs) -> Vectors:
        vectors = np.empty((len(batch), backbone.dim), np.float32)
        size = BATCH_SIZE["OpenVINO"]
        for start in range(0, len(batch), size):
            vectors[start : start + size] = network(batch[start : start + size])
        return vectors

    return Loaded(run, network.size)


def _make_black_pictures(backbone: Backbone, count: int) -> NetworkInputs:
    """Return a number of black pictures as inputs of a backbone."""
    shape = (count, backbone.side, backbone.side, 3)
    return np.zeros(shape, np.uint8 if backbone.takes_uint8 else np.float32)


def add_normalisation(backbone: Backbone, module: Any) -> Any:
    """Return a module that normalises its inputs (n, side, side, 3) before the network."""
    import torch

    class NormalisedModule(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.module = module
            for name, values in (("mean", backbone.mean), ("deviation", backbone.deviation)):
                self.register_buffer(name, torch.tensor(values).reshape(1, 3, 1, 1))

        def forward(self, batch: Any) -> Any:
            pictures = batch.permute(0, 3, 1, 2).to(torch.float32)
            return self.module((pictures - self.mean) / self.deviation)

    return NormalisedModule().eval()


@load_once()
def _find_gpu() -> str:
    """Return the GPU that torch can use, or an empty string.

    Imports torch only where there may be a GPU.
    """
    if sys.platform == "darwin" and platform.machine() == "arm64":
        import torch

        return "mps" if torch.backends.mps.is_available() else ""
    if Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi"):
        import torch

        return "cuda" if torch.cuda.is_available() else ""
    return ""
