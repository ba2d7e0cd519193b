"""Home of the solutions, where older scripts import them from."""
