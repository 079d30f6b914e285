"""LiT (Zhai et al. 2022, arXiv:2111.07991) on cached features: both towers locked, one map learnt.

A picture's features and colours are mapped into MiniLM's space, so that it lies near its captions
(InfoNCE with several right captions, as in Khosla et al. 2020) and near the ImageNet class names
as the CNN weighs them (soft labels), which keeps words alive that no caption uses.
"""

import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from string import Formatter

import numpy as np
import pandas as pd
import torch
from torch.nn import functional

from precompute.progress import Steps
from precompute.train.pictures import Pictures, Thumbnail
from similarity import SimilarityError
from similarity.methods import conse, lite0
from similarity.methods import lit as method
from similarity.methods.base import Vectors
from similarity.methods.trained import write_trained
from similarity.pictures import read_picture

SEED = 0
BATCH = 32  # pictures through the CNN at once
RATE = 2e-3
DECAY = 0.05
SOFT = 0.5  # weight of the soft labels
SCALE = 10.0  # of the cosines of pictures and captions, before the softmax
HELD_OUT = 6  # one combination of category and colour in so many is never trained on
TEMPLATES = (
    "{category}",
    "a photo of a {category}",
    "{colour} {category}",
    "a {colour} {category}",
    "{colour} {pattern} {category}",
    "{pattern} {category}",
    "something {colour}",
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


def train(
    pictures: Pictures,
    out: Path,
    work: Path,
    epochs: int,
    batch: int,
    licence: str,
    step: Steps,
) -> None:
    """Learn the map and write the file `out`. Raises SimilarityError if words are lacking."""
    texts = [captions(product) for product in pictures.products.astype(str).to_dict("records")]
    colour = pictures.products.get("colour", pd.Series("", pictures.products.index))
    kept = [is_held_out(*pair) for pair in zip(pictures.products["category"], colour, strict=True)]
    usable = [i for i, some in enumerate(texts) if some and not kept[i]]
    if len(usable) < batch:
        raise SimilarityError(
            f"{len(usable)} pictures with words to train on are fewer than a batch of {batch}: "
            "give more pictures, a metadata.csv with captions, or a smaller --batch."
        )
    features, colours = embed([pictures.thumbnails[i] for i in usable], work, step)
    x, soft = method.inputs(features, colours), lite0.probabilities(features)
    mean, text_mean, matrix = learn(x, soft, [texts[i] for i in usable], epochs, batch, step)
    facts = {
        "title": out.stem.replace("_", " ").replace("lit", "LiT"),
        "summary": "Looks for what the words of a caption would tell, colours included.",
        "weights": (
            f"CLIP-style, not CLIP: {lite0.WEIGHTS}, and all-MiniLM-L6-v2, both locked; a linear "
            f"map between them ({matrix.size / 1e6:.1f} M parameters) trained on {len(usable):,} "
            f"pictures and their captions ({', '.join(pictures.names)}), {epochs} epochs."
        ),
        "labels": "captions with the kind and the colour of products",
        "licence": licence,
        "dim": method.DIM,
    }
    write_trained(out, "lit", facts, {"mean": mean, "matrix": matrix, "text_mean": text_mean})


def embed(thumbnails: Sequence[Thumbnail], work: Path, step: Steps) -> tuple[Vectors, Vectors]:
    """Features (n, 1280) and colours (n, 432) of pictures, a batch at a time kept in `work`.

    What an interrupted run has kept there is not computed again.
    """
    parts = []
    for start in range(0, len(thumbnails), BATCH):
        batch = thumbnails[start : start + BATCH]
        kept = work / f"{start}.npy"
        if not kept.exists():
            pictures = [read_picture(read()) for read in batch]
            colours = np.stack([method.colours(picture) for picture in pictures])
            unfinished = work / "unfinished.npy"
            np.save(unfinished, np.hstack([lite0.features(pictures), colours]))
            unfinished.replace(kept)
        parts.append(np.load(kept, allow_pickle=False))
        step("Embedding", start + len(batch), len(thumbnails))
    together = np.concatenate(parts)
    return together[:, : lite0.DIM], together[:, lite0.DIM :]


def learn(
    x: Vectors, soft: Vectors, texts: list[list[str]], epochs: int, batch: int, step: Steps
) -> tuple[Vectors, Vectors, Vectors]:
    """Mean of the inputs (d,), mean of the texts (384,), and the map (d, 384).

    `x` are the inputs (n, d), `soft` the CNN's class probabilities (n, 1000), `texts` the right
    captions of each picture.
    """
    torch.manual_seed(SEED)
    words = sorted({text for some in texts for text in some})
    place = {text: i for i, text in enumerate(words)}
    own = [torch.tensor([place[text] for text in some]) for some in texts]
    fits = torch.zeros(len(texts), len(words))  # whether a caption is right for a picture
    for row, some in enumerate(own):
        fits[row, some] = 1

    step("Reading captions", 0, len(words))
    vectors = torch.from_numpy(conse.embed_texts(words))
    names = torch.from_numpy(conse.embed_texts(conse.class_names()))
    step("Reading captions", len(words), len(words))
    chances = torch.from_numpy(soft)
    text_mean = (vectors.mean(0) + names.mean(0)) / 2
    vectors = functional.normalize(vectors - text_mean, dim=1)
    names = functional.normalize(names - text_mean, dim=1)

    mean = torch.from_numpy(x.mean(0))
    values = torch.from_numpy(x) - mean
    matrix = torch.nn.Linear(x.shape[1], method.DIM, bias=False)
    optimizer = torch.optim.AdamW(matrix.parameters(), lr=RATE, weight_decay=DECAY)
    steps = epochs * (len(x) // batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(1, steps))
    for epoch in range(epochs):
        for rows in torch.randperm(len(x))[: len(x) // batch * batch].split(batch):
            chosen = torch.stack([own[row][torch.randint(len(own[row]), ())] for row in rows])
            seen = functional.normalize(matrix(values[rows]), dim=1)
            logits = SCALE * seen @ vectors[chosen].T
            right = fits[rows][:, chosen]
            loss = (contrast(logits, right) + contrast(logits.T, right.T)) / 2
            guess = (SCALE * seen @ names.T).log_softmax(1)
            soft_loss = functional.kl_div(guess, chances[rows], reduction="batchmean")
            loss = loss + SOFT * soft_loss
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        step("Training", epoch + 1, epochs, f"loss {loss.item():.2f}")
    return (
        mean.numpy(),
        text_mean.numpy(),
        np.ascontiguousarray(matrix.weight.detach().numpy().T),
    )


def contrast(logits: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Cross entropy of each row's softmax with an even spread over what is right in it."""
    return -((right / right.sum(1, keepdim=True)) * logits.log_softmax(1)).sum(1).mean()
