"""Print what a build measured of a catalogue's methods, as tables for the docs.

    python -m benchmarks.measures [CATALOGUE]

What maps preserve, how often a product is found in a scene, the areas under the curves of single
perturbations, whether words help a picture, and how often the best result of a text is called no
good match. The figures are those that the pages show.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence

from similarity import open_catalogue
from similarity.measures.maps.schema import load_maps
from similarity.measures.metrics.combined import SHARES
from similarity.measures.metrics.schema import Figure, load_metrics
from similarity.measures.metrics.verdict import format_figure
from similarity.measures.robustness.schema import load_robustness
from similarity.perturbations import PERTURBATIONS, SCENES


def format_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def format_share(figure: Figure) -> str:
    """Return a share in percent, with its interval."""
    return f"{100 * figure.mean:.0f} % [{100 * figure.low:.0f}, {100 * figure.high:.0f}]"


def format_columns(
    titles_by_key: dict[str, str], methods: Mapping[str, str], cell: Callable[[str, str], str]
) -> str:
    """Return a Markdown table with a row per method, whose titles are by key, and columns."""
    rows = [[title, *(cell(m, key) for key in titles_by_key)] for m, title in methods.items()]
    return format_table(["method", *titles_by_key.values()], rows)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("catalogue", nargs="?", default="demo", help="name of a built catalogue")
    catalogue = open_catalogue(parser.parse_args().catalogue)

    quality = load_maps(catalogue).quality
    n = next(iter(quality.values())).n
    print(f"Maps, n {n:,}:\n")
    rows = []
    for key, judged in quality.items():
        figures = format_figure(judged.overlap, 1), format_figure(judged.trustworthiness, 3)
        rows.append([catalogue.registry[key].title, *figures])
    print(format_table(["method", "kept of the 10 nearest", "trustworthiness"], rows))

    robustness = load_robustness(catalogue)
    methods = {key: catalogue.registry[key].title for key in robustness.methods}

    def format_scene(method: str, scene: str) -> str:
        scores = robustness.methods[method].scenes
        return format_share(scores[scene].top_share) if scene in scores else "–"

    def format_curve(method: str, perturbation: str) -> str:
        curves = robustness.methods[method].curves
        return format_figure(curves[perturbation].area) if perturbation in curves else "–"

    print(f"Scenes, share in the top 10, n {robustness.sample:,}:\n")
    print(format_columns({key: key for key in SCENES}, methods, format_scene))
    print(f"Areas under the curves of products found first, n {robustness.sample:,}:\n")
    titles = {key: perturbation.title for key, perturbation in PERTURBATIONS.items()}
    print(format_columns(titles, methods, format_curve))

    metrics = load_metrics(catalogue)
    if metrics.combined:
        print(f"A picture with words, by the share of words, n {metrics.combined.table.n:,}:\n")
        rows = [
            [catalogue.registry[key].title, *(format_share(figures[str(s)]) for s in SHARES)]
            for key, figures in metrics.combined.table.figures.items()
        ]
        print(format_table(["method", *(f"{share} %" for share in SHARES)], rows))

    print("No good match:\n")
    rows = [
        [
            catalogue.registry[key].title,
            f"{format_share(rates.flagged)}, n {rates.texts}",
            f"{format_share(rates.noticed)}, n {rates.other_texts}",
        ]
        for key, rates in metrics.no_match.items()
    ]
    print(format_table(["method", "of texts that describe a product", "of other texts"], rows))


if __name__ == "__main__":
    main()
