"""The questions that lead to an embedding to start with.

The article has the idea of such a flowchart; the questions are ours.
"""

from collections.abc import Iterator, Mapping
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
                "A picture that was merely saved again agrees with itself pixel by pixel, and "
                "nothing has to be learnt for that.",
                "Try copies that were cropped or recoloured: if they matter, compare with SimCLR.",
            ),
        ),
        "many": (
            "More",
            Ending(
                "simclr",
                "It was trained to find a picture's own cropped and recoloured views among all "
                "others, and its vector is some seventy times shorter than the pixels'.",
                "Look at the nearest pairs yourself, and set from them how near a copy has to be.",
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
                "nothing of yours: no label, no training.",
                "Compare with larger networks, ResNet-50 and DINOv2, on the products that it gets "
                "wrong.",
            ),
        ),
        "gpu": (
            "A GPU, or a night",
            Ending(
                "resnet50",
                "A larger classifier tells more apart. It costs several times the computing, and "
                "its vector is longer.",
                "Compare with DINOv2 and DINOv3, which learnt from far more pictures and from no "
                "names, and with Perception Encoder.",
            ),
        ),
        "unnamed": (
            "The same; it shall know no names",
            Ending(
                "dinov2",
                "It learnt from 142 million pictures what stays the same in them, without a name "
                "for anything. Its licence is Apache-2.0.",
                "Compare with DINOv3, which learnt from twelve times as many, before you rule its "
                "licence out.",
            ),
        ),
        "licence": (
            "The same, under Meta's own licence",
            Ending(
                "dinov3",
                "It learnt as DINOv2 did, from 1.7 billion pictures. Meta's licence allows "
                "commercial use under conditions, and has to be accepted before anything is given "
                "out.",
                "Compare with DINOv2, whose licence asks nothing of the kind, on the products that "
                "matter to you.",
            ),
        ),
    },
)
_DATA_QUESTION = Question(
    "Are there thousands of pictures to learn from?",
    {
        "many": (
            "Yes, and half an hour",
            Ending(
                "simclr_small",
                "Training on your own pictures, without a label, learns what tells them apart, "
                "where a classifier of everyday things was never asked to look.",
                "Train for longer, and look whether the curve beside the weights still rises.",
                training="simclr",
            ),
        ),
        "few": (
            "No",
            Ending(
                "simclr",
                "It learnt from photographs without their labels, so it is less bound to a "
                "thousand everyday names than a classifier.",
                "Compare with DINOv2, which learnt in the same spirit from a hundred times as "
                "many. And collect pictures, without labels: with some thousands, train SimCLR.",
            ),
        ),
    },
)
_ALIKE = Question(
    "Are some thousands of products labelled?",
    {
        "yes": (
            "Yes: kinds, colours …",
            Ending(
                "lit",
                "Labels say what similar shall mean in your shop, and no method that does not "
                "see them can know that. They are made into captions and learnt in minutes.",
                "Keep labelled products aside to measure with: on those that it was trained with, "
                "its figures flatter it.",
                training="lit",
            ),
        ),
        "no": (
            "No",
            Question(
                "Do the pictures look like everyday photographs?",
                {
                    "yes": ("Yes", _EVERYDAY),
                    "no": ("No: drawings, fabrics, scans …", _DATA_QUESTION),
                },
            ),
        ),
    },
)
_CAPTIONLESS = Question(
    "What may be fetched, and what computes it?",
    {
        "nothing": (
            "Nothing, and a laptop",
            Ending(
                "conse",
                "It puts a classifier's names and a language model's meanings together, so it "
                "answers words without having seen a caption.",
                "It knows a thousand names and no colours: write captions for a few hundred "
                "products and train LiT, or fetch SigLIP 2.",
            ),
        ),
        "clothes": (
            "1 GB, for clothes",
            Ending(
                "fashion_siglip",
                "It learnt from over a million fashion products what shops write about them: kind, "
                "colour, material, style, in English.",
                "Ask for what is no piece of clothing, and compare with SigLIP 2.",
            ),
        ),
        "some": (
            "2 GB, for anything",
            Ending(
                "siglip2",
                "It learnt from ten billion pictures with texts in 109 languages, and knows the "
                "names of most things that are sold.",
                "Ask the same in two languages and compare the answers; with a GPU, compare with "
                "Perception Encoder.",
            ),
        ),
        "gpu": (
            "3 GB, and a GPU",
            Ending(
                "pe_core",
                "It is large, sees more pixels than the others, and comes out near the top where "
                "visual product search was measured by others.",
                "Compare with SigLIP 2, which is ten times as fast and reads more languages.",
            ),
        ),
    },
)
_WORDS = Question(
    "Must the licence of the weights be stated?",
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
                            "It learns your own words for your own products in minutes, on top of "
                            "two small networks whose licences are stated.",
                            "Ask for things that no caption names; there it falls back on what "
                            "ConSE knows.",
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
                "In which language do people ask?",
                {
                    "english": (
                        "English",
                        Ending(
                            "clip",
                            "It has seen 400 million pictures with their captions, and answers "
                            "words that nobody thought of before.",
                            "Ask for small differences, counts and 'without': it is weak there. "
                            "Then compare with what came after it: SigLIP 2, Perception Encoder, "
                            "and for clothes FashionSigLIP, all under Apache-2.0.",
                        ),
                    ),
                    "others": (
                        "Others too",
                        Ending(
                            "clip_multilingual",
                            "The pictures are CLIP's, the words are read by a model of some fifty "
                            "languages that was taught to say what CLIP's would.",
                            "Ask the same in two languages and compare the answers, and both with "
                            "those of SigLIP 2, which learnt pictures and 109 languages together.",
                        ),
                    ),
                },
            ),
        ),
    },
)
ROOT = Question(
    "What shall people find?",
    {
        "copies": ("The same picture again", _COPIES),
        "alike": ("What looks alike, by a picture", _ALIKE),
        "words": ("What they describe in words", _WORDS),
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


def list_endings(node: Node = ROOT, path: str = "") -> Iterator[tuple[str, Ending]]:
    """Yield every ending with its path."""
    if isinstance(node, Ending):
        yield path, node
        return
    for key, (_, next_node) in node.answers.items():
        yield from list_endings(next_node, f"{path}.{key}".strip("."))
