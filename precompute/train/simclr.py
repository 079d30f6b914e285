"""SimCLR (Chen et al. 2020, arXiv:2002.05709) on own pictures, without labels.

Uses lightning-bolts' module with the small encoder and the augmentation of
`similarity.methods.simclr`, which runs on tensors, a batch at a time, on the network's device.
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

with warnings.catch_warnings(record=True):  # bolts warns about parts that may change in future
    from pl_bolts.models.self_supervised import SimCLR
    from pl_bolts.optimizers.lr_scheduler import linear_warmup_decay

from precompute.progress import Steps
from precompute.train.curve import Curve, fit, lightning, make_trainer
from precompute.train.pictures import Pictures, load_squares, select_held_out
from similarity import SimilarityError, inference
from similarity.indexes import normalise
from similarity.methods import simclr as method
from similarity.methods.base import Vectors
from similarity.methods.trained_files import write_trained

SEED = 0
GRADIENT_CLIP = 1.0  # norm of the gradients: without it a run of 160 epochs diverged at the 33rd
RATE, DECAY = 1e-3, 1e-4  # the highest learning rate, and the weight decay
TEMPERATURE = 0.1  # of NT-Xent
WARM_UP = 0.05  # share of the run in which the learning rate rises
# Most of the run uses smaller views, which cost little; the end uses full ones.
SMALL_SIDE, SMALL_UNTIL = 0.75, 0.75  # of the side, and share of the run
STORED_SIDE = 1.5  # side of the pictures in memory, relative to a view's
# A crop shows things larger than the whole picture does, so whole pictures are embedded at a larger
# side than views (Touvron et al. 2019, arXiv:1906.06423).
WHOLE_SIDE = 1.4
PROBE_EVERY = 10  # epochs
MAX_PROBED = 4096  # pictures among which a probe searches
BF16_UNITS = ("avx512_bf16", "amx_bf16", "bf16")  # processors' names for bfloat16 units


@dataclass(frozen=True)
class Settings:
    """What determines how a run goes."""

    minutes: float | None  # of training; or
    epochs: int | None
    batch: int  # pictures; twice as many views
    side: int  # px of a view


def choose_hardware() -> tuple[str, str]:
    """Return where to train, "cuda" or "cpu", and in which precision, "bf16" or "32".

    A CUDA GPU if there is one, and bf16 only if the hardware supports it, because emulation is
    several times slower than full precision.
    """
    if torch.cuda.is_available():
        return "cuda", "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "32"
    units = torch.cpu.get_capabilities()
    return "cpu", "bf16" if any(units.get(name) for name in BF16_UNITS) else "32"


class SmallSimCLR(SimCLR):
    """bolts' SimCLR with the small encoder, AdamW, and a loss in full precision.

    A batch is rows of `pictures`, uint8 (n, height, width, 3). `compute_share` returns how much of
    the run is done, from 0 to 1.
    """

    def __init__(
        self, pictures: torch.Tensor, settings: Settings, compute_share: Callable[[], float]
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
        self.pictures, self.compute_share = pictures, compute_share
        sides = round(SMALL_SIDE * settings.side), settings.side
        # in a tuple, so that checkpoints don't contain them
        self.augmentations = tuple(method.make_augmentation(side) for side in sides)

    def save_hyperparameters(self, *_: Any, **__: Any) -> None:
        """Store nothing: bolts would put all constructor arguments into the checkpoint."""

    def init_model(self) -> Any:
        return method.build_network().to(memory_format=torch.channels_last)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.encoder(x.contiguous(memory_format=torch.channels_last))

    def on_train_epoch_start(self) -> None:
        # seeded by epoch, so that a resumed run ends like an uninterrupted one
        torch.manual_seed(SEED + self.current_epoch)

    def on_validation_epoch_start(self) -> None:
        torch.manual_seed(SEED)  # the same views each time

    def make_views(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return two random views of each picture, normalised: float32 (n, 3, side, side)."""
        small_views, full_views = self.augmentations
        augment = (
            small_views if self.training and self.compute_share() < SMALL_UNTIL else full_views
        )
        mean, deviation = (
            torch.tensor(values, device=self.device).view(3, 1, 1)
            for values in (method.MEAN, method.DEVIATION)
        )
        with torch.no_grad(), torch.autocast(self.device.type, enabled=False):
            batch = self.pictures[rows.cpu()].to(self.device).permute(0, 3, 1, 2) / 255
            first, second = ((augment(batch) - mean) / deviation for _ in range(2))
        return first, second

    def shared_step(self, rows: torch.Tensor) -> torch.Tensor:
        # bolts' module embeds the two views separately, so batch norm uses the statistics of one
        projected = [self.projection(self(views)) for views in self.make_views(rows)]
        # In bf16, lengths are off by 0.4 %, and the loss subtracts e^(1/T) for a view's similarity
        # to itself: at T = 0.1 the error would be as large as the sum over all other views.
        with torch.autocast(self.device.type, enabled=False):
            first, second = (
                functional.normalize(projection.float(), dim=1) for projection in projected
            )
            return self.nt_xent_loss(first, second, self.temperature)

    def configure_optimizers(self) -> Any:
        groups = self.exclude_from_wt_decay(self.named_parameters(), self.weight_decay)
        optimizer = torch.optim.AdamW(groups, lr=self.learning_rate)
        with warnings.catch_warnings(record=True):
            rate = linear_warmup_decay(100 * WARM_UP, 100)  # by percent of the run
        scheduler = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda _: rate(100 * self.compute_share())
        )
        return [optimizer], [{"scheduler": scheduler, "interval": "step"}]


