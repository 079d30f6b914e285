"""What products are called, and how their attributes are written."""

import codecs

import pandas as pd
import pytest

from precompute.products import serialise_csv
from precompute.walk import Skipped
from similarity.display.products import (
    describe_attributes,
    format_value,
    get_attributes,
    get_leaf,
    get_name,
    list_differences,
)
from similarity.ui.shared.spreadsheet import to_csv

ROW = {
    "path": "a/0.jpg",
    "category": "Apparel & Accessories > Clothing > Shirts & Tops",
    "price": "16.0",
    "sku": "0012.50x",
    "date": "2024-01-05 00:00:00",
    "empty": "",
    "copies": 1,
    "picture_width": 10,
    "picture_height": 10,
    "picture_note": "",
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("16.0", "16"),
        ("-0.50", "-0.5"),
        ("3.14159265", "3.1416"),
        ("19.99", "19.99"),
        ("1234567", "1234567"),
        ("007.0", "007.0"),
        ("1.2.3", "1.2.3"),
        ("2024", "2024"),
        ("2024-01-05", "5 Jan 2024"),
        ("2024-12-31T23:59", "31 Dec 2024, 23:59"),
        ("2024-13-05", "2024-13-05"),
        ("SKU-1004", "SKU-1004"),
        ("", ""),
    ],
)
def test_numbers_and_dates_are_readable_and_anything_else_is_as_it_was(
    value: str, expected: str
) -> None:
    assert format_value(value) == expected


def test_every_attribute_is_listed_once_with_its_column_whatever_its_length() -> None:
    assert get_attributes(ROW) == {
        "category": "Apparel & Accessories > Clothing > Shirts & Tops",
        "price": "16",
        "sku": "0012.50x",
        "date": "5 Jan 2024",
    }
    assert get_name(ROW) == ROW["category"]
    assert describe_attributes(ROW) == "price: 16 · sku: 0012.50x · date: 5 Jan 2024"
    assert describe_attributes(ROW | {"caption": "A shirt"}).startswith("category: Apparel")
    assert "identical files: 3" in describe_attributes(ROW | {"copies": 3})
    assert len(get_attributes(ROW | {"story": "x" * 5000})["story"]) < 200


def test_a_product_is_called_by_its_caption_its_category_or_its_file() -> None:
    assert get_name(ROW | {"caption": "A shirt"}) == "A shirt"
    assert get_name(ROW | {"category": ""}) == "0.jpg"


def test_only_what_differs_from_the_query_is_noted() -> None:
    other = get_attributes(ROW | {"price": "17.5"})
    assert list_differences(other, get_attributes(ROW)) == ["price: 17.5"]


def test_the_end_of_a_path_of_categories_names_it() -> None:
    assert get_leaf("Apparel & Accessories > Clothing > Shirts & Tops") == "Shirts & Tops"
    for name in ("dress", "", "a > ", " > "):
        assert get_leaf(name) == name or get_leaf(name).strip()


def test_tables_begin_with_a_byte_order_mark_for_excel() -> None:
    assert to_csv(pd.DataFrame({"a": ["Grün"]})).encode().startswith(codecs.BOM_UTF8)
    content = serialise_csv(Skipped, [Skipped("服装.jpg", "cut")])
    assert content.startswith(codecs.BOM_UTF8)
    assert content.count(codecs.BOM_UTF8) == 1
