"""How products, methods, queries and figures are named, marked and coloured."""
