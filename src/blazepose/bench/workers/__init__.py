"""The workers of the bench: scripts, each run by the Python of the system that it serves."""
