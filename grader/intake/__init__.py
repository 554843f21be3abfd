"""What a student handed in, read safely into memory: nothing here is run."""
