"""Load the vectors into PostgreSQL with pgvector: python load_pgvector.py [ADDRESS] [TABLE]."""

import sys

import psycopg
from pgvector.psycopg import register_vector
from psycopg import sql
from vectors import DIM, Vectors, read_batches

TABLE = "products"
MAX_INDEXED = 2000  # numbers in a vector that pgvector can index; longer ones are all compared


def load(connection: psycopg.Connection, table: str = TABLE) -> int:
    """Create a table with all products, and return how many they are."""
    name, count = sql.Identifier(table), 0
    connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    register_vector(connection)
    connection.execute(
        sql.SQL("CREATE TABLE {} (id text PRIMARY KEY, path text, vector vector({}))").format(
            name, sql.Literal(DIM)
        )
    )
    copying = sql.SQL("COPY {} (id, path, vector) FROM STDIN WITH (FORMAT BINARY)").format(name)
    with connection.cursor().copy(copying) as copy:
        copy.set_types(["text", "text", "vector"])
        for ids, paths, vectors in read_batches():
            for row in zip(ids, paths, vectors, strict=True):
                copy.write_row(row)
            count += len(ids)
    if DIM <= MAX_INDEXED:
        indexing = sql.SQL("CREATE INDEX ON {} USING hnsw (vector vector_cosine_ops)")
        connection.execute(indexing.format(name))
    connection.commit()
    return count


def search(
    connection: psycopg.Connection, vector: Vectors, k: int, table: str = TABLE
) -> list[tuple[str, float]]:
    """Return the k nearest products to a vector (dim,), with their cosines."""
    query = sql.SQL("SELECT id, 1 - (vector <=> %s) FROM {} ORDER BY vector <=> %s LIMIT %s")
    rows = connection.execute(query.format(sql.Identifier(table)), (vector, vector, k))
    return [(product, float(score)) for product, score in rows]


if __name__ == "__main__":
    address = sys.argv[1] if len(sys.argv) > 1 else "postgresql://localhost/postgres"
    name = sys.argv[2] if len(sys.argv) > 2 else TABLE
    with psycopg.connect(address) as opened:
        print(load(opened, name), "products in", name)
