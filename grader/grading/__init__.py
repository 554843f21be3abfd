"""One grading of one submission, from its files to its record."""
