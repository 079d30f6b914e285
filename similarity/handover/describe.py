"""The content of decision.json: what was chosen, by which figures, and what speaks against it."""

import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from similarity.catalogue import Catalogue
from similarity.decisions.decision import Decision
from similarity.decisions.evidence import decide_for, load_evidence
from similarity.decisions.quality import is_fair
from similarity.decisions.question import Question, list_parameters
from similarity.decisions.words import list_missing, recommend
from similarity.display.decision import describe_result
from similarity.indexes import VectorIndex, find_index_folder
from similarity.measures.metrics.verdict import join_names
from similarity.methods import Method

FORMAT = 1
SEARCH_PACKAGES = ("faiss-cpu", "numpy", "pyarrow")
EMBED_PACKAGES = ("openvino", "pillow")


def describe_decision(
    catalogue: Catalogue,
    method: Method,
    index: VectorIndex,
    question: Question,
    obstacles: list[str],
    settings: dict[str, Any],
) -> dict[str, Any]:
    """Return the content of decision.json."""
    evidence = load_evidence(catalogue)
    decision = decide_for(catalogue, question, evidence)
    titles = {key: each.title for key, each in decision.methods.items()}
    published, weights = method.published, method.bound_weights
    files = {
        file.name: {"bytes": file.size, "sha256": file.sha256}
        for file in (published.files if published else ())
    }
    cost = evidence.metrics.costs.get(method.key) if evidence.metrics else None
    return {
        "format": FORMAT,
        "written": date.today().isoformat(),
        "method": {
            "key": method.key,
            "title": method.title,
            "dim": method.dim,
            "revision": method.vectors_revision,
            "answers_text": method.answers_text,
            "weights": method.weights,
            "licence": method.licence,
            "source": method.source,
            "training_labels": method.training_labels,
        },
        "weights": {
            "location": published.location if published else "",
            "revision": published.revision if published else "",
            "sha256": weights.sha256 if weights else "",
            "files": files,
            "not_copied": obstacles,
        },
        "embedding": settings,
        "precision": index.precision,
        "index": {
            "kind": Path(find_index_folder(method, catalogue.generation.sums)).name,
            "exact": index.exact,
            "recall": {kind: asdict(each) for kind, each in index.recall.items()},
            "similarity": "cosine, of unit vectors",
        },
        "catalogue": {
            "name": catalogue.name,
            "title": catalogue.title,
            "source": catalogue.source,
            "products": len(catalogue.products),
            "fingerprint": catalogue.fingerprint,
        },
        "question": list_parameters(question),
        "weights_of_criteria": dict(decision.weights),
        "recommendation": recommend(decision, titles),
        "recommended": decision.choice,
        "dissent": list_dissent(decision, method.key, titles),
        "figures": [
            {
                "criterion": each.title,
                "metric": each.aspect.metric,
                "n": each.aspect.table.n,
                "mean": figure.mean,
                "low": figure.low,
                "high": figure.high,
                "compared_fairly": is_fair(each, method.key, {method.key: method.training_labels}),
            }
            for each in decision.criteria
            if (figure := each.get_figure(method.key))
        ],
        "costs": asdict(cost) if cost else None,
        "machine": evidence.metrics.machine if evidence.metrics else "",
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in (*SEARCH_PACKAGES, *EMBED_PACKAGES)},
    }


def list_dissent(decision: Decision, key: str, titles: Mapping[str, str]) -> list[str]:
    """Return what speaks against a method: others that are better, and what is not known."""
    labels = {k: m.training_labels for k, m in decision.methods.items() if m.training_labels}
    dissent = []
    if decision.choice and decision.choice != key:
        dissent.append(f"{titles[decision.choice]} is what the figures recommend.")
        if key not in decision.unfair:
            dissent.append(f"{titles[key]}: {describe_result(decision, key)}.")
    for each in decision.criteria:
        leaders = each.aspect.list_leaders(labels)
        if leaders and key not in leaders and is_fair(each, key, labels):
            names = join_names([titles[leader] for leader in leaders if leader in titles], "or")
            dissent.append(f"{names} is better for {each.aspect.label}.")
    return [*dissent, *list_missing(decision, titles)]
