"""A whole season with invented people, for the demo, the tests and the benchmarks."""
