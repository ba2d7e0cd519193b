"""Options that all tasks have."""
