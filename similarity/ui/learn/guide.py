"""The questions that lead to an embedding to start with.

The article has the idea of such a flowchart; the questions are ours.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Ending:
    """A method to start with: the reason, what to try next, and how to train it, if at all."""

    method: str
    reason: str
    next_step: str
    training: Literal["", "simclr", "lit"] = ""


@dataclass(frozen=True)
class Question:
    """A question; each answer, by a short key, has a text and leads to another node."""

    text: str
    answers: Mapping[str, tuple[str, "Node"]]


Node = Question | Ending

_COPIES = Question(
    "How many products are there?",
    {
        "few": (
            "Up to some 20,000",
            Ending(
                "pixels",
                "A picture that was only saved again has almost the same pixels, and comparing "
                "them needs no training.",
                "Try cropped and recoloured copies. If they matter, compare with SimCLR.",
            ),
        ),
        "many": (
            "More",
            Ending(
                "simclr",
                "It was trained to recognise cropped and recoloured versions of a picture, and "
                "its vector is some seventy times shorter than the pixels'.",
                "Look at the nearest pairs yourself to decide how similar a copy has to be.",
            ),
        ),
    },
)
_EVERYDAY = Question(
    "What computes the vectors?",
    {
        "laptop": (
            "A laptop or small server",
            Ending(
                "efficientnet",
                "A small classifier knows everyday things, runs fast without a GPU, and needs "
                "neither labels nor training from you.",
                "Compare it with larger networks, ResNet-50 and DINOv2, on the products it gets "
                "wrong.",
            ),
        ),
        "gpu": (
            "GPU, or a night",
            Ending(
                "resnet50",
                "A larger classifier distinguishes more kinds. It takes several times the "
                "computing, and its vector is longer.",
                "Compare it with DINOv2 and DINOv3, which learnt from far more pictures without "
                "labels, and with Perception Encoder.",
            ),
        ),
        "unnamed": (
            "GPU, no labels",
            Ending(
                "dinov2",
                "It learnt from 142 million pictures without any labels. Its licence is "
                "Apache-2.0.",
                "Compare it with DINOv3, which learnt from twelve times as many, before you rule "
                "out its licence.",
            ),
        ),
        "licence": (
            "GPU, no labels, Meta's licence",
            Ending(
                "dinov3",
                "It learnt like DINOv2, from 1.7 billion pictures. Meta's licence allows "
                "commercial use under conditions and has to be accepted before the download.",
                "Compare it with DINOv2, whose licence has no such conditions, on the products "
                "that matter to you.",
            ),
        ),
    },
)
_DATA_QUESTION = Question(
    "Do you have thousands of pictures to train with?",
    {
        "many": (
            "Yes",
            Ending(
                "simclr_small",
                "Half an hour of training on your own pictures, without labels, learns "
                "differences that a classifier of everyday things ignores.",
                "Train longer if the curve stored with the weights still rises.",
                training="simclr",
            ),
        ),
        "few": (
            "No",
            Ending(
                "simclr",
                "It learnt from photographs without labels, so it depends less on everyday names "
                "than a classifier.",
                "Compare it with DINOv2, which learnt in the same way from a hundred times as "
                "many. With a few thousand pictures of your own, train SimCLR.",
            ),
        ),
    },
)
_ALIKE = Question(
    "Do you have labels for a few thousand products?",
    {
        "yes": (
            "Yes: kinds, colours…",
            Ending(
                "lit",
                "Labels say what similar means in your shop, which no method can know without "
                "them. They are turned into captions and learnt in minutes.",
                "Set some labelled products aside for measuring: on the ones it was trained with, "
                "its figures are too good.",
                training="lit",
            ),
        ),
        "no": (
            "No",
            Question(
                "What do the pictures show?",
                {
                    "clothes": (
                        "Clothes, and 1 GB may be downloaded",
                        Ending(
                            "fashion_siglip",
                            "It learnt from over a million fashion products. In LookBench, a "
                            "published test of fashion search by picture, it is ahead of "
                            "SigLIP 2 and far ahead of DINOv3 and DINOv2.",
                            "Compare it with SigLIP 2 and with a small classifier on your own "
                            "pictures.",
                        ),
                    ),
                    "yes": ("Everyday photographs of anything", _EVERYDAY),
                    "no": ("Drawings, fabrics, scans…", _DATA_QUESTION),
                },
            ),
        ),
    },
)
_CAPTIONLESS = Question(
    "What may be downloaded, and what computes the vectors?",
    {
        "nothing": (
            "Nothing, and a laptop",
            Ending(
                "conse",
                "It combines a classifier's names with a language model, so it can search by "
                "text without having seen a caption.",
                "It knows a thousand names and no colours. Write captions for a few hundred "
                "products and train LiT, or download SigLIP 2.",
            ),
        ),
        "clothes": (
            "1 GB, for clothes",
            Ending(
                "fashion_siglip",
                "It learnt from over a million fashion products and their English descriptions: "
                "kind, colour, material and style.",
                "Search for things other than clothes, and compare it with SigLIP 2.",
            ),
        ),
        "some": (
            "2 GB, for anything",
            Ending(
                "siglip2",
                "It learnt from ten billion pictures with texts in 109 languages, and knows most "
                "things that are sold.",
                "Search in two languages and compare the results. With a GPU, compare it with "
                "Perception Encoder.",
            ),
        ),
        "gpu": (
            "3 GB, and a GPU",
            Ending(
                "pe_core",
                "It is large, uses pictures of higher resolution, and is among the best in "
                "published tests of visual product search.",
                "Compare it with SigLIP 2, which is ten times as fast and supports more languages.",
            ),
        ),
    },
)
_WORDS = Question(
    "Do you need weights with a stated licence?",
    {
        "yes": (
            "Yes",
            Question(
                "Do products have captions or labels?",
                {
                    "yes": (
                        "Yes",
                        Ending(
                            "lit",
                            "It learns your words for your products in minutes, on top of two "
                            "small networks with stated licences.",
                            "Search for things that no caption names. There it knows no more than "
                            "ConSE.",
                            training="lit",
                        ),
                    ),
                    "no": ("No", _CAPTIONLESS),
                },
            ),
        ),
        "no": (
            "No",
            Question(
                "In which language do people search?",
                {
                    "english": (
                        "English",
                        Ending(
                            "clip",
                            "It learnt from 400 million pictures with captions, and finds things "
                            "that nobody labelled.",
                            "It is weak at small differences, numbers and 'without': try these. "
                            "Then compare it with newer models under Apache-2.0: SigLIP 2, "
                            "Perception Encoder and, for clothes, FashionSigLIP.",
                        ),
                    ),
                    "others": (
                        "Several languages",
                        Ending(
                            "clip_multilingual",
                            "Its picture side is CLIP's. Its text side was trained to match CLIP's "
                            "in some fifty languages.",
                            "Search in two languages and compare the results, also with SigLIP 2, "
                            "which learnt pictures and 109 languages together.",
                        ),
                    ),
                },
            ),
        ),
    },
)
ROOT = Question(
    "What should shoppers find?",
    {
        "copies": ("Copies of a picture", _COPIES),
        "alike": ("Similar products, by a picture", _ALIKE),
        "words": ("Products they describe in words", _WORDS),
    },
)


def follow_path(path: str) -> tuple[list[str], Node]:
    """Return the valid answers of a path 'a.b.c', and the node that they lead to."""
    node: Node = ROOT
    answers: list[str] = []
    for answer in path.split("."):
        if not isinstance(node, Question) or answer not in node.answers:
            break
        answers.append(answer)
        node = node.answers[answer][1]
    return answers, node


def make_question(answers: Sequence[str]) -> dict[str, list[str]]:
    """Return the parameters of Decide that ask the same as the answers of a path."""
    goal = next(iter(answers), "")
    if goal == "copies":
        return {"good": ["change-a-scan:1", "change-a-tiny-thumbnail:1"]}
    if goal != "words":
        return {}
    parameters = {"languages": ["several" if "others" in answers else "english"]}
    parameters["good"] = ["text:1"]
    return parameters | ({"licence": ["permissive"]} if "yes" in answers[1:2] else {})


def list_endings(node: Node = ROOT, path: str = "") -> Iterator[tuple[str, Ending]]:
    """Yield every ending with its path."""
    if isinstance(node, Ending):
        yield path, node
        return
    for key, (_, next_node) in node.answers.items():
        yield from list_endings(next_node, f"{path}.{key}".strip("."))
