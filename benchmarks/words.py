"""Measure text-to-image search: do the methods find what a text describes?

    python -m precompute --catalogue CLOTHING/validation --name clothing-validation
    python -m benchmarks.words kinds clothing-validation
    python -m benchmarks.words colours
    python -m benchmarks.words things demo CLOTHING/train

`kinds`: P@10 over the queries of benchmarks/queries.csv, whose category is relevant, with separate
figures for queries that share no word with any caption `lit` was trained on. `colours`: for every
combination of kind and colour in a demo drawn from another seed, the share of the top five (or of
as many as exist) with both, with separate figures for combinations that training never contained.
`things`: P@10, by category, of captions of a newly drawn demo, for categories left out of training:
`lit` is trained four times on the named catalogues, each time without a quarter of the demo's
categories (those whose names share no word with another's captions). Intervals are 95 % percentile
bootstraps over the queries, for `things` over the categories.
"""

import argparse
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.quality import format_mean
from drawing import write_folder
from precompute.__main__ import main as precompute
from precompute.progress import Steps
from precompute.train import lit
from precompute.train.captions import choose_held_out, is_held_out, make_captions
from precompute.train.pictures import gather_pictures
from similarity import METHODS, Catalogue, inference, open_catalogue
from similarity.indexes import normalise
from similarity.methods import Embedder, conse, lite0
from similarity.methods import colours as descriptor
from similarity.methods import lit as method

QUERIES = Path(__file__).with_name("queries.csv")
SEED = 1  # the demo's own seed is 0
FOLDS = 4


def split_words(text: str) -> set[str]:
    """Return the words of a text, in lower case."""
    return set(re.findall(r"[a-z]+", text.lower()))


def list_trained_words(categories: set[str]) -> set[str]:
    """Return every word of every caption that the shipped `lit` was trained on."""
    products = open_catalogue("demo").products.astype(str).to_dict("records")
    photographs = [{"category": category} for category in categories]
    texts = [text for product in [*products, *photographs] for text in make_captions(product)]
    return set().union(*map(split_words, texts))


def query_kinds(catalogue: Catalogue) -> tuple[dict[str, str], dict[str, Callable[[str], float]]]:
    """Return whether training contained each query's words, and how to compute a method's P@10."""
    table = pd.read_csv(QUERIES)
    right = {t: set(c.split(";")) for t, c in zip(table["text"], table["categories"], strict=True)}
    known_words = list_trained_words(set().union(*right.values()))
    groups = {text: "seen" if split_words(text) & known_words else "unseen" for text in right}
    category = catalogue.products["category"].to_dict()

    def precision(method: str) -> Callable[[str], float]:
        def compute(text: str) -> float:
            hits = catalogue.search(method, text=text, k=10, exact=True)
            return float(np.mean([category[hit.product] in right[text] for hit in hits]))

        return compute

    return groups, {key: precision(key) for key in list_text_methods(catalogue)}


def query_colours(catalogue: Catalogue) -> tuple[dict[str, str], dict[str, Callable[[str], float]]]:
    """Return the same for texts with a kind and a colour; both must match among the top five."""
    products = catalogue.products
    pairs = set(zip(products["colour"], products["category"], strict=True))
    groups = {
        f"{colour} {kind}": "unseen" if is_held_out(kind, colour) else "seen"
        for colour, kind in sorted(pairs)
    }
    truth = (products["colour"] + " " + products["category"]).to_dict()
    counts = pd.Series(truth).value_counts()

    def precision(method: str) -> Callable[[str], float]:
        def compute(text: str) -> float:
            hits = catalogue.search(method, text=text, k=5, exact=True)
            return sum(truth[hit.product] == text for hit in hits) / min(5, counts[text])

        return compute

    return groups, {key: precision(key) for key in list_text_methods(catalogue)}


