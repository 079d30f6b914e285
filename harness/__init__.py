"""What tests and benchmarks share: a started app, a browser, voters, random weights, Milvus."""
