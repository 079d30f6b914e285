"""Read the attributes of products from a table next to their pictures."""

import warnings
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from precompute.walk import METADATA, is_inside
from similarity.errors import SimilarityError
from similarity.store.table import RESERVED_COLUMNS


def read_metadata(source: Path) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Return attributes as text by path, from metadata.csv or metadata.parquet, and notes.

    Raises SimilarityError if there are both, or if the table can't be read, has no column `path`,
    or uses a reserved column name.
    """
    tables = [source / name for name in METADATA if (source / name).is_file()]
    if not tables:
        return {}, []
    if len(tables) == 2:
        raise SimilarityError(f"'{source}' has two metadata tables. Keep one of them.")
    (table,) = tables
    if table.is_symlink() and not is_inside(table, source.resolve()):
        raise SimilarityError(f"'{table}' is a link out of the folder. Put the file itself there.")
    try:
        frame = _read_csv(table) if table.suffix == ".csv" else _read_parquet(table)
    except SimilarityError:
        raise
    except Exception as error:  # pandas and pyarrow may raise anything on a hostile table
        raise SimilarityError(f"'{table}' can't be read as a table: {error}") from error
    frame.columns = [str(c).strip() for c in frame.columns]
    if "path" not in frame:
        raise SimilarityError(
            f"'{table}' has no column 'path' (the file, relative to the folder); "
            f"its columns are {', '.join(frame.columns)}."
        )
    reserved = sorted({"id", *RESERVED_COLUMNS[1:]} & set(frame.columns))
    if reserved or frame.columns.duplicated().any():
        conflicting = reserved or sorted(frame.columns[frame.columns.duplicated()])
        raise SimilarityError(
            f"'{table}' uses reserved or repeated columns. Rename {', '.join(conflicting)}."
        )
    frame = frame.astype(object).where(frame.notna(), "").astype(str)
    for column in frame.columns.drop("path"):
        frame[column] = frame[column].str.strip()
    frame["path"] = frame["path"].str.replace("\\", "/").str.removeprefix("./")
    repeated = int(frame["path"].duplicated().sum())
    notes = [f"{repeated} rows of the metadata repeat a path; the first one of each path counts."]
    frame = frame.drop_duplicates("path").set_index("path")
    return frame.to_dict("index"), notes if repeated else []


def _read_csv(table: Path) -> pd.DataFrame:
    with warnings.catch_warnings():
        # Rows with more values than the header (an unquoted comma) are an error: pandas would use
        # the first column as row labels, or drop the last one.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(
            table, dtype=str, keep_default_na=False, encoding="utf-8-sig", index_col=False
        )


def _read_parquet(table: Path) -> pd.DataFrame:
    unsupported = [
        field.name
        for field in pq.read_schema(table)
        if pa.types.is_nested(field.type)
        or pa.types.is_binary(field.type)
        or pa.types.is_large_binary(field.type)
        or pa.types.is_fixed_size_binary(field.type)
    ]
    if unsupported:
        raise SimilarityError(
            f"'{table}' has lists or bytes in the columns {', '.join(map(repr, unsupported))}. "
            "Convert them to text, or remove them."
        )
    return pd.read_parquet(table)
