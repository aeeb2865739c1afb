"""How fast the product is beside hand-written SQL: `make bench`, described in docs/benchmark.md."""
