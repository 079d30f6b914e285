"""Text-to-image: do the methods that read words find what the words say?

    python -m precompute --catalogue CLOTHING/validation --name clothing-validation
    python -m benchmarks.words kinds clothing-validation
    python -m benchmarks.words colours
    python -m benchmarks.words things demo CLOTHING/train

`kinds`: P@10 over the queries of benchmarks/queries.csv, whose categories count as right; apart for
those that share no word with any caption that `lit` was trained on. `colours`: for every
combination of kind and colour on a demo catalogue drawn anew from another seed, the share of the
first five (of as many as there are, if fewer) that are of both; apart for the combinations that
training never saw. `things`: P@10, by category, of the captions of a demo drawn anew, for
categories that are not taught: the recipe of `lit` is trained four times on the catalogues that
are named, each time without a quarter of the demo's categories (of those whose names share no word
with a caption of another). Intervals are 95 % percentile bootstraps over the queries, of `things`
over the categories.
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

from benchmarks.quality import interval
from drawing import write_folder
from precompute.__main__ import main as precompute
from precompute.progress import Steps
from precompute.train import lit
from precompute.train.lit import captions, is_held_out
from precompute.train.pictures import gather
from similarity import METHODS, Catalogue, inference, open_catalogue
from similarity.indexes import unit
from similarity.methods import Embedder, conse, lite0
from similarity.methods import colours as descriptor
from similarity.methods import lit as method

QUERIES = Path(__file__).with_name("queries.csv")
SEED = 1  # the demo's own is 0
FOLDS = 4


def words_of(text: str) -> set[str]:
    """The words of a text, in small letters."""
    return set(re.findall(r"[a-z]+", text.lower()))


def trained_words(categories: set[str]) -> set[str]:
    """Every word of every caption that the shipped `lit` was trained on."""
    products = open_catalogue("demo").products.astype(str).to_dict("records")
    photographs = [{"category": category} for category in categories]
    texts = [text for product in [*products, *photographs] for text in captions(product)]
    return set().union(*map(words_of, texts))


def kinds(catalogue: Catalogue) -> tuple[dict[str, str], dict[str, Callable[[str], float]]]:
    """For each query whether its words were seen in training, and how a method's P@10 is found."""
    table = pd.read_csv(QUERIES)
    right = {t: set(c.split(";")) for t, c in zip(table["text"], table["categories"], strict=True)}
    known = trained_words(set().union(*right.values()))
    groups = {text: "seen" if words_of(text) & known else "unseen" for text in right}
    category = catalogue.products["category"].to_dict()

    def precision(method: str) -> Callable[[str], float]:
        def of(text: str) -> float:
            hits = catalogue.search(method, text=text, k=10, exact=True)
            return float(np.mean([category[hit.product] in right[text] for hit in hits]))

        return of

    return groups, {key: precision(key) for key in readers(catalogue)}


def colours(catalogue: Catalogue) -> tuple[dict[str, str], dict[str, Callable[[str], float]]]:
    """The same for words of a kind and a colour, and the share of the first five that are both."""
    products = catalogue.products
    pairs = set(zip(products["colour"], products["category"], strict=True))
    groups = {
        f"{colour} {kind}": "unseen" if is_held_out(kind, colour) else "seen"
        for colour, kind in sorted(pairs)
    }
    truth = (products["colour"] + " " + products["category"]).to_dict()
    counts = pd.Series(truth).value_counts()

    def precision(method: str) -> Callable[[str], float]:
        def of(text: str) -> float:
            hits = catalogue.search(method, text=text, k=5, exact=True)
            return sum(truth[hit.product] == text for hit in hits) / min(5, counts[text])

        return of

    return groups, {key: precision(key) for key in readers(catalogue)}


