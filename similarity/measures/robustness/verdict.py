"""What the curves of robustness say, in words: composed from them, and never stronger."""

from collections.abc import Mapping

import numpy as np

from similarity.measures.metrics.verdict import listed, with_limits
from similarity.measures.robustness.schema import Curve, Robustness, lost_at
from similarity.perturbations import PERTURBATIONS, Perturbation


def losses(perturbation: Perturbation, curves: Mapping[str, Curve]) -> str:
    """At which amounts which methods lose most products; `curves` are by the methods' titles."""
    lost: dict[tuple[int, ...], list[str]] = {}
    for title, curve in curves.items():
        lost.setdefault(tuple(lost_at(perturbation, curve)), []).append(title)
    kept = lost.pop((), [])
    if not lost:
        return "No method loses most products at any amount that was measured."
    said: list[str] = []
    for amounts in sorted(lost, key=lambda some: min(map(abs, some))):
        titles = lost[amounts]
        verb = "loses" if len(titles) == 1 else "lose"
        lose = "" if said else f" {verb} most products"
        how = listed([perturbation.said(amount) for amount in amounts])
        said.append(f"{listed(titles)}{lose} {perturbation.done} {how}")
    if kept:
        said.append(f"{listed(kept)} at no amount that was measured")
    return "; ".join(said) + "."


def blind_to(curves: Mapping[str, Curve]) -> list[str]:
    """Under which perturbations, and from which amounts on, one method loses most products."""
    said = []
    for key, curve in curves.items():
        perturbation = PERTURBATIONS[key]
        if lost := lost_at(perturbation, curve):
            how = listed([perturbation.said(amount) for amount in lost])
            said.append(f"{perturbation.done} {how}")
    return said


def widest(found: Robustness) -> Perturbation | None:
    """The perturbation under which the methods' areas are furthest apart, if two were measured."""
    apart = {}
    for key in PERTURBATIONS:
        areas = [m.curves[key].area.mean for m in found.methods.values() if key in m.curves]
        if len(areas) > 1:
            apart[key] = float(np.ptp(areas))
    return PERTURBATIONS[max(apart, key=apart.__getitem__)] if apart else None


def headline(found: Robustness, titles: Mapping[str, str]) -> str:
    """Where methods are furthest apart, and which of them lose products there."""
    perturbation = widest(found)
    if perturbation is None:
        return ""
    curves = {
        titles[key]: measured.curves[perturbation.key]
        for key, measured in found.methods.items()
        if perturbation.key in measured.curves
    }
    order = sorted(curves, key=lambda title: -curves[title].area.mean)
    most, least = order[0], order[-1]
    return (
        f"{perturbation.title} sets methods furthest apart: of the area under the curve "
        f"{most} keeps {with_limits(curves[most].area)}, {least} "
        f"{with_limits(curves[least].area)}, n {curves[most].n:,}. {losses(perturbation, curves)}"
    )
