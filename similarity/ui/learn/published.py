"""What others have published about the methods: tests of search by picture, with their sources."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Study:
    """A published test: what it measured, and its figures, as percentages.

    They are by the method that comes nearest, each with the study's own name of the model, which
    may be larger.
    """

    title: str
    url: str
    measured: str
    figures: Mapping[str, tuple[str, float]]


STUDIES = (
    Study(
        "LookBench (Gao et al. 2026)",
        "https://arxiv.org/abs/2601.14706",
        "fashion search by picture, share of queries whose first result has the same category and "
        "all the same attributes, over all four parts",
        {
            "fashion_siglip": ("Marqo-FashionSigLIP", 49.4),
            "siglip2": ("SigLIP2-B/16 at 384 px", 46.1),
            "dinov3": ("DINOv3-ViT-L", 31.8),
            "dinov2": ("DINOv2-ViT-L", 29.6),
            "clip": ("CLIP-B/16", 24.4),
        },
    ),
    Study(
        "Visual Product Search Benchmark (Sulthanpete Govindappa 2026)",
        "https://arxiv.org/abs/2603.17186",
        "search for the same product, share of queries with the right first result, on Stanford "
        "Online Products",
        {"pe_core": ("PE-Core L", 80.0)},
    ),
)


def list_studies(methods: set[str]) -> list[Study]:
    """Return the studies with a figure of one of these methods."""
    return [study for study in STUDIES if methods & study.figures.keys()]
