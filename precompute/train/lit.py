"""LiT (Zhai et al. 2022, arXiv:2111.07991) on cached features: both towers locked, a map learnt.

A picture's features and colours are mapped into MiniLM's space, so that it lies near its captions
(InfoNCE with several right captions, as in Khosla et al. 2020) and near the ImageNet class names
as the CNN weighs them (soft labels), which keeps words alive that no caption uses. The CNN's head
is also asked of features that no picture has: those of pictures, pushed towards a class at random.
So the map hears of all thousand classes, and not only of those that the pictures show.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader

from precompute.progress import Steps
from precompute.train.curve import Curve, fit, lightning, trainer
from precompute.train.pictures import Pictures, held_out
from similarity import SimilarityError, inference
from similarity.methods import conse, lite0, minilm
from similarity.methods import lit as method
from similarity.methods.base import Vectors
from similarity.methods.colours import colours
from similarity.methods.trained import write_trained

SEED = 0
AT_ONCE = 32  # pictures, and then texts, embedded before the next look at progress
RATE, DECAY = 1e-3, 0.3
SCALE = 12.0  # of the cosines of pictures and captions, before the softmax
SOFT, SOFT_SCALE = 0.7, 8.0  # weight of the soft labels, and their scale
IMAGINED = 256  # features a batch that no picture has
PUSH = (4.0, 14.0)  # how far they are pushed; a picture's features have a length of about 15
FORGET, FORGET_COLOURS = 0.7, 0.2  # dropout of the features and of the colours
STRESS = 4.0  # of the colours, in standard deviations, beside the features
LEAST = 0.02  # deviation of a colour that is rare
HELD_OUT = 6  # one combination of category and colour in so many is never trained on
PROBE_EVERY = 5  # epochs
TEMPLATES = (
    "{category}",
    "a photo of a {category}",
    "{colour} {category}",
    "a {colour} {category}",
    "{colour} {pattern} {category}",
    "{pattern} {category}",
    "something {colour}",
    "{colour} {pattern} {department}",
)


@cache
def glosses() -> dict[str, list[str]]:
    """What a category's name means in other words, for names that say little ('longsleeve')."""
    table = pd.read_csv(Path(__file__).with_name("glosses.csv"))
    return table.groupby("category")["gloss"].apply(list).to_dict()


def captions(product: dict[str, str]) -> list[str]:
    """A product's own caption, and those that its attributes and its category's glosses make."""
    made = [product.get("caption", "")]
    for template in TEMPLATES:
        used = [name for _, name, _, _ in Formatter().parse(template) if name]
        if all(product.get(name) for name in used):
            made.append(template.format(**product))
    made += glosses().get(product.get("category", ""), [])
    return [text for text in made if text]


def is_held_out(category: str, colour: str) -> bool:
    """Whether this combination is kept from training; decided by the words, so always alike."""
    return bool(colour) and zlib.crc32(f"{colour} {category}".encode()) % HELD_OUT == 0


@dataclass(frozen=True)
class Settings:
    """What decides how a run goes."""

    epochs: int = 80
    batch: int = 512


@dataclass(frozen=True)
class Lesson:
    """What is learnt from: of each picture what is known, and which captions are right.

    `features` (n, 1280) and `seen` (n, 114), its colours, are standardised by `mean` and
    `deviation` (1394,). `own` (n, most) are places in `captions` (m, 384), of which the
    first `counts` (n,) of a row are right and the others repeat the first; `names` (1000, 384) are
    the classes. Texts are of unit length, less the mean text.
    """

    features: torch.Tensor
    seen: torch.Tensor
    mean: torch.Tensor
    deviation: torch.Tensor
    own: torch.Tensor
    counts: torch.Tensor
    captions: torch.Tensor
    names: torch.Tensor


