"""Read the attributes of products from a table beside their pictures."""

import warnings
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from precompute.walk import METADATA, leads_into
from similarity.errors import SimilarityError
from similarity.store.table import OURS


def read_metadata(source: Path) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Attributes by path from metadata.csv or metadata.parquet, all as text, and notes on it.

    Raises SimilarityError when there are both, or the table can't be read, has no column `path`,
    or uses the name of a column that this product fills in.
    """
    tables = [source / name for name in METADATA if (source / name).is_file()]
    if not tables:
        return {}, []
    if len(tables) == 2:
        raise SimilarityError(f"'{source}' has two metadata tables: keep one of them.")
    (table,) = tables
    if table.is_symlink() and not leads_into(table, source.resolve()):
        raise SimilarityError(f"'{table}' is a link out of the folder: put the file itself there.")
    try:
        frame = _read_csv(table) if table.suffix == ".csv" else _read_parquet(table)
    except SimilarityError:
        raise
    except Exception as error:  # whatever pandas and pyarrow raise on a hostile table
        raise SimilarityError(f"'{table}' can't be read as a table: {error}") from error
    frame.columns = [str(c).strip() for c in frame.columns]
    if "path" not in frame:
        raise SimilarityError(
            f"'{table}' has no column 'path' (the file, relative to the folder); "
            f"its columns are {', '.join(frame.columns)}."
        )
    taken = sorted({"id", *OURS[1:]} & set(frame.columns))
    if taken or frame.columns.duplicated().any():
        wrong = taken or sorted(frame.columns[frame.columns.duplicated()])
        raise SimilarityError(f"'{table}': rename the columns {', '.join(wrong)}, used already.")
    frame = frame.astype(object).where(frame.notna(), "").astype(str)
    for column in frame.columns.drop("path"):
        frame[column] = frame[column].str.strip()
    frame["path"] = frame["path"].str.replace("\\", "/").str.removeprefix("./")
    twice = int(frame["path"].duplicated().sum())
    notes = [f"{twice} rows of the metadata repeat a path: the first of each counts."]
    frame = frame.drop_duplicates("path").set_index("path")
    return frame.to_dict("index"), notes if twice else []


def _read_csv(table: Path) -> pd.DataFrame:
    with warnings.catch_warnings():
        # Rows with a value more than the heading has (a comma that wants quotes) are an error:
        # pandas would take the first column for row labels, or drop the last.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            table, dtype=str, keep_default_na=False, encoding="utf-8-sig", index_col=False
        )


def _read_parquet(table: Path) -> pd.DataFrame:
    wrong = [
        field.name
        for field in pq.read_schema(table)
        if pa.types.is_nested(field.type)
        or pa.types.is_binary(field.type)
        or pa.types.is_large_binary(field.type)
        or pa.types.is_fixed_size_binary(field.type)
    ]
    if wrong:
        raise SimilarityError(
            f"'{table}': the columns {', '.join(map(repr, wrong))} hold lists or bytes. "
            "Make them text, or leave them out."
        )
    return pd.read_parquet(table)
