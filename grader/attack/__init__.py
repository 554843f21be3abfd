"""The exploit suite: hostile submissions, graded in the sandbox of this very machine, and what came of each."""