class LiT(lightning.LightningModule):
    """The map, learning: a batch is rows of a lesson, of which `learnt` are trained on."""

    def __init__(self, lesson: Lesson, learnt: torch.Tensor, steps: int) -> None:
        super().__init__()
        self.network = method.network()
        self.lesson, self.learnt, self.steps = lesson, learnt, steps
        self.head = lite0.head().requires_grad_(False)
        weights = self.head.weight
        self.directions = functional.normalize(weights - weights.mean(0), dim=1)

    def on_train_epoch_start(self) -> None:
        # each epoch draws its own, so that a run that was interrupted ends as one that was not
        torch.manual_seed(SEED + self.current_epoch)

    def forward(self, features: torch.Tensor, seen: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """What is said of pictures (n, 384), of unit length, and how that differs from the CNN."""
        lesson = self.lesson
        inputs = (torch.hstack([features, seen]) - lesson.mean) / lesson.deviation
        inputs = torch.hstack(
            [
                functional.dropout(inputs[:, : lite0.DIM], FORGET, self.training),
                functional.dropout(inputs[:, lite0.DIM :], FORGET_COLOURS, self.training),
            ]
        )
        soft = self.head(features).softmax(1)
        top = soft.topk(conse.TOP)
        known = torch.zeros_like(soft).scatter(1, top.indices, top.values) @ lesson.names
        known = known / top.values.sum(1, keepdim=True)
        said = functional.normalize(method.together(self.network(inputs), known), dim=1)
        guess = (SOFT_SCALE * said @ lesson.names.T).log_softmax(1)
        return said, functional.kl_div(guess, soft, reduction="batchmean")

    def loss(self, rows: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
        """The loss of a batch of pictures, each beside one of its captions."""
        lesson = self.lesson
        said, differs = self(lesson.features[rows], lesson.seen[rows])
        logits = SCALE * said @ lesson.captions[chosen].T
        right = (lesson.own[rows].unsqueeze(1) == chosen.unsqueeze(1)).any(2).float()
        return (contrast(logits, right) + contrast(logits.T, right.T)) / 2 + SOFT * differs

    def imagined(self) -> torch.Tensor:
        """The loss of features that no picture has."""
        lesson = self.lesson
        rows = self.learnt[torch.randint(len(self.learnt), (IMAGINED,))]
        kept = lesson.features[rows] * torch.rand(IMAGINED, 1)
        far = torch.empty(IMAGINED, 1).uniform_(*PUSH)
        to = self.directions[torch.randint(len(self.directions), (IMAGINED,))]
        return SOFT * self((kept + far * to).clamp_min(0), lesson.seen[rows])[1]

    def training_step(self, rows: torch.Tensor, _: int) -> torch.Tensor:
        place = (torch.rand(len(rows)) * self.lesson.counts[rows]).long()
        return self.loss(rows, self.lesson.own[rows, place]) + self.imagined()

    def validation_step(self, rows: torch.Tensor, _: int) -> None:
        self.log("val_loss", self.loss(rows, self.lesson.own[rows, 0]), batch_size=len(rows))

    def configure_optimizers(self) -> object:
        optimizer = torch.optim.AdamW(self.network.parameters(), lr=RATE, weight_decay=DECAY)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(1, self.steps))
        return [optimizer], [{"scheduler": schedule, "interval": "step"}]


def train(
    pictures: Pictures, out: Path, work: Path, settings: Settings, licence: str, step: Steps
) -> None:
    """Learn the map, or go on with an interrupted run.

    Writes the file `out`, and beside it the curve as CSV. Raises SimilarityError if words are
    lacking, and KeyboardInterrupt when it was interrupted.
    """
    texts = [captions(product) for product in pictures.products.astype(str).to_dict("records")]
    usable = [row for row, some in enumerate(texts) if some]
    tested = aside(pictures.products.iloc[usable])
    count = int((~tested).sum())
    if count < settings.batch:
        raise SimilarityError(
            f"{count} pictures with words to train on are fewer than a batch of {settings.batch}: "
            "give more pictures, a metadata.csv with captions, or a smaller --batch."
        )
    if len({tuple(texts[row]) for row in usable}) == 1:
        raise SimilarityError(
            f"All pictures have the same words, '{texts[usable[0]][0]}': there is nothing to tell "
            "apart. Give a metadata.csv with captions or attributes, or a folder a category."
        )
    features, seen = embed([pictures.originals[row] for row in usable], work, step)
    curve = out.with_suffix(".csv")
    known = [texts[row] for row in usable]
    tensors = learn(features, seen, known, tested, settings, curve, work, step)
    size = sum(tensors[name].size for name in tensors if name.startswith(method.LEARNT))
    facts = {
        "summary": "Looks for what the words of a caption would tell, colours included.",
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


def learn(
    features: Vectors,
    seen: Vectors,
    texts: list[list[str]],
    tested: npt.NDArray[np.bool_],
    settings: Settings,
    place: Path,
    work: Path,
    step: Steps,
) -> dict[str, Vectors]:
    """The tensors of a trained file, from features (n, 1280), colours (n, 114) and captions.

    What is `tested` is not learnt from; the curve is written to `place`. Raises KeyboardInterrupt
    when it was interrupted; the same call goes on.
    """
    lesson, text_mean = prepare(features, seen, texts, ~tested, step)
    lightning.seed_everything(SEED)
    learnt, held = (torch.from_numpy(np.flatnonzero(some)) for some in (~tested, tested))
    module = LiT(lesson, learnt, settings.epochs * (len(learnt) // settings.batch))

    def probe(module: LiT) -> str:
        """The share of held out pictures whose nearest of all captions is right for them."""
        found = []
        with torch.inference_mode():
            for rows in held.split(256):
                said, _ = module(lesson.features[rows], lesson.seen[rows])
                nearest = (said @ lesson.captions.T).argmax(1, keepdim=True)
                found.append((lesson.own[rows] == nearest).any(1))
        return f"{torch.cat(found).float().mean().item():.4f}"

    curve = Curve(place, "caption_p1", probe, step)
    run = trainer(curve, work, settings.epochs, PROBE_EVERY, accelerator="cpu")
    taught: Any = learnt.tolist()  # lists are datasets, though their types don't say so
    others: Any = held.tolist()
    batches = DataLoader(taught, settings.batch, shuffle=True, drop_last=True)
    fit(run, module, batches, DataLoader(others, settings.batch), work)
    weights = module.network.state_dict()
    return {f"{method.LEARNT}{name}": values.numpy() for name, values in weights.items()} | {
        "mean": lesson.mean.numpy(),
        "deviation": lesson.deviation.numpy(),
        "text_mean": text_mean,
    }


def aside(products: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Which products are kept from training: bool (n,), decided by words and ids, so always alike.

    One combination of category and colour in so many, and some of the other products.
    """
    if products.empty:
        return np.zeros(0, bool)
    colour = products["colour"] if "colour" in products else pd.Series("", products.index)
    pairs = zip(products["category"], colour, strict=True)
    return np.array([is_held_out(*pair) for pair in pairs]) | held_out(products.index)


def embed(
    originals: Sequence[Callable[[], Image.Image]], work: Path, step: Steps
) -> tuple[Vectors, Vectors]:
    """Features (n, 1280) and colours (n, 114) of pictures, a batch at a time kept in `work`.

    What an interrupted run has kept there is not computed again.
    """
    parts = []
    for start in range(0, len(originals), AT_ONCE):
        batch = originals[start : start + AT_ONCE]
        kept = work / f"{start}.npy"
        if not kept.exists():
            pictures = [read() for read in batch]
            seen = np.stack([colours(picture) for picture in pictures])
            unfinished = work / "unfinished.npy"
            np.save(unfinished, np.hstack([inference.features(lite0.BACKBONE, pictures), seen]))
            unfinished.replace(kept)
        parts.append(np.load(kept, allow_pickle=False))
        step("Embedding", start + len(batch), len(originals))
    together = np.concatenate(parts)
    return together[:, : lite0.DIM], together[:, lite0.DIM :]


def standard(features: Vectors, seen: Vectors) -> tuple[Vectors, Vectors]:
    """Means and deviations (1394,) by which inputs are standardised, the colours stressed."""
    deviation = np.hstack([features.std(0) + 1e-6, (seen.std(0) + LEAST) / STRESS])
    return np.hstack([features.mean(0), seen.mean(0)]), deviation


def prepare(
    features: Vectors,
    seen: Vectors,
    texts: list[list[str]],
    learnt: npt.NDArray[np.bool_],
    step: Steps,
) -> tuple[Lesson, Vectors]:
    """The lesson, and the mean text (384,), halfway between those of captions and class names.

    `texts` are the right captions of each picture; those of pictures that are not `learnt` have
    no part in the mean.
    """
    words = sorted({text for some in texts for text in some})
    place = {text: row for row, text in enumerate(words)}
    own = [[place[text] for text in some] for some in texts]
    vectors = []
    for start in range(0, len(words), AT_ONCE):
        step("Reading captions", start, len(words))
        vectors.append(minilm.embed_texts(words[start : start + AT_ONCE]))
    step("Reading captions", len(words), len(words))
    read = np.concatenate(vectors)
    used = sorted({row for some, taught in zip(own, learnt, strict=True) if taught for row in some})
    text_mean = (read[used].mean(0) + conse.class_vectors().mean(0)) / 2
    names = method.centred(conse.class_vectors(), text_mean)
    most = max(map(len, own))
    mean, deviation = standard(features[learnt], seen[learnt])
    lesson = Lesson(
        features=torch.from_numpy(features),
        seen=torch.from_numpy(seen),
        mean=torch.from_numpy(mean),
        deviation=torch.from_numpy(deviation),
        own=torch.tensor([some + some[:1] * (most - len(some)) for some in own]),
        counts=torch.tensor([len(some) for some in own]),
        captions=torch.from_numpy(method.centred(read, text_mean)),
        names=torch.from_numpy(names),
    )
    return lesson, text_mean


def contrast(logits: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Cross entropy of each row's softmax with an even spread over what is right in it."""
    return -((right / right.sum(1, keepdim=True)) * logits.log_softmax(1)).sum(1).mean()
