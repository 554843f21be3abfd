"""Check the nine invariants of a course, and name the command that repairs each."""
