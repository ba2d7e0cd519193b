"""What all tasks on pictures have."""
