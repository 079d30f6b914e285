"""LiT (Zhai et al. 2022, arXiv:2111.07991) on cached features: a map between locked towers.

A picture's features and colours are mapped into MiniLM's space, near its captions (InfoNCE with
several right captions, as in Khosla et al. 2020) and near the ImageNet class names as weighted by
the CNN (soft labels), which preserves words that no caption uses. The CNN's head is also applied to
synthetic features: those of pictures, pushed towards a random class. So the map is trained on all
thousand classes, and not only on those in the pictures.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader

from precompute.progress import Steps
from precompute.train.captions import choose_held_out, make_captions
from precompute.train.curve import Curve, fit, lightning, make_trainer
from precompute.train.pictures import Pictures
from similarity import SimilarityError, inference
from similarity.methods import conse, lite0, minilm
from similarity.methods import lit as method
from similarity.methods.base import Vectors
from similarity.methods.colours import compute_colours
from similarity.methods.trained_files import write_trained

SEED = 0
BATCH_SIZE = 32  # pictures, then texts, embedded between progress reports
RATE, DECAY = 1e-3, 0.3
SCALE = 12.0  # of the cosines of pictures and captions, before the softmax
SOFT_WEIGHT, SOFT_SCALE = 0.7, 8.0  # weight of the soft labels, and their scale
SYNTHETIC = 256  # synthetic features per batch
# distance by which they are pushed; features of pictures have a length of about 15
PUSH_RANGE = (4.0, 14.0)
FEATURE_DROPOUT, COLOUR_DROPOUT = 0.7, 0.2  # dropout of the features and of the colours
COLOUR_WEIGHT = 4.0  # weight of the colours relative to the features, in standard deviations
MIN_DEVIATION = 0.02  # standard deviation of a rare colour
PROBE_EVERY = 5  # epochs


@dataclass(frozen=True)
class Settings:
    """What determines how a run goes."""

    epochs: int = 80
    batch: int = 512


@dataclass(frozen=True)
class TrainingData:
    """The training data: the inputs of each picture, and its right captions.

    `features` (n, 1280) and `colours` (n, 114) are standardised by `mean` and `deviation` (1394,).
    `own_captions` (n, longest) are rows of `captions` (m, 384): the first `counts` (n,) of each
    picture are right and the others repeat the first. `class_names` (1000, 384) are the ImageNet
    classes. Texts have unit length after the mean text is subtracted.
    """

    features: torch.Tensor
    colours: torch.Tensor
    mean: torch.Tensor
    deviation: torch.Tensor
    own_captions: torch.Tensor
    counts: torch.Tensor
    captions: torch.Tensor
    class_names: torch.Tensor


class LiT(lightning.LightningModule):
    """The trainable map; a batch is rows of the data, of which `training_rows` are trained on."""

    def __init__(self, data: TrainingData, training_rows: torch.Tensor, steps: int) -> None:
        super().__init__()
        self.network = method.build_network()
        self.data, self.training_rows, self.steps = data, training_rows, steps
        self.head = lite0.load_head().requires_grad_(False)
        weights = self.head.weight
        self.directions = functional.normalize(weights - weights.mean(0), dim=1)

    def on_train_epoch_start(self) -> None:
        # seeded by epoch, so that a resumed run ends like an uninterrupted one
        torch.manual_seed(SEED + self.current_epoch)

    def forward(self, features: torch.Tensor, colours: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return unit vectors of pictures (n, 384), and their divergence from the CNN's classes."""
        data = self.data
        inputs = (torch.hstack([features, colours]) - data.mean) / data.deviation
        inputs = torch.hstack(
            [
                functional.dropout(inputs[:, : lite0.DIM], FEATURE_DROPOUT, self.training),
                functional.dropout(inputs[:, lite0.DIM :], COLOUR_DROPOUT, self.training),
            ]
        )
        probabilities = self.head(features).softmax(1)
        top = probabilities.topk(conse.TOP)
        conse_vectors = (
            torch.zeros_like(probabilities).scatter(1, top.indices, top.values) @ data.class_names
        )
        conse_vectors = conse_vectors / top.values.sum(1, keepdim=True)
        vectors = functional.normalize(method.add_conse(self.network(inputs), conse_vectors), dim=1)
        log_probabilities = (SOFT_SCALE * vectors @ data.class_names.T).log_softmax(1)
        return vectors, functional.kl_div(log_probabilities, probabilities, reduction="batchmean")

    def compute_loss(self, rows: torch.Tensor, caption_rows: torch.Tensor) -> torch.Tensor:
        """Return the loss of a batch of pictures, each with one of its captions."""
        data = self.data
        vectors, divergence = self(data.features[rows], data.colours[rows])
        logits = SCALE * vectors @ data.captions[caption_rows].T
        is_right = (
            (data.own_captions[rows].unsqueeze(1) == caption_rows.unsqueeze(1)).any(2).float()
        )
        return (
            compute_contrastive_loss(logits, is_right)
            + compute_contrastive_loss(logits.T, is_right.T)
        ) / 2 + SOFT_WEIGHT * divergence

    def compute_synthetic_loss(self) -> torch.Tensor:
        """Return the loss of synthetic features."""
        data = self.data
        rows = self.training_rows[torch.randint(len(self.training_rows), (SYNTHETIC,))]
        scaled = data.features[rows] * torch.rand(SYNTHETIC, 1)
        distance = torch.empty(SYNTHETIC, 1).uniform_(*PUSH_RANGE)
        directions = self.directions[torch.randint(len(self.directions), (SYNTHETIC,))]
        return (
            SOFT_WEIGHT * self((scaled + distance * directions).clamp_min(0), data.colours[rows])[1]
        )

    def training_step(self, rows: torch.Tensor, _: int) -> torch.Tensor:
        caption_number = (torch.rand(len(rows)) * self.data.counts[rows]).long()
        return (
            self.compute_loss(rows, self.data.own_captions[rows, caption_number])
            + self.compute_synthetic_loss()
        )

    def validation_step(self, rows: torch.Tensor, _: int) -> None:
        self.log(
            "val_loss",
            self.compute_loss(rows, self.data.own_captions[rows, 0]),
            batch_size=len(rows),
        )

    def configure_optimizers(self) -> object:
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=RATE, weight_decay=DECAY)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(1, self.steps))
        return [optimizer], [{"scheduler": schedule, "interval": "step"}]


