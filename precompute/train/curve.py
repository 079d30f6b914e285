"""How a training went, beside its weights: a row an epoch, as CSV."""

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

with warnings.catch_warnings(record=True):  # of each part that may change some day
    import pytorch_lightning as lightning
    from pytorch_lightning.callbacks import Callback, ModelCheckpoint
    from pytorch_lightning.plugins.io import TorchCheckpointIO

from precompute.progress import Steps
from similarity.errors import SimilarityError
from similarity.store.files import write_whole

for noisy in ("pytorch_lightning", "lightning_fabric"):  # they list what hardware is not there
    logging.getLogger(noisy).setLevel(logging.WARNING)

CHECKPOINT = "last.ckpt"

__all__ = ["CHECKPOINT", "Curve", "lightning", "trainer"]


class Curve(Callback):
    """Writes a row an epoch: seconds in all, losses, and now and then what a probe measures.

    `probe` is called with the module; what it gives stands in the column `probed`. `seconds` and
    `rows` include those of an interrupted run that this one continues.
    """

    def __init__(
        self,
        place: Path,
        probed: str,
        probe: Callable[[Any], str],
        step: Steps,
        minutes: float | None = None,
    ) -> None:
        self.place, self.probed, self.probe, self.step = place, probed, probe, step
        self.minutes = minutes
        self.rows: list[dict[str, Any]] = []
        self.losses: list[float] = []
        self.started = time.monotonic()

    def share(self, trainer: Any) -> float:
        """How much of the run is done, from 0 to 1: of its minutes, if it has some, or steps."""
        if self.minutes:
            return min(1.0, (time.monotonic() - self.started) / 60 / self.minutes)
        return trainer.global_step / (trainer.max_epochs * trainer.num_training_batches)

    @property
    def seconds(self) -> float:
        """How long the training took so far, the parts before interruptions included."""
        return float(self.rows[-1]["seconds"]) if self.rows else 0.0

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint has of this: the rows, so that they go with the weights."""
        return {"rows": self.rows}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.rows = state["rows"]

    def on_train_start(self, trainer: Any, module: Any) -> None:
        self.started = time.monotonic() - self.seconds
        if self.minutes and self.share(trainer) == 1:  # interrupted after its end
            trainer.should_stop = True

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, *_: Any) -> None:
        self.losses.append(float(outputs["loss"]))
        share, note = self.share(trainer), f"loss {self.losses[-1]:.2f}"
        trainer.should_stop = share == 1
        if self.minutes:
            total = round(60 * self.minutes)
            note += f", epoch {trainer.current_epoch + 1}, seconds"
        else:
            total = trainer.max_epochs * trainer.num_training_batches
        self.step("Training", round(share * total), total, note)

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        epoch = trainer.current_epoch + 1
        fields = ("epoch", "seconds", "train_loss", "held_out_loss", self.probed)
        row: dict[str, Any] = dict.fromkeys(fields, "")
        row |= {"epoch": epoch, "train_loss": f"{np.mean(self.losses):.4f}"}
        self.losses.clear()
        due = epoch % trainer.check_val_every_n_epoch == 0
        if due:
            row["held_out_loss"] = f"{float(trainer.callback_metrics['val_loss']):.4f}"
        if due or (self.minutes and trainer.should_stop):
            module.eval()
            row[self.probed] = self.probe(module)
            module.train()
        row["seconds"] = f"{time.monotonic() - self.started:.1f}"
        self.rows.append(row)
        text = io.StringIO(newline="")
        table = csv.DictWriter(text, fields)
        table.writeheader()
        table.writerows(self.rows)
        write_whole(self.place, text.getvalue().encode())


class AllOrNothing(TorchCheckpointIO):
    """Writes a checkpoint beside the last one, then in its place: killed or not, one is whole."""

    def save_checkpoint(self, checkpoint: Any, path: Any, storage_options: Any = None) -> None:
        unfinished = f"{path}.part"
        super().save_checkpoint(checkpoint, unfinished, storage_options)
        Path(unfinished).replace(path)


def trainer(curve: Curve, work: Path, epochs: int | None, probe_every: int, **settings: Any) -> Any:
    """A Lightning trainer that keeps its state in `work` after every epoch, and tells nothing.

    Without `epochs` it goes on until the curve's minutes are over.
    """
    # a str: a Path would stand in the checkpoint, which then is refused as unsafe to load
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
        plugins=[AllOrNothing()],
        **settings,
    )


def fit(trainer: Any, module: Any, batches: Any, held_out: Any, work: Path) -> None:
    """Train, or go on where an interrupted run stopped.

    Raises KeyboardInterrupt if this one was interrupted, and SimilarityError if the checkpoint of
    an earlier one is damaged or of another network.
    """
    last = work / CHECKPOINT
    if last.exists():
        try_checkpoint(last, module)
    if trainer.max_epochs:
        trainer.fit(module, batches, held_out, ckpt_path=str(last) if last.exists() else None)
    if trainer.interrupted:
        raise KeyboardInterrupt


def try_checkpoint(last: Path, module: Any) -> None:
    """Raises SimilarityError unless a checkpoint is as it was written, and of this network."""
    try:
        with ZipFile(last) as parts:  # which torch writes with checksums, and reads without a look
            if damaged := parts.testzip():
                raise ValueError(f"{damaged} is not what was written")
        module.load_state_dict(torch.load(last, weights_only=True)["state_dict"])
    except Exception as error:  # a damaged file may raise anything
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SimilarityError(
            f"The unfinished run can't go on from '{last}': {reason}. Delete the folder "
            f"'{last.parent}', and the same command starts anew."
        ) from error
