"""SimCLR (Chen et al. 2020, arXiv:2002.05709) on one's own pictures. No label is used.

lightning-bolts' module with the small encoder and the views of `similarity.methods.simclr`, which
are made as tensors, a batch at a time, where the network runs.
"""

import ctypes
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader

with warnings.catch_warnings(record=True):  # bolts warns of each part that may change some day
    from pl_bolts.models.self_supervised import SimCLR
    from pl_bolts.optimizers.lr_scheduler import linear_warmup_decay

from precompute.progress import Steps
from precompute.train.curve import Curve, fit, lightning, trainer
from precompute.train.pictures import Pictures, held_out, shrink
from similarity import SimilarityError, inference
from similarity.indexes import unit
from similarity.methods import simclr as method
from similarity.methods.base import Vectors
from similarity.methods.trained import write_trained

SEED = 0
CLIP = 1.0  # norm of the gradients: without it a run of 160 epochs broke down at the 33rd
RATE, DECAY = 1e-3, 1e-4  # the highest learning rate, and the decay of the weights
TEMPERATURE = 0.1  # of NT-Xent
WARM_UP = 0.05  # share of the run in which the rate rises
# Most of the run sees smaller views, which cost little, and the end of it those of full side.
SMALL, SMALL_UNTIL = 0.75, 0.75  # of the side, and share of the run
STORED = 1.5  # the pictures kept in memory have so many times the side of a view
# A crop shows things larger than the whole picture does, so whole pictures are embedded at a larger
# side than views have (Touvron et al. 2019, arXiv:1906.06423).
WHOLE = 1.4
PROBE_EVERY = 10  # epochs
PROBED = 4096  # pictures at most among which a probe searches
NATIVE = ("avx512_bf16", "amx_bf16", "bf16")  # what processors call their units for bfloat16


@dataclass(frozen=True)
class Settings:
    """What decides how a run goes."""

    minutes: float | None  # of training; or
    epochs: int | None
    batch: int  # pictures; twice as many views
    side: int  # px of a view


def hardware() -> tuple[str, str]:
    """Where to train, "cuda" or "cpu", and in which precision, "bf16" or "32".

    A CUDA GPU if there is one; bf16 only where its units compute it. Others emulate it, several
    times slower than full precision.
    """
    if torch.cuda.is_available():
        return "cuda", "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "32"
    units = torch.cpu.get_capabilities()
    return "cpu", "bf16" if any(units.get(name) for name in NATIVE) else "32"