def train(
    pictures: Pictures, out: Path, work: Path, settings: Settings, licence: str, step: Steps
) -> None:
    """Train the map, or resume an interrupted run.

    Writes the file `out`, and next to it the curve as CSV. Raises SimilarityError if texts are
    missing, and KeyboardInterrupt if it is interrupted.
    """
    texts = [make_captions(product) for product in pictures.products.astype(str).to_dict("records")]
    usable_rows = [row for row, row_texts in enumerate(texts) if row_texts]
    is_held_out_row = choose_held_out(pictures.products.iloc[usable_rows])
    count = int((~is_held_out_row).sum())
    if count < settings.batch:
        raise SimilarityError(
            f"{count} pictures with texts to train on are fewer than a batch of {settings.batch}. "
            "Give more pictures, a metadata.csv with captions, or a smaller --batch."
        )
    if len({tuple(texts[row]) for row in usable_rows}) == 1:
        raise SimilarityError(
            f"All pictures have the same text, '{texts[usable_rows[0]][0]}', so there is nothing "
            "to learn. Give a metadata.csv with captions or attributes, or a folder per category."
        )
    features, colours = embed_pictures([pictures.originals[row] for row in usable_rows], work, step)
    curve = out.with_suffix(".csv")
    usable_texts = [texts[row] for row in usable_rows]
    tensors = train_network(
        features, colours, usable_texts, is_held_out_row, settings, curve, work, step
    )
    size = sum(tensors[name].size for name in tensors if name.startswith(method.NETWORK_PREFIX))
    facts = {
        "weights": (
            f"CLIP-style, not CLIP: {lite0.WEIGHTS}, and all-MiniLM-L6-v2, both locked; a map "
            f"between them ({size / 1e6:.1f} M parameters) trained on {count:,} pictures and "
            f"their captions ({', '.join(pictures.names)}), {settings.epochs} epochs."
        ),
        "labels": "captions with the kind and the colour of products",
        "licence": licence,
        "settings": asdict(settings),
    }
    write_trained(out, "lit", facts, tensors)


