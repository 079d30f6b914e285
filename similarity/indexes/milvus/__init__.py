"""Vectors in a Milvus database: writing and searching them."""