def measure_unnamed(catalogues: list[str]) -> None:
    """Print the P@10 of captions of categories that no training caption named."""
    with tempfile.TemporaryDirectory() as folder, Steps(Console(stderr=True)) as step:
        work = Path(folder)
        training = gather_pictures(catalogues, work, lambda d, t: step("Finding pictures", d, t))
        records = training.products.astype(str).to_dict("records")
        texts = pd.Series([make_captions(record) for record in records])
        category = training.products["category"].to_numpy(str)
        features, colours = lit.embed_pictures(training.originals, work, step)
        write_folder(work / "drawn", seed=SEED)
        drawn = gather_pictures(
            [str(work / "drawn")], work / "made", lambda d, t: step("Drawing", d, t)
        )
        pictures = [read() for read in drawn.originals]
        drawn_colours = np.stack([descriptor.compute_colours(picture) for picture in pictures])
        drawn_features = inference.compute_features(lite0.BACKBONE, pictures)
        kinds = drawn.products["category"].to_numpy(str)

        def compute_precisions(embedder: Embedder, kinds_queried: list[str]) -> list[float]:
            assert embedder.embed_texts is not None
            gallery = normalise(embedder.embed_pictures(drawn_colours, drawn_features))
            recalls = []
            for kind in kinds_queried:
                queries = normalise(
                    embedder.embed_texts(list(drawn.products["caption"][kinds == kind]))
                )
                top = np.argsort(-(queries @ gallery.T), axis=1, kind="stable")[:, :10]
                recalls.append(float((kinds[top] == kind).mean()))
            return recalls

        unnamed = [
            kind
            for kind in sorted(set(kinds))
            if not split_words(kind) & split_words(" ".join(texts[category != kind].explode()))
        ]
        conse_recalls = compute_precisions(conse.load(), unnamed)
        lit_recalls: dict[str, float] = {}
        for fold in range(FOLDS):
            left_out = unnamed[fold::FOLDS]
            is_trained = ~np.isin(category, left_out)
            tensors = lit.train_network(
                features[is_trained],
                colours[is_trained],
                list(texts[is_trained]),
                choose_held_out(training.products[is_trained]),
                lit.Settings(),
                work / f"{fold}.csv",
                work / str(fold),
                step,
            )
            lit_recalls |= dict(
                zip(left_out, compute_precisions(method.load(tensors, {}), left_out), strict=True)
            )
    table = Table("category", "ConSE", "LiT, not trained on it", title="P@10 of captions")
    recalls_by_method = np.array(conse_recalls), np.array([lit_recalls[kind] for kind in unnamed])
    for row in zip(unnamed, *recalls_by_method, strict=True):
        table.add_row(row[0], f"{row[1]:.2f}", f"{row[2]:.2f}")
    table.add_section()
    table.add_row(f"all {len(unnamed)}", *map(format_mean, recalls_by_method))
    console = Console(width=120)
    console.print(table)
    console.print(f"LiT less ConSE: {format_mean(recalls_by_method[1] - recalls_by_method[0])}")


def list_text_methods(catalogue: Catalogue) -> list[str]:
    """Return the built methods of the product that search by text."""
    return [key for key in catalogue.methods if key in METHODS and METHODS[key].answers_text]


def print_report(
    title: str, groups: dict[str, str], methods: dict[str, Callable[[str], float]]
) -> None:
    """Print a table with a row for each group of queries."""
    table = Table("queries", "n", *(METHODS[key].title for key in methods), title=title)
    values = {key: {text: compute(text) for text in groups} for key, compute in methods.items()}
    for name in ("seen", "unseen", "all"):
        texts = [text for text, group in groups.items() if name in (group, "all")]
        row = [format_mean(np.array([values[key][text] for text in texts])) for key in methods]
        table.add_row(name, str(len(texts)), *row)
    Console(width=120).print(table)


def main() -> None:
    """Measure what the options name, and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("kinds", "colours", "things"))
    parser.add_argument("catalogue", nargs="*", default=["clothing-validation"])
    options = parser.parse_args()
    if options.what == "kinds":
        catalogue = open_catalogue(options.catalogue[0])
        print_report(
            f"P@10 in '{catalogue.name}', {len(catalogue.products)} pictures",
            *query_kinds(catalogue),
        )
        return
    if options.what == "things":
        measure_unnamed(options.catalogue)
        return
    with tempfile.TemporaryDirectory() as folder:
        write_folder(Path(folder, "drawn"), seed=SEED)
        arguments = ["--catalogue", f"{folder}/drawn", "--to", f"{folder}/built"]
        arguments += ["--methods", ",".join(list_text_methods(open_catalogue("demo")))]
        if precompute(arguments):
            raise SystemExit("The new demo could not be built.")
        catalogue = open_catalogue(Path(folder, "built", "drawn"))
        print_report("Kind and colour both right in the first five", *query_colours(catalogue))


if __name__ == "__main__":
    main()
