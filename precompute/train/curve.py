"""The curve of a training next to its weights: one row per epoch, as CSV."""

import csv
import io
import logging
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import torch

with warnings.catch_warnings(record=True):  # about parts that may change in future
    import pytorch_lightning as lightning
    from pytorch_lightning.callbacks import Callback, ModelCheckpoint
    from pytorch_lightning.plugins.io import TorchCheckpointIO

from precompute.progress import Steps
from similarity.errors import SimilarityError, get_reason
from similarity.store.files import write_atomically

for logger_name in ("pytorch_lightning", "lightning_fabric"):  # they report missing hardware
    logging.getLogger(logger_name).setLevel(logging.WARNING)

CHECKPOINT = "last.ckpt"

__all__ = ["CHECKPOINT", "Curve", "lightning", "make_trainer"]


class Curve(Callback):
    """Writes one row per epoch: total seconds, losses, and the results of a probe.

    `probe` is called with the module, and its result goes into the column `probe_name`. `seconds`
    and `rows` include those of an interrupted run that this one continues.
    """

    def __init__(
        self,
        path: Path,
        probe_name: str,
        probe: Callable[[Any], str],
        step: Steps,
        minutes: float | None = None,
    ) -> None:
        self.path, self.probe_name, self.probe, self.step = path, probe_name, probe, step
        self.minutes = minutes
        self.rows: list[dict[str, Any]] = []
        self.losses: list[float] = []
        self.started = time.monotonic()

    def compute_share(self, trainer: Any) -> float:
        """Return how much of the run is done, from 0 to 1: by minutes if set, or by steps."""
        if self.minutes:
            return min(1.0, (time.monotonic() - self.started) / 60 / self.minutes)
        return trainer.global_step / (trainer.max_epochs * trainer.num_training_batches)

    @property
    def seconds(self) -> float:
        """Seconds of training so far, including those before interruptions."""
        return float(self.rows[-1]["seconds"]) if self.rows else 0.0

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint stores: the rows, so that they match the weights."""
        return {"rows": self.rows}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.rows = state["rows"]

    def on_train_start(self, trainer: Any, module: Any) -> None:
        self.started = time.monotonic() - self.seconds
        if self.minutes and self.compute_share(trainer) == 1:  # interrupted after its end
            trainer.should_stop = True

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, *_: Any) -> None:
        self.losses.append(float(outputs["loss"]))
        share, note = self.compute_share(trainer), f"loss {self.losses[-1]:.2f}"
        trainer.should_stop = share == 1
        if self.minutes:
            total = round(60 * self.minutes)
            note += f", epoch {trainer.current_epoch + 1}, seconds"
        else:
            total = trainer.max_epochs * trainer.num_training_batches
        self.step("Training", round(share * total), total, note)

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        epoch = trainer.current_epoch + 1
        fields = ("epoch", "seconds", "train_loss", "held_out_loss", self.probe_name)
        row: dict[str, Any] = dict.fromkeys(fields, "")
        row |= {"epoch": epoch, "train_loss": f"{np.mean(self.losses):.4f}"}
        self.losses.clear()
        is_due = epoch % trainer.check_val_every_n_epoch == 0
        if is_due:
            row["held_out_loss"] = f"{float(trainer.callback_metrics['val_loss']):.4f}"
        if is_due or (self.minutes and trainer.should_stop):
            module.eval()
            row[self.probe_name] = self.probe(module)
            module.train()
        row["seconds"] = f"{time.monotonic() - self.started:.1f}"
        self.rows.append(row)
        text = io.StringIO(newline="")
        table = csv.DictWriter(text, fields)
        table.writeheader()
        table.writerows(self.rows)
        write_atomically(self.path, text.getvalue().encode())


class AtomicCheckpointIO(TorchCheckpointIO):
    """Writes a checkpoint next to the last one and then replaces it, so one is always complete."""

    def save_checkpoint(self, checkpoint: Any, path: Any, storage_options: Any = None) -> None:
        temporary = f"{path}.part"
        super().save_checkpoint(checkpoint, temporary, storage_options)
        Path(temporary).replace(path)


def make_trainer(
    curve: Curve, work: Path, epochs: int | None, probe_every: int, **settings: Any
) -> Any:
    """Return a quiet Lightning trainer that saves its state in `work` after every epoch.

    Without `epochs` it continues until the curve's minutes are over.
    """
    # as str, because a Path in the checkpoint would be refused as unsafe to load
    checkpoints = ModelCheckpoint(
        str(work), save_last=True, save_top_k=0, save_on_train_epoch_end=True
    )
    return lightning.Trainer(
        max_epochs=-1 if epochs is None else epochs,
        devices=1,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        check_val_every_n_epoch=min(probe_every, max(1, epochs or probe_every)),
        default_root_dir=str(work),
        callbacks=[curve, checkpoints],
        plugins=[AtomicCheckpointIO()],
        **settings,
    )


def fit(trainer: Any, module: Any, batches: Any, held_out: Any, work: Path) -> None:
    """Train, or resume an interrupted run.

    Raises KeyboardInterrupt if this run is interrupted, and SimilarityError if the checkpoint of an
    earlier one is damaged or of another network.
    """
    checkpoint = work / CHECKPOINT
    if checkpoint.exists():
        validate_checkpoint(checkpoint, module)
    if trainer.max_epochs:
        trainer.fit(
            module, batches, held_out, ckpt_path=str(checkpoint) if checkpoint.exists() else None
        )
    if trainer.interrupted:
        raise KeyboardInterrupt


def validate_checkpoint(checkpoint: Path, module: Any) -> None:
    """Raise SimilarityError unless a checkpoint is intact and of this network."""
    try:
        with ZipFile(checkpoint) as archive:  # torch writes checksums but doesn't verify them
            if damaged_file := archive.testzip():
                raise ValueError(f"{damaged_file} has changed since it was written")
        module.load_state_dict(torch.load(checkpoint, weights_only=True)["state_dict"])
    except Exception as error:  # a damaged file may raise anything
        raise SimilarityError(
            f"The unfinished run can't resume from '{checkpoint}': {get_reason(error)}. Delete "
            f"the folder '{checkpoint.parent}' to start again."
        ) from error