class SmallSimCLR(SimCLR):
    """bolts' SimCLR with the small encoder, AdamW, and a loss in full precision.

    A batch is rows of `pictures`, uint8 (n, height, width, 3). `share` says how much of the run is
    done, from 0 to 1.
    """

    def __init__(
        self, pictures: torch.Tensor, settings: Settings, share: Callable[[], float]
    ) -> None:
        with warnings.catch_warnings(record=True):
            super().__init__(
                gpus=0,
                num_samples=len(pictures),
                batch_size=settings.batch,
                dataset="own",
                hidden_mlp=method.DIM,
                temperature=TEMPERATURE,
                learning_rate=RATE,
                weight_decay=DECAY,
            )
        self.pictures, self.share = pictures, share
        sides = round(SMALL * settings.side), settings.side
        # in a tuple, since they are nothing that is learnt: a checkpoint should not have them
        self.augmentations = tuple(method.augmentation(side) for side in sides)

    def save_hyperparameters(self, *_: Any, **__: Any) -> None:
        """Nothing: bolts would put all that this is made from into the checkpoint."""

    def init_model(self) -> Any:
        return method.network().to(memory_format=torch.channels_last)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.encoder(x.contiguous(memory_format=torch.channels_last))

    def on_train_epoch_start(self) -> None:
        # each epoch draws its own, so that a run that was interrupted ends as one that was not
        torch.manual_seed(SEED + self.current_epoch)

    def on_validation_epoch_start(self) -> None:
        torch.manual_seed(SEED)  # the same views each time

    def views(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Two random views of each picture, normalised: float32 (n, 3, side, side)."""
        small, full = self.augmentations
        augment = small if self.training and self.share() < SMALL_UNTIL else full
        mean, deviation = (
            torch.tensor(values, device=self.device).view(3, 1, 1)
            for values in (method.MEAN, method.DEVIATION)
        )
        with torch.no_grad(), torch.autocast(self.device.type, enabled=False):
            plain = self.pictures[rows.cpu()].to(self.device).permute(0, 3, 1, 2) / 255
            one, two = ((augment(plain) - mean) / deviation for _ in range(2))
        return one, two

    def shared_step(self, rows: torch.Tensor) -> torch.Tensor:
        # bolts' module runs the two views apart; so the statistics of batch norm are those of one
        projected = [self.projection(self(views)) for views in self.views(rows)]
        # In bf16 lengths are off by 0.4 %, and the loss takes e^(1/T) for a view's likeness to
        # itself: at T = 0.1 the difference would be as large as all that the other views add.
        with torch.autocast(self.device.type, enabled=False):
            one, two = (functional.normalize(p.float(), dim=1) for p in projected)
            return self.nt_xent_loss(one, two, self.temperature)

    def configure_optimizers(self) -> Any:
        groups = self.exclude_from_wt_decay(self.named_parameters(), self.weight_decay)
        optimizer = torch.optim.AdamW(groups, lr=self.learning_rate)
        with warnings.catch_warnings(record=True):
            rate = linear_warmup_decay(100 * WARM_UP, 100)  # by percent of the run
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda _: rate(100 * self.share()))
        return [optimizer], [{"scheduler": scheduler, "interval": "step"}]


def train(
    pictures: Pictures, out: Path, work: Path, settings: Settings, licence: str, step: Steps
) -> None:
    """Train, or go on with an interrupted run.

    Writes the file `out`, and beside it the curve as CSV. Raises SimilarityError when there are
    fewer pictures than a batch, and KeyboardInterrupt when it was interrupted.
    """
    aside = held_out(pictures.products.index)
    count = int((~aside).sum())
    if count < settings.batch:
        raise SimilarityError(
            f"{count} pictures to train on are fewer than a batch of {settings.batch}: "
            "give more pictures, or a smaller --batch."
        )
    keep_memory()
    lightning.seed_everything(SEED, workers=True)
    whole = round(WHOLE * settings.side / 16) * 16
    stored = round(STORED * settings.side)
    small = shrink(pictures, stored, lambda d, t: step("Reading pictures", d, t))
    trained: Any  # lists are datasets, though their types don't say so
    tested: Any
    trained, tested = (np.flatnonzero(some).tolist() for some in (~aside, aside))
    # the labels are for the curve alone: nothing that is learnt or chosen depends on them
    probe = partial(knn_p1, small, trained, tested, pictures.products["category"], whole)
    curve = Curve(out.with_suffix(".csv"), "knn_p1", probe, step, settings.minutes)
    device, precision = hardware()
    run = trainer(
        curve,
        work,
        settings.epochs,
        PROBE_EVERY,
        accelerator=device,
        precision=precision,
        gradient_clip_val=CLIP,
    )
    module = SmallSimCLR(torch.from_numpy(small), settings, lambda: curve.share(run))
    batches = DataLoader(trained, settings.batch, shuffle=True, drop_last=True)
    fit(run, module, batches, DataLoader(tested, settings.batch), work)
    module.eval()
    mean, matrix = method.whitening(seen(module, small, trained, whole))
    weights = {
        f"encoder.{name}": v.cpu().numpy() for name, v in module.encoder.state_dict().items()
    }
    facts = describe(pictures, count, len(curve.rows), curve.seconds, settings)
    facts |= {"licence": licence, "side": whole}
    write_trained(out, "simclr", facts, weights | {"mean": mean, "whitening": matrix})


def describe(
    pictures: Pictures, count: int, epochs: int, seconds: float, settings: Settings
) -> dict[str, Any]:
    """What the app says of a trained file."""
    return {
        "summary": "Looks for what stays the same when a picture is cropped and recoloured.",
        "weights": (
            f"ResNet-18 of half the width (2.8 M parameters), trained by SimCLR alone, without "
            f"labels, on {count:,} pictures ({', '.join(pictures.names)}): {epochs} "
            f"epochs, {seconds / 60:.0f} minutes. Not the article's SimCLR ResNet-50."
        ),
        "settings": asdict(settings),
    }


def keep_memory() -> None:
    """Have glibc keep freed memory: else each step's maps are taken from the system anew.

    A fifth of the time of a step on a CPU. Elsewhere than on glibc nothing is done.
    """
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mmap_max, trim_threshold = -4, -1
        mallopt(mmap_max, 0)
        mallopt(trim_threshold, 2**31 - 1)


def seen(
    module: SmallSimCLR, pictures: npt.NDArray[np.uint8], rows: Iterable[int], side: int
) -> Vectors:
    """What the encoder gives for whole pictures, the chosen rows of (n, height, width, 3)."""
    network = method.backbone("", side, lambda: module.encoder)
    run = inference.by_torch(network, module.encoder, str(next(module.encoder.parameters()).device))
    return run(inference.seen(network, [Image.fromarray(pictures[row]) for row in rows]))


def knn_p1(
    pictures: npt.NDArray[np.uint8],
    trained: list[int],
    tested: list[int],
    labels: Sequence[str],
    side: int,
    module: SmallSimCLR,
) -> str:
    """P@1: the share of tested pictures whose nearest trained one, by cosine, is of their label.

    Empty where all have one label.
    """
    if len(set(labels)) < 2:
        return ""
    random = np.random.default_rng(SEED)
    some = [random.permutation(rows)[:PROBED] for rows in (tested, trained)]
    queries, gallery = (unit(seen(module, pictures, rows, side)) for rows in some)
    wanted, there = (np.asarray(labels)[rows] for rows in some)
    return f"{np.mean(there[(queries @ gallery.T).argmax(1)] == wanted):.4f}"