def things(catalogues: list[str]) -> None:
    """Print the P@10 of captions of categories that no training caption named."""
    with tempfile.TemporaryDirectory() as folder, Steps(Console(stderr=True)) as step:
        work = Path(folder)
        given = gather(catalogues, work, lambda d, t: step("Finding pictures", d, t))
        records = given.products.astype(str).to_dict("records")
        texts = pd.Series([captions(record) for record in records])
        category = given.products["category"].to_numpy(str)
        features, seen = lit.embed(given.originals, work, step)
        write_folder(work / "drawn", seed=SEED)
        drawn = gather([str(work / "drawn")], work / "made", lambda d, t: step("Drawing", d, t))
        pictures = [read() for read in drawn.originals]
        drawn_seen = np.stack([descriptor.colours(picture) for picture in pictures])
        drawn_features = inference.features(lite0.BACKBONE, pictures)
        kinds = drawn.products["category"].to_numpy(str)

        def precisions(embedder: Embedder, asked: list[str]) -> list[float]:
            assert embedder.texts is not None
            gallery = unit(embedder.pictures(drawn_seen, drawn_features))
            found = []
            for kind in asked:
                queries = unit(embedder.texts(list(drawn.products["caption"][kinds == kind])))
                top = np.argsort(-(queries @ gallery.T), axis=1, kind="stable")[:, :10]
                found.append(float((kinds[top] == kind).mean()))
            return found

        unnamed = [
            kind
            for kind in sorted(set(kinds))
            if not words_of(kind) & words_of(" ".join(texts[category != kind].explode()))
        ]
        conse_found = precisions(conse.load(), unnamed)
        lit_found: dict[str, float] = {}
        for fold in range(FOLDS):
            left_out = unnamed[fold::FOLDS]
            taught = ~np.isin(category, left_out)
            tensors = lit.learn(
                features[taught],
                seen[taught],
                list(texts[taught]),
                lit.aside(given.products[taught]),
                lit.Settings(),
                work / f"{fold}.csv",
                work / str(fold),
                step,
            )
            lit_found |= dict(
                zip(left_out, precisions(method.load(tensors, {}), left_out), strict=True)
            )
    table = Table("category", "ConSE", "LiT, not taught it", title="P@10 of captions")
    both = np.array(conse_found), np.array([lit_found[kind] for kind in unnamed])
    for row in zip(unnamed, *both, strict=True):
        table.add_row(row[0], f"{row[1]:.2f}", f"{row[2]:.2f}")
    table.add_section()
    table.add_row(f"all {len(unnamed)}", *map(interval, both))
    console = Console(width=120)
    console.print(table)
    console.print(f"LiT less ConSE: {interval(both[1] - both[0])}")


def readers(catalogue: Catalogue) -> list[str]:
    """The built methods that answer words."""
    return [key for key in catalogue.methods if METHODS[key].answers_text]


def report(title: str, groups: dict[str, str], methods: dict[str, Callable[[str], float]]) -> None:
    """Print a table: a row for each group of queries."""
    table = Table("queries", "n", *(METHODS[key].title for key in methods), title=title)
    values = {key: {text: of(text) for text in groups} for key, of in methods.items()}
    for name in ("seen", "unseen", "all"):
        texts = [text for text, group in groups.items() if name in (group, "all")]
        row = [interval(np.array([values[key][text] for text in texts])) for key in methods]
        table.add_row(name, str(len(texts)), *row)
    Console(width=120).print(table)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("what", choices=("kinds", "colours", "things"))
    options.add_argument("catalogue", nargs="*", default=["clothing-validation"])
    given = options.parse_args()
    if given.what == "kinds":
        catalogue = open_catalogue(given.catalogue[0])
        report(f"P@10 in '{catalogue.name}', {len(catalogue.products)} pictures", *kinds(catalogue))
        return
    if given.what == "things":
        things(given.catalogue)
        return
    with tempfile.TemporaryDirectory() as folder:
        write_folder(Path(folder, "drawn"), seed=SEED)
        able = ",".join(key for key in METHODS if METHODS[key].answers_text)
        asked = ["--catalogue", f"{folder}/drawn", "--to", f"{folder}/built", "--methods", able]
        if precompute(asked):
            raise SystemExit("The new demo could not be built.")
        catalogue = open_catalogue(Path(folder, "built", "drawn"))
        report("Kind and colour both right in the first five", *colours(catalogue))


if __name__ == "__main__":
    main()
