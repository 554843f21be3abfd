"""What a grading found, and where it is kept."""
