"""Records: the result of one grading, and where records are stored."""
