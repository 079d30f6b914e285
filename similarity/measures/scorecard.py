"""What each method is good at: all that was measured in one table, and the conclusions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from similarity.measures.metrics.retrieval import CUTOFF, DEFAULT_METRIC
from similarity.measures.metrics.schema import Gallery, Metrics, Table
from similarity.measures.metrics.verdict import format_value, join_names
from similarity.measures.robustness.schema import Robustness, make_scene_table
from similarity.perturbations import CUSTOMER_PHOTO, SCENES, describe_amounts

TEXT_METRIC = f"hit@{CUTOFF}"
TOP = f"in the top {CUTOFF}"


@dataclass(frozen=True)
class Aspect:
    """Something that methods are compared by, with the metric of its table.

    `label` names it in a sentence: "leads for …". `unit` is what its figures count. `uses_labels`
    is whether methods that were trained with product labels have an unfair advantage.
    """

    title: str
    label: str
    unit: str
    description: str
    table: Table
    metric: str
    uses_labels: bool

    def format_mean(self, key: str) -> str:
        """Return a method's figure without its interval."""
        return format_value(self.metric, self.table.figures[key][self.metric].mean)

    def list_fair(self, labels: Mapping[str, str]) -> list[str]:
        """Return the methods that are compared fairly; `labels` are by the methods that saw any."""
        return [key for key in self.table.figures if not (self.uses_labels and labels.get(key))]

    def list_leaders(self, labels: Mapping[str, str]) -> list[str]:
        """Return the best of the methods that are compared fairly, and those not shown to be worse.

        Nothing is returned for fewer than two such methods.
        """
        fair = self.list_fair(labels)
        return self.table.list_leaders(self.metric, fair) if len(fair) > 1 else []


def list_aspects(
    metrics: Metrics, robustness: Robustness | None, metric: str, gallery: Gallery
) -> list[Aspect]:
    """Return what was measured: each attribute by `metric`, text search, and customers' photos."""
    aspects = [
        Aspect(
            attribute.name.capitalize(),
            attribute.name,
            TOP if metric == DEFAULT_METRIC else metric,
            f"{metric}: the results with the query's {attribute.name}; see What is this?",
            attribute.tables[gallery],
            metric,
            uses_labels=True,
        )
        for attribute in metrics.attributes
        if gallery in attribute.tables
    ]
    if metrics.texts:
        query = "caption" if metrics.words == "captions" else "category"
        aspects.append(
            Aspect(
                "Text search",
                "text search",
                TOP,
                f"Share of {query} searches with a product of that {query} in the top {CUTOFF}",
                metrics.texts,
                TEXT_METRIC,
                uses_labels=True,
            )
        )
    if robustness:
        aspects += [
            replace(aspect, title="Customer photo", label="customer photos")
            for aspect in list_scene_aspects(robustness)
            if aspect.metric == CUSTOMER_PHOTO
        ]
    return aspects


def list_scene_aspects(robustness: Robustness) -> list[Aspect]:
    """Return the measured scenes."""
    return [
        Aspect(
            name,
            f"{name[0].lower()}{name[1:]}",
            TOP,
            f"Share of products that are in the top {CUTOFF} for their own picture, distorted as "
            f"in this scene: {describe_amounts(scene)}. The distortion is simulated.",
            table,
            name,
            uses_labels=False,
        )
        for name, scene in SCENES.items()
        if (table := make_scene_table(robustness, name))
    ]


def describe_leaders(
    aspects: Sequence[Aspect], titles: Mapping[str, str], labels: Mapping[str, str]
) -> list[str]:
    """Return what leads for what, what is too close to call, and what can't be compared fairly.

    `titles` are by method; `labels` name the product labels that a method was trained with. Leading
    means to be significantly better than every other method that is compared fairly.
    """
    led: dict[str, list[str]] = {}
    close, unfair = [], []
    for aspect in aspects:
        leaders, figures = aspect.list_leaders(labels), aspect.table.figures
        if len(leaders) == 1:
            led.setdefault(titles[leaders[0]], []).append(
                f"{aspect.label} ({aspect.format_mean(leaders[0])})"
            )
        elif leaders:
            names = (
                f"all {len(leaders)} methods"
                if len(leaders) == len(figures) > 2
                else join_names([titles[key] for key in leaders])
            )
            close.append(f"{aspect.label} ({names})")
        elif len(figures) > 1:
            marks = {key: "*" if labels.get(key) else "" for key in figures}
            values = [f"{titles[key]}{marks[key]} {aspect.format_mean(key)}" for key in figures]
            unfair.append(f"{aspect.label} ({', '.join(values)})")
    leads = [f"{title} leads for {join_names(names)}" for title, names in led.items()]
    parts = {"": leads, "Too close to call: ": close, "No fair comparison: ": unfair}
    return [f"{start}{'; '.join(texts)}." for start, texts in parts.items() if texts]
