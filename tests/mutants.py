"""Faults put into a copy of the code on purpose: do the tests notice?

    python -m tests.mutants               every fault, each against the tests that should fail
    python -m tests.mutants holm pointer  the faults whose names contain one of these words
    python -m tests.mutants --all         also with the tests that `make test` leaves out

Prints a line for each fault, with the test that noticed it, and exits with 1 if one went unnoticed.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).parents[1]
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", "*_cache", "__pycache__", "catalogues")


class Mutant(NamedTuple):
    """A fault: in `file`, `old` is replaced by `new`; `tests` are to notice that."""

    name: str
    file: str
    old: str
    new: str
    tests: str


U, B = "tests/units/test_", "tests/browser/test_"
MUTANTS = [
    # what is on disk
    Mutant(
        "pointer is not replaced in one step",
        "similarity/store/publish.py",
        "temporary.replace(self.catalogue_folder / CURRENT)",
        "(self.catalogue_folder / CURRENT).write_bytes(temporary.read_bytes()[:9]); "
        "temporary.replace(self.catalogue_folder / CURRENT)",
        U + "publishing.py",
    ),
    Mutant(
        "published before the indexes are written",
        "similarity/store/publish.py",
        "        for file in (*self._new, self.folder / SUMS):",
        "        top = self.catalogue_folder\n"
        "        (top / CURRENT).write_bytes(make_pointer(self.number, sums, source))\n"
        "        self._new[-1].rename(top / 'late'), (top / 'late').rename(self._new[-1])\n"
        "        for file in (*self._new, self.folder / SUMS):",
        U + "publishing.py",
    ),
    Mutant(
        "a later stage loses what the earlier ones published",
        "precompute/stages.py",
        "        link_unchanged(staging, generation, stage.paths)\n",
        "",
        U + "publishing.py",
    ),
    Mutant(
        "a build that ended counts as stopped",
        "similarity/store/publish.py",
        "        clear_progress(lock)\n",
        "",
        U + "publishing.py",
    ),
    Mutant(
        "the progress of a stopped build is shown",
        "similarity/store/locks.py",
        "        elif lock_shared(descriptor):\n            return False\n",
        "        elif lock_shared(descriptor):\n            return True\n",
        U + "publishing.py tests/app/test_building.py",
    ),
    Mutant(
        "two builds at once",
        "similarity/store/locks.py",
        "                raise LockedError\n",
        "                break\n",
        U + "precompute.py " + U + "catalogue.py " + U + "publishing.py",
    ),
    Mutant(
        "a generation that is read is removed",
        "similarity/store/publish.py",
        "is_removable = not is_previous if is_alone is None else is_alone",
        "is_removable = True",
        U + "publishing.py",
    ),
    Mutant(
        "on a disk without locks, the previous generation is removed",
        "similarity/store/publish.py",
        "not is_previous if is_alone is None",
        "True if is_alone is None",
        U + "other_systems.py",
    ),
    Mutant(
        "on a disk without locks, two builds at once",
        "similarity/store/locks.py",
        "            with SoftFileLock(path.with_name(MARKER), timeout=TIMEOUT):\n"
        "                yield\n",
        "            yield\n",
        U + "other_systems.py",
    ),
    Mutant(
        "without descriptors of folders, links are followed",
        "similarity/store/folders.py",
        "    if stat.S_ISLNK(status.st_mode) or is_junction:",
        "    if is_junction:",
        U + "other_systems.py",
    ),
    Mutant(
        "networks stay above the limit",
        "similarity/networks.py",
        "if is_removable and (is_above or",
        "if is_removable and (",
        U + "networks.py",
    ),
    Mutant(
        "a network that is in use is let go",
        "similarity/networks.py",
        "is_removable = not entry.users and entry is not latest",
        "is_removable = entry is not latest",
        U + "networks.py",
    ),
    Mutant(
        "models are loaded in advance without room",
        "similarity/ui/shared/warm.py",
        "if networks.has_room(method.parameters * BYTES_PER_PARAMETER):",
        "if True:",
        U + "warm.py",
    ),
    Mutant(
        "equal pictures are weak matches",
        "similarity/indexes/pairs.py",
        "np.float32(cosine + ROUNDING)",
        "np.float32(cosine)",
        U + "random_pairs.py",
    ),
    Mutant(
        "few pairs make a percentage",
        "similarity/indexes/pairs.py",
        "if len(self.cosines) < MIN_PAIRS:",
        "if not len(self.cosines):",
        U + "random_pairs.py",
    ),
    Mutant(
        "pictures have absolute addresses",
        "similarity/ui/shared/thumbnails.py",
        'return f"thumbs/{catalogue}',
        'return f"/thumbs/{catalogue}',
        B + "proxy.py",
    ),
    Mutant(
        "rows of a stopped build are embedded again",
        "precompute/rows.py",
        "            self._rows.stat().st_size // row_bytes, self._ids",
        "            0, self._ids",
        U + "publishing.py " + U + "precompute.py",
    ),
    Mutant(
        "changed files are read",
        "similarity/store/generations.py",
        "if hashlib.sha256(content).hexdigest() != self.sums[path]:",
        "if False:",
        U + "damage.py",
    ),
    Mutant(
        "a link below a catalogue is followed",
        "similarity/store/folders.py",
        '_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | ',
        "_NO_LINK = ",
        U + "damage.py",
    ),
    Mutant(
        "a listed path leads out of its folder",
        "similarity/store/sums.py",
        "        for unsafe in UNSAFE:",
        "        for unsafe in ():",
        U + "sums.py " + U + "damage.py",
    ),
    Mutant(
        "an archive writes outside of its folder",
        "precompute/sources/files.py",
        'if path.startswith("/") or ".." in parts or re.match("[A-Za-z]:", path)',
        "if False",
        U + "archives.py",
    ),
    Mutant(
        "no limit to a picture's pixels",
        "similarity/pictures/limits.py",
        "if width * height > MAX_PIXELS and not is_reducible:",
        "if False:",
        U + "pictures.py " + U + "bad_pictures.py",
    ),
    Mutant(
        "a picture is not turned upright",
        "similarity/pictures/read.py",
        "_turn(stored.picture, stored.turn)",
        "stored.picture",
        U + "pictures.py",
    ),
    Mutant(
        "a colour profile is ignored",
        "similarity/pictures/colour.py",
        'profile = picture.info.get("icc_profile")',
        "profile = None",
        U + "colour_profiles.py",
    ),
    Mutant(
        "what is missing counts as there",
        "similarity/pictures/read.py",
        "if missing > MAX_MISSING:",
        "if False:",
        U + "damaged_pictures.py",
    ),
    # tables and folders
    Mutant(
        "rows of two folders mean one file",
        "precompute/tables/matching.py",
        "rank == min(rivals) and rivals.count(rank) == 1",
        "rank == min(rivals)",
        U + "metadata.py",
    ),
    Mutant(
        "a table may fit nothing",
        "precompute/metadata.py",
        "LEAST_FITTING = 0.5",
        "LEAST_FITTING = 0.0",
        U + "metadata.py",
    ),
    Mutant(
        "words for missing values are values",
        "precompute/tables/values.py",
        "if text in MISSING",
        "if text in ()",
        U + "metadata.py",
    ),
    Mutant(
        "a disk that is not connected empties the catalogue",
        "precompute/losses.py",
        "if len(lost_paths) > MAX_LOSS * len(table):",
        "if False:",
        U + "command_line.py",
    ),
    Mutant(
        "folders of the same last part are one category",
        "precompute/categories.py",
        "if len(ends[end.casefold()]) == 1",
        "if True",
        U + "layouts.py",
    ),
    # methods
    Mutant(
        "CLIP by ImageNet's mean",
        "similarity/methods/clip.py",
        "mean=(0.48145466 * 255, 0.4578275 * 255, 0.40821073 * 255)",
        "mean=(0.485 * 255, 0.456 * 255, 0.406 * 255)",
        U + "published_methods.py",
    ),
    Mutant(
        "ResNet-50 by a deviation of one half",
        "similarity/methods/resnet50.py",
        "DEVIATION = (0.229 * 255, 0.224 * 255, 0.225 * 255)",
        "DEVIATION = (0.5 * 255, 0.5 * 255, 0.5 * 255)",
        U + "published_methods.py",
    ),
    Mutant(
        "EfficientNet by a mean of 128",
        "similarity/methods/lite0.py",
        "mean=(127, 127, 127)",
        "mean=(120, 127, 127)",
        U + "methods.py",
    ),
    Mutant(
        "DINOv2 by bilinear resizing",
        "similarity/methods/dinov2.py",
        'size={"shortest_edge": 256},',
        'size={"shortest_edge": 256}, resample=2,',
        U + "published_today.py",
    ),
    Mutant(
        "DINOv3's mean of all tokens",
        "similarity/methods/by_transformers.py",
        "return self.model(pixel_values=pictures).pooler_output",
        "return self.model(pixel_values=pictures).last_hidden_state.mean(1)",
        U + "published_today.py",
    ),
    Mutant(
        "SigLIP 2 keeps capitals",
        "similarity/methods/siglip2.py",
        ".lower()",
        "",
        U + "published_today.py",
    ),
    Mutant(
        "own: a picture is turned twice",
        "similarity/pictures/read.py",
        "    upright.info = {}\n",
        "",
        U + "own_models.py",
    ),
    Mutant(
        "own: any file of the user's runs for a catalogue",
        "similarity/candidates/python_code.py",
        "return find_code(text)[1] == candidate.sha256",
        "return bool(find_code(text))",
        U + "own_models.py",
    ),
    Mutant(
        "own: a catalogue names the code that runs",
        "similarity/candidates/python_code.py",
        "for text in (*_permitted, *_read_variable()):",
        "for text in (*_permitted, *_read_variable(), candidate.specification):",
        U + "own_models.py",
    ),
    Mutant(
        "own: changed weights are used",
        "similarity/candidates/method.py",
        "if compute_folder_hash(folder, candidate.loader) != candidate.sha256:",
        "if not compute_folder_hash(folder, candidate.loader):",
        U + "own_models.py",
    ),
    Mutant(
        "own: missing weights are random numbers",
        "similarity/candidates/with_transformers.py",
        'if loading["missing_keys"]:',
        "if False:",
        U + "bad_models.py",
    ),
    Mutant(
        "own: open_clip's other activation",
        "similarity/candidates/with_open_clip.py",
        'if is_quick != bool(settings.get("quick_gelu", False)):',
        "if False:",
        U + "bad_models.py",
    ),
    Mutant(
        "own: SigLIP's texts are not padded",
        "similarity/candidates/with_transformers.py",
        'settings |= {"padding": "max_length", "max_length": 64}',
        "pass",
        U + "architectures.py",
    ),
    Mutant(
        "own: OpenVINO's vectors are not compared",
        "precompute/candidates.py",
        "if cosine >= SAME:",
        "if cosine > -2:",
        U + "own_models.py",
    ),
    Mutant(
        "own: a folder has the licence of the library's weights",
        "precompute/candidates.py",
        '(model.licence if commit else "")',
        "model.licence",
        U + "own_models.py",
    ),
    Mutant(
        "own: vectors of zeros are used",
        "similarity/candidates/vector_file.py",
        "bool(row.any())",
        "True",
        U + "vector_files.py",
    ),
    Mutant(
        "own: a text may be the path of a picture",
        "similarity/candidates/with_sentence_transformers.py",
        'if any(infer_modality(text) != "text" for text in texts):',
        "if False:",
        U + "own_models.py",
    ),
    Mutant(
        "SimCLR without the crop of its authors",
        "similarity/methods/simclr_resnet50.py",
        "transforms.Resize(int(1.1 * SIDE))",
        "transforms.Resize(SIDE)",
        U + "published_methods.py",
    ),
    Mutant(
        "CLIP with a block too few",
        "similarity/methods/clip.py",
        "return CLIPConfig()",
        "return CLIPConfig(vision_config={'num_hidden_layers': 11})",
        U + "published_methods.py " + U + "true_size.py",
    ),
    Mutant(
        "a checkpoint runs code",
        "similarity/methods/tensors.py",
        'map_location="cpu", weights_only=True',
        'map_location="cpu", weights_only=False',
        U + "published_methods.py",
    ),
    Mutant(
        "ConSE without its weights",
        "similarity/methods/conse.py",
        "probabilities[top] @ class_vectors[top] / probabilities[top].sum()",
        "class_vectors[top].mean(0)",
        U + "methods.py",
    ),
    Mutant(
        "texts of unknown words are read",
        "similarity/methods/minilm.py",
        "    check_readable(texts)\n",
        "",
        U + "methods.py",
    ),
    # search
    Mutant(
        "cosine without unit length",
        "similarity/indexes/base.py",
        "return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32, copy=False)",
        "return vectors.astype(np.float32, copy=False)",
        U + "flat_index.py " + U + "methods.py",
    ),
    Mutant(
        "a product is found by itself",
        "similarity/indexes/base.py",
        "keep = positions != leave_out",
        "keep = positions != -2",
        U + "flat_index.py " + U + "search.py",
    ),
    Mutant(
        "equal scores in any order",
        "similarity/indexes/base.py",
        "order = np.lexsort((positions, -scores))[:k]",
        "order = np.lexsort((-positions, -scores))[:k]",
        U + "flat_index.py",
    ),
    Mutant(
        "ties get ranks of their own",
        "similarity/indexes/base.py",
        "is_first = np.append(True, scores[1:] != scores[:-1])[: len(scores)]",
        "is_first = np.ones(len(scores), bool)",
        U + "search.py",
    ),
    Mutant(
        "pixels stop at a bound too early",
        "similarity/indexes/pixels.py",
        "np.partition(scores, -k)[-k] > bounds[start]",
        "np.partition(scores, -k)[-k] > bounds[start] - 0.2",
        U + "pixel_index.py",
    ),
    Mutant(
        "an approximate answer by its estimates",
        "similarity/indexes/approximate/index.py",
        "return select_best(scores[0].astype(np.float64), positions[order[0]], k)",
        "return select_best(scores[0].astype(np.float64)[:k], positions[:k], k)",
        U + "approximate.py",
    ),
    Mutant(
        "Milvus searches by distance",
        "similarity/indexes/milvus/index.py",
        '{"metric_type": "IP", "params": params}',
        '{"metric_type": "L2", "params": params}',
        U + "milvus.py",
    ),
    # figures
    Mutant(
        "Holm left out",
        "similarity/statistics/significance.py",
        "* np.arange(len(p), 0, -1)",
        "* 1",
        U + "significance.py",
    ),
    Mutant(
        "one-sided p",
        "similarity/statistics/clusters.py",
        "-np.abs(estimates) / error",
        "-estimates / error",
        U + "significance.py",
    ),
    Mutant(
        "an interval of 90 %",
        "similarity/statistics/intervals.py",
        "stdtrit(count - 1, 0.025)",
        "stdtrit(count - 1, 0.05)",
        U + "metrics.py " + U + "significance.py " + U + "retrieval.py",
    ),
    Mutant(
        "variants of a product are in many folds",
        "similarity/measures/metrics/folds.py",
        "return (order % min(FOLDS, max(len(names), 1)))[inverse]",
        "return np.arange(len(groups)) % min(FOLDS, len(groups))",
        U + "groups.py",
    ),
    Mutant(
        "a fold is left out as queries alone",
        "similarity/measures/metrics/folds.py",
        "kept_hits = remove_results(hits[is_kept], result_folds[is_kept] == fold)",
        "kept_hits = hits[is_kept]",
        U + "groups.py",
    ),
    Mutant(
        "near-duplicates chain into one group",
        "similarity/measures/metrics/groups.py",
        "            if other_group not in leader:\n",
        "            if True:\n",
        U + "groups.py",
    ),
    Mutant(
        "MAP@R divided by the hits",
        "similarity/measures/metrics/retrieval.py",
        "(precision * (hits & is_within_r)).sum(1) / r",
        "(precision * (hits & is_within_r)).sum(1) / np.maximum((hits & is_within_r).sum(1), 1)",
        U + "retrieval.py",
    ),
    Mutant(
        "near-duplicates by one method",
        "similarity/measures/metrics/groups.py",
        "[a & b for a, b in zip(duplicates, sets, strict=True)]",
        "[a | b for a, b in zip(duplicates, sets, strict=True)]",
        U + "metrics.py",
    ),
    Mutant(
        "a distorted product is found among its equals",
        "similarity/measures/rankings.py",
        ">= scores[:, None]) & ~is_original[inverse])",
        "> scores[:, None]) & ~is_original[inverse])",
        U + "robustness.py",
    ),
    Mutant(
        "robustness by amounts of another sign",
        "similarity/perturbations.py",
        "offset = round(degrees / 360 * 256)",
        "offset = round(degrees / 360 * 100)",
        U + "perturbations.py",
    ),
    Mutant(
        "figures of an older index are shown",
        "similarity/measures/files.py",
        "if compute_stamp(catalogue.generation, catalogue.resolve_method(key), products) != "
        "expected:",
        "if False:",
        U + "metrics.py " + U + "robustness.py",
    ),
    Mutant(
        "a method that is worse than the best counts as tied",
        "similarity/measures/metrics/schema.py",
        "if difference is None or not difference.is_significant:\n                leaders",
        "if True:\n                leaders",
        U + "scorecard.py",
    ),
    Mutant(
        "a method trained on the labels leads by them",
        "similarity/measures/scorecard.py",
        "if not (self.uses_labels and labels.get(key))",
        "if key",
        U + "scorecard.py",
    ),
    Mutant(
        "variants of a product count as products in the test of scenes",
        "similarity/measures/robustness/scores.py",
        "sum_groups(values[:, None], groups)",
        "sum_groups(values[:, None], None)",
        U + "robustness.py",
    ),
    Mutant(
        "a scene's score is over pictures that it doesn't suit",
        "similarity/measures/robustness/scores.py",
        "applicable = np.flatnonzero(np.isfinite(scores[:, column]))",
        "applicable = np.arange(len(scores))",
        U + "robustness.py",
    ),
    # people
    Mutant(
        "a swapped side in the vote",
        "similarity/votes/answers.py",
        "return pair.index(vote.left)",
        "return pair.index(vote.right)",
        U + "vote_results.py",
    ),
    Mutant(
        "answers to one query are independent",
        "similarity/votes/results.py",
        "clusters = [answers.person, answers.query] if of_catalogue else [answers.person]",
        "clusters = [answers.person]",
        U + "vote_results.py",
    ),
    Mutant(
        "answers of one person are independent",
        "similarity/votes/results.py",
        "clusters = [answers.person, answers.query] if of_catalogue else [answers.person]",
        "clusters = [answers.query]",
        U + "vote_results.py",
    ),
    Mutant(
        "pairs of a vote are not corrected",
        "similarity/votes/results.py",
        "outcomes[i] = replace(outcomes[i], corrected_p=p)",
        "outcomes[i] = replace(outcomes[i], corrected_p=outcomes[i].share.p)",
        U + "vote_results.py",
    ),
    Mutant(
        "the first method stands left",
        "similarity/votes/schedule.py",
        "if rng.random() < probability:",
        "if True:",
        U + "votes.py",
    ),
    Mutant(
        "an answer counts twice",
        "similarity/votes/store.py",
        "WHERE participant = ? AND number = ? AND answer IS NULL",
        "WHERE participant = ? AND number = ?",
        U + "votes.py",
    ),
    Mutant(
        "controls count as votes",
        "similarity/votes/results.py",
        "counted_votes = [vote for vote in all_votes if not vote.is_control]",
        "counted_votes = list(all_votes)",
        U + "vote_results.py",
    ),
    Mutant(
        "a phone gets an address of this machine only",
        "similarity/ui/shared/links.py",
        "ip_address(host).is_loopback or ",
        "",
        "tests/app/test_vote_page.py",
    ),
    # the app
    Mutant(
        "a caption is shown as Markdown",
        "similarity/ui/shared/plain.py",
        'return re.sub(r"([!-/:-@\\[-`{-~])", r"\\\\\\1", " ".join(words))',
        'return " ".join(words)',
        U + "plain.py",
    ),
    Mutant(
        "a thumbnail of any path",
        "similarity/ui/shared/thumbnails.py",
        "if NAME.fullmatch(name) and PRODUCT_ID.fullmatch(product):",
        "if (file := __import__('pathlib').Path(f'/{name}/{product}')).is_file():\n"
        "        return Response(file.read_bytes())\n"
        "    if True:",
        U + "thumbnails.py",
    ),
    Mutant(
        "a click picks the next product",
        "similarity/ui/shared/gallery.js",
        'send("picked", cell, cell.dataset.id)',
        'send("picked", cell, cell.nextElementSibling.dataset.id)',
        B + "compare_page.py",
    ),
    # right and wrong
    Mutant(
        "a query without a value has right results",
        "similarity/measures/neighbours/right.py",
        ' & (query_values != "")[:, None]',
        "",
        U + "right.py",
    ),
    Mutant(
        "the walk starts where methods differ least",
        "similarity/measures/neighbours/right.py",
        "order = np.lexsort((-differences, -spread))",
        "order = np.lexsort((differences, spread))",
        U + "right.py",
    ),
    Mutant(
        "results after the last right one are wrong",
        "similarity/display/criterion.py",
        "wrong.append(differs and remaining > 0)",
        "wrong.append(differs)",
        U + "headline.py",
    ),
    Mutant(
        "a text with a negation names values",
        "similarity/display/criterion.py",
        "if NEGATIONS & set(words):",
        "if False:",
        U + "headline.py",
    ),
    Mutant(
        "what all results share explains the worst",
        "similarity/display/headline.py",
        " and count >= MIN_RATIO * other",
        "",
        U + "headline.py",
    ),
    Mutant(
        "texts are judged by a threshold drawn from themselves",
        "similarity/measures/metrics/no_match.py",
        "np.quantile(scores[other], FLAGGED)",
        "np.quantile(scores[half], FLAGGED / 2)",
        U + "no_match.py",
    ),
    Mutant(
        "an unreadable text counts as a good match",
        "similarity/measures/metrics/no_match.py",
        "scores = np.full(len(texts), -np.inf)",
        "scores = np.full(len(texts), np.inf)",
        U + "no_match.py",
    ),
    Mutant(
        "no memory is left for the buffers of networks",
        "similarity/networks.py",
        "RESERVE = 0.15",
        "RESERVE = -0.15",
        U + "networks.py",
    ),
    # docs, and a page that is opened before a build
    Mutant(
        "docs: a blank line cuts a table in two",
        "README.md",
        "| `dinov2` |",
        "\n| `dinov2` |",
        U + "docs.py",
    ),
    Mutant(
        "docs: a link to a heading that is gone",
        "docs/performance.md",
        "## Starting",
        "## Start",
        U + "docs.py",
    ),
    Mutant(
        "docs: an option that the command doesn't have",
        "docs/million.md",
        "--recall 0.999",
        "--at-least 0.999",
        U + "docs.py",
    ),
    Mutant(
        "docs: a message in other words than the code's",
        "similarity/votes/rows.py",
        "Choose 2 to",
        "Take 2 to",
        U + "docs.py",
    ),
    Mutant(
        "docs: a measured table without its number of queries",
        "docs/voting.md",
        ", n 10 answers a person:",
        ":",
        U + "docs.py",
    ),
    Mutant(
        "docs: an example that doesn't run",
        "README.md",
        "catalogue.products  # a pandas table",
        "catalogue.table  # a pandas table",
        "tests/app/test_docs.py",
    ),
    Mutant(
        "figures: an unknown commit counts as current",
        "benchmarks/figures.py",
        "return None if result.returncode else",
        "return 0 if result.returncode else",
        U + "docs.py",
    ),
    Mutant(
        "a page without a catalogue doesn't wait for the first build",
        "similarity/ui/shared/pickers.py",
        "@st.fragment(run_every=POLL_INTERVAL)\ndef _wait",
        "@st.fragment\ndef _wait",
        B + "building.py",
    ),
    # judgments
    Mutant(
        "judgments: an unjudged result counts as relevant",
        "similarity/judgments/measures.py",
        "grades = np.maximum(graded.rows, 0)",
        "grades = np.abs(graded.rows)",
        U + "judged_measures.py",
    ),
    Mutant(
        "judgments: clicks are not corrected for the position",
        "similarity/judgments/coec.py",
        "rate = clicked_at[position] / shown_at[position]",
        "rate = sum(clicked_at.values()) / sum(shown_at.values())",
        U + "judged_measures.py",
    ),
    Mutant(
        "judgments: the first grade of a judge counts, not the last",
        "similarity/judgments/store.py",
        "SELECT MAX(id) FROM judgment GROUP BY",
        "SELECT MIN(id) FROM judgment GROUP BY",
        U + "judgments.py",
    ),
    Mutant(
        "judgments: runs have equal scores, which other tools order by id",
        "similarity/judgments/trec.py",
        "{len(products) - rank + 1}",
        "1",
        U + "judgments.py",
    ),
    Mutant(
        "judgments: what others judged is asked again",
        "similarity/judgments/judging.py",
        "if pair not in judged]",
        "if judged is not None]",
        U + "judging.py",
    ),
    Mutant(
        "judgments: results are asked in an order that can tell of the method",
        "similarity/judgments/pool.py",
        'Random(f"{self.seed}/{judge}/{number}").shuffle(products)',
        "products.sort()",
        U + "judging.py",
    ),
    Mutant(
        "judgments: the browser is told of the methods",
        "similarity/ui/judge/grading.py",
        '"undoable": question.can_undo,',
        '"undoable": question.can_undo, "methods": list(judging.pool.rows),',
        B + "judge_page.py",
    ),
    Mutant(
        "findings: somebody else's change is overwritten",
        "similarity/findings/boards.py",
        "if revision not in (None, row[1]):",
        "if revision == -1:",
        U + "findings.py",
    ),
    Mutant(
        "findings: texts are not escaped in a report",
        "similarity/findings/report/html.py",
        "autoescape=True,",
        "autoescape=False,",
        B + "findings.py",
    ),
    Mutant(
        "findings: a changed method goes unnoticed",
        "similarity/findings/fingerprint.py",
        'if now.get(key, "") != stamp',
        "if not stamp",
        B + "findings.py",
    ),
    Mutant(
        "findings: wrong results are kept as right",
        "similarity/findings/compose/compare.py",
        "wrong = mark_wrong(criterion, rows)",
        "wrong = [False] * len(rows)",
        "tests/app/test_findings.py",
    ),
    # decisions and handovers
    Mutant(
        "decisions: a method that saw the labels is compared by them",
        "similarity/decisions/quality.py",
        "and not (aspect.uses_labels and labels.get(method))",
        "",
        U + "decisions.py",
    ),
    Mutant(
        "decisions: the dearest of the leaders is recommended",
        "similarity/decisions/decision.py",
        "choice = min(leaders",
        "choice = max(leaders",
        U + "decisions.py",
    ),
    Mutant(
        "decisions: several criteria are not corrected for the number of pairs",
        "similarity/decisions/quality.py",
        "return total.mean - factor * (total.mean - total.low) > 0",
        "return total.mean > 0",
        U + "decisions.py",
    ),
    Mutant(
        "decisions: a limit on what was not measured is kept",
        "similarity/decisions/limits.py",
        "        return UNKNOWN.format(name)\n",
        '        return ""\n',
        U + "decisions.py",
    ),
    Mutant(
        "handover: weights that may not be passed on are copied",
        "similarity/handover/networks.py",
        'if method.terms != "permissive":',
        "if not method.terms:",
        U + "handover.py",
    ),
    Mutant(
        "handover: any change exits with 1",
        "similarity/handover/replay.py",
        "return self.estimate.low > 0 or self.estimate.high < 0",
        "return self.estimate.mean != 0",
        U + "golden.py",
    ),
    Mutant(
        "filters: conditions of one attribute must all hold",
        "similarity/filters.py",
        "is_met |= (self.numbers >= condition[0])",
        "is_met &= (self.numbers >= condition[0])",
        U + "filters.py",
    ),
    Mutant(
        "filters: a missing number is in every range",
        "similarity/filters.py",
        "return np.where(np.isfinite(numbers), numbers, np.nan)",
        "return np.nan_to_num(numbers)",
        U + "filters.py",
    ),
    Mutant(
        "filters: an approximate search probes as few cells as without a filter",
        "similarity/indexes/approximate/index.py",
        "nprobe=min(ceil(cells * prepared.factor), prepared.occupied)",
        "nprobe=1",
        U + "filters.py",
    ),
    Mutant(
        "filters: the filter is applied after the search",
        "similarity/indexes/flat.py",
        "params = make_parameters(among)",
        "params = None",
        U + "filters.py",
    ),
    Mutant(
        "filters: values are quoted without escapes in Milvus",
        "similarity/indexes/milvus/expression.py",
        "== {json.dumps(condition, ensure_ascii=False)}",
        "== '{condition}'",
        U + "milvus.py",
    ),
    Mutant(
        "filters: near-duplicates by one method alone are folded",
        "similarity/indexes/folding.py",
        "is_near[square] &= cosines >= NEAR",
        "is_near[square] |= cosines >= NEAR",
        U + "filters.py",
    ),
    Mutant(
        "filters: a segment is searched among all products",
        "similarity/measures/rankings.py",
        "return self.index.read(self.positions[positions])",
        "return self.index.read(positions)",
        "tests/app/test_filters.py",
    ),
    Mutant(
        "parts: what is pushed away is added",
        "similarity/parts.py",
        "return -LESS / unwanted",
        "return LESS / unwanted",
        U + "parts.py",
    ),
    Mutant(
        "parts: words ignore their share",
        "similarity/parts.py",
        "return share / texts",
        "return 1 / texts",
        U + "parts.py",
    ),
    Mutant(
        "parts: products that are part of the query are results",
        "similarity/catalogue.py",
        "is_result = ~np.isin(positions, others)",
        "is_result = np.ones(len(positions), bool)",
        U + "parts.py",
    ),
    Mutant(
        "parts: a combination of pixels is compared by too few of them",
        "similarity/indexes/pixels.py",
        "BLOCK, remainders.ravel()])[None]",
        "BLOCK, 0 * remainders.ravel()])[None]",
        U + "pixel_index.py",
    ),
    Mutant(
        "parts: vectors are added at their own length",
        "similarity/indexes/pixels.py",
        "return add_weighted(rows / np.where(lengths == 0, 1, lengths), weights)",
        "return add_weighted(rows.astype(np.float64), weights)",
        U + "parts.py",
    ),
    Mutant(
        "parts: a bridge answers for a method that reads words",
        "similarity/catalogue.py",
        "if bridge is not None and not resolved.answers_text:",
        "if bridge is not None:",
        U + "parts.py",
    ),
    Mutant(
        "parts: words that no method reads are added",
        "similarity/ui/compare/refine.py",
        "    st.session_state[REFUSAL] = refusal\n\n\ndef pop",
        "    add_term(query, term)\n\n\ndef pop",
        B + "combined_query.py",
    ),
    Mutant(
        "combined: a product counts as right without the new value",
        "similarity/measures/metrics/combined.py",
        "is_other[kind] = False",
        "pass",
        U + "combined.py",
    ),
]


def run(mutant: Mutant, place: Path, options: list[str]) -> str:
    """Apply a fault to the copy in `place` and run its tests: the test that noticed it, or ""."""
    file = place / mutant.file
    text = file.read_text(encoding="utf-8")
    if mutant.old not in text:
        raise SystemExit(f"{mutant.name}: {mutant.file} has no {mutant.old!r} any more")
    tests = [test for test in mutant.tests.split() if (place / test).exists()]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--tb=no"]
    file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        done = subprocess.run(
            [*command, *options, *tests], cwd=place, capture_output=True, text=True
        )
    finally:
        file.write_text(text, encoding="utf-8")
    if done.returncode == 0:
        return ""
    noticed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return noticed[1] if noticed else f"exit status {done.returncode}"


def main(arguments: list[str]) -> int:
    """Run the faults that are named, or all; returns the exit status."""
    options = ["-m", ""] if "--all" in arguments else []
    words = [word for word in arguments if not word.startswith("-")]
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "project"
        shutil.copytree(PROJECT, place, ignore=LEFT_OUT)
        for mutant in MUTANTS:
            if not words or any(word in mutant.name for word in words):
                noticed = run(mutant, place, options)
                missed += not noticed
                print(
                    f"{'noticed' if noticed else 'MISSED '}  {mutant.name}: {noticed}", flush=True
                )
    return missed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
