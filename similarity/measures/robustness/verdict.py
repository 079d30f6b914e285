"""What the curves of robustness say, in words that are never stronger than the figures."""

from collections.abc import Mapping, Sequence

import numpy as np

from similarity.measures.metrics.verdict import join_names
from similarity.measures.robustness.schema import Curve, Robustness, find_losses
from similarity.perturbations import PERTURBATIONS, Perturbation


def describe_losses(perturbation: Perturbation, curves: Mapping[str, Curve]) -> str:
    """Return at which amounts methods miss most products; `curves` are by the methods' titles."""
    titles_by_losses: dict[tuple[int, ...], list[str]] = {}
    for title, curve in curves.items():
        titles_by_losses.setdefault(tuple(find_losses(perturbation, curve)), []).append(title)
    robust = titles_by_losses.pop((), [])
    if not titles_by_losses:
        return "No method misses most of the products at any measured amount."
    sentences = []
    for amounts in sorted(titles_by_losses, key=lambda losses: min(map(abs, losses))):
        titles = titles_by_losses[amounts]
        condition = _describe_amounts(perturbation, amounts)
        verb = "misses" if len(titles) == 1 else "miss"
        sentences.append(
            f"{condition[0].upper()}{condition[1:]}, {join_names(titles)} {verb} more than half "
            "of the products."
        )
    if robust:
        verb = "doesn't" if len(robust) == 1 else "don't"
        sentences.append(f"{join_names(robust)} {verb} at any measured amount.")
    return " ".join(sentences)


def list_losses(curves: Mapping[str, Curve]) -> list[str]:
    """Return the perturbations, with amounts, at which one method misses most products."""
    return [
        _describe_amounts(PERTURBATIONS[key], losses)
        for key, curve in curves.items()
        if (losses := find_losses(PERTURBATIONS[key], curve))
    ]


def _describe_amounts(perturbation: Perturbation, amounts: Sequence[int]) -> str:
    """Describe what is done to a picture: 'zoomed by −50 % or +100 %'."""
    names = [perturbation.format_amount(amount) for amount in amounts]
    return f"{perturbation.label} {join_names(names, 'or')}"


def find_widest(robustness: Robustness) -> Perturbation | None:
    """Return the perturbation whose areas differ most, if at least two methods were measured."""
    ranges = {}
    for key in PERTURBATIONS:
        areas = [m.curves[key].area.mean for m in robustness.methods.values() if key in m.curves]
        if len(areas) > 1:
            ranges[key] = float(np.ptp(areas))
    return PERTURBATIONS[max(ranges, key=ranges.__getitem__)] if ranges else None


def describe_robustness(robustness: Robustness, titles: Mapping[str, str]) -> str:
    """Return where methods differ most, and which of them miss products there."""
    perturbation = find_widest(robustness)
    if perturbation is None:
        return ""
    curves = {
        titles[key]: method_curves.curves[perturbation.key]
        for key, method_curves in robustness.methods.items()
        if perturbation.key in method_curves.curves
    }
    order = sorted(curves, key=lambda title: -curves[title].area.mean)
    best, worst = (
        f"{title} finds {100 * curves[title].area.mean:.0f} %" for title in (order[0], order[-1])
    )
    return (
        f"{perturbation.title} separates the methods most: on average over all amounts, {best} of "
        f"the products first, {worst}. {describe_losses(perturbation, curves)}"
    )