def train_network(
    features: Vectors,
    colours: Vectors,
    texts: list[list[str]],
    is_held_out_row: npt.NDArray[np.bool_],
    settings: Settings,
    curve_path: Path,
    work: Path,
    step: Steps,
) -> dict[str, Vectors]:
    """Return the tensors of a trained file, from features (n, 1280), colours (n, 114) and texts.

    Held-out rows are not trained on. The curve is written to `curve_path`. Raises KeyboardInterrupt
    if it is interrupted; the same call resumes.
    """
    data, text_mean = prepare_data(features, colours, texts, ~is_held_out_row, step)
    lightning.seed_everything(SEED)
    training_rows, held_out_rows = (
        torch.from_numpy(np.flatnonzero(flags)) for flags in (~is_held_out_row, is_held_out_row)
    )
    module = LiT(data, training_rows, settings.epochs * (len(training_rows) // settings.batch))

    def compute_p1(module: LiT) -> str:
        """Return the share of held-out pictures whose nearest caption is right for them."""
        hits = []
        with torch.inference_mode():
            for rows in held_out_rows.split(256):
                vectors, _ = module(data.features[rows], data.colours[rows])
                nearest = (vectors @ data.captions.T).argmax(1, keepdim=True)
                hits.append((data.own_captions[rows] == nearest).any(1))
        return f"{torch.cat(hits).float().mean().item():.4f}"

    curve = Curve(curve_path, "caption_p1", compute_p1, step)
    lightning_trainer = make_trainer(curve, work, settings.epochs, PROBE_EVERY, accelerator="cpu")
    # lists are valid datasets, but their types don't say so
    training_list: Any = training_rows.tolist()
    held_out_list: Any = held_out_rows.tolist()
    batches = DataLoader(training_list, settings.batch, shuffle=True, drop_last=True)
    fit(lightning_trainer, module, batches, DataLoader(held_out_list, settings.batch), work)
    weights = module.network.state_dict()
    return {
        f"{method.NETWORK_PREFIX}{name}": values.numpy() for name, values in weights.items()
    } | {
        "mean": data.mean.numpy(),
        "deviation": data.deviation.numpy(),
        "text_mean": text_mean,
    }


def embed_pictures(
    originals: Sequence[Callable[[], Image.Image]], work: Path, step: Steps
) -> tuple[Vectors, Vectors]:
    """Return features (n, 1280) and colours (n, 114) of pictures, cached in `work` by batch."""
    parts = []
    for start in range(0, len(originals), BATCH_SIZE):
        batch = originals[start : start + BATCH_SIZE]
        cached = work / f"{start}.npy"
        if not cached.exists():
            pictures = [read() for read in batch]
            colours = np.stack([compute_colours(picture) for picture in pictures])
            temporary = work / "unfinished.npy"
            np.save(
                temporary,
                np.hstack([inference.compute_features(lite0.BACKBONE, pictures), colours]),
            )
            temporary.replace(cached)
        parts.append(np.load(cached, allow_pickle=False))
        step("Embedding", start + len(batch), len(originals))
    inputs = np.concatenate(parts)
    return inputs[:, : lite0.DIM], inputs[:, lite0.DIM :]


def compute_standardisation(features: Vectors, colours: Vectors) -> tuple[Vectors, Vectors]:
    """Return means and deviations (1394,) that standardise inputs, with weighted colours."""
    deviation = np.hstack(
        [features.std(0) + 1e-6, (colours.std(0) + MIN_DEVIATION) / COLOUR_WEIGHT]
    )
    return np.hstack([features.mean(0), colours.mean(0)]), deviation


def prepare_data(
    features: Vectors,
    colours: Vectors,
    texts: list[list[str]],
    is_training: npt.NDArray[np.bool_],
    step: Steps,
) -> tuple[TrainingData, Vectors]:
    """Return the training data, and the mean text (384,), halfway between captions and class names.

    `texts` are the right captions of each picture. The mean only includes those of `is_training`
    pictures.
    """
    distinct = sorted({text for picture_texts in texts for text in picture_texts})
    text_numbers = {text: row for row, text in enumerate(distinct)}
    own_numbers = [[text_numbers[text] for text in picture_texts] for picture_texts in texts]
    vectors = []
    for start in range(0, len(distinct), BATCH_SIZE):
        step("Reading captions", start, len(distinct))
        vectors.append(minilm.embed_texts(distinct[start : start + BATCH_SIZE]))
    step("Reading captions", len(distinct), len(distinct))
    text_vectors = np.concatenate(vectors)
    used_numbers = sorted(
        {
            row
            for numbers, trains in zip(own_numbers, is_training, strict=True)
            if trains
            for row in numbers
        }
    )
    text_mean = (text_vectors[used_numbers].mean(0) + conse.embed_class_names().mean(0)) / 2
    names = method.centre_texts(conse.embed_class_names(), text_mean)
    longest = max(map(len, own_numbers))
    mean, deviation = compute_standardisation(features[is_training], colours[is_training])
    data = TrainingData(
        features=torch.from_numpy(features),
        colours=torch.from_numpy(colours),
        mean=torch.from_numpy(mean),
        deviation=torch.from_numpy(deviation),
        own_captions=torch.tensor(
            [numbers + numbers[:1] * (longest - len(numbers)) for numbers in own_numbers]
        ),
        counts=torch.tensor([len(numbers) for numbers in own_numbers]),
        captions=torch.from_numpy(method.centre_texts(text_vectors, text_mean)),
        class_names=torch.from_numpy(names),
    )
    return data, text_mean


def compute_contrastive_loss(logits: torch.Tensor, is_right: torch.Tensor) -> torch.Tensor:
    """Return the cross entropy of each row with a uniform distribution over the right texts."""
    return -((is_right / is_right.sum(1, keepdim=True)) * logits.log_softmax(1)).sum(1).mean()
