"""Vectors in a Milvus database: how they are written there, and searched."""
