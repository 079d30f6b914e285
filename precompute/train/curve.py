"""How a training went, beside its weights: a row an epoch, as CSV."""

import csv
import logging
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

with warnings.catch_warnings(record=True):  # of each part that may change some day
    import pytorch_lightning as lightning
    from pytorch_lightning.callbacks import Callback, ModelCheckpoint

from precompute.progress import Steps

for noisy in ("pytorch_lightning", "lightning_fabric"):  # they list what hardware is not there
    logging.getLogger(noisy).setLevel(logging.WARNING)

CHECKPOINT = "last.ckpt"

__all__ = ["CHECKPOINT", "Curve", "lightning", "trainer"]


class Curve(Callback):
    """Writes a row an epoch: seconds in all, losses, and now and then what a probe measures.

    `probe` is called with the module; what it gives stands in the column `probed`. `seconds` and
    `rows` include those of an interrupted run that this one continues.
    """

    def __init__(self, place: Path, probed: str, probe: Callable[[Any], str], step: Steps) -> None:
        self.place, self.probed, self.probe, self.step = place, probed, probe, step
        self.rows: list[dict[str, Any]] = []
        self.losses: list[float] = []

    @property
    def seconds(self) -> float:
        """How long the training took so far, the parts before interruptions included."""
        return float(self.rows[-1]["seconds"]) if self.rows else 0.0

    def on_train_start(self, trainer: Any, module: Any) -> None:
        if self.place.exists():  # of the run that this one continues
            with self.place.open(newline="") as file:
                rows = list(csv.DictReader(file))
            self.rows = [row for row in rows if int(row["epoch"]) <= trainer.current_epoch]
        self.started = time.monotonic() - self.seconds

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, *_: Any) -> None:
        self.losses.append(float(outputs["loss"]))
        total = trainer.max_epochs * trainer.num_training_batches
        self.step("Training", trainer.global_step, total, f"loss {self.losses[-1]:.2f}")

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        epoch = trainer.current_epoch + 1
        fields = ("epoch", "seconds", "train_loss", "held_out_loss", self.probed)
        row: dict[str, Any] = dict.fromkeys(fields, "")
        row |= {"epoch": epoch, "train_loss": f"{np.mean(self.losses):.4f}"}
        self.losses.clear()
        if epoch % trainer.check_val_every_n_epoch == 0:
            row["held_out_loss"] = f"{float(trainer.callback_metrics['val_loss']):.4f}"
            module.eval()
            row[self.probed] = self.probe(module)
            module.train()
        row["seconds"] = f"{time.monotonic() - self.started:.1f}"
        self.rows.append(row)
        with self.place.open("w", newline="") as file:
            table = csv.DictWriter(file, fields)
            table.writeheader()
            table.writerows(self.rows)


def trainer(curve: Curve, work: Path, epochs: int, probe_every: int, **settings: Any) -> Any:
    """A Lightning trainer that keeps its state in `work` after every epoch, and tells nothing."""
    # a str: a Path would stand in the checkpoint, which then is refused as unsafe to load
    checkpoints = ModelCheckpoint(
        str(work), save_last=True, save_top_k=0, save_on_train_epoch_end=True
    )
    return lightning.Trainer(
        max_epochs=epochs,
        devices=1,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        check_val_every_n_epoch=min(probe_every, max(1, epochs)),
        default_root_dir=str(work),
        callbacks=[curve, checkpoints],
        **settings,
    )


def fit(trainer: Any, module: Any, batches: Any, held_out: Any, work: Path) -> None:
    """Train, or go on where an interrupted run stopped. Raises KeyboardInterrupt if it was."""
    last = work / CHECKPOINT
    if trainer.max_epochs:
        trainer.fit(module, batches, held_out, ckpt_path=str(last) if last.exists() else None)
    if trainer.interrupted:
        raise KeyboardInterrupt
