"""What a catalogue contains, what its build left out, and how it was built."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

import pandas as pd
import streamlit as st

from similarity.catalogue import Catalogue
from similarity.commands import format_build_command
from similarity.display.products import HIDDEN_COLUMNS, format_value
from similarity.display.text import format_count, format_megabytes, truncate
from similarity.errors import SimilarityError
from similarity.store.generations import CURRENT, Generation
from similarity.store.lists import list_duplicates, list_skipped
from similarity.store.table import NOTE
from similarity.ui.shared.attributes import get_shared_attributes
from similarity.ui.shared.caches import get_metrics
from similarity.ui.shared.headings import show_heading
from similarity.ui.shared.plain import escape, show_error
from similarity.ui.shared.spreadsheet import to_csv

MAX_FILES = 20
MAX_TEXT = 120  # characters of a path, a reason or a value
COMMON_VALUES = 3  # of an attribute, that are listed


def show_catalogue(catalogue: Catalogue) -> None:
    """Show the section."""
    products = catalogue.products
    title = escape(truncate(catalogue.title, MAX_TEXT))
    show_heading(
        "What is in this catalogue?",
        "catalogue",
        f"{title}: {format_count(len(products), 'product', 'products')}.",
        [
            "Files with the same content are one product. Near-duplicates are pictures that every "
            "method finds very near to each other.",
            "An attribute can decide what counts as right if most products share their value with "
            "others.",
        ],
    )
    facts = list_facts(catalogue)
    st.table(facts, hide_header=True)
    attributes = tabulate_attributes(catalogue)
    st.markdown("**Attributes**")
    if attributes.empty:
        st.info(
            "The products have no attributes. Put the pictures in a folder for each category, or a "
            "metadata.csv next to them, and build the catalogue again."
        )
    else:
        st.dataframe(attributes, hide_index=True)
    _show_files("skipped", "Reason", _read(list_skipped, catalogue), catalogue)
    if NOTE in products:  # not in catalogues of earlier versions
        damaged = products[products[NOTE] != ""]
        rows = list(zip(damaged["path"], damaged[NOTE], strict=True))
        _show_files("damaged, but read", "Reason", rows, catalogue)
    copies = _read(list_duplicates, catalogue)
    _show_files("identical to another", "Same content as", copies, catalogue)
    st.markdown("**Build it again** after its files have changed:")
    command = format_build_command(catalogue, catalogue.methods)
    st.code(command, language="bash", wrap_lines=True)


def list_facts(catalogue: Catalogue) -> dict[str, str]:
    """Return facts about a catalogue by their names, as Markdown."""
    products = catalogue.products
    categories = products["category"][products["category"] != ""]
    width, height = products["picture_width"], products["picture_height"]
    facts = {
        "Products": f"{len(products):,}",
        "Categories": f"{categories.nunique():,}" if len(categories) else "none",
        "Skipped files": f"{catalogue.skipped:,}",
        "Files identical to another": f"{int((products['copies'] - 1).sum()):,}",
    }
    with suppress(SimilarityError):  # not measured
        metrics = get_metrics(catalogue)
        facts["Products with near-duplicates"] = (
            f"{metrics.queries_with_duplicates:,} of {metrics.queries:,}"
        )
    facts |= {
        "Size of pictures": f"{_format_range(width)} px wide, {_format_range(height)} px high",
        "Indexes": f"{format_count(len(catalogue.methods), 'method', 'methods')}, "
        f"{format_megabytes(catalogue.measure_indexes())} in all",
    }
    with suppress(OSError):
        built = datetime.fromtimestamp((catalogue.folder / CURRENT).stat().st_mtime).astimezone()
        facts["Built"] = f"{built.day} {built:%b %Y, %H:%M}, version {catalogue.generation.number}"
    facts["From"] = escape(truncate(catalogue.source, MAX_TEXT))
    if not catalogue.generation.is_locked:
        facts["Note"] = (
            "This disk has no file locks, so reload the page after the catalogue was built again."
        )
    return facts


def _format_range(sides: pd.Series) -> str:
    low, high = sides.min(), sides.max()
    return f"{low:,}" if low == high else f"{low:,} to {high:,} (median {sides.median():,.0f})"


def tabulate_attributes(catalogue: Catalogue) -> pd.DataFrame:
    """Return a table with a row for each attribute of the products."""
    return _tabulate_attributes(catalogue.generation.pointer, catalogue)


@st.cache_data(max_entries=4, show_spinner=False)
def _tabulate_attributes(pointer: bytes, _catalogue: Catalogue) -> pd.DataFrame:
    products, shared = _catalogue.products, get_shared_attributes(_catalogue)
    rows = []
    for name in products:
        if name in HIDDEN_COLUMNS and name != "caption":
            continue
        values = products[name][products[name] != ""]
        if not len(values):
            continue
        counts = values.value_counts()
        common = [
            truncate(format_value(text), MAX_TEXT) + (f" ({count:,})" if count > 1 else "")
            for text, count in counts.head(COMMON_VALUES).items()
        ]
        rows.append(
            {
                "Attribute": str(name),
                "Products": len(values),
                "Values": len(counts),
                "Most common": " · ".join(common),
                "Can decide what is right": "yes" if name in shared else "no",
            }
        )
    return pd.DataFrame(rows)


def _read(
    read: Callable[[Generation], list[tuple[str, str]]], catalogue: Catalogue
) -> list[tuple[str, str]]:
    """Return a list of files, or nothing after a message that it is damaged."""
    try:
        return read(catalogue.generation)
    except SimilarityError as error:
        show_error("A list of files can't be read.", str(error))
        return []


def _show_files(
    heading: str, column: str, files: Sequence[tuple[str, str]], catalogue: Catalogue
) -> None:
    if not files:
        return
    st.markdown(f"**{format_count(len(files), 'file', 'files')} {heading}**")
    rows = [
        {"File": escape(truncate(path, MAX_TEXT)), column: escape(truncate(text, MAX_TEXT))}
        for path, text in files[:MAX_FILES]
    ]
    st.table(rows, hide_index=True)
    if len(files) > MAX_FILES:
        st.caption(f"and {len(files) - MAX_FILES:,} more")
        st.download_button(
            "All of them, CSV",
            lambda: to_csv(pd.DataFrame(files, columns=["File", column])),
            f"{catalogue.name}-{heading.split()[0].strip(',')}.csv",
            "text/csv",
            on_click="ignore",
            type="tertiary",
            icon=":material/download:",
        )
