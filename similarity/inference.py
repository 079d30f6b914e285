"""How the networks of pictures are run, on which processor and in which precision.

Methods hand over a torch module and the preprocessing (`Backbone`). On CPUs OpenVINO runs it, see
similarity.compiled; on GPUs, and where OpenVINO can't, torch does. All compute in fp32, whose
vectors are those of the plain module. bf16 is twice as fast where a processor has it, and is there
for who asks for it: it moves vectors so much that half of the answers change (see the README).
"""

import logging
import platform
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from similarity import compiled
from similarity.compiled import Refused, Source, compile_module
from similarity.errors import Remedy, SimilarityError
from similarity.loading import load_once
from similarity.methods.base import Backbone, Seen, Vectors, load_preprocessing
from similarity.methods.towhee_pipe import by_towhee

Precision = Literal["fp32", "bf16"]

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
        except Refused as error:
            _log.warning("OpenVINO can't run %s, so torch does: %s", backbone.key, error)
            by = "cpu"
    if run is None:
        run = by_torch(backbone, backbone.module(), by, precision)
    place = {"OpenVINO": "OpenVINO", "cpu": "torch"}.get(by, f"torch on {by}")
    if backbone.by_towhee:
        try:
            run = by_towhee(run)
        except ImportError as error:  # for methods that only share the network: see check_package
            _log.warning("%s runs without towhee: %s", backbone.key, error)
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
    device, core = _gpu(), compiled.core()
    native = device == "cuda"
    if not device and core:
        native = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if precision == "bf16" and not native:
        raise SimilarityError("This machine can't compute in bf16.", Remedy("precision"))
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


def _source(backbone: Backbone) -> Source:
    """A backbone with its normalisation."""
    side = backbone.side
    return Source(
        backbone.key,
        [side, backbone.dim, backbone.mean, backbone.deviation],
        lambda: _normalised(backbone, backbone.module()),
        (_nothing(backbone, 2),),
        [[-1, side, side, 3]],
    )


def _by_openvino(backbone: Backbone, precision: str, threads: int) -> Callable[[Seen], Vectors]:
    """Raises Refused, and SimilarityError if the weights can't be used."""
    network = compile_module(_source(backbone), precision, threads)

    def run(batch: Seen) -> Vectors:
        found = np.empty((len(batch), backbone.dim), np.float32)
        size = AT_ONCE["OpenVINO"]
        for start in range(0, len(batch), size):
            found[start : start + size] = network(batch[start : start + size])
        return found

    return run


def _nothing(backbone: Backbone, count: int) -> Seen:
    """So many black pictures, as the backbone is shown them."""
    shape = (count, backbone.side, backbone.side, 3)
    return np.zeros(shape, np.uint8 if backbone.rounded else np.float32)


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
def _gpu() -> str:
    """The GPU that torch can use, or nothing; torch is only imported where there may be one."""
    if sys.platform == "darwin" and platform.machine() == "arm64":
        import torch

        return "mps" if torch.backends.mps.is_available() else ""
    if Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi"):
        import torch

        return "cuda" if torch.cuda.is_available() else ""
    return ""
