"""What others have published about the methods: tests of search by picture, with their sources."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Study:
    """A published test: what it measured, and its figures by method, as percentages.

    `remarks` say where a figure is of a larger or different model than the method here.
    """

    title: str
    url: str
    measured: str
    figures: Mapping[str, float]
    remarks: Mapping[str, str]


STUDIES = (
    Study(
        "LookBench (Gao et al. 2026)",
        "https://arxiv.org/abs/2601.14706",
        "fashion search by picture, share of queries whose first result has the same category and "
        "all the same attributes, over all four parts",
        {
            "fashion_siglip": 49.4,
            "siglip2": 46.1,
            "dinov3": 31.8,
            "dinov2": 29.6,
            "clip": 24.4,
        },
        {
            "siglip2": "at 384 px",
            "dinov3": "the large model",
            "dinov2": "the large model",
            "clip": "ViT-B/16",
        },
    ),
    Study(
        "Visual Product Search Benchmark (Sulthanpete Govindappa 2026)",
        "https://arxiv.org/abs/2603.17186",
        "search for the same product, share of queries with the right first result, on Stanford "
        "Online Products",
        {"pe_core": 80.0},
        {},
    ),
)


def list_studies(methods: set[str]) -> list[Study]:
    """Return the studies with a figure of one of these methods."""
    return [study for study in STUDIES if methods & study.figures.keys()]
