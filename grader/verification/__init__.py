"""The nine invariants of a course, each with the command that repairs it."""
