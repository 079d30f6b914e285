"""Shared by tests and benchmarks: a running app, a browser, voters, random weights, Milvus."""
