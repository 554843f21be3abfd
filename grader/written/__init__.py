"""Written questions: what is asked in words, and the answers found in a student's files."""
