"""SimCLR (Chen et al. 2020, arXiv:2002.05709) on one's own pictures. No label is used.

lightning-bolts' module with the small encoder and the views of `similarity.methods.simclr`.
"""

import ctypes
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

with warnings.catch_warnings(record=True):  # bolts warns of each part that may change some day
    from pl_bolts.models.self_supervised import SimCLR
    from pl_bolts.optimizers.lr_scheduler import linear_warmup_decay

from precompute.progress import Steps
from precompute.train.curve import Curve, fit, lightning, trainer
from precompute.train.pictures import Pictures, held_out, shrink
from similarity import SimilarityError
from similarity.methods import simclr as method
from similarity.methods.trained import write_trained

SEED = 0
CLIP = 1.0  # norm of the gradients: without it a run of 160 epochs broke down at the 33rd
DECAY = 1e-4  # of the weights
STORED = 1.5  # the pictures kept in memory have a shorter side of so many times the views'
# A crop shows things larger than the whole picture does, so whole pictures are embedded at a larger
# side than views have (Touvron et al. 2019, arXiv:1906.06423).
WHOLE = 1.4
PROBE_EVERY = 10  # epochs
NEIGHBOURS = 5


@dataclass(frozen=True)
class Settings:
    """What decides how a run goes."""

    epochs: int
    batch: int  # pictures; twice as many views
    side: int  # px of a view
    rate: float  # the highest learning rate
    temperature: float
    strength: float  # of the colour distortion; 1 in the paper
    smallest: float  # share of the area that a crop keeps; 0.08 in the paper
    precision: str  # "bf16" or "fp32"


class Views(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Two random views of each picture: float32 (3, side, side)."""

    def __init__(self, pictures: list[Image.Image], augment: Any) -> None:
        self.pictures = pictures
        normalise = transforms.Normalize(method.MEAN, method.DEVIATION)
        self.transform = transforms.Compose([augment, transforms.ToTensor(), normalise])

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        picture = self.pictures[index]
        return self.transform(picture), self.transform(picture)


class SmallSimCLR(SimCLR):
    """bolts' SimCLR with the small encoder, AdamW, and a loss in full precision."""

    def init_model(self) -> Any:
        return method.network().to(memory_format=torch.channels_last)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.encoder(x.contiguous(memory_format=torch.channels_last))

    def shared_step(self, batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        one, two = batch
        # bolts' module runs the two views apart; so the statistics of batch norm are those of one
        projected = [self.projection(self(views)) for views in (one, two)]
        with torch.autocast(self.device.type, enabled=False):  # exp() of bf16 is too coarse
            return self.nt_xent_loss(*(p.float() for p in projected), self.temperature)

    def configure_optimizers(self) -> Any:
        groups = self.exclude_from_wt_decay(self.named_parameters(), self.weight_decay)
        optimizer = torch.optim.AdamW(groups, lr=self.learning_rate)
        steps = self.train_iters_per_epoch
        with warnings.catch_warnings(record=True):
            curve = linear_warmup_decay(steps * self.warmup_epochs, steps * self.max_epochs)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, curve)
        return [optimizer], [{"scheduler": scheduler, "interval": "step"}]


def train(
    pictures: Pictures, out: Path, work: Path, settings: Settings, licence: str, step: Steps
) -> None:
    """Train, or go on with an interrupted run.

    Writes the file `out`, and beside it the curve as CSV. Raises SimilarityError when there are
    fewer pictures than a batch, and KeyboardInterrupt when it was interrupted.
    """
    kept = held_out(pictures.products.index)
    if (~kept).sum() < settings.batch:
        raise SimilarityError(
            f"{(~kept).sum()} pictures to train on are fewer than a batch of {settings.batch}: "
            "give more pictures, or a smaller --batch."
        )
    keep_memory()
    lightning.seed_everything(SEED, workers=True)
    whole = round(WHOLE * settings.side / 16) * 16
    stored = round(STORED * settings.side)
    small = shrink(pictures.thumbnails, stored, lambda d, t: step("Reading pictures", d, t))
    trained = [picture for picture, aside in zip(small, kept, strict=True) if not aside]
    tested = [picture for picture, aside in zip(small, kept, strict=True) if aside]
    labels = pictures.products["category"].to_numpy()

    def probe(module: Any) -> str:
        if len(set(labels)) < 2:
            return ""
        vectors = [method.features(module.encoder, some, whole) for some in (tested, trained)]
        p1 = knn(vectors[0], vectors[1], labels[kept], labels[~kept])
        return f"{p1:.4f}"

    with warnings.catch_warnings(record=True):
        module = SmallSimCLR(
            gpus=0,
            num_samples=len(trained),
            batch_size=settings.batch,
            dataset="own",
            hidden_mlp=method.DIM,
            max_epochs=settings.epochs,
            warmup_epochs=max(1, settings.epochs // 20),
            temperature=settings.temperature,
            learning_rate=settings.rate,
            weight_decay=DECAY,
        )
    curve = Curve(out.with_suffix(".csv"), "knn_p1", probe, step)
    run = trainer(
        curve,
        work,
        settings.epochs,
        PROBE_EVERY,
        accelerator="auto",
        precision="bf16" if settings.precision == "bf16" else 32,
        gradient_clip_val=CLIP,
    )
    augment = method.augmentation(settings.side, settings.strength, settings.smallest)
    batches, held_out_batches = (
        DataLoader(
            Views(some, augment),
            batch_size=min(settings.batch, len(some)),
            shuffle=some is trained,
            drop_last=True,
            # no workers: forked ones hold every pipe their parent has open, spawned ones import
            # whatever their parent's main module is, and both outlive a run that was interrupted
            num_workers=0,
        )
        for some in (trained, tested)
    )
    fit(run, module, batches, held_out_batches, work)
    module.eval()
    vectors = method.features(module.encoder, trained, whole)
    mean, matrix = method.whitening(vectors)
    weights = {
        f"encoder.{name}": v.cpu().numpy() for name, v in module.encoder.state_dict().items()
    }
    facts = describe(pictures, len(trained), curve.seconds, settings)
    facts |= {"licence": licence, "side": whole}
    write_trained(out, "simclr", facts, weights | {"mean": mean, "whitening": matrix})


def describe(pictures: Pictures, count: int, seconds: float, settings: Settings) -> dict[str, Any]:
    """What the app says of a trained file."""
    return {
        "summary": "Looks for what stays the same when a picture is cropped and recoloured.",
        "weights": (
            f"ResNet-18 of half the width (2.8 M parameters), trained by SimCLR alone, without "
            f"labels, on {count:,} pictures ({', '.join(pictures.names)}): {settings.epochs} "
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


def knn(queries: Any, gallery: Any, wanted: Any, there: Any) -> float:
    """P@1: the share of queries whose nearest gallery vector, by cosine, has the wanted label."""
    queries, gallery = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (queries, gallery))
    return float(np.mean(there[(queries @ gallery.T).argmax(1)] == wanted))