def train(
    pictures: Pictures, out: Path, work: Path, settings: Settings, licence: str, step: Steps
) -> None:
    """Train, or resume an interrupted run.

    Writes the file `out`, and next to it the curve as CSV. Raises SimilarityError for fewer
    pictures than a batch, and KeyboardInterrupt if it is interrupted.
    """
    is_held_out = select_held_out(pictures.products.index)
    count = int((~is_held_out).sum())
    if count < settings.batch:
        raise SimilarityError(
            f"{count} pictures to train on are fewer than a batch of {settings.batch}. "
            "Give more pictures, or a smaller --batch."
        )
    keep_freed_memory()
    lightning.seed_everything(SEED, workers=True)
    whole_side = round(WHOLE_SIDE * settings.side / 16) * 16
    stored_side = round(STORED_SIDE * settings.side)
    squares = load_squares(
        pictures, stored_side, lambda done, total: step("Reading pictures", done, total)
    )
    training_rows: Any  # lists are valid datasets, but their types don't say so
    held_out_rows: Any
    training_rows, held_out_rows = (
        np.flatnonzero(flags).tolist() for flags in (~is_held_out, is_held_out)
    )
    # labels are only used for the curve, not for training or choosing anything
    probe = partial(
        compute_knn_p1,
        squares,
        training_rows,
        held_out_rows,
        pictures.products["category"],
        whole_side,
    )
    curve = Curve(out.with_suffix(".csv"), "knn_p1", probe, step, settings.minutes)
    device, precision = choose_hardware()
    lightning_trainer = make_trainer(
        curve,
        work,
        settings.epochs,
        PROBE_EVERY,
        accelerator=device,
        precision=precision,
        gradient_clip_val=GRADIENT_CLIP,
    )
    module = SmallSimCLR(
        torch.from_numpy(squares), settings, lambda: curve.compute_share(lightning_trainer)
    )
    batches = DataLoader(training_rows, settings.batch, shuffle=True, drop_last=True)
    fit(lightning_trainer, module, batches, DataLoader(held_out_rows, settings.batch), work)
    module.eval()
    mean, matrix = method.compute_whitening(
        embed_squares(module, squares, training_rows, whole_side)
    )
    weights = {
        f"encoder.{name}": values.cpu().numpy()
        for name, values in module.encoder.state_dict().items()
    }
    facts = describe_training(pictures, count, len(curve.rows), curve.seconds, settings)
    facts |= {"licence": licence, "side": whole_side}
    write_trained(out, "simclr", facts, weights | {"mean": mean, "whitening": matrix})


def describe_training(
    pictures: Pictures, count: int, epochs: int, seconds: float, settings: Settings
) -> dict[str, Any]:
    """Return what the app shows of a trained file."""
    return {
        "weights": (
            f"ResNet-18 at half width (2.8 M parameters), trained by SimCLR alone, without "
            f"labels, on {count:,} pictures ({', '.join(pictures.names)}): {epochs} "
            f"epochs, {seconds / 60:.0f} minutes. Not the article's SimCLR ResNet-50."
        ),
        "settings": asdict(settings),
    }


def keep_freed_memory() -> None:
    """Make glibc keep freed memory, so that a step doesn't request its memory again.

    Saves a fifth of a step's time on a CPU. Does nothing without glibc.
    """
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mmap_max, trim_threshold = -4, -1
        mallopt(mmap_max, 0)
        mallopt(trim_threshold, 2**31 - 1)


def embed_squares(
    module: SmallSimCLR, pictures: npt.NDArray[np.uint8], rows: Iterable[int], side: int
) -> Vectors:
    """Return the encoder's vectors of whole pictures, for rows of (n, height, width, 3)."""
    network = method.make_backbone("", side, lambda: module.encoder)
    run = inference.run_by_torch(
        network, module.encoder, str(next(module.encoder.parameters()).device)
    )
    return run(inference.prepare_inputs(network, [Image.fromarray(pictures[row]) for row in rows]))


def compute_knn_p1(
    pictures: npt.NDArray[np.uint8],
    training_rows: list[int],
    held_out_rows: list[int],
    labels: Sequence[str],
    side: int,
    module: SmallSimCLR,
) -> str:
    """Return P@1: the share of held-out pictures whose nearest training picture has their label.

    Empty if all have the same label.
    """
    if len(set(labels)) < 2:
        return ""
    random = np.random.default_rng(SEED)
    samples = [random.permutation(rows)[:MAX_PROBED] for rows in (held_out_rows, training_rows)]
    queries, gallery = (normalise(embed_squares(module, pictures, rows, side)) for rows in samples)
    query_labels, gallery_labels = (np.asarray(labels)[rows] for rows in samples)
    return f"{np.mean(gallery_labels[(queries @ gallery.T).argmax(1)] == query_labels):.4f}"
